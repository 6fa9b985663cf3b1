package main

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"senhasegura-bot/approvals"
	"senhasegura-bot/bot/fakeslack"
	"senhasegura-bot/senhasegura/senhaseguratest"
)

// TestWhoMayDecide: everybody who presses Approve and may not is answered, and
// nothing is counted; over both transports.
func TestWhoMayDecide(t *testing.T) {
	transports(t, func(t *testing.T, socket bool) {
		w := newWorld(t, setup{socket: socket})
		card := w.asks(ana, "deactivate 5 leaked")
		id := meta(card).Request

		w.clicks(ana, card, "approve")
		contains(t, w.whispered(ana, "You asked for "+id+" yourself"), "cancel")
		w.clicks(dora, card, "approve")
		contains(t, w.whispered(dora, "Your click was not counted"), "@S0SRE")
		w.clicks(guest, card, "approve") // in the group all the same
		if text := w.whispered(guest, "full members"); strings.Contains(text, "S0SRE") || strings.Contains(text, "@U") {
			t.Errorf("a guest was told names: %s", text)
		}
		w.clicks(robot, card, "approve")
		w.clicks(stranger, card, "approve")
		w.whispered(stranger, "full members")
		w.clicks(dora, card, "deny")
		w.whispered(dora, "decided by")
		w.clicks(bruno, card, "cancel")
		contains(t, w.whispered(bruno, "can cancel it"), "deny it")

		if now, _ := w.ws.Message(card.Ref()); meta(now).State != "pending" || meta(now).Version != 1 {
			t.Errorf("the card moved to %+v", meta(now))
		}
		w.clicks(bruno, card, "approve")
		w.becomes(card, "done")
		w.clicks(clara, card, "approve") // the card as she still has it before her
		contains(t, w.whispered(clara, "already"), "Done", "@"+bruno)
		if n := len(w.calls()); n != 1 {
			t.Errorf("%d calls, want 1: %v", n, w.calls())
		}
		w.entries(id, approvals.EventSubmit, approvals.EventVote, approvals.EventClaim, approvals.EventMark, approvals.EventAnswer)
	})
}

// TestDeny: a reason is asked for, the card and the thread say it, nothing is called.
func TestDeny(t *testing.T) {
	transports(t, func(t *testing.T, socket bool) {
		w := newWorld(t, setup{socket: socket})
		card := w.asks(ana, "deactivate 5 leaked")
		w.clicks(clara, card, "deny")
		var view fakeslack.View
		w.eventually("the form opens", func() bool { view, _ = w.ws.OpenView(clara); return view.CallbackID == "deny" })
		if out, err := w.ws.SubmitState(clara, view, fakeslack.State{"reason": {"reason": {"type": "plain_text_input", "value": "  "}}}); err != nil || len(out.Errors) == 0 {
			t.Errorf("an empty reason: %+v, %v", out, err)
		}
		if out, err := w.ws.SubmitState(clara, view, fakeslack.State{"reason": {"reason": {"type": "plain_text_input", "value": strings.Repeat("x", 501)}}}); err != nil || len(out.Errors) == 0 {
			t.Errorf("a reason of 501 characters: %+v, %v", out, err)
		}
		if out, err := w.ws.Submit(clara, view, fakeslack.Values{"reason": "wrong host, ask *Dora* <!channel>"}); err != nil || !out.Closed {
			t.Fatalf("sending the form: %+v, %v", out, err)
		}
		card = w.becomes(card, "denied")
		contains(t, fakeslack.PlainText(card), "Denied", "@"+clara, "wrong host, ask *Dora*")
		contains(t, w.told(card), "denied it")
		if got := fakeslack.Mentions(w.ws.Thread(card.Channel, card.TS)[0]); slices.Contains(got, "channel") {
			t.Error("a reason mentioned the channel")
		}
		if n := len(w.calls()); n != 0 {
			t.Errorf("%d calls after a denial", n)
		}
		w.clicks(bruno, asFirstShown(card), "approve")
		w.whispered(bruno, "Denied")
	})
}

func TestCancel(t *testing.T) {
	transports(t, func(t *testing.T, socket bool) {
		w := newWorld(t, setup{socket: socket})
		card := w.asks(ana, "deactivate 5 leaked")
		w.clicks(ana, card, "cancel")
		card = w.becomes(card, "cancelled")
		contains(t, fakeslack.PlainText(card), "Cancelled", "@"+ana)

		card = w.asks(ana, "deactivate 5 leaked")
		contains(t, w.types(bruno, "cancel "+meta(card).Request), "can cancel it")
		contains(t, w.types(ana, "cancel "+strings.ToLower(meta(card).Request)), "You cancelled")
		w.becomes(card, "cancelled")
		if n := len(w.calls()); n != 0 {
			t.Errorf("%d calls after two cancels", n)
		}
	})
}

// TestExpiry: the card closes by itself, and a click on an old copy is told so.
func TestExpiry(t *testing.T) {
	transports(t, func(t *testing.T, socket bool) {
		w := newWorld(t, setup{socket: socket, policy: "defaults:\n  approvers: [S0SRE]\n  expires: 2s\n"})
		card := w.asks(ana, "deactivate 5 leaked")
		old := card
		card = w.becomes(card, "expired")
		contains(t, fakeslack.PlainText(card), "Expired", "Nobody decided in time")
		contains(t, w.told(card), "Expired")
		w.clicks(bruno, old, "approve")
		w.whispered(bruno, "Expired")
		if n := len(w.calls()); n != 0 {
			t.Errorf("%d calls after expiry", n)
		}
		w.asks(ana, "deactivate 5 leaked") // the target is free again
	})
}

// TestQuorum: two different people, one of them in two groups; a vote of
// somebody who left does not count.
func TestQuorum(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{policy: "defaults:\n  approvers: [S0SRE, S0SEC, " + bruno + "]\n  approvals: 2\n"})
	w.ws.AddGroup(fakeslack.Group{ID: "S0SEC", Handle: "security", Name: "Security", Users: []string{bruno, dora}})
	card := w.asks(ana, "deactivate 5 leaked")
	w.clicks(bruno, card, "approve")
	w.eventually("the first vote shows", func() bool {
		m, _ := w.ws.Message(card.Ref())
		return strings.Contains(fakeslack.PlainText(m), "1 so far")
	})
	w.clicks(bruno, card, "approve")
	w.whispered(bruno, "counted already")

	w.ws.UpdateUser(bruno, func(u *fakeslack.User) { u.Deleted = true })
	w.clicks(clara, card, "approve") // would decide: Bruno is asked about, live
	w.eventually("Bruno's vote is taken back", func() bool {
		m, _ := w.ws.Message(card.Ref())
		text := fakeslack.PlainText(m)
		return strings.Contains(text, "No longer counted") && meta(m).State == "pending"
	})
	if n := len(w.calls()); n != 0 {
		t.Fatalf("%d calls with one eligible vote", n)
	}
	w.clicks(dora, card, "approve")
	card = w.becomes(card, "done")
	w.entries(meta(card).Request, approvals.EventSubmit, approvals.EventVote, approvals.EventLapse, approvals.EventVote, approvals.EventVote,
		approvals.EventClaim, approvals.EventMark, approvals.EventAnswer)
}

// TestFortyAtOnce: forty people press Approve at the same instant.
func TestFortyAtOnce(t *testing.T) {
	transports(t, func(t *testing.T, socket bool) {
		w := newWorld(t, setup{socket: socket})
		var crowd []string
		for i := range 40 {
			id := "UCROWD" + string(rune('A'+i/26)) + string(rune('A'+i%26))
			w.ws.AddUser(fakeslack.User{ID: id, Name: strings.ToLower(id)})
			crowd = append(crowd, id)
		}
		w.ws.Join(incident, crowd...)
		w.ws.SetGroupUsers("S0SRE", crowd...)
		card := w.asks(ana, "deactivate 5 leaked")
		var ready, done sync.WaitGroup
		start := make(chan struct{})
		for _, user := range crowd {
			ready.Add(1)
			done.Go(func() {
				ready.Done()
				<-start
				w.clicks(user, card, "approve")
			})
		}
		ready.Wait()
		close(start)
		done.Wait()
		card = w.becomes(card, "done")
		if n := len(w.calls()); n != 1 {
			t.Errorf("%d calls, want 1", n)
		}
		w.entries(meta(card).Request, approvals.EventSubmit, approvals.EventVote, approvals.EventClaim, approvals.EventMark, approvals.EventAnswer)
		answered := 0
		w.eventually("39 people are told", func() bool {
			answered = 0
			for _, user := range crowd {
				if len(w.ws.Ephemerals(user)) > 0 {
					answered++
				}
			}
			return answered >= 39
		})
		if answered != 39 {
			t.Errorf("%d people were told that they were too late, want 39", answered)
		}
		if w.told(card); len(w.ws.Thread(card.Channel, card.TS)) != 1 {
			t.Error("the thread was told more than once")
		}
	})
}

// TestFailClosed: if Slack cannot be asked, nothing is counted and the person is told.
func TestFailClosed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{env: map[string]string{"IDENTITY_CACHE": "0s"}})
	w.firstTry = true
	card := w.asks(ana, "deactivate 5 leaked")
	w.ws.Fail("users.info", fakeslack.Fault{Times: -1, Status: 500})
	w.clicks(bruno, card, "approve")
	w.whispered(bruno, "could not ask Slack")
	w.ws.Heal("users.info")
	if m, _ := w.ws.Message(card.Ref()); meta(m).State != "pending" {
		t.Fatalf("the card is %s", meta(m).State)
	}
	w.ws.Fail("users.info", fakeslack.Fault{Times: -1, Delay: 5 * time.Second})
	if reply := w.types(ana, "deactivate 6 leaked"); !strings.Contains(reply, "could not ask Slack") {
		t.Errorf("asking while Slack hangs: %s", reply)
	}
	w.ws.Heal("users.info")
	w.clicks(bruno, card, "approve")
	w.becomes(card, "done")
}

// TestRequesterLeaves: whoever asked must still be allowed to when it is decided.
func TestRequesterLeaves(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	card := w.asks(ana, "deactivate 5 leaked")
	w.ws.UpdateUser(ana, func(u *fakeslack.User) { u.IsRestricted = true })
	w.clicks(bruno, card, "approve")
	card = w.becomes(card, "cancelled")
	contains(t, fakeslack.PlainText(card), "Cancelled by the bot", "may no longer ask")
	w.whispered(bruno, "had to be cancelled")
	contains(t, w.told(card), "I cancelled it")
	if n := len(w.calls()); n != 0 {
		t.Errorf("%d calls", n)
	}
}

// TestForgedButtons: a value that was not given out, and a button of another
// request pressed on this one's card.
func TestForgedButtons(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	one, two := w.asks(ana, "deactivate 5 leaked"), w.asks(ana, "deactivate 6 leaked")
	for _, value := range []string{meta(one).Request, meta(one).Request + ".", meta(one).Request + ".AAAAAAAAAAAAAAAAAAAAAA", "", "R-000000.x"} {
		p := fakeslack.Press{User: bruno, Message: one.Ref(), ActionID: "approve", Value: value}
		if value == "" {
			continue
		}
		if _, err := w.ws.Press(p); err != nil {
			t.Fatal(err)
		}
		w.whispered(bruno, "I know no request")
	}
	foreign := fakeslack.Buttons(two)[0].Value
	if _, err := w.ws.Press(fakeslack.Press{User: bruno, Message: one.Ref(), ActionID: "approve", Value: foreign}); err != nil {
		t.Fatal(err)
	}
	w.whispered(bruno, "this is not the card of *"+meta(two).Request)
	for _, card := range []fakeslack.Message{one, two} {
		if m, _ := w.ws.Message(card.Ref()); meta(m).State != "pending" || len(fakeslack.Buttons(m)) == 0 {
			t.Errorf("%s moved: %+v", meta(card).Request, meta(m))
		}
	}
	if n := len(w.calls()); n != 0 {
		t.Errorf("%d calls", n)
	}
}

// TestFailureIsExplained: senhasegura's own words, what they mean for this
// operation, that nothing was changed, what to do and who can.
func TestFailureIsExplained(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	card := w.asks(ana, "release 18 job stopped halfway") // a person holds it
	w.clicks(bruno, card, "approve")
	card = w.becomes(card, "failed")
	contains(t, fakeslack.PlainText(card), "Failed")
	contains(t, w.told(card), "1018: The credential is not in the user custody", "nothing was changed", "PAM administrator", meta(card).Request)
	reply := w.ws.Thread(card.Channel, card.TS)[0]
	if !reply.Broadcast {
		t.Error("a failure is not announced in the channel, though the policy's default says so")
	}
}

// TestUnknownOutcome: a release whose answer was lost is not sent again; an
// eligible person runs it again or records what they saw.
func TestUnknownOutcome(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	w.appliance.Inject(senhaseguratest.Fault{Method: "DELETE", Path: "*/custody/94", Times: 1, Kind: senhaseguratest.Reset, Act: true})
	card := w.asks(ana, "release 94 job is done")
	w.clicks(bruno, card, "approve")
	card = w.becomes(card, "unknown")
	contains(t, fakeslack.PlainText(card), "Outcome unknown", "PAM Core > Credentials")
	if n := len(w.calls()); n != 1 {
		t.Fatalf("a release was sent %d times", n)
	}
	w.clicks(ana, card, "run_again")
	w.whispered(ana, "You asked for")
	w.clicks(clara, card, "run_again")
	w.eventually("the second run ends", func() bool { return len(w.ws.Thread(card.Channel, card.TS)) == 2 })
	if calls := w.calls(); len(calls) != 2 || calls[0] != calls[1] {
		t.Errorf("calls: %v", calls)
	}
	card = w.becomes(card, "failed") // it had been released: 1018 the second time

	w.appliance.Inject(senhaseguratest.Fault{Method: "DELETE", Path: "*/custody/12", Times: 1, Kind: senhaseguratest.Reset, Act: true})
	card = w.asks(ana, "release 12 job is done")
	w.clicks(bruno, card, "approve")
	card = w.becomes(card, "unknown")
	w.clicks(bruno, card, "resolve")
	var view fakeslack.View
	w.eventually("the form opens", func() bool { view, _ = w.ws.OpenView(bruno); return view.CallbackID == "resolve" })
	if out, err := w.ws.Submit(bruno, view, fakeslack.Values{"outcome": "done", "note": "looked, nobody holds it"}); err != nil || !out.Closed {
		t.Fatalf("sending the form: %+v, %v", out, err)
	}
	card = w.becomes(card, "done")
	contains(t, fakeslack.PlainText(card), "Checked by", "looked, nobody holds it")
}

// TestLostAnswerIsRepeated: an absolute state is asked for again, and "already"
// then counts as done.
func TestLostAnswerIsRepeated(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	w.appliance.Inject(senhaseguratest.Fault{Method: "DELETE", Path: "*/pam/credential/5", Times: 1, Kind: senhaseguratest.Reset, Act: true})
	card := w.asks(ana, "deactivate 5 leaked")
	w.clicks(bruno, card, "approve")
	card = w.becomes(card, "done")
	if n := len(w.calls()); n != 2 {
		t.Errorf("%d calls, want 2", n)
	}
	at := w.appliance.Writes()
	if after := at[1].Started.Sub(at[0].Started); after < 2*time.Second {
		t.Errorf("the repetition came after %s, want 2 s", after)
	}
}

// TestSecondAskerGetsALink: one target, one verb, one open request.
func TestSecondAskerGetsALink(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	card := w.asks(ana, "deactivate root@db01 leaked")
	w.eventually("the card is on record", func() bool {
		known, err := w.store().Card(t.Context(), meta(card).Request)
		return err == nil && known.TS == card.TS
	})
	shown := w.types(dora, "deactivate 5 leaked, I think")
	contains(t, shown, "Nothing new was requested", meta(card).Request)
	answers := w.ws.Ephemerals(dora)
	contains(t, string(answers[len(answers)-1].Blocks), "p"+strings.ReplaceAll(card.TS, ".", ""))
	if n := len(w.cards()); n != 1 {
		t.Errorf("%d cards", n)
	}
	w.asks(dora, "activate 5 wrong one") // another verb
}

// TestPortuguese: what one person sees follows their Slack language, the
// channel follows the policy.
func TestPortuguese(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{policy: "language: pt-BR\ndefaults:\n  approvers: [S0SRE]\n"})
	card := w.asks(heitor, "desativar credencial root@db01 chave vazada")
	contains(t, fakeslack.PlainText(card), "Aguardando", "desativar", "credencial")
	w.clicks(heitor, card, "approve")
	w.whispered(heitor, "outra pessoa precisa decidir")
	w.clicks(bruno, card, "approve")
	card = w.becomes(card, "done")
	contains(t, fakeslack.PlainText(card), "Concluído")
	contains(t, w.told(card), "Concluído")
	w.clicks(clara, asFirstShown(card), "approve")
	w.whispered(clara, "already") // Clara reads English
}

// asFirstShown is the card as somebody still has it before them who opened the
// channel when it was new.
func asFirstShown(card fakeslack.Message) fakeslack.Message {
	card.Blocks, card.Metadata, card.Text = card.History[0].Blocks, card.History[0].Metadata, card.History[0].Text
	return card
}

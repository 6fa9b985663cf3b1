package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"senhasegura-bot/bot/fakeslack"
	"senhasegura-bot/senhasegura/senhaseguratest"
)

const twoOfThem = "defaults:\n  approvers: [\"@sre\"]\n  approvals: 2\n"

// votes waits until the card shows that many approvals.
func (w *world) votes(card fakeslack.Message, n int) {
	w.t.Helper()
	w.eventually(fmt.Sprintf("%d approvals show", n), func() bool {
		m, _ := w.ws.Message(card.Ref())
		return strings.Contains(plainText(m), fmt.Sprintf("%d so far", n))
	})
}

// TestSamePerson: two accounts that the policy calls one person count once, and
// neither decides what the other asked for.
func TestSamePerson(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{policy: twoOfThem + "same_person: [[UBRUNO, UCLARA], [UANA, UHEITOR]]\n"})
	w.ws.AddUser(fakeslack.User{ID: "UIVO", Name: "ivo"})
	w.ws.Join(incident, "UIVO")
	w.ws.SetGroupUsers("S0SRE", bruno, clara, heitor, "UIVO")
	card := w.asks(ana, "deactivate 5 leaked")
	contains(t, plainText(card), "2 people")
	w.clicks(heitor, card, "approve")
	w.whispered(heitor, "outra pessoa precisa decidir")
	w.clicks(bruno, card, "approve")
	w.votes(card, 1)
	w.clicks(clara, card, "approve")
	w.whispered(clara, "counted already")
	w.clicks("UIVO", card, "approve")
	w.becomes(card, "done")
}

// TestGridIdentity: in an Enterprise Grid organization a person is the
// enterprise user, whichever account presses.
func TestGridIdentity(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{stays: true, policy: twoOfThem})
	person := func(id string) *fakeslack.EnterpriseUser {
		return &fakeslack.EnterpriseUser{ID: id, EnterpriseID: "E0ORG", Teams: []string{"T0FAKE"}}
	}
	w.ws.UpdateUser(bruno, func(u *fakeslack.User) { u.Enterprise = person("WBRUNO") })
	w.ws.UpdateUser(clara, func(u *fakeslack.User) { u.Enterprise = person("WBRUNO") })
	w.start()
	w.ws.SetGroupUsers("S0SRE", bruno, clara, dora)
	card := w.asks(ana, "deactivate 5 leaked")
	contains(t, plainText(card), "2 people")
	w.clicks(bruno, card, "approve")
	w.votes(card, 1)
	w.clicks(clara, card, "approve")
	w.whispered(clara, "counted already")
	w.clicks(dora, card, "approve")
	w.becomes(card, "done")
}

// TestHandleThatMoved: a handle keeps the group it named when the policy was
// read; once it names another group it approves nobody.
func TestHandleThatMoved(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{policy: "defaults:\n  approvers: [\"@sre\"]\n", env: map[string]string{"IDENTITY_CACHE": "0s"}})
	card := w.asks(ana, "deactivate 5 leaked")
	w.ws.RemoveGroup("S0SRE")
	w.ws.AddGroup(fakeslack.Group{ID: "S0OTHER", Handle: "sre", Name: "Not SRE", Users: []string{dora, bruno}})
	for _, user := range []string{dora, bruno} {
		w.clicks(user, card, "approve")
		w.whispered(user, "not counted")
	}
	if n := len(w.calls()); n != 0 {
		t.Errorf("%d calls", n)
	}
}

// TestUnknownHandle: a policy that names a group nobody has does not start.
func TestUnknownHandle(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{stays: true, policy: "defaults:\n  approvers: [\"@nobody\"]\n"})
	p := w.launch("serve")
	<-p.done
	if code := p.cmd.ProcessState.ExitCode(); code != 2 {
		t.Errorf("exit %d, want 2", code)
	}
	contains(t, p.log.String(), "2:15", "nobody")
}

// TestEventsEmptyWhatTheyTouch: a cached fact is forgotten when Slack says it
// changed, once per event.
func TestEventsEmptyWhatTheyTouch(t *testing.T) {
	transports(t, func(t *testing.T, socket bool) {
		w := newWorld(t, setup{socket: socket, policy: twoOfThem})
		card := w.asks(ana, "deactivate 5 leaked")
		w.clicks(dora, card, "approve")
		w.whispered(dora, "decided by")
		w.ws.SetGroupUsers("S0SRE", bruno, clara, heitor, dora)
		w.clicks(dora, card, "approve") // what is known of the group is younger than a minute
		w.eventually("Dora is told again", func() bool { return len(w.ws.Ephemerals(dora)) == 2 })
		if _, err := w.ws.Event("subteam_members_changed", map[string]any{"subteam_id": "S0SRE"}); err != nil {
			t.Fatal(err)
		}
		w.clicks(dora, card, "approve")
		w.votes(card, 1)
	})
}

// TestCopyOfACard: a post whose answer was lost leaves a copy; a click on it
// decides nothing, gets a link, and the copy becomes a pointer.
func TestCopyOfACard(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	w.ws.Fail("chat.postMessage", fakeslack.Fault{Times: 1, Reset: true, AfterActing: true})
	w.types(ana, "deactivate 5 leaked")
	w.eventually("two messages show the request", func() bool { return len(w.cards()) == 2 })
	w.eventually("the second is on record", func() bool { return strings.Contains(w.types(dora, "pending"), "1 request") })
	messages := w.ws.Messages(incident)
	original := messages[0]
	w.clicks(bruno, original, "approve")
	w.whispered(bruno, "The card is here")
	w.eventually("the copy is a pointer", func() bool {
		m, _ := w.ws.Message(original.Ref())
		return len(fakeslack.Buttons(m)) == 0 && strings.Contains(plainText(m), "The card is here")
	})
	if n := len(w.calls()); n != 0 {
		t.Fatalf("%d calls after a click on a copy", n)
	}
	w.clicks(bruno, messages[1], "approve")
	w.becomes(messages[1], "done")
}

// TestCardsConverge: rate limits, faults and a deleted card delay a card and
// never falsify it.
func TestCardsConverge(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	card := w.asks(ana, "deactivate 5 leaked")
	w.ws.Fail("chat.update", fakeslack.Fault{Times: 2, RetryAfter: time.Second})
	w.ws.Fail("chat.update", fakeslack.Fault{Times: 1, Status: 503})
	w.clicks(bruno, card, "approve")
	card = w.becomes(card, "done")
	w.told(card)
	w.grows(card)

	card = w.asks(ana, "deactivate 6 leaked")
	w.ws.Fail("chat.update", fakeslack.Fault{Times: 1, Error: "message_not_found"})
	w.clicks(bruno, card, "approve")
	w.eventually("the card is posted again", func() bool {
		for _, m := range w.ws.Messages(incident) {
			if meta(m).Request == meta(card).Request && m.TS != card.TS && meta(m).State == "done" {
				return true
			}
		}
		return false
	})
}

// TestCardThatCannotBePosted: the bot cancels the request and tells the
// requester directly.
func TestCardThatCannotBePosted(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	w.ws.Fail("chat.postMessage", fakeslack.Fault{Times: -1, Error: "not_in_channel",
		When: func(c fakeslack.Call) bool { return c.Args["channel"] == incident }})
	w.types(ana, "deactivate 5 leaked")
	w.eventually("Ana gets a direct message", func() bool {
		return slices.ContainsFunc(w.ws.Calls("chat.postMessage"), func(c fakeslack.Call) bool {
			return c.Args["channel"] != incident && strings.Contains(c.Args["text"], "Cancelled")
		})
	})
	if n := len(w.cards()); n != 0 {
		t.Errorf("%d cards", n)
	}
}

// TestAnnounce: which outcomes the channel sees as well.
func TestAnnounce(t *testing.T) {
	t.Parallel()
	for announce, want := range map[string][2]bool{"all": {true, true}, "failures": {false, true}, "none": {false, false}} {
		w := newWorld(t, setup{policy: standardPolicy + "announce: " + announce + "\n"})
		for i, typed := range []string{"deactivate 5 leaked", "release 18 stuck"} {
			card := w.asks(ana, typed)
			w.clicks(bruno, card, "approve")
			w.told(card)
			if got := w.ws.Thread(card.Channel, card.TS)[0].Broadcast; got != want[i] {
				t.Errorf("announce %s, %s: in the channel %v, want %v", announce, typed, got, want[i])
			}
		}
	}
}

// TestRunAgainGoes: the button goes from the first card once a later request
// touched its target, and a press on an old copy is refused.
func TestRunAgainGoes(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	w.appliance.Inject(senhaseguratest.Fault{Method: "DELETE", Path: "*/custody/94", Times: 1, Kind: senhaseguratest.Reset})
	card := w.asks(ana, "release 94 job is done")
	w.clicks(bruno, card, "approve")
	card = w.becomes(card, "unknown")
	offered := func(m fakeslack.Message) bool {
		return slices.ContainsFunc(fakeslack.Buttons(m), func(b fakeslack.Button) bool { return b.ActionID == "run_again" })
	}
	if !offered(card) {
		t.Fatal("run_again is not offered")
	}
	later := w.asks(dora, "release 94 once more")
	w.clicks(bruno, later, "approve")
	w.becomes(later, "done")
	w.eventually("run_again goes", func() bool { m, _ := w.ws.Message(card.Ref()); return !offered(m) })
	w.clicks(clara, card, "run_again")
	w.whispered(clara, "later request touched")
	if n := len(w.calls()); n != 2 {
		t.Errorf("%d calls", n)
	}
}

// TestResolveNeedsAWord: a form without the choice records nothing.
func TestResolveNeedsAWord(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	w.appliance.Inject(senhaseguratest.Fault{Method: "DELETE", Path: "*/custody/94", Times: 1, Kind: senhaseguratest.Reset})
	card := w.asks(ana, "release 94 job is done")
	w.clicks(bruno, card, "approve")
	card = w.becomes(card, "unknown")
	w.clicks(clara, card, "resolve")
	view := w.opened(clara, "resolve")
	for _, choice := range []any{nil, map[string]any{"value": "maybe"}} {
		out, err := w.ws.SubmitState(clara, view, fakeslack.State{"outcome": {"outcome": {"type": "radio_buttons", "selected_option": choice}},
			"note": {"note": {"type": "plain_text_input", "value": "saw it"}}})
		if err != nil || out.Errors["outcome"] == "" {
			t.Errorf("choice %v: %+v, %v", choice, out.Errors, err)
		}
	}
	if out, err := w.ws.Submit(clara, view, fakeslack.Values{"outcome": "not_done"}); err != nil || !out.Closed {
		t.Fatalf("%+v, %v", out, err)
	}
	w.becomes(card, "failed")
}

// TestAClickAsBareAsItCanBe: no block ids, and of the message only its
// timestamp: the click counts on the card, and a copy becomes a pointer.
func TestAClickAsBareAsItCanBe(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	w.ws.Fail("chat.postMessage", fakeslack.Fault{Times: 1, Reset: true, AfterActing: true})
	w.types(ana, "deactivate 5 leaked")
	w.eventually("two messages show the request", func() bool { return len(w.cards()) == 2 })
	other := w.asks(ana, "deactivate 6 leaked")
	press := func(at fakeslack.MessageRef, value string) {
		t.Helper()
		if _, err := w.ws.SendInteraction(map[string]any{
			"type": "block_actions", "user": map[string]any{"id": bruno}, "channel": map[string]any{"id": at.Channel},
			"message": map[string]any{"ts": at.TS}, "actions": []any{map[string]any{"action_id": "approve", "value": value}},
		}); err != nil {
			t.Fatal(err)
		}
	}
	messages := w.ws.Messages(incident)
	duplicate, card := messages[0], messages[1]
	value := fakeslack.Buttons(card)[0].Value
	press(other.Ref(), value) // another request's card: it stays
	w.whispered(bruno, "this is not the card")
	press(duplicate.Ref(), value)
	w.eventually("the copy is a pointer and no card", func() bool {
		m, _ := w.ws.Message(duplicate.Ref())
		return len(fakeslack.Buttons(m)) == 0 && meta(m).Request == ""
	})
	if m, _ := w.ws.Message(other.Ref()); len(fakeslack.Buttons(m)) == 0 {
		t.Error("another request's card became a pointer")
	}
	press(card.Ref(), value)
	w.becomes(card, "done")
}

// TestRetryAfter: while Slack asks to wait, a card is not drawn at all, however
// often its request changes.
func TestRetryAfter(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	card := w.asks(ana, "deactivate 5,6,12,94,130 rotation")
	w.ws.Fail("chat.update", fakeslack.Fault{Times: 1, RetryAfter: 3 * time.Second})
	began := time.Now()
	w.clicks(bruno, card, "approve")
	w.becomes(card, "done")
	calls := w.ws.Calls("chat.update")
	if len(calls) < 2 || calls[1].At.Sub(calls[0].At) < 2900*time.Millisecond {
		t.Errorf("the updates: %v", calls)
	}
	if time.Since(began) > 10*time.Second {
		t.Errorf("the card took %s", time.Since(began))
	}
}

// TestSlackAwayAtTheStart: the process is alive, says that it is not ready, and
// begins when Slack is back.
func TestSlackAwayAtTheStart(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{stays: true, env: map[string]string{"METRICS_ADDR": "localhost:0"}})
	w.ws.Fail("auth.test", fakeslack.Fault{Times: -1, Status: 503})
	p := w.launch("serve")
	metrics := &process{}
	w.eventually("it says where it listens", func() bool {
		p.url, metrics.url = addressIn(p.log.String(), "listening", "addr"), addressIn(p.log.String(), "listening", "metrics_addr")
		return p.url != "" && metrics.url != ""
	})
	w.eventually("alive and not ready", func() bool {
		alive, _ := p.get("/healthz")
		ready, why := p.get("/readyz")
		return alive == 200 && ready == 503 && strings.Contains(why, "starting")
	})
	if status, _ := metrics.get("/metrics"); status != 503 {
		t.Errorf("the metrics answer %d before there are any, want 503", status)
	}
	p.cmd.Process.Signal(hangup) // does not end it
	w.ws.Heal("auth.test")
	w.eventually("ready", func() bool { status, _ := p.get("/readyz"); return status == 200 })
	if status, body := metrics.get("/metrics"); status != 200 || !strings.Contains(body, "go_goroutines") {
		t.Errorf("the metrics answer %d: %.80s", status, body)
	}
	if status, _ := p.get("/metrics"); status != 404 {
		t.Errorf("the metrics have an address of their own, and answer %d on the other", status)
	}
}

// TestStoppedBeforeSlackAnswers: being told to stop is no failure at the start
// either.
func TestStoppedBeforeSlackAnswers(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{stays: true})
	w.ws.Fail("auth.test", fakeslack.Fault{Times: -1, Status: 503})
	p := w.launch("serve")
	w.eventually("it waits for Slack", func() bool { return strings.Contains(p.log.String(), "trying again") })
	if status := p.stop(); status != 0 {
		t.Errorf("exit status %d, want 0:\n%s", status, p.log)
	}
}

// TestArchivedLater: the channel goes while a card is open; the requester is
// told directly, once, and nothing is tried for ever.
func TestArchivedLater(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{policy: "defaults:\n  approvers: [S0SRE]\n  expires: 5s\n"})
	w.asks(ana, "deactivate 5 leaked")
	w.ws.UpdateChannel(incident, func(c *fakeslack.Channel) { c.Archived = true })
	direct := func() int {
		n := 0
		for _, c := range w.ws.Calls("chat.postMessage") {
			if c.Args["channel"] != incident && strings.Contains(c.Args["text"], "Expired") {
				n++
			}
		}
		return n
	}
	w.eventually("Ana is told", func() bool { return direct() == 1 })
	updates := len(w.ws.Calls("chat.update"))
	w.types(ana, "help") // the process goes on
	if n := len(w.ws.Calls("chat.update")); n > updates+1 {
		t.Errorf("%d more updates of an archived card", n-updates)
	}
}

// TestALongRunGoesEasyOnSlack: the steps of a bulk run are shown now and then,
// its outcome in full.
func TestALongRunGoesEasyOnSlack(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{env: map[string]string{"SENHASEGURA_CONCURRENCY": "1"}})
	w.appliance.Inject(senhaseguratest.Fault{Method: "DELETE", Path: "*/pam/credential/*", Kind: senhaseguratest.Delay, DelayMS: 400})
	card := w.asks(ana, "deactivate 5,6,7,12,18,21,94,110,111,130 rotation")
	began := time.Now()
	w.clicks(bruno, card, "approve")
	w.eventually("the run ends", func() bool {
		m, _ := w.ws.Message(card.Ref())
		return meta(m).State == "partial" || meta(m).State == "done"
	})
	if n, most := len(w.ws.Calls("chat.update")), 15+int(time.Since(began)/time.Second); n > most {
		t.Errorf("%d updates of one card, want at most %d", n, most)
	}
}

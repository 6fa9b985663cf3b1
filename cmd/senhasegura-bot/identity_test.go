package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"senhasegura-bot/bot/fakeslack"
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

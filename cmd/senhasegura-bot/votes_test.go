package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"senhasegura-bot/approvals"
	"senhasegura-bot/bot/fakeslack"
)

// TestVoterLeavesTheGroup: an approver leaves the group between the first vote
// and the last. That vote is lost and the card says so; the next one does not
// decide, a further one does.
func TestVoterLeavesTheGroup(t *testing.T) {
	transports(t, func(t *testing.T, socket bool) {
		w := newWorld(t, setup{socket: socket, policy: twoOfThem})
		w.ws.SetGroupUsers("S0SRE", bruno, clara, heitor)
		card := w.asks(ana, "deactivate 5 leaked")
		id := meta(card).Request
		w.clicks(bruno, card, "approve")
		w.votes(card, 1)

		w.ws.SetGroupUsers("S0SRE", clara, heitor) // and Slack sends no event
		left := time.Now()
		w.eventually("what is known of the group is too old to decide by", func() bool { return time.Since(left) > 5*time.Second })
		w.clicks(clara, card, "approve") // would decide
		w.reads(card, "Waiting", "No longer counted", "@"+bruno, "1 so far: @"+clara)
		w.entries(id, approvals.EventSubmit, approvals.EventVote, approvals.EventLapse, approvals.EventVote)
		w.clicks(bruno, card, "approve")
		w.whispered(bruno, "Your click was not counted")
		if now, _ := w.ws.Message(card.Ref()); meta(now).State != "pending" || len(w.calls()) != 0 {
			t.Fatalf("%s with one vote that counts, %d calls", meta(now).State, len(w.calls()))
		}

		w.clicks(heitor, card, "approve")
		card = w.becomes(card, "done")
		contains(t, plainText(card), "*Approved by:* @"+clara+", @"+heitor)
		if n := len(w.calls()); n != 1 {
			t.Errorf("%d calls, want 1: %v", n, w.calls())
		}
		w.entries(id, approvals.EventSubmit, approvals.EventVote, approvals.EventLapse, approvals.EventVote, approvals.EventVote,
			approvals.EventClaim, approvals.EventMark, approvals.EventAnswer)
		w.counted(id, bruno, bruno, clara, heitor)
		w.onRecord("this one is refused", 1, func(e approvals.Logged) bool {
			return e.By.User == bruno && e.About == id && e.Tried == "approve" && e.Note == "not_eligible"
		})
		w.verifies()
	})
}

// counted checks whom the audit names, in order, at each vote and each vote
// taken back; and that the last of them had the people on record who count.
func (w *world) counted(id string, who ...string) {
	w.t.Helper()
	var got, voters []string
	lost := map[string]bool{}
	for _, e := range w.audit(id) {
		if e.Event != approvals.EventVote && e.Event != approvals.EventLapse {
			continue
		}
		got, voters = append(got, e.By.User), nil
		lost[e.By.User] = e.Event == approvals.EventLapse
		for _, v := range e.Voters {
			voters = append(voters, v.User)
		}
	}
	if !slices.Equal(got, who) {
		w.t.Errorf("the audit of %s names %v, want %v", id, got, who)
	}
	want := slices.DeleteFunc(slices.Clone(who), func(user string) bool { return lost[user] })
	if !slices.Equal(voters, want) {
		w.t.Errorf("at the end the audit of %s counts %v, want %v", id, voters, want)
	}
}

// onRecord waits until so many refusals that match are on record.
func (w *world) onRecord(what string, n int, match func(approvals.Logged) bool) {
	w.t.Helper()
	w.eventually(fmt.Sprintf("%s, %d times on record", what, n), func() bool {
		found := 0
		for _, e := range w.audit("") {
			if e.Event == approvals.EventRefuse && match(e) {
				found++
			}
		}
		return found == n
	})
}

// TestOnePersonInTwoGroups: who is in both of a rule's groups, and named beside
// them, is one person: when the request is made and when they press.
func TestOnePersonInTwoGroups(t *testing.T) {
	transports(t, func(t *testing.T, socket bool) {
		w := newWorld(t, setup{socket: socket, env: map[string]string{"IDENTITY_CACHE": "0s"},
			policy: "defaults:\n  approvers: [S0SRE, S0SEC, " + bruno + "]\n  approvals: 2\n"})
		w.ws.AddGroup(fakeslack.Group{ID: "S0SEC", Handle: "security", Users: []string{bruno, ana}})
		w.ws.SetGroupUsers("S0SRE", bruno, ana, guest)
		w.newsOf("S0SRE", "S0SEC")
		contains(t, w.types(ana, "deactivate 5 leaked"), "it takes 2", "only 1 person")
		if n := len(w.cards()); n != 0 {
			t.Fatalf("%d cards of what one person cannot approve", n)
		}

		w.ws.SetGroupUsers("S0SEC", bruno, ana, clara)
		w.newsOf("S0SEC")
		card := w.asks(ana, "deactivate 5 leaked")
		contains(t, plainText(card), "2 people besides the one who asks")
		w.clicks(bruno, card, "approve")
		w.votes(card, 1)
		for range 2 {
			w.clicks(bruno, card, "approve")
		}
		w.onRecord("Bruno is told twice", 2, func(e approvals.Logged) bool { return e.By.User == bruno && e.Note == "already_voted" })
		w.whispered(bruno, "counted already")
		w.entries(meta(card).Request, approvals.EventSubmit, approvals.EventVote)
		if n := len(w.calls()); n != 0 {
			t.Fatalf("%d calls after one person's clicks", n)
		}
		w.clicks(clara, card, "approve")
		w.becomes(card, "done")
		w.counted(meta(card).Request, bruno, clara)
		if n := len(w.calls()); n != 1 {
			t.Errorf("%d calls, want 1", n)
		}
	})
}

// newsOf tells the bot that the members of groups changed.
func (w *world) newsOf(groups ...string) {
	w.t.Helper()
	for _, g := range groups {
		if _, err := w.ws.Event("subteam_members_changed", map[string]any{"subteam_id": g}); err != nil {
			w.t.Fatal(err)
		}
	}
}

// partner is of another organization too. Of such people users.info says
// is_stranger only as long as no channel is shared with them
// (docs.slack.dev/reference/objects/user-object): then their team tells.
const partner = "UPARTNER"

// TestAStrangerInASharedChannel: where the policy allows channels shared with
// another organization, its people can press the buttons. Nothing of theirs
// counts, though groups and the policy name them; they read no names; and whom
// Slack cannot show an answer gets none in another way.
func TestAStrangerInASharedChannel(t *testing.T) {
	transports(t, func(t *testing.T, socket bool) {
		w := newWorld(t, setup{socket: socket, policy: standardPolicy + "allow_shared: true\nrules:\n  - name: everybody here\n    approvers: [S0SRE, channel, " + stranger + ", " + partner + "]\n"})
		w.ws.AddUser(fakeslack.User{ID: partner, Name: "pat", TeamID: "T0OTHER"})
		w.ws.UpdateChannel(incident, func(c *fakeslack.Channel) {
			c.IsExtShared, c.Members = true, []string{"U0BOT", ana, bruno, stranger, partner}
		})
		w.ws.SetGroupUsers("S0SRE", bruno, stranger, partner)
		w.newsOf("S0SRE")
		card := w.asks(ana, "deactivate 5 leaked")
		contains(t, plainText(card), "1 person besides the one who asks")
		w.strangersPress(card)
		for _, user := range []string{stranger, partner} {
			w.answered(user, 3)
			w.learnsNothing(user, meta(card).Request)
			if view, open := w.ws.OpenView(user); open {
				t.Errorf("%s got the form %s", user, view.CallbackID)
			}
		}

		// Slack cannot show it to them: they get none, and nobody else gets it.
		w.ws.Fail("chat.postEphemeral", fakeslack.Fault{Times: -1, Error: "user_not_in_channel"})
		before := len(w.ws.Calls(""))
		w.strangersPress(card)
		w.eventually("each was to be answered once", func() bool { return w.calledSince(before)["chat.postEphemeral"] == 6 })
		w.still(card)
		w.ws.Heal("chat.postEphemeral")

		w.clicks(bruno, card, "approve")
		card = w.becomes(card, "done")
		w.told(card)
		if called := w.calledSince(before); called["chat.postEphemeral"] != 6 || called["chat.postMessage"] != 1 || called["conversations.open"] != 0 {
			t.Errorf("beside the outcome Slack was asked to say more: %v", called)
		}
		w.counted(meta(card).Request, bruno)
		if n := len(w.calls()); n != 1 {
			t.Errorf("%d calls, want 1", n)
		}
	})
}

// strangersPress lets both press each button, and waits until it is on record
// that they were refused.
func (w *world) strangersPress(card fakeslack.Message) {
	w.t.Helper()
	already := 0
	for _, e := range w.audit("") {
		if w.strangers(e) {
			already++
		}
	}
	for _, user := range []string{stranger, partner} {
		for _, action := range []string{"approve", "deny", "cancel"} {
			w.clicks(user, card, action)
		}
	}
	w.onRecord("clicks of strangers are refused", already+6, w.strangers)
}

func (w *world) strangers(e approvals.Logged) bool {
	return (e.By.User == stranger || e.By.User == partner) && e.Note == "not_member" && slices.Contains([]string{"approve", "deny", "cancel"}, e.Tried)
}

// learnsNothing checks that a person was told neither people, groups nor ids.
func (w *world) learnsNothing(user, id string) {
	w.t.Helper()
	for _, m := range w.ws.Ephemerals(user) {
		text := plainText(m)
		contains(w.t, text, "full members")
		for _, name := range []string{id, "@U", "@S0", "sre", "Bruno", "Ana", "db01"} {
			if strings.Contains(text, name) || len(fakeslack.Mentions(m)) > 0 {
				w.t.Errorf("%s was told %q in %q", user, name, text)
			}
		}
	}
}

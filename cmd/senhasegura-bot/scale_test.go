package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"senhasegura-bot/bot/fakeslack"
)

// ackLimit is how long an answer may take on a machine that is busy testing;
// Slack waits three seconds.
const ackLimit = 1500 * time.Millisecond

// large fills the workspace up to 20,000 people, 2,000 of them in @sre, and
// returns those.
func (w *world) large() []string {
	var group []string
	for i := range 20_000 - 9 { // nine are there already, the bot among them
		id := fmt.Sprintf("UM%05d", i)
		w.ws.AddUser(fakeslack.User{ID: id, Name: strings.ToLower(id)})
		if len(group) < 2000 {
			group = append(group, id)
		}
	}
	w.ws.SetGroupUsers("S0SRE", group...)
	w.ws.Join(incident, group[:20]...)
	return group
}

// calledSince counts the calls of each Web API method.
func (w *world) calledSince(mark int) map[string]int {
	n := map[string]int{}
	for _, c := range w.ws.Calls("")[mark:] {
		n[c.Method]++
	}
	return n
}

// runs asks for a change, has it approved and waits until it is done; it
// returns the longest time that an acknowledgement took.
func (w *world) runs(who, approver, text string) time.Duration {
	w.t.Helper()
	before := len(w.cards())
	reply, err := w.ws.Command(who, incident, "/pam", text)
	if err != nil {
		w.t.Fatalf("%s typed %q: %v", who, text, err)
	}
	var card fakeslack.Message
	w.eventually("a card for "+text, func() bool {
		all := w.cards()
		if len(all) == before {
			return false
		}
		card, _ = w.ws.Message(fakeslack.MessageRef{Channel: incident, TS: all[len(all)-1]})
		return true
	})
	ack, err := w.ws.ClickOld(approver, card, "approve")
	if err != nil {
		w.t.Fatalf("%s pressed approve: %v", approver, err)
	}
	w.becomes(card, "done")
	return max(reply.Took, ack.Took)
}

// TestLargeWorkspace: 20,000 people, 2,000 approvers, fifty requests with their
// approvals: how often Slack is asked what, and how fast it is answered.
func TestLargeWorkspace(t *testing.T) {
	w := newWorld(t, setup{stays: true, policy: strings.Replace(standardPolicy, "[S0SRE]", `["@sre"]`, 1)})
	w.firstTry = true
	group := w.large()
	w.start()
	if n := w.calledSince(0)["users.list"]; n != 20 {
		t.Errorf("users.list was called %d times for 20,000 people, want 20", n)
	}
	mark, began := len(w.ws.Calls("")), time.Now()
	var slowest time.Duration
	for i := range 50 {
		verb := []string{"deactivate", "activate"}[i%2]
		asker, approver := group[i%10], group[10+i%10]
		slowest = max(slowest, w.runs(asker, approver, verb+" 5 request "+fmt.Sprint(i)))
	}
	first, _ := w.ws.Message(fakeslack.MessageRef{Channel: incident, TS: w.cards()[0]})
	contains(t, plainText(asFirstShown(first)), "1999 people")
	took := time.Since(began)
	n := w.calledSince(mark)
	t.Logf("50 requests and approvals in %s, slowest acknowledgement %s: %v", took.Round(time.Millisecond), slowest.Round(time.Millisecond), n)

	// Twenty people act for the first time; each deciding vote asks about two.
	if n["users.list"] != 0 || n["users.info"] != 20+2*50 {
		t.Errorf("users.list %d, want 0; users.info %d, want 120", n["users.list"], n["users.info"])
	}
	// What decides is at most five seconds old, so it is asked for at most so often.
	most := 2 + int(took/(5*time.Second)) + int(took/time.Minute)
	for _, method := range []string{"usergroups.list", "usergroups.users.list", "conversations.info"} {
		if n[method] > most {
			t.Errorf("%s was called %d times in %s, want at most %d", method, n[method], took, most)
		}
	}
	if n["conversations.members"] > 1 { // to find the approvers who are not there
		t.Errorf("conversations.members was called %d times, want at most 1", n["conversations.members"])
	}
	if n["conversations.open"] > 10 || n["chat.getPermalink"] > 10*50 {
		t.Errorf("ten people were told by %d conversations.open", n["conversations.open"])
	}
	if slowest > ackLimit {
		t.Errorf("an acknowledgement took %s", slowest)
	}
}

// TestColdList: while the workspace cannot be listed, requests are answered in
// time, from a bounded number of look-ups.
func TestColdList(t *testing.T) {
	for name, fault := range map[string]fakeslack.Fault{
		"refused": {Times: -1, Error: "internal_error"}, "limited": {Times: -1, RetryAfter: time.Hour}, "hanging": {Times: -1, Hang: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, setup{stays: true})
			w.firstTry = true
			group := w.large()
			w.ws.Fail("users.list", fault)
			w.start()
			mark := len(w.ws.Calls(""))
			if took := w.runs(group[0], group[1], "deactivate 5 leaked"); took > 2*time.Second {
				t.Errorf("an acknowledgement took %s", took)
			}
			if n := w.calledSince(mark)["users.info"]; n > 60+4 {
				t.Errorf("users.info was called %d times", n)
			}
			w.runs(group[2], group[1], "activate 5 was wrong")
			if n := w.calledSince(mark)["users.info"]; n > 60+8 {
				t.Errorf("users.info was called %d times for two requests", n)
			}
			contains(t, plainText(w.asks(group[0], "deactivate 6 leaked")), "at least ") // who can approve
		})
	}
}

// TestListComesLate: the list is read on where it was limited, page by page,
// and then counts.
func TestListComesLate(t *testing.T) {
	w := newWorld(t, setup{stays: true})
	w.firstTry = true
	group := w.large()
	pages := 0
	w.ws.Fail("users.list", fakeslack.Fault{Times: 1, RetryAfter: time.Second, When: func(fakeslack.Call) bool { pages++; return pages == 8 }})
	w.start()
	w.eventuallyWithin(60, "all 20 pages are read, and the one that was limited", func() bool { return w.calledSince(0)["users.list"] == 21 })
	text := ""
	for _, id := range []string{"5", "6", "12", "130"} { // the last page may just be being read
		if text = plainText(w.asks(group[0], "deactivate "+id+" leaked")); strings.Contains(text, "1999 people") {
			return
		}
	}
	t.Errorf("the group is not counted whole:\n%s", text)
}

package main

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"senhasegura-bot/approvals"
	"senhasegura-bot/bot/fakeslack"
)

// inThread and onChannel tell replies from cards.
func inThread(c fakeslack.Call) bool { return c.Args["thread_ts"] != "" }
func onChannel(c fakeslack.Call) bool {
	return c.Args["thread_ts"] == "" && c.Args["channel"] == incident
}

// copies are the messages of the incident's channel that show a request.
func (w *world) copies(request string) []fakeslack.Message {
	return slices.DeleteFunc(w.ws.Messages(incident), func(m fakeslack.Message) bool { return m.Deleted || meta(m).Request != request })
}

// replies are what the threads of a request's messages were told.
func (w *world) replies(request string) int {
	n := 0
	for _, m := range w.ws.Messages(incident) {
		if meta(m).Request == request {
			n += len(w.ws.Thread(incident, m.TS))
		}
	}
	return n
}

// requested types a command that makes a request and returns its id.
func (w *world) requested(user, text string) string {
	w.t.Helper()
	shown := w.types(user, text)
	at := strings.Index(shown, "R-")
	if at < 0 || len(shown) < at+8 {
		w.t.Fatalf("no request: %s", shown)
	}
	return shown[at : at+8]
}

// TestFaultSlackAnswers: whatever happens to a call that posts, updates or
// tells, once, the card comes to the truth and the outcome is told. It is told
// twice, and the card posted twice, only where Slack had accepted it and the
// answer was lost.
func TestFaultSlackAnswers(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]fakeslack.Fault{
		"429": {RetryAfter: time.Second}, "500": {Status: 500}, "refused for now": {Error: "internal_error"},
		"reset": {Reset: true}, "hang": {Hang: true},
		"500 after acting": {Status: 500, AfterActing: true}, "reset after acting": {Reset: true, AfterActing: true},
		"hang after acting": {Hang: true, AfterActing: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, setup{})
			want := 1
			if fault.AfterActing {
				want = 2
			}
			post, reply := fault, fault
			post.When, reply.When = onChannel, inThread
			w.ws.Fail("chat.postMessage", post)
			id := w.requested(ana, "deactivate 5 leaked")
			var card fakeslack.Message
			w.eventuallyWithin(30, "the card is there", func() bool {
				all := w.copies(id)
				if len(all) == want {
					card = all[want-1]
				}
				return len(all) == want
			})
			w.ws.Fail("chat.update", fault)
			w.ws.Fail("chat.postMessage", reply)
			w.clicks(bruno, card, "approve")
			card = w.becomesWithin(card, "done", 30)
			w.grows(card)
			w.eventuallyWithin(30, "the outcome is told", func() bool { return w.replies(id) == want })
			w.settled(id)
			if cards, replies := len(w.copies(id)), w.replies(id); cards != want || replies != want {
				t.Errorf("%d cards and %d replies, want %d of each", cards, replies, want)
			}
		})
	}
}

// settled waits until nothing is left to be drawn of a request for now: the card
// shows what is stored, and its thread was told.
func (w *world) settled(id string) {
	w.t.Helper()
	w.eventuallyWithin(30, id+" is settled", func() bool {
		r, _, err := w.store().Load(w.t.Context(), id)
		card, other := w.store().Card(w.t.Context(), id)
		return err == nil && other == nil && card.Shown == r.Version && card.Told == r.Notices && card.Tries == 0
	})
}

// TestFaultSlackLate: an update that was given up and arrives after newer ones
// does not stay over them.
func TestFaultSlackLate(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	w.firstTry = true
	card := w.asks(ana, "deactivate 5 leaked")
	w.ws.Fail("chat.update", fakeslack.Fault{Delay: 9 * time.Second, Late: true})
	w.clicks(bruno, card, "approve")
	w.becomesWithin(card, "done", 30)
	w.eventuallyWithin(30, "the late update came", func() bool {
		card, _ = w.ws.Message(card.Ref())
		return meta(card).State != "done"
	})
	card = w.becomesWithin(card, "done", 30)
	states := []string{}
	for _, v := range card.History {
		states = append(states, metaOf(v.Metadata).State)
	}
	t.Logf("the card showed %v", states)
	if n := w.replies(meta(card).Request); n != 1 {
		t.Errorf("told %d times", n)
	}
}

// TestFaultSlackRetryAfter: once chat.update was limited, no update of any card
// leaves before the time is over, and then each card is updated once, to its
// newest state.
func TestFaultSlackRetryAfter(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	w.firstTry = true
	var cards []fakeslack.Message
	for _, id := range []string{"5", "6", "12", "94"} {
		cards = append(cards, w.asks(ana, "deactivate "+id+" leaked"))
	}
	w.ws.Fail("chat.update", fakeslack.Fault{RetryAfter: 4 * time.Second})
	w.clicks(bruno, cards[0], "approve")
	w.eventually("Slack limits", func() bool { return len(w.ws.Calls("chat.update")) == 1 })
	began := w.ws.Calls("chat.update")[0].At
	w.clicks(bruno, cards[1], "approve")
	w.types(ana, "cancel "+meta(cards[2]).Request)
	w.clicks(clara, cards[3], "approve")
	for i, state := range []string{"done", "done", "cancelled", "done"} {
		w.becomes(cards[i], state)
	}
	calls := w.ws.Calls("chat.update")
	if first := calls[1].At.Sub(began); first < 4*time.Second {
		t.Errorf("an update left %s after Slack asked for 4 s", first)
	}
	if len(calls) != 1+len(cards) {
		t.Errorf("%d updates of %d cards after the one that was limited", len(calls)-1, len(cards))
	}
	if w.replies(meta(cards[0]).Request) > 1 {
		t.Error("told twice")
	}
}

// perChannel limits chat.postMessage as Slack does: one message a second in each
// channel, after a short burst.
type perChannel struct {
	mu      sync.Mutex
	burst   int
	posted  map[string][]time.Time
	limited int
}

func (p *perChannel) hits(c fakeslack.Call) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	channel, now := c.Args["channel"], time.Now()
	recent := slices.DeleteFunc(p.posted[channel], func(at time.Time) bool { return now.Sub(at) > time.Duration(p.burst)*time.Second })
	if p.posted[channel] = recent; len(recent) >= p.burst {
		p.limited++
		return true
	}
	p.posted[channel] = append(recent, now)
	return false
}

// TestFaultSlackBusyChannel: while one channel has more to say than Slack takes,
// another's card and its updates are hardly later, and Slack is not flooded.
func TestFaultSlackBusyChannel(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	w.firstTry = true
	limit := &perChannel{burst: 3, posted: map[string][]time.Time{}}
	w.ws.Fail("chat.postMessage", fakeslack.Fault{Times: -1, RetryAfter: time.Second, Delay: 100 * time.Millisecond, When: limit.hits})
	w.ws.Join(quiet, "U0BOT")
	const busy = 24
	for i := range busy {
		w.types(ana, fmt.Sprintf("deactivate %d leaked", 2000+i))
	}
	began := time.Now()
	w.typesIn(quiet, ana, "deactivate 5 leaked")
	w.eventuallyWithin(60, "the quiet channel has its card", func() bool { return len(w.ws.Messages(quiet)) > 0 })
	took, posted := time.Since(began), len(w.cards())
	w.eventuallyWithin(60, "the busy one goes on", func() bool { return len(w.cards()) >= 10 })
	limit.mu.Lock()
	defer limit.mu.Unlock()
	if rate := float64(limit.limited) / time.Since(began).Seconds(); posted > busy*3/4 || rate > 5 { // by whose turn it was: a busy machine may be slow
		t.Errorf("the quiet channel's card came after %d of %d in the busy one; %.1f answers a second were 429", posted, busy, rate)
	}
	t.Logf("the quiet channel's card came after %s, with %d of %d in the busy one; within %s %d answers were 429",
		took.Round(time.Millisecond), posted, busy, time.Since(began).Round(time.Second), limit.limited)
}

// TestFaultSlackLookups: while Slack cannot say who somebody is, a click counts
// nothing and its person is told in time; once it was limited, at once and
// without asking again before the time is over.
func TestFaultSlackLookups(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{env: map[string]string{"IDENTITY_CACHE": "0s"}})
	w.firstTry = true
	card := w.asks(ana, "deactivate 5 leaked")
	refusals := func() int { return len(w.ws.Ephemerals(bruno)) }
	press := func() time.Duration {
		t.Helper()
		before := refusals()
		ack, err := w.ws.ClickOld(bruno, card, "approve")
		if err != nil {
			t.Fatal(err)
		}
		w.eventually("Bruno is told", func() bool { return refusals() > before })
		if r, _, err := w.store().Load(t.Context(), meta(card).Request); err != nil || r.State != approvals.Pending || len(r.Votes) != 0 {
			t.Errorf("it is %s with %d votes, %v", r.State, len(r.Votes), err)
		}
		return ack.Took
	}
	for _, fault := range []fakeslack.Fault{{Times: -1, Status: 502}, {Times: -1, Reset: true}, {Times: -1, Hang: true}} {
		w.ws.Fail("users.info", fault)
		if took := press(); took >= slackWaits {
			t.Errorf("%+v: answered after %s", fault, took)
		}
		w.ws.Heal("users.info")
	}
	w.ws.Fail("users.info", fakeslack.Fault{RetryAfter: 3 * time.Second})
	press()
	limited := w.ws.Calls("users.info")
	at := limited[len(limited)-1].At
	press()
	if n := len(w.ws.Calls("users.info")); n != len(limited) {
		t.Errorf("asked %d times more while it was limited", n-len(limited))
	}
	w.eventually("the vote counts again", func() bool {
		w.clicks(bruno, card, "approve")
		m, _ := w.ws.Message(card.Ref())
		return meta(m).State != "pending"
	})
	if next := w.ws.Calls("users.info")[len(limited)].At; next.Sub(at) < 3*time.Second {
		t.Errorf("asked again %s after Slack asked for 3 s", next.Sub(at))
	}
	w.becomes(card, "done")
}

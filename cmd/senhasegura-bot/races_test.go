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

// ran is the audit of a request that one vote approved and whose call worked.
var ran = []approvals.EventKind{approvals.EventSubmit, approvals.EventVote, approvals.EventClaim, approvals.EventMark, approvals.EventAnswer}

// oneStory checks what became of a request that several things happened to at
// once: the audit, the card and its thread tell the same, and the thread is told
// once.
func (w *world) oneStory(card fakeslack.Message, state string, events ...approvals.EventKind) {
	w.t.Helper()
	id := meta(card).Request
	card = w.becomes(card, state)
	w.told(card)
	if replies := w.ws.Thread(card.Channel, card.TS); len(replies) != 1 {
		w.t.Errorf("the thread of %s has %d replies, want 1", id, len(replies))
	}
	w.entries(id, events...)
	if all := w.audit(id); len(all) == 0 || string(all[len(all)-1].State) != state || meta(card).Version != len(events) {
		w.t.Errorf("%s: the card shows %s in version %d, the audit ends with %+v", id, state, meta(card).Version, all)
	}
	if buttons := fakeslack.Buttons(card); len(buttons) > 0 {
		w.t.Errorf("%s is %s and has buttons: %v", id, state, buttons)
	}
	w.grows(card)
}

// atOnce does everything at the same instant.
func atOnce(all ...func()) {
	var ready, done sync.WaitGroup
	start := make(chan struct{})
	ready.Add(len(all))
	for _, do := range all {
		done.Go(func() {
			ready.Done()
			<-start
			do()
		})
	}
	ready.Wait()
	close(start)
	done.Wait()
}

// TestFortyClicksOnAQuorumOfThree: many people, some of them twice, the one who
// asked and a guest press Approve at the same instant: three count.
func TestFortyClicksOnAQuorumOfThree(t *testing.T) {
	transports(t, func(t *testing.T, socket bool) {
		w := newWorld(t, setup{socket: socket, stays: true, policy: standardPolicy + "rules:\n  - name: three\n    approvals: 3\n"})
		var crowd []string
		for i := range 24 {
			id := fmt.Sprintf("UCROWD%02d", i)
			w.ws.AddUser(fakeslack.User{ID: id, Name: strings.ToLower(id)})
			crowd = append(crowd, id)
		}
		w.ws.Join(incident, crowd...)
		w.ws.SetGroupUsers("S0SRE", slices.Concat(crowd, []string{ana, guest})...)
		w.start()
		w.start()
		card := w.asks(ana, "deactivate 5 leaked")
		id, asked := meta(card).Request, len(w.ws.Ephemerals(ana))

		clicking := slices.Concat(crowd, crowd[:10], []string{ana, guest, ana, guest, ana, guest})
		var clicks []func()
		for _, user := range clicking {
			clicks = append(clicks, func() { w.clicks(user, card, "approve") })
		}
		atOnce(clicks...)

		w.oneStory(card, "done", approvals.EventSubmit, approvals.EventVote, approvals.EventVote, approvals.EventVote,
			approvals.EventClaim, approvals.EventMark, approvals.EventAnswer)
		if n := len(w.calls()); n != 1 {
			t.Errorf("%d calls, want 1: %v", n, w.calls())
		}
		voters := w.votersOf(id)
		if len(voters) != 3 || slices.ContainsFunc(voters, func(v string) bool { return !slices.Contains(crowd, v) }) {
			t.Errorf("the votes of %v count", voters)
		}
		w.onRecord("every other click", len(clicking)-3, func(e approvals.Logged) bool { return e.Tried == "approve" })
		w.answered(ana, asked+times(clicking, ana))
		for _, user := range append(crowd, guest) {
			w.answered(user, times(clicking, user)-times(voters, user))
		}
		w.learnsNothing(guest, id)
		w.verifies()
	})
}

func times(list []string, one string) int {
	return len(slices.DeleteFunc(slices.Clone(list), func(s string) bool { return s != one }))
}

// answered waits until a person was told so often that a click did nothing.
func (w *world) answered(user string, often int) {
	w.t.Helper()
	w.eventually(user+" is answered", func() bool { return len(w.ws.Ephemerals(user)) >= often })
	if n := len(w.ws.Ephemerals(user)); n != often {
		w.t.Errorf("%s was answered %d times, want %d", user, n, often)
	}
}

// votersOf is who approved a request, as the audit has it at the end.
func (w *world) votersOf(id string) []string {
	w.t.Helper()
	var voters []string
	if all := w.audit(id); len(all) > 0 {
		for _, v := range all[len(all)-1].Voters {
			voters = append(voters, v.User)
		}
	}
	return voters
}

// headStart keeps two people's presses around the instant at which it tips
// which of them wins: whoever loses begins earlier the next time.
type headStart struct {
	of   time.Duration // the first one's; negative: the other's
	step time.Duration
	last bool
}

func (h *headStart) won(first bool) {
	if h.step *= 2; first != h.last || h.step == 0 {
		h.step = time.Millisecond
	}
	if h.last = first; first {
		h.of -= h.step
		return
	}
	h.of += h.step
}

func (h headStart) race(first, second func()) {
	atOnce(
		func() { <-time.After(max(-h.of, 0)); first() },
		func() { <-time.After(max(h.of, 0)); second() },
	)
}

// TestApproveAndDenyAtOnce: one of the two wins, everything tells the same, the
// other one is told, and senhasegura is called only for what was approved.
func TestApproveAndDenyAtOnce(t *testing.T) {
	transports(t, func(t *testing.T, socket bool) {
		w := newWorld(t, setup{socket: socket})
		w.start()
		var start headStart
		ended := map[string]int{}
		for round := range 20 {
			before := len(w.calls())
			card := w.asks(ana, []string{"deactivate 5 leaked", "activate 5 clear"}[round%2])
			w.clicks(clara, card, "deny")
			form := w.opened(clara, "deny")
			told := len(w.ws.Ephemerals(bruno))
			var out fakeslack.Outcome
			start.race(func() { w.clicks(bruno, card, "approve") }, func() {
				var err error
				if out, err = w.ws.Submit(clara, form, fakeslack.Values{"reason": "wrong host"}); err != nil {
					t.Error(err)
				}
			})
			state := "denied"
			if !out.Closed {
				state = "done"
			}
			if ended[state]++; state == "done" {
				w.oneStory(card, state, ran...)
				contains(t, out.View.Text(), "Nothing to do: "+meta(card).Request+" is already")
				w.closes(clara)
			} else {
				w.oneStory(card, state, approvals.EventSubmit, approvals.EventDeny)
				w.answered(bruno, told+1)
				contains(t, w.whispered(bruno, meta(card).Request), "already *Denied*", "@"+clara)
			}
			if made := len(w.calls()) - before; made != len(w.votersOf(meta(card).Request)) {
				t.Fatalf("round %d ended %s with %d calls", round, state, made)
			}
			start.won(state == "done")
		}
		if ended["done"] == 0 || ended["denied"] == 0 {
			t.Errorf("not a race: %v, head start %s", ended, start.of)
		}
		w.verifies()
	})
}

// closes shuts all forms that somebody has open.
func (w *world) closes(user string) {
	w.t.Helper()
	for _, open := w.ws.OpenView(user); open; _, open = w.ws.OpenView(user) {
		if _, err := w.ws.CloseView(user); err != nil {
			w.t.Fatal(err)
		}
	}
}

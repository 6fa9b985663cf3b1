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

// slow makes every call of the Web API take that long from now on.
func (w *world) slow(d time.Duration) { w.ws.Fail("*", fakeslack.Fault{Times: -1, Delay: d}) }

// TestSlowSlack: a deciding vote counts although nothing is remembered and
// Slack takes 200 ms for each answer: what it rests on is asked at once.
func TestSlowSlack(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{env: map[string]string{"IDENTITY_CACHE": "0s"},
		policy: "defaults:\n  approvers: [{channel: [S0SRE, S0SEC]}]\n  approvals: 2\n"})
	w.firstTry = true
	w.ws.AddGroup(fakeslack.Group{ID: "S0SEC", Handle: "sec", Name: "Security", Users: []string{heitor}})
	card := w.asks(ana, "deactivate 5 leaked")
	w.slow(200 * time.Millisecond)
	w.counts(bruno, card)
	w.counts(clara, card)
	w.becomes(card, "done")
}

// counts has somebody approve, who presses again when told that Slack could not
// be asked in time: twice, which a bot that is slow by itself does not survive.
func (w *world) counts(user string, card fakeslack.Message) {
	w.t.Helper()
	for range 3 {
		told, counted := w.toldAgain(user), false
		w.clicks(user, card, "approve")
		w.eventually(user+" is answered", func() bool {
			r, _, err := w.store().Load(w.t.Context(), meta(card).Request)
			counted = err == nil && slices.ContainsFunc(r.Votes, func(v approvals.Vote) bool { return v.Person.User == user })
			return counted || w.toldAgain(user) > told
		})
		if counted {
			return
		}
	}
	w.t.Fatalf("%s pressed three times, and it does not count", user)
}

// TestManyPending: twenty requests are listed with their links long before
// Slack stops waiting.
func TestManyPending(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	w.firstTry = true
	for i := range 20 {
		w.recorded(w.asks(ana, fmt.Sprintf("deactivate %d leaked", 2000+i)))
	}
	w.slow(100 * time.Millisecond)
	began := time.Now()
	shown := w.types(ana, "pending")
	if took, links := time.Since(began), strings.Count(shown, "card"); took > 1500*time.Millisecond || links != 20 {
		t.Errorf("%d links after %s:\n%s", links, took, shown)
	}
}

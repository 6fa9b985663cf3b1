package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

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
	w.clicks(bruno, card, "approve")
	w.clicks(clara, card, "approve")
	w.becomes(card, "done")
}

// TestManyPending: twenty requests are listed with their links long before
// Slack stops waiting.
func TestManyPending(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	w.firstTry = true
	for i := range 20 {
		w.asks(ana, fmt.Sprintf("deactivate %d leaked", 2000+i))
	}
	w.eventually("the bot has noted where all cards are", func() bool { return strings.Count(w.types(ana, "pending"), "card") == 20 })
	w.slow(100 * time.Millisecond)
	began := time.Now()
	shown := w.types(ana, "pending")
	if took, links := time.Since(began), strings.Count(shown, "card"); took > 1500*time.Millisecond || links != 20 {
		t.Errorf("%d links after %s:\n%s", links, took, shown)
	}
}

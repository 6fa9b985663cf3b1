package main

import (
	"testing"

	"senhasegura-bot/bot/fakeslack"
)

// TestLinkedSinceTheLastPress: Clara pressed a moment ago, so the bot knows her
// account. Since then it was found to be Bruno's second one; the vote that would
// decide his request is judged by who she is now.
func TestLinkedSinceTheLastPress(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{policy: "defaults:\n  approvers: [\"@sre\"]\n"})
	w.ws.SetGroupUsers("S0SRE", bruno, clara, dora)
	first := w.asks(ana, "deactivate 5 leaked")
	w.clicks(clara, first, "approve")
	w.becomes(first, "done")
	card := w.asks(bruno, "deactivate 6 leaked")
	before := len(w.calls())
	for _, user := range []string{bruno, clara} {
		w.ws.UpdateUser(user, func(u *fakeslack.User) {
			u.Enterprise = &fakeslack.EnterpriseUser{ID: "WBRUNO", EnterpriseID: "E0ORG", Teams: []string{"T0FAKE"}}
		})
	}
	w.clicks(clara, card, "approve")
	w.whispered(clara, "yourself")
	if n := len(w.calls()) - before; n != 0 {
		t.Fatalf("%d calls of a request that its requester approved", n)
	}
	w.clicks(dora, card, "approve")
	w.becomes(card, "done")
}

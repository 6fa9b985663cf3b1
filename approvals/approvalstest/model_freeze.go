package approvalstest

import (
	"pgregory.net/rapid"

	"senhasegura-bot/approvals"
)

// stop freezes everything now and then, and ends it.
func (w *world) stop(t *rapid.T) {
	switch {
	case w.icy:
		w.unfreeze(true)
		w.events = append(w.events, " 0 unfreeze")
	case rapid.IntRange(1, 3).Draw(t, "how urgent") == 1:
		w.freeze(true)
		w.events = append(w.events, " 0 freeze")
	default:
		return
	}
	w.icy = !w.icy
}

// thawed holds a committed step to what a freeze allows.
func (w *world) thawed(was approvals.Request, e approvals.Event) {
	w.t.Helper()
	acts := e.Kind == approvals.EventVote || e.Kind == approvals.EventMark || e.Kind == approvals.EventAgain ||
		e.Kind == approvals.EventClaim && was.State == approvals.Approved
	if w.icy && acts {
		w.t.Fatalf("%s of %s was written although everything is frozen", e.Kind, was.ID)
	}
}

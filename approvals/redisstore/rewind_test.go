package redisstore_test

import (
	"crypto/rand"
	"slices"
	"testing"
	"time"

	"senhasegura-bot/approvals"
	"senhasegura-bot/approvals/redisstore"
	"senhasegura-bot/approvals/redisstore/redistest"
)

// rewindable is a store on a server of its own, which can be made to go back.
type rewindable struct {
	*testing.T
	server *redistest.Server
	store  *redisstore.Store
}

func newRewindable(t *testing.T) rewindable {
	server := redistest.Start(t)
	return rewindable{t, server, redisstore.New(redisstore.Config{Client: open(t, server.URL), Team: "T", AuditKey: []byte("an audit key")})}
}

func (w rewindable) asks(id string) {
	w.Helper()
	if _, err := w.store.Submit(w.Context(), ask(id)); err != nil {
		w.Fatal(err)
	}
}

func (w rewindable) approves(id string) {
	w.Helper()
	before, now, err := w.store.Load(w.Context(), id)
	if err != nil {
		w.Fatal(err)
	}
	after, err := before.Apply(approvals.Event{Kind: approvals.EventVote, By: approvals.Person{Key: "T/UB", User: "UB"}}, now)
	if err == nil {
		err = w.store.Commit(w.Context(), approvals.Change{Op: rand.Text(), Before: before, After: after})
	}
	if err != nil {
		w.Fatal(err)
	}
}

// back asks what is due, and holds whether the store says that it went back.
func (w rewindable) back(want bool, doubtful ...string) {
	w.Helper()
	due, err := w.store.Due(w.Context(), 1)
	if err != nil {
		w.Fatal(err)
	}
	if due.Back != want || !slices.Equal(due.Doubtful, doubtful) {
		w.Fatalf("went back: %v, want %v; in doubt: %v, want %v", due.Back, want, due.Doubtful, doubtful)
	}
}

// TestTheStoreSaysThatItWentBack: when it is set back, when it has caught up
// with other entries since, and when all is gone; told once, and not for less.
func TestTheStoreSaysThatItWentBack(t *testing.T) {
	t.Parallel()
	w := newRewindable(t)
	w.back(false)
	w.asks("R-1")
	w.back(false)
	w.back(false)
	old := w.server.Copy(t)
	w.approves("R-1")
	w.asks("R-2")
	w.back(false)

	w.server.GoBack(t, old)
	w.approves("R-1")
	w.back(true, "R-1")
	w.back(false)

	w.asks("R-3")
	w.back(false)
	w.server.GoBack(t, old)
	for _, id := range []string{"R-4", "R-5", "R-6", "R-7"} { // more entries than there were
		w.asks(id)
	}
	w.back(true)
	w.back(false)

	w.server.GoBack(t, redistest.Copy{})
	w.back(true)
	w.back(false)
}

// TestTrimmingIsNotGoingBack: the newest entry seen may be gone by its age.
func TestTrimmingIsNotGoingBack(t *testing.T) {
	t.Parallel()
	w := newRewindable(t)
	w.asks("R-1")
	w.back(false)
	if _, err := w.store.Seal(t.Context(), 10); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(10 * time.Second); ; {
		n, err := w.store.TrimAudit(t.Context(), time.Millisecond, 10)
		if err != nil {
			t.Fatal(err)
		}
		if n > 0 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("no entry was removed")
		}
	}
	w.back(false)
	w.asks("R-2")
	w.back(false)
}

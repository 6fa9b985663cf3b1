package redisstore_test

import (
	"context"
	"crypto/rand"
	"log/slog"
	"slices"
	"sync/atomic"
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
	w := rewindable{T: t, server: server}
	w.store = w.another()
	return w
}

// another is the store of another process.
func (w rewindable) another() *redisstore.Store {
	return redisstore.New(redisstore.Config{Client: open(w.T, w.server.URL), Team: "T", AuditKey: []byte("an audit key")})
}

func (w rewindable) asks(id string) {
	w.Helper()
	if _, err := w.store.Submit(w.Context(), ask(id)); err != nil {
		w.Fatal(err)
	}
}

func (w rewindable) approves(id string) { w.approvesSealed(id, approvals.Sealer{}) }

// sealed is a request that was asked for and approved under seals: one that runs.
func (w rewindable) sealed(id string, sealer approvals.Sealer) {
	w.Helper()
	asked := ask(id)
	asked.Request.Team = "T"
	asked.Request.Seal = sealer.SealAsked(asked.Request)
	if _, err := w.store.Submit(w.Context(), asked); err != nil {
		w.Fatal(err)
	}
	w.approvesSealed(id, sealer)
}

func (w rewindable) approvesSealed(id string, sealer approvals.Sealer) {
	w.Helper()
	before, now, err := w.store.Load(w.Context(), id)
	if err != nil {
		w.Fatal(err)
	}
	bruno := approvals.Person{Key: "T/UB", User: "UB"}
	after, err := before.Apply(approvals.Event{Kind: approvals.EventVote, By: bruno, Seal: sealer.SealLast(before, bruno, now)}, now)
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
	w.approves("R-1") // and no look in between
	w.asks("R-2")

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

	w.server.GoBack(t, old)
	others := rewindable{t, w.server, w.another()}
	for _, id := range []string{"R-4", "R-5", "R-6", "R-7", "R-8", "R-9"} {
		others.asks(id)
	}
	others.back(false) // it was not there before
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

// caller counts the calls that a process would make.
type caller struct{ calls atomic.Int64 }

func (c *caller) Admit(approvals.Kind) approvals.Permit { return c }

func (*caller) Return() {}

func (c *caller) Call(ctx context.Context, _ approvals.Verb, _ approvals.Kind, _ string, gate func(context.Context) error) approvals.Answer {
	if gate(ctx) != nil {
		return approvals.Answer{Kind: approvals.AnswerNotSent}
	}
	c.calls.Add(1)
	return approvals.Answer{Kind: approvals.AnswerDone}
}

func (*caller) Changed(approvals.Kind, approvals.Target) bool { return false }

// TestARunInDoubtIsNotBegun: the process that ran a request is gone, and so is
// what it had stored of the run. One that only knows that the store went back
// closes what waits for its run, and calls nothing.
func TestARunInDoubtIsNotBegun(t *testing.T) {
	t.Parallel()
	w := newRewindable(t)
	sealer := approvals.NewSealer([]byte("an audit key"))
	w.sealed("R-1", sealer)
	old := w.server.Copy(t)
	w.asks("R-2") // stands for what the process that is gone stored of its run

	calls, ctx := &caller{}, t.Context()
	desk := approvals.NewDesk(approvals.Config{Team: "T", Process: "p2", Store: w.store, Caller: calls, Sealer: sealer, Logger: slog.New(slog.DiscardHandler),
		RunDeadline: time.Minute, CallTimeout: time.Second, Lease: time.Second, Calls: 1})
	sweeper := &approvals.Sweeper{Desk: desk, Draw: func(context.Context, string) error { return nil }, Every: time.Millisecond, Retention: time.Hour}
	w.back(false)
	w.server.GoBack(t, old)
	ctx, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- sweeper.Run(ctx, time.Second) }()
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(time.Millisecond) {
		r, _, err := w.store.Load(t.Context(), "R-1")
		if err == nil && !r.State.Open() {
			if r.State != approvals.Unknown || r.Rewound.IsZero() {
				t.Errorf("it became %s", r.State)
			}
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("it stays %s, %v", r.State, err)
		}
	}
	stop()
	if err := <-ended; err != nil || calls.calls.Load() != 0 {
		t.Errorf("%d calls, %v", calls.calls.Load(), err)
	}
}

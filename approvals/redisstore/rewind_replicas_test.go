package redisstore_test

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"senhasegura-bot/approvals"
	"senhasegura-bot/approvals/redisstore"
	"senhasegura-bot/approvals/redisstore/redistest"
)

// behind puts a slow network before the store of this world.
func (w *rewindable) behind() *redistest.Proxy {
	slow := redistest.NewProxy(w, w.server.Addr)
	w.store = redisstore.New(redisstore.Config{Client: open(w, "redis://"+slow.Addr), Team: "T", AuditKey: []byte("an audit key")})
	return slow
}

// TestABurstHidesNothing: many changes that were under way together do not hide
// that one before them was lost.
func TestABurstHidesNothing(t *testing.T) {
	t.Parallel()
	w := newRewindable(t)
	for round := range 10 {
		slow := w.behind()
		w.asks(fmt.Sprint("R-a", round))
		old := w.server.Copy(t)
		w.asks(fmt.Sprint("R-lost", round))
		w.back(false)
		w.server.GoBack(t, old)
		slow.Delay(3 * time.Millisecond)
		var busy sync.WaitGroup
		for i := range 8 {
			busy.Go(func() { _, _ = w.store.Submit(t.Context(), ask(fmt.Sprintf("R-%d-%d", round, i))) })
		}
		busy.Wait()
		slow.Delay(0)
		w.back(true)
	}
}

// TestGoingBackIsToldOnce: what was under way when it was told does not tell it
// again, and again.
func TestGoingBackIsToldOnce(t *testing.T) {
	t.Parallel()
	w := newRewindable(t)
	slow := w.behind()
	w.asks("R-1")
	old := w.server.Copy(t)
	for i := range 20 {
		w.asks(fmt.Sprint("R-x", i))
	}
	w.back(false)
	w.server.GoBack(t, old)
	slow.Delay(10 * time.Millisecond)
	ctx, stop := context.WithTimeout(t.Context(), 3*time.Second)
	defer stop()
	var busy sync.WaitGroup
	for g := range 8 {
		busy.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				_, _ = w.store.Submit(ctx, ask(fmt.Sprintf("R-%d-%d", g, i)))
			}
		})
	}
	told := 0
	look := time.NewTicker(200 * time.Millisecond)
	defer look.Stop()
	for ; ctx.Err() == nil; <-look.C {
		if due, err := w.store.Due(ctx, 1); err == nil && due.Back {
			told++
		}
	}
	busy.Wait()
	if told != 1 {
		t.Errorf("told %d times", told)
	}
}

// holds has a process claim the run of R-1 and mark its target.
func (w rewindable) holds(holder string) (approvals.Request, time.Time) {
	w.Helper()
	for _, kind := range []approvals.EventKind{approvals.EventClaim, approvals.EventMark} {
		r, now, err := w.store.Load(w.Context(), "R-1")
		if err != nil {
			w.Fatal(err)
		}
		lease := r.Lease
		if kind == approvals.EventClaim {
			lease = approvals.Lease{Holder: holder, Until: now.Add(10 * time.Second)}
		}
		e := approvals.Event{Kind: kind, Lease: lease, Limit: time.Minute, Timeout: 15 * time.Second}
		if err := w.store.Commit(w.Context(), w.changes(r, e, now)); err != nil {
			w.Fatal(err)
		}
	}
	r, now, err := w.store.Load(w.Context(), "R-1")
	if err != nil {
		w.Fatal(err)
	}
	return r, now
}

func (w rewindable) changes(r approvals.Request, e approvals.Event, now time.Time) approvals.Change {
	w.Helper()
	after, err := r.Apply(e, now)
	if err != nil {
		w.Fatal(err)
	}
	return approvals.Change{Op: fmt.Sprint(e.Kind, e.Lease.Holder, r.Version, time.Now()), Before: r, After: after, Calls: 4, Entry: approvals.Record(r, after, e, "p")}
}

// TestNoTwoHoldersShareAFence: the store lost that A holds the run, and C claims
// and marks it as A did: what A still does is fenced out.
func TestNoTwoHoldersShareAFence(t *testing.T) {
	t.Parallel()
	w := newRewindable(t)
	w.asks("R-1")
	w.approves("R-1")
	old := w.server.Copy(t)
	a, now := w.holds("A")
	w.server.GoBack(t, old)
	fresh := rewindable{t, w.server, w.another()}
	if c, _ := fresh.holds("C"); c.Version != a.Version {
		t.Fatalf("A holds version %d, C version %d: this shows nothing", a.Version, c.Version)
	}
	if _, err := w.store.Renew(t.Context(), "R-1", a.Lease.Fence, 10*time.Second); err == nil {
		t.Error("A renewed C's lease")
	}
	if err := w.store.Unlease(t.Context(), "R-1", a.Lease.Fence); err == nil {
		t.Error("A gave C's lease back")
	}
	done := approvals.Event{Kind: approvals.EventAnswer, Lease: a.Lease, Answer: approvals.Answer{Kind: approvals.AnswerDone}}
	if err := w.store.Commit(t.Context(), w.changes(a, done, now)); err == nil {
		t.Error("A's answer was written over C's mark")
	}
}

// longCaller makes calls that take until they are let go.
type longCaller struct {
	calls       *atomic.Int64
	began, done chan struct{}
}

func (c longCaller) Admit(approvals.Kind) approvals.Permit       { return c }
func (longCaller) Return()                                       {}
func (longCaller) Changed(approvals.Kind, approvals.Target) bool { return false }
func (c longCaller) Call(ctx context.Context, _ approvals.Verb, _ approvals.Kind, _ string, gate func(context.Context) error) approvals.Answer {
	if gate(ctx) != nil {
		return approvals.Answer{Kind: approvals.AnswerNotSent}
	}
	c.calls.Add(1)
	c.began <- struct{}{}
	<-c.done
	return approvals.Answer{Kind: approvals.AnswerDone}
}

// TestANewcomerBeginsNoRun: A is in its call when the store loses the run; C,
// which came while the store was away and cannot know, is the first to look. A
// knows, and closes it.
func TestANewcomerBeginsNoRun(t *testing.T) {
	t.Parallel()
	w := newRewindable(t)
	sealer := approvals.NewSealer([]byte("an audit key"))
	w.sealed("R-1", sealer)
	old := w.server.Copy(t)
	caller := longCaller{new(atomic.Int64), make(chan struct{}, 9), make(chan struct{})}
	sweeper := func(name string, s *redisstore.Store) *approvals.Sweeper {
		desk := approvals.NewDesk(approvals.Config{Team: "T", Process: name, Store: s, Caller: caller, Sealer: sealer, Logger: slog.New(slog.DiscardHandler),
			RunDeadline: time.Minute, CallTimeout: 15 * time.Second, Lease: 10 * time.Second, Calls: 4})
		return &approvals.Sweeper{Desk: desk, Draw: func(context.Context, string) error { return nil }, Every: 300 * time.Millisecond, Retention: time.Hour}
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 2)
	go func() { ended <- sweeper("A", w.store).Run(ctx, 5*time.Second) }()
	<-caller.began
	w.server.GoBack(t, old)
	go func() { ended <- sweeper("C", w.another()).Run(ctx, 5*time.Second) }()
	watch := w.another()
	for deadline := time.Now().Add(20 * time.Second); ; <-time.After(10 * time.Millisecond) {
		r, _, err := watch.Load(t.Context(), "R-1")
		if err == nil && r.State == approvals.Unknown {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("it is %s, %v", r.State, err)
		}
	}
	close(caller.done)
	stop()
	<-ended
	<-ended
	if n := caller.calls.Load(); n != 1 {
		t.Errorf("%d calls of one release", n)
	}
}

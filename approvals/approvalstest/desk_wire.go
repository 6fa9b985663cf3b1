package approvalstest

import (
	"context"
	"errors"
	"sync"
	"time"

	"senhasegura-bot/approvals"
)

// wire is one process's way to the store. While the process stalls, what it
// has sent is under way, and arrives when it wakes, whatever became of its
// patience, its lease or the process itself: that is as late as a packet can be.
type wire struct {
	approvals.Store // a *Flaky

	mu      sync.Mutex
	stalled chan struct{} // closed on waking; nil: awake
	dead    bool
}

var errDead = errors.New("the process is dead")

func (w *wire) stall() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.stalled == nil {
		w.stalled = make(chan struct{})
	}
}

func (w *wire) wake() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.stalled != nil {
		close(w.stalled)
		w.stalled = nil
	}
}

func (w *wire) die() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.dead = true
}

// awake waits while the process stalls; errDead when it died.
func (w *wire) awake() error {
	w.mu.Lock()
	stalled := w.stalled
	w.mu.Unlock()
	if stalled != nil {
		<-stalled
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.dead {
		return errDead
	}
	return nil
}

func (w *wire) asleep() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.stalled != nil
}

// failing reports whether a write of this process is told to fail.
func (w *wire) failing() bool {
	f := w.Store.(*Flaky)
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.queue) > 0
}

// send carries out one operation. A dead process sends nothing, but what it
// sent before it died arrives.
func (w *wire) send(ctx context.Context, do func(context.Context) error) error {
	w.mu.Lock()
	dead, late := w.dead, w.stalled != nil
	w.mu.Unlock()
	if dead {
		return errDead
	}
	if late {
		_ = w.awake() // it is under way
		ctx = context.WithoutCancel(ctx)
	}
	err := do(ctx)
	if gone := w.awake(); gone != nil {
		return gone // nobody hears the answer
	}
	return err
}

// Load implements approvals.Store, as the others do.
func (w *wire) Load(ctx context.Context, id string) (r approvals.Request, now time.Time, err error) {
	err = w.send(ctx, func(ctx context.Context) error {
		r, now, err = w.Store.Load(ctx, id)
		return err
	})
	return r, now, err
}

// Due asks the store.
func (w *wire) Due(ctx context.Context, limit int) (d approvals.Due, err error) {
	err = w.send(ctx, func(ctx context.Context) error {
		d, err = w.Store.Due(ctx, limit)
		return err
	})
	return d, err
}

// Submit passes on. Its window is counted by the store from here on, so that
// only the patience of who asks tells how late it may be sent.
func (w *wire) Submit(ctx context.Context, s approvals.Submission) (r approvals.Request, err error) {
	err = w.send(ctx, func(context.Context) error {
		r, err = w.Store.Submit(ctx, s)
		return err
	})
	return r, err
}

// Commit passes on.
func (w *wire) Commit(ctx context.Context, c approvals.Change) error {
	return w.send(ctx, func(ctx context.Context) error { return w.Store.Commit(ctx, c) })
}

// Renew passes on.
func (w *wire) Renew(ctx context.Context, id string, fence int64, d time.Duration) (until time.Time, err error) {
	err = w.send(ctx, func(ctx context.Context) error {
		until, err = w.Store.Renew(ctx, id, fence, d)
		return err
	})
	return until, err
}

// Unlease passes on.
func (w *wire) Unlease(ctx context.Context, id string, fence int64) error {
	return w.send(ctx, func(ctx context.Context) error { return w.Store.Unlease(ctx, id, fence) })
}

package approvals

import (
	"context"
	"errors"
	"sync"
	"time"
)

// execution is one process's hold on one run.
type execution struct {
	desk *Desk
	stop <-chan struct{}
	// turn is held by the step under way: each is made from the version before.
	// Waiting for it ends with a context, however long the store is absent.
	turn chan struct{}

	mu sync.Mutex // never held while the store is asked
	o  opened
}

func (x *execution) run(ctx context.Context) error {
	keep, done := context.WithCancel(ctx)
	var renewing, targets sync.WaitGroup
	renewing.Go(func() { x.renew(keep) })
	for i := range x.o.Targets {
		targets.Go(func() { x.target(ctx, i) })
	}
	targets.Wait()
	done()
	renewing.Wait()
	return x.close(ctx)
}

// close ends the run at its deadline, or gives it back unfinished.
func (x *execution) close(ctx context.Context) error {
	ctx, cancel := x.lastly(ctx)
	defer cancel()
	r := x.request()
	if r.State != Running {
		return nil
	}
	if x.now().Before(r.Run.Deadline) {
		return lost(x.desk.Store.Unlease(ctx, r.ID, r.Lease.Fence))
	}
	_, err := x.step(ctx, Event{Kind: EventDeadline})
	return lost(err)
}

// renew keeps the lease. When it cannot, the lease in memory runs out and no
// further mark is made under it; a call that is under way goes on, and its
// answer counts if nobody took the run over.
func (x *execution) renew(ctx context.Context) {
	id, fence := x.request().ID, x.request().Lease.Fence
	for pause(ctx, nil, x.desk.Lease/3) == nil {
		until, err := x.renewed(ctx, id, fence)
		if errors.Is(err, ErrLeaseLost) {
			return
		}
		if err == nil {
			x.mu.Lock()
			x.o.Lease.Until = later(x.o.Lease.Until, until)
			x.mu.Unlock()
		}
	}
}

// target brings one target to its result, or to where this process must stop.
func (x *execution) target(ctx context.Context, i int) {
	for {
		r := x.request()
		if r.State != Running || r.Targets[i].Result != "" || !x.now().Before(r.Run.Deadline) {
			return
		}
		err := x.attempt(ctx, r, i)
		switch {
		case err == nil:
			continue
		case lost(err) != nil && !errors.Is(err, errStop) && ctx.Err() == nil:
			x.desk.Logger.Error("a step of a run failed", "request", r.ID, "target", r.Targets[i].Ref, "error", err)
		}
		return
	}
}

// step makes one change of the request under this hold. It returns an instant
// of this process's clock before the store looked.
func (x *execution) step(ctx context.Context, e Event) (time.Time, error) {
	select {
	case x.turn <- struct{}{}:
		defer func() { <-x.turn }()
	case <-ctx.Done():
		return time.Time{}, context.Cause(ctx)
	}
	for {
		sent, err := x.commit(ctx, e)
		if !errors.Is(err, ErrStale) || x.reread(ctx, e.Kind) != nil {
			return sent, err
		}
	}
}

// commit applies the event to what is known and stores it. While the store
// cannot be reached it asks again, with the same change, until ctx ends.
func (x *execution) commit(ctx context.Context, e Event) (time.Time, error) {
	o := x.opened()
	after, err := o.Apply(e, o.now())
	if err != nil {
		return time.Time{}, err
	}
	change := Change{Op: newNonce(), Before: o.Request, After: after, Calls: x.desk.Calls,
		Entry: Record(o.Request, after, e, x.desk.Process)}
	if e.Kind == EventMark {
		change.NotAfter = earlier(o.Lease.Until, o.Run.Deadline)
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, max(change.NotAfter.Sub(o.now()), 0)+2*time.Second)
		defer cancel()
	}
	sent := time.Now() // the first time: what is sent again may have been written then
	for {
		err := x.desk.Store.Commit(ctx, change)
		if err == nil {
			x.desk.saw(after)
			x.stepped(after)
			return sent, nil
		}
		absent := errors.Is(err, ErrUnavailable) || errors.Is(err, ErrUnconfirmed)
		if !absent || pause(ctx, nil, busyPause) != nil {
			return sent, err
		}
	}
}

// reread takes over what somebody else wrote beside the run, as the review of a
// break-glass is; ErrLeaseLost when it was a process that took the run, and when
// the record went back, which is closed by being read.
// An answer is worth keeping however slow the store is: no call follows it at once.
func (x *execution) reread(ctx context.Context, kind EventKind) error {
	was, load := x.opened(), x.desk.timely
	if kind == EventAnswer {
		load = x.desk.load
	}
	o, err := load(ctx, was.ID)
	switch {
	case err != nil:
		return err
	case o.State != Running, o.Lease.Fence != was.Lease.Fence, o.Lease.Holder != was.Lease.Holder, o.Version <= was.Version:
		return ErrLeaseLost
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.o = o
	return nil
}

// stepped keeps what was written. The lease may have been renewed meanwhile.
func (x *execution) stepped(after Request) {
	x.mu.Lock()
	if after.Lease.Holder != "" {
		after.Lease.Until = later(after.Lease.Until, x.o.Lease.Until)
	}
	x.o.Request = after
	x.mu.Unlock()
	x.desk.changed(after.ID)
}

func (x *execution) opened() opened {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.o
}

func (x *execution) request() Request  { return x.opened().Request }
func (x *execution) latest() time.Time { return x.opened().latest() }
func (x *execution) now() time.Time    { return x.opened().now() }

// pause waits for d, less if ctx ends or stop is closed.
func pause(ctx context.Context, stop <-chan struct{}, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-stop:
		return errStop
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

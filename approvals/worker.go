package approvals

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"
)

// busyPause is how long a call waits before it asks again for its place, and
// a step before it asks an absent store again.
const busyPause = 150 * time.Millisecond

// frozenFactor makes the wait longer while everything is frozen: there may be
// twenty targets that wait.
const frozenFactor = 5

// errStop ends a target's work here for now: the process stops.
var errStop = errors.New("stopping")

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
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
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
		until, err := x.desk.Store.Renew(ctx, id, fence, x.desk.Lease)
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

// attempt waits for the target's time and makes one call, or settles what a
// dead process left behind.
func (x *execution) attempt(ctx context.Context, r Request, i int) error {
	t, now := r.Targets[i], x.now()
	switch {
	case t.Abandoned(now):
		return x.answer(ctx, i, Answer{Kind: AnswerLost})
	case t.CallUntil.After(now): // another process marked it and may still be calling
		return pause(ctx, x.stop, t.CallUntil.Sub(now))
	case t.NextAt.After(now):
		return pause(ctx, x.stop, earlier(t.NextAt, r.Run.Deadline).Sub(now))
	}
	mark := Event{Kind: EventMark, Target: i, Lease: r.Lease, Timeout: x.desk.CallTimeout}
	marked, err := x.mark(ctx, mark)
	if err != nil {
		return err
	}
	return x.answer(ctx, i, x.call(ctx, mark, marked))
}

// mark stores that the call is about to begin, waiting for a free place and for
// the end of a freeze. It returns an instant before the store checked it.
func (x *execution) mark(ctx context.Context, e Event) (time.Time, error) {
	for {
		select {
		case <-x.stop:
			return time.Time{}, errStop
		default:
		}
		marked, err := x.step(ctx, e)
		wait := busyPause + rand.N(busyPause)
		switch {
		case errors.Is(err, ErrFrozen):
			wait *= frozenFactor
		case !errors.Is(err, ErrBusy):
			return marked, err
		}
		if !x.now().Before(x.request().Run.Deadline) {
			return marked, ErrTooLate
		}
		if err := pause(ctx, x.stop, wait); err != nil {
			return marked, err
		}
	}
}

// call makes the call. What the card showed and who approved it are checked
// first; the gate then makes sure, right before the write, that the mark is
// fresh: a process that was stopped in between marks again, which fails when
// another one took over.
func (x *execution) call(ctx context.Context, e Event, marked time.Time) Answer {
	r := x.request()
	t := r.Targets[e.Target]
	err := x.desk.Sealer.Check(r, x.now(), x.desk.RunDeadline)
	if r.Team != x.desk.Team { // sealed with the same key, for another workspace and perhaps another appliance
		err = ErrSeal
	}
	if err != nil {
		x.desk.Logger.Error("a run without sealed approvals was refused", "request", r.ID, "error", err)
		return Answer{Kind: AnswerRefused, Fault: "unsealed"}
	}
	if x.desk.Caller.Changed(r.Kind, t) {
		return Answer{Kind: AnswerRefused, Fault: "changed"}
	}
	ctx, cancel := context.WithTimeout(ctx, max(t.CallUntil.Sub(x.latest()), 0))
	defer cancel()
	e.Renew = true
	return x.desk.Caller.Call(ctx, r.Verb, r.Kind, t.Ref, func(ctx context.Context) error {
		for age(marked) > MarkAge {
			var err error
			if marked, err = x.step(ctx, e); err != nil {
				return err
			}
		}
		return ctx.Err()
	})
}

// age is how long ago t was, by whichever clock says more: the monotonic one
// stands still while a machine is suspended, the other may be set back.
func age(t time.Time) time.Duration {
	return max(time.Since(t), time.Now().Round(0).Sub(t.Round(0)))
}

// answer stores what a call came to. It is worth waiting for the store: an
// answer that is not stored is a lost one.
func (x *execution) answer(ctx context.Context, i int, a Answer) error {
	wait, cancel := context.WithTimeout(context.WithoutCancel(ctx), x.desk.RunDeadline)
	defer cancel()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(2*time.Second, cancel) })()
	_, err := x.step(wait, Event{Kind: EventAnswer, Target: i, Lease: x.request().Lease, Answer: a})
	return err
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
		if !errors.Is(err, ErrStale) || x.reread(ctx) != nil {
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
// break-glass is; ErrLeaseLost when it was a process that took the run.
func (x *execution) reread(ctx context.Context) error {
	was := x.opened()
	o, err := x.desk.load(ctx, was.ID)
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

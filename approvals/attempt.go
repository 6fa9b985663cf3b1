package approvals

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"
)

// busyPause is how long a call waits before it asks again for its place, and
// a step before it asks an absent store again.
const busyPause = 150 * time.Millisecond

// frozenFactor makes the wait longer while everything is frozen: there may be
// twenty targets that wait.
const frozenFactor = 5

var (
	// errStop ends a target's work here for now: the process stops.
	errStop = errors.New("stopping")
	// errNoLeave: no call may be made at the moment (Caller.Admit).
	errNoLeave = errors.New("no leave for a call now")
)

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
	permit, marked, err := x.mark(ctx, mark)
	if err != nil {
		return err
	}
	return x.answer(ctx, i, x.call(ctx, permit, mark, marked))
}

// mark stores that the call is about to begin, waiting for senhasegura, for a
// free place and for the end of a freeze. It returns leave for the call, and an
// instant before the store checked the mark.
func (x *execution) mark(ctx context.Context, e Event) (Permit, time.Time, error) {
	for {
		select {
		case <-x.stop:
			return nil, time.Time{}, errStop
		default:
		}
		permit, marked, err := x.admitted(ctx, e)
		wait := busyPause + rand.N(busyPause)
		switch {
		case errors.Is(err, ErrFrozen):
			wait *= frozenFactor
		case !errors.Is(err, errNoLeave) && !errors.Is(err, ErrBusy):
			return permit, marked, err
		}
		if !x.now().Before(x.request().Run.Deadline) {
			return nil, marked, ErrTooLate
		}
		if err := pause(ctx, x.stop, wait); err != nil {
			return nil, marked, err
		}
	}
}

// admitted marks under leave for the call. Leave without a mark is given back:
// another target may be able to use it.
func (x *execution) admitted(ctx context.Context, e Event) (Permit, time.Time, error) {
	permit := x.desk.Caller.Admit(x.request().Kind)
	if permit == nil {
		return nil, time.Time{}, errNoLeave
	}
	marked, err := x.step(ctx, e)
	if err != nil {
		permit.Return()
		return nil, marked, err
	}
	return permit, marked, nil
}

// call makes the call, or gives the leave for it back. What the card showed and
// who approved it are checked first; the gate then makes sure, right before the
// write, that the mark is fresh: a process that was stopped in between marks
// again, which fails when another one took over.
func (x *execution) call(ctx context.Context, permit Permit, e Event, marked time.Time) Answer {
	defer permit.Return()
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
	return permit.Call(ctx, r.Verb, r.Kind, t.Ref, func(ctx context.Context) error {
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
	defer context.AfterFunc(ctx, func() { time.AfterFunc(brokenWithin, cancel) })()
	_, err := x.step(wait, Event{Kind: EventAnswer, Target: i, Lease: x.request().Lease, Answer: a})
	return err
}

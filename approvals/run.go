package approvals

import (
	"context"
	"errors"
	"time"
)

// Execute takes the run of one request, if nobody holds it, and carries it to
// its outcome. It returns nil when there is nothing (more) to do here, also
// when another process took over. After stop is closed no call is begun: what
// runs is finished and the rest is left to others. Ending ctx breaks calls off.
func (d *Desk) Execute(ctx context.Context, id string, stop <-chan struct{}) error {
	o, err := d.timely(ctx, id)
	if err != nil {
		return err
	}
	now := o.now()
	waits := o.State == Approved || o.State == Running && !o.Lease.Held(now)
	if waits && d.memory.doubtful(id) {
		_, err = d.setBack(ctx, o, o.Version, "")
		return err
	}
	if o.State == Approved && now.After(o.Run.StartBy) {
		_, err = d.commit(ctx, o, Event{Kind: EventDeadline}, now, time.Time{})
		return lost(err)
	}
	select {
	case <-stop: // between the look and the claim
		return nil
	default:
	}
	lease := Lease{Holder: d.Process, Until: now.Add(d.Lease)}
	o.Request, err = d.commit(ctx, o, Event{Kind: EventClaim, Lease: lease, Limit: d.RunDeadline}, now, lease.Until)
	if err != nil {
		return lost(err)
	}
	x := &execution{desk: d, o: o, stop: stop, turn: make(chan struct{}, 1)}
	return x.run(ctx)
}

// lost hides the errors that only say that another process was first, or that
// the sweep asks again because everything is frozen.
func lost(err error) error {
	for _, other := range []error{ErrNotNow, ErrLeaseHeld, ErrLeaseLost, ErrStale, ErrLate, ErrTooLate, ErrFrozen} {
		if errors.Is(err, other) {
			return nil
		}
	}
	return err
}

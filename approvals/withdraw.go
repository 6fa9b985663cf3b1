package approvals

import (
	"context"
	"errors"
	"time"
)

// Expire ends a request whose time is up; nil when there is nothing to end.
func (d *Desk) Expire(ctx context.Context, id string) error {
	return d.end(ctx, id, func(o opened) (Event, bool) {
		return Event{Kind: EventExpire}, !o.now().Before(o.Expires)
	})
}

// Withdraw ends a pending request for the bot; nil when it is not pending.
func (d *Desk) Withdraw(ctx context.Context, id string, cause Cause, reason string) error {
	return d.end(ctx, id, func(opened) (Event, bool) {
		return Event{Kind: EventWithdraw, Cause: cause, Reason: reason}, true
	})
}

func (d *Desk) end(ctx context.Context, id string, event func(opened) (Event, bool)) error {
	for {
		o, err := d.load(ctx, id)
		if err != nil {
			return err
		}
		e, due := event(o)
		if o.State != Pending || !due {
			return nil
		}
		if _, err = d.commit(ctx, o, e, o.now(), time.Time{}); !errors.Is(err, ErrStale) {
			return err
		}
	}
}

// reviewLimit is more than the policy lets wait at once.
const reviewLimit = 10_000

// Review withdraws pending requests that the policy now in force denies.
// Called after each reload of the policy.
func (d *Desk) Review(ctx context.Context) error {
	ids, err := d.Store.Undecided(ctx, reviewLimit)
	if err != nil {
		return err
	}
	var failed error
	for _, id := range ids {
		o, err := d.load(ctx, id)
		if err != nil {
			failed = errors.Join(failed, err)
			continue
		}
		ch, err := d.Directory.Channel(ctx, o.Channel, AgeActor)
		if err != nil {
			failed = errors.Join(failed, err)
			continue
		}
		if rule := d.Policy().Today(o.Request, ch); rule.Deny {
			failed = errors.Join(failed, d.Withdraw(ctx, id, CausePolicy, rule.Name))
		}
	}
	return failed
}

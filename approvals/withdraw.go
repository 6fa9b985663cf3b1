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

// Review withdraws pending requests that the policy now in force denies, and
// has the cards of the others drawn by it. Called after each reload of the policy.
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
		} else if err := d.Redraw(ctx, id); !errors.Is(err, ErrLeaseHeld) {
			failed = errors.Join(failed, err) // the card may need more approvals now
		}
	}
	return failed
}

// redrawPause is between two rounds of RedrawRoom.
const redrawPause = time.Second

// RedrawRoom asks for one more drawing of the card, or its pointer, of every
// request in a channel that may still change, until ctx ends for those that
// somebody draws meanwhile.
func (d *Desk) RedrawRoom(ctx context.Context, channel string) error {
	ids, err := d.Store.Watched(ctx, reviewLimit)
	if err != nil {
		return err
	}
	var failed error
	for len(ids) > 0 && ctx.Err() == nil {
		var held []string
		for _, id := range ids {
			r, _, err := d.Store.Load(ctx, id)
			if errors.Is(err, ErrNotFound) || err == nil && r.Room() != channel && r.Channel != channel {
				continue
			}
			if err == nil {
				err = d.Redraw(ctx, id)
			}
			if errors.Is(err, ErrLeaseHeld) {
				held = append(held, id)
			} else {
				failed = errors.Join(failed, err)
			}
		}
		if ids = held; len(ids) > 0 {
			select {
			case <-ctx.Done():
			case <-time.After(redrawPause):
			}
		}
	}
	return failed
}

// redrawLease is how long asking for a drawing may take.
const redrawLease = 5 * time.Second

// Redraw asks for one more drawing of a card although its request did not
// change. ErrLeaseHeld while somebody draws it.
func (d *Desk) Redraw(ctx context.Context, id string) error {
	card, _, _, err := d.Store.TakeCard(ctx, id, d.Process, redrawLease)
	if err == nil {
		card.Again = true
		err = d.Store.PutCard(ctx, id, card, time.Millisecond)
	}
	if errors.Is(err, ErrNotFound) || errors.Is(err, ErrLeaseLost) {
		return nil
	}
	d.changed(id)
	return err
}

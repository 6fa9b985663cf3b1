package bot

import (
	"context"
	"errors"
	"time"

	"senhasegura-bot/approvals"
)

// A drawing waits up to outlast for a store that is away, and asks again every
// keepEvery: sooner than others look for what is due, and so before them.
const (
	outlast   = 10 * time.Minute
	keepEvery = 200 * time.Millisecond
)

// overdraw asks for another drawing as soon as whoever draws now has ended.
func (b *Bot) overdraw(ctx context.Context, id string) error {
	ctx, cancel := context.WithTimeout(ctx, 2*drawLease)
	defer cancel()
	for {
		err := b.Desk.Redraw(ctx, id)
		if !errors.Is(err, approvals.ErrLeaseHeld) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(time.Second):
		}
	}
}

// keep stores what a drawing came to, for as long as the store is away: what
// was posted and is not on record is posted a second time. Once the right to
// draw has run out somebody else may have taken it, and then this writes nothing.
func (b *Bot) keep(ctx context.Context, id string, card approvals.Card, due time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, outlast)
	defer cancel()
	for {
		err := b.Store.PutCard(ctx, id, card, due)
		if !errors.Is(err, approvals.ErrUnavailable) && !errors.Is(err, approvals.ErrUnconfirmed) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(keepEvery):
		}
	}
}

package bot

import (
	"context"
	"errors"
	"fmt"

	"github.com/slack-go/slack"

	"senhasegura-bot/approvals"
	"senhasegura-bot/bot/views"
)

// A store may lose what it had confirmed (approvals, rewound.go). Then a message
// shows more than is on record, or what nothing is on record of.

// found is the card that the store may have lost, as this process remembers it:
// without it another would be posted beside it.
func found(card approvals.Card, r approvals.Request, known approvals.Known) approvals.Card {
	back := r.Version < known.Version
	if known.Card.TS == "" || card.TS != "" && !back {
		return card
	}
	is := known.Card
	is.Fence, is.Freeze, is.Resumed, is.Again, is.Hold, is.Tries = card.Fence, card.Freeze, card.Resumed, true, false, 0
	if back { // what is on record now was not told yet
		is.Told, is.Pointer.Told = card.Told, card.Pointer.Told
	}
	return is
}

// wentBack closes a request whose record is older than what this process
// remembers, and gives its card back to be drawn so.
func (b *Bot) wentBack(ctx context.Context, id string, card approvals.Card) error {
	err := b.Desk.Recheck(ctx, id)
	card.Again = true
	return errors.Join(err, b.keep(ctx, id, card, 0))
}

// Lost closes the card of a request of which there is no record, if this process
// remembers that people may still wait for it. One that shows an end is true.
func (b *Bot) Lost(ctx context.Context, id string) error {
	known := b.Desk.Known(id)
	if !known.Live {
		return nil
	}
	message := views.Lost(b.printer(), id, known.Version)
	err := b.close(ctx, known.Card.Channel, known.Card.TS, message)
	for _, d := range known.Card.Directs {
		err = errors.Join(err, b.close(ctx, d.Channel, d.TS, views.Lost(b.reader(ctx, d.User), id, known.Version)))
	}
	if err != nil {
		return fmt.Errorf("closing the card of %s, of which there is no record: %w", id, err)
	}
	b.Logger.Error("there is no record of a request any more; its card was closed", "request", id)
	b.Desk.Forgotten(id)
	return nil
}

// close puts the last message in the place of another. One that cannot be
// updated any more needs no closing.
func (b *Bot) close(ctx context.Context, channel, ts string, m views.Message) error {
	if ts == "" { // never posted
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, slackWithin)
	defer cancel()
	_, _, _, err := b.API.UpdateMessageContext(ctx, channel, ts, options(m)...)
	var answered slack.SlackErrorResponse
	if uneditable(err) || errors.As(err, &answered) && unpostable(answered.Err) {
		return nil
	}
	return err
}

// pressedLost answers a press on a card whose request is not on record: the
// card is closed, whatever it showed.
func (b *Bot) pressedLost(c click, err error) Reply {
	b.refused(c.refused(err))
	return Reply{Then: after(func(ctx context.Context) {
		failed := b.close(ctx, c.channel, c.ts, views.Lost(b.printer(), c.owner, c.shown))
		if failed != nil {
			b.Logger.Warn("the card of a request that is not on record stays", "request", c.owner, "error", failed)
		}
		b.whisper(ctx, c.channel, c.user, views.LostTold(c.p, c.owner, failed == nil))
	})}
}

package bot

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/slack-go/slack"

	"senhasegura-bot/approvals"
	"senhasegura-bot/bot/views"
)

// Bounds of what is drawn beside the card, in what the card left of drawLease.
const (
	besideWithin = 4 * time.Second
	besideLeast  = time.Second // less is not worth beginning
	// keepWithin is what storing the card may take (see keep), and a second.
	keepWithin  = drawLease - 3*slackWithin + time.Second
	besideAgain = 30 * time.Second
)

// beside draws, after the card, what goes with it in other channels, and
// returns the drawing's results with its own. Nothing here holds the card back:
// a failure is only tried again later.
func (b *Bot) beside(ctx context.Context, began time.Time, was, drawn approvals.Card, r approvals.Request, due time.Duration, err error) (approvals.Card, time.Duration, error) {
	anew := was.Resumed || was.Again // an earlier update may have arrived late
	if r.Room() == r.Channel || drawn.TS == "" || drawn.Pointer.State == r.State && !anew {
		return drawn, due, err
	}
	mine := time.Millisecond
	told := was.TS != drawn.TS || was.Told != drawn.Told // what was posted is put on record first
	if left := min(besideWithin, drawLease-keepWithin-time.Since(began)); !told && left > besideLeast {
		ctx, cancel := context.WithTimeout(ctx, left)
		defer cancel()
		var failed error
		mine, failed = b.pointed(ctx, &drawn, r)
		err = errors.Join(err, failed)
	}
	if drawn.Tries == 0 && !drawn.Hold { // else nobody draws before due
		due = soonest(due, mine)
	}
	return drawn, due, err
}

// pointed brings the pointer to the request's state, and returns when to try
// again (zero: not before it changes). One that cannot be shown is left out.
func (b *Bot) pointed(ctx context.Context, card *approvals.Card, r approvals.Request) (time.Duration, error) {
	err := b.showPointer(ctx, card, r)
	var limited *slack.RateLimitedError
	var answered slack.SlackErrorResponse
	switch {
	case err == nil:
		card.Pointer.State = r.State
		return 0, nil
	case errors.As(err, &limited):
		return max(limited.RetryAfter, time.Second), nil
	case errors.As(err, &answered) && (unpostable(answered.Err) || uneditable(err)):
		card.Pointer.State = r.State
		b.Logger.Warn("where it was asked, nobody is told where the card is", "request", r.ID, "channel", r.Channel, "state", r.State, "error", answered.Err)
		return 0, nil
	case errors.As(err, &answered):
		return besideAgain, fmt.Errorf("pointing to the card of %s: %w", r.ID, err)
	}
	card.Pointer.State = "" // it may have arrived, or may arrive late
	return settle, fmt.Errorf("pointing to the card of %s: %w", r.ID, err)
}

// uneditable reports whether Slack says that a message cannot be updated, ever.
func uneditable(err error) bool {
	return slackError(err, "message_not_found", "cant_update_message", "edit_window_closed")
}

// showPointer posts the pointer, or updates it in place.
func (b *Bot) showPointer(ctx context.Context, card *approvals.Card, r approvals.Request) error {
	message := options(views.Elsewhere(b.printer(), r, b.link(ctx, *card)))
	if ts := card.Pointer.TS; ts != "" {
		_, _, _, err := b.API.UpdateMessageContext(ctx, r.Channel, ts, message...)
		return err
	}
	_, ts, err := b.API.PostMessageContext(ctx, r.Channel, message...)
	if err == nil {
		card.Pointer.TS = ts
	}
	return err
}

package bot

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/slack-go/slack"

	"senhasegura-bot/approvals"
	"senhasegura-bot/bot/views"
)

// Bounds of what is drawn beside the card, in what the card left of drawLease.
const (
	besideWithin = 4 * time.Second // the pointer, and the direct cards
	besideLeast  = time.Second     // less is not worth beginning
	// keepWithin is left of it to store the card (see keep) while it is surely ours.
	keepWithin  = drawLease - 3*slackWithin + time.Second
	besideAgain = 30 * time.Second
)

// beside draws, after the card, what goes with it in other conversations: the
// pointer and the direct cards. It returns the drawing's results with its own.
// Nothing here holds the card back: a failure is only tried again later.
func (b *Bot) beside(ctx context.Context, began time.Time, was, drawn approvals.Card, r approvals.Request, now time.Time, due time.Duration, err error) (approvals.Card, time.Duration, error) {
	if drawn.TS == "" || r.Room() == r.Channel && !drawn.Shrunk && len(drawn.Directs) == 0 {
		return drawn, due, err
	}
	drawn.Directs = slices.Clone(drawn.Directs)
	if was.Resumed || was.Again { // an earlier update may have arrived late
		drawn.Pointer.State = ""
		for i := range drawn.Directs {
			drawn.Directs[i].Shown = ""
		}
	}
	mine := time.Millisecond
	said := was.TS != drawn.TS || was.Told != drawn.Told // what was posted is put on record first
	if left := (drawLease - keepWithin - time.Since(began)) / 2; !said && left > besideLeast {
		left = min(left, besideWithin)
		pointer, failed := within(ctx, left, func(ctx context.Context) (time.Duration, error) { return b.pointed(ctx, &drawn, r) })
		directs, other := within(ctx, left, func(ctx context.Context) (time.Duration, error) { return b.directs(ctx, &drawn, r, now) })
		mine, err = soonest(pointer, directs), errors.Join(err, failed, other)
	}
	if drawn.Tries == 0 && !drawn.Hold { // else nobody draws before due
		due = soonest(due, mine)
	}
	return drawn, due, err
}

func within(ctx context.Context, d time.Duration, work func(context.Context) (time.Duration, error)) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	return work(ctx)
}

// pointed brings the pointer to the request's state, and returns when to try
// again (zero: not before it changes). One that cannot be shown is left out.
func (b *Bot) pointed(ctx context.Context, card *approvals.Card, r approvals.Request) (time.Duration, error) {
	if r.Room() == r.Channel {
		return 0, nil
	}
	shrunk, err := b.shares(ctx, r.Channel, card.Pointer.Shrunk, card.Pointer.State == "")
	if err != nil {
		return besideAgain, err
	}
	if card.Pointer.State == r.State && card.Pointer.Shrunk == shrunk {
		return b.inform(ctx, card, r)
	}
	card.Pointer.State, card.Pointer.Shrunk = "", shrunk
	err = b.showPointer(ctx, card, r)
	var limited *slack.RateLimitedError
	var answered slack.SlackErrorResponse
	switch {
	case err == nil:
		card.Pointer.State = r.State
		return time.Millisecond, nil // put on record first
	case errors.As(err, &limited):
		return max(limited.RetryAfter, time.Second), nil
	case errors.As(err, &answered) && (unpostable(answered.Err) || uneditable(err)):
		card.Pointer.State = r.State
		b.Logger.Warn("where it was asked, nobody is told where the card is", "request", r.ID, "channel", r.Channel, "state", r.State, "error", answered.Err)
		return time.Millisecond, nil
	case errors.As(err, &answered):
		return besideAgain, fmt.Errorf("pointing to the card of %s: %w", r.ID, err)
	}
	return settle, fmt.Errorf("pointing to the card of %s: %w", r.ID, err) // it may have arrived, or may arrive late
}

// inform tells the requester an outcome directly, where the thread that tells it
// is in a channel that they are not in. Whoever has a direct card sees it there.
func (b *Bot) inform(ctx context.Context, card *approvals.Card, r approvals.Request) (time.Duration, error) {
	if card.Pointer.Told >= r.Notices || r.State.Open() || card.Shrunk {
		return 0, nil
	}
	members, err := b.People.Members(ctx, r.Room(), approvals.AgeCounting)
	if err == nil && !slices.Contains(members, r.Requester.User) {
		err = b.tellDirectly(ctx, r)
	}
	if code := Definite(err); code != "" {
		b.Logger.Warn("the requester cannot be told directly", "request", r.ID, "error", code)
		err = nil
	}
	if err != nil {
		return besideAgain, fmt.Errorf("telling the requester of %s directly: %w", r.ID, err)
	}
	card.Pointer.Told = r.Notices
	return 0, nil
}

// uneditable reports whether Slack says that a message cannot be updated, ever.
func uneditable(err error) bool {
	return slackError(err, "message_not_found", "cant_update_message", "edit_window_closed")
}

// showPointer posts the pointer, or updates it in place.
func (b *Bot) showPointer(ctx context.Context, card *approvals.Card, r approvals.Request) error {
	var message []slack.MsgOption
	if card.Pointer.Shrunk {
		message = options(views.ElsewhereShrunk(b.printer(), r))
	} else {
		message = options(views.Elsewhere(b.printer(), r, b.link(ctx, *card)))
	}
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

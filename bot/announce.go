package bot

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"senhasegura-bot/approvals"
	"senhasegura-bot/bot/views"
)

// Times of a drawing. A process holds the right to draw longer than its calls
// to Slack can take, so that two never draw at once; what may still arrive
// late is drawn over once more after settle.
const (
	slackWithin = 5 * time.Second
	drawLease   = 20 * time.Second
	settle      = 12 * time.Second
	// lookEvery is how often an offered run_again is looked at: it goes when a
	// later request touched one of its targets, or its time is up.
	lookEvery = 5 * time.Second
	// stepEvery is how often the steps of a long run are shown: Slack takes
	// about fifty updates a minute.
	stepEvery  = 1500 * time.Millisecond
	maxBackoff = 30 * time.Second
)

// errGone says that the card's message is no longer there.
var errGone = errors.New("the card was deleted")

// Draw brings a request's card and its thread to what is stored. It draws from
// the stored request and never from an event, so that it may be called at any
// time and by any process. Posting is at least once. Its error is an ErrNotFound
// where there is no record and the card could not be closed yet.
func (b *Bot) Draw(ctx context.Context, id string) error {
	began := time.Now() // before the right to draw was given, however late we learn of it
	known := b.Desk.Known(id)
	card, r, now, err := b.Store.TakeCard(ctx, id, b.Desk.Process, drawLease)
	switch {
	case errors.Is(err, approvals.ErrLeaseHeld):
		return nil
	case errors.Is(err, approvals.ErrNotFound):
		if lost := b.Lost(ctx, id); lost != nil {
			return fmt.Errorf("%w: %w", err, lost)
		}
		return nil
	case err != nil:
		return fmt.Errorf("taking the card of %s: %w", id, err)
	}
	card = found(card, r, known)
	if r.Version < known.Version {
		return b.wentBack(ctx, id, card)
	}
	drawing, done := context.WithDeadline(ctx, began.Add(drawLease-keepWithin))
	defer done()
	drawn, due, err := b.draw(drawing, card, r, now)
	drawn, due, err = b.beside(drawing, began, card, drawn, r, now, due, err)
	b.Desk.Drew(r, drawn)
	switch put := b.keep(ctx, id, drawn, due); {
	case errors.Is(put, approvals.ErrLeaseLost): // we stalled: what we drew may lie over something newer
		err = errors.Join(err, b.overdraw(ctx, id))
	case put != nil:
		err = errors.Join(err, fmt.Errorf("storing the card of %s: %w", id, put))
	}
	return err
}

// draw does what the card lacks and returns what it then is, and when to look
// at it again (zero: not before it changes).
func (b *Bot) draw(ctx context.Context, card approvals.Card, r approvals.Request, now time.Time) (approvals.Card, time.Duration, error) {
	// What failed without an answer, here or in a process that died, may still
	// arrive late: it is drawn over once more when that time has passed.
	uncertain := card.Resumed || card.Again && card.Tries > 0
	if becomesOverdue(r, now) { // on record whether or not it can be shown, which the next drawing does
		if err := b.Desk.Overdue(ctx, r.ID); err != nil {
			return b.put(ctx, card, r, err)
		}
	}
	offered, err := b.offersAgain(ctx, r, now)
	if err != nil {
		return b.put(ctx, card, r, err)
	}
	shrunk, err := b.shares(ctx, r.Room(), card.Shrunk, card.Resumed || card.Again)
	if err != nil {
		return b.put(ctx, card, r, err)
	}
	if shrunk != card.Shrunk { // Again until the message shows it
		card.Shrunk, card.Again = shrunk, true
	}
	posted := card.TS == ""
	gone := r.State == approvals.Unknown && !offered // the last look still found it offered
	frozen := r.State.Open() && !card.Frozen.Equal(card.Freeze.At)
	if card.Shown < r.Version || card.Resumed || card.Again || gone || frozen {
		if err := b.show(ctx, &card, r, offered); err != nil {
			return b.put(ctx, card, r, err)
		}
	}
	if card.Told < r.Notices && !r.State.Open() {
		if err := b.tell(ctx, card, r, offered); err != nil {
			return b.put(ctx, card, r, err)
		}
		card.Told = r.Notices
	}
	card.Tries, card.Again = 0, uncertain
	if uncertain {
		return card, settle, nil
	}
	if posted { // it is put on record before anything else is said of it
		return card, time.Millisecond, nil
	}
	return b.wait(ctx, card, r, now, offered)
}

// wait does what a card that shows the truth still asks for, and returns when
// to look at it again: the soonest of all that may come by itself.
func (b *Bot) wait(ctx context.Context, card approvals.Card, r approvals.Request, now time.Time, offered bool) (approvals.Card, time.Duration, error) {
	due, err := b.remind(ctx, &card, r, now)
	if err != nil {
		return b.put(ctx, card, r, err)
	}
	due = soonest(due, nextLook(r))
	if offered { // that look draws only when it is no longer offered
		due = soonest(due, lookEvery)
	}
	if r.State == approvals.Running && now.Sub(r.Run.Began) > stepEvery { // a long run: go easy on Slack
		card.Hold = true
		return card, soonest(due, stepEvery), nil
	}
	again, err := b.invite(ctx, card, r)
	return card, soonest(due, again), err
}

// soonest is the shorter of two waits; zero is none.
func soonest(a, b time.Duration) time.Duration {
	if a == 0 || b > 0 && b < a {
		return b
	}
	return a
}

// offersAgain reports whether run_again is offered on the card now.
func (b *Bot) offersAgain(ctx context.Context, r approvals.Request, now time.Time) (bool, error) {
	if r.CanRunAgain(now) != nil {
		return false, nil
	}
	touched, err := b.Store.Touched(ctx, r)
	return !touched, err
}

// show posts the card, or updates it in place.
func (b *Bot) show(ctx context.Context, card *approvals.Card, r approvals.Request, again bool) error {
	ctx, cancel := context.WithTimeout(ctx, slackWithin)
	defer cancel()
	c := b.viewContext(r, again)
	c.Freeze = card.Freeze
	message := options(cardOf(r, c, card.Shrunk))
	if card.TS == "" {
		channel, ts, err := b.API.PostMessageContext(ctx, r.Room(), message...)
		if err != nil {
			return err
		}
		card.Channel, card.TS = channel, ts
	} else if _, _, _, err := b.API.UpdateMessageContext(ctx, card.Channel, card.TS, message...); err != nil {
		if uneditable(err) {
			return errGone
		}
		return err
	}
	card.Shown, card.Frozen = r.Version, card.Freeze.At
	return nil
}

// tell replies in the card's thread with the newest outcome.
func (b *Bot) tell(ctx context.Context, card approvals.Card, r approvals.Request, again bool) error {
	ctx, cancel := context.WithTimeout(ctx, slackWithin)
	defer cancel()
	message := append(options(outcomeOf(r, b.viewContext(r, again), card.Shrunk)), slack.MsgOptionTS(card.TS))
	if b.announces(r) {
		message = append(message, slack.MsgOptionBroadcast())
	}
	_, _, err := b.API.PostMessageContext(ctx, card.Channel, message...)
	return err
}

// announces reports whether the policy sends this outcome to the channel too.
func (b *Bot) announces(r approvals.Request) bool {
	switch b.Desk.Policy().Announce {
	case approvals.AnnounceAll:
		return true
	case approvals.AnnounceFailures:
		return r.State == approvals.Failed || r.State == approvals.Partial || r.State == approvals.Unknown
	}
	return false
}

// put decides what follows a drawing that failed.
func (b *Bot) put(ctx context.Context, card approvals.Card, r approvals.Request, err error) (approvals.Card, time.Duration, error) {
	card.Tries++
	var limited *slack.RateLimitedError
	var answered slack.SlackErrorResponse
	switch {
	case errors.Is(err, errGone):
		card.TS, card.Shown, card.Again = "", 0, true // the store keeps the larger Shown
		return card, time.Millisecond, nil
	case errors.As(err, &limited):
		b.Logger.Info("Slack limits the rate; a card waits", "request", r.ID, "retry_after", limited.RetryAfter)
		return card, max(limited.RetryAfter, time.Second), nil
	case errors.As(err, &answered) && unpostable(answered.Err):
		return b.unposted(ctx, card, r, answered)
	case !errors.As(err, &answered):
		card.Again = true // it may have arrived, or may arrive late
	}
	backoff := min(time.Second<<min(card.Tries-1, 10), maxBackoff)
	return card, backoff, fmt.Errorf("drawing %s (try %d): %w", r.ID, card.Tries, err)
}

// unpostable are Slack's answers that no later attempt changes by itself.
func unpostable(code string) bool {
	switch code {
	case "channel_not_found", "not_in_channel", "is_archived", "no_permission":
		return true
	}
	return strings.HasPrefix(code, "restricted_action")
}

// unposted deals with a card that cannot be posted, or no longer be reached: a
// request that nobody can see is cancelled, and its requester is told directly,
// because there is no thread to tell it in. A later change looks again.
func (b *Bot) unposted(ctx context.Context, card approvals.Card, r approvals.Request, why slack.SlackErrorResponse) (approvals.Card, time.Duration, error) {
	if r.State == approvals.Pending && card.TS == "" {
		return card, time.Millisecond, b.Desk.Withdraw(ctx, r.ID, approvals.CauseCard, why.Err)
	}
	if card.Told < r.Notices && !r.State.Open() {
		err := b.tellDirectly(ctx, r)
		if err != nil && card.Tries < directTries {
			return card, time.Second << card.Tries, fmt.Errorf("telling the requester of %s directly: %w", r.ID, err)
		}
		card.Told, card.Pointer.Told = r.Notices, r.Notices
	}
	if r.Glass.Unsigned() { // somebody must be able to sign it, once I am let in again
		again, err := b.invite(ctx, card, r)
		return card, soonest(unsignedAgain, again), err
	}
	card.Shown, card.Frozen, card.Again, card.Tries = r.Version, card.Freeze.At, false, 0
	return card, nextLook(r), nil // the channel may come to be shared while I am out
}

// unsignedAgain is how often the card of an unsigned break-glass is tried where
// it could not be posted or reached.
const unsignedAgain = 20 * time.Second

// options turns a message of ours into slack-go's form. Text goes with blocks
// always: an update without text, or without blocks, would drop them.
func options(m views.Message) []slack.MsgOption {
	o := []slack.MsgOption{slack.MsgOptionText(m.Text, false), slack.MsgOptionBlocks(m.Blocks...),
		slack.MsgOptionDisableLinkUnfurl(), slack.MsgOptionDisableMediaUnfurl()}
	if m.Metadata.EventType != "" {
		o = append(o, slack.MsgOptionMetadata(m.Metadata))
	}
	return o
}

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

// Times of a drawing. A process holds the right to draw longer than its calls
// to Slack can take, so that two never draw at once; what may still arrive
// late is drawn over once more after settle.
const (
	slackWithin = 8 * time.Second
	drawLease   = 30 * time.Second
	settle      = 12 * time.Second
	maxBackoff  = 5 * time.Minute
)

// errGone says that the card's message is no longer there.
var errGone = errors.New("the card was deleted")

// Draw brings a request's card and its thread to what is stored. It draws from
// the stored request and never from an event, so that it may be called at any
// time and by any process. Posting is at least once.
func (b *Bot) Draw(ctx context.Context, id string) error {
	card, r, now, err := b.Store.TakeCard(ctx, id, b.Desk.Process, drawLease)
	switch {
	case errors.Is(err, approvals.ErrLeaseHeld), errors.Is(err, approvals.ErrNotFound):
		return nil
	case err != nil:
		return fmt.Errorf("taking the card of %s: %w", id, err)
	}
	drawn, due, err := b.draw(ctx, card, r, now)
	if put := b.Store.PutCard(ctx, id, drawn, due); put != nil && !errors.Is(put, approvals.ErrLeaseLost) {
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
	if card.Shown < r.Version || card.Again || card.Resumed {
		if err := b.show(ctx, &card, r, now); err != nil {
			return b.put(ctx, card, r, err)
		}
	}
	if card.Told < r.Notices {
		if err := b.tell(ctx, card, r, now); err != nil {
			return b.put(ctx, card, r, err)
		}
		card.Told = r.Notices
	}
	card.Tries, card.Again = 0, uncertain
	if uncertain {
		return card, settle, nil
	}
	if r.CanRunAgain(now) == nil { // the button goes when its time is up
		card.Again = true
		return card, r.Ended.Add(approvals.AgainWithin + time.Second).Sub(now), nil
	}
	return card, 0, nil
}

// show posts the card, or updates it in place.
func (b *Bot) show(ctx context.Context, card *approvals.Card, r approvals.Request, now time.Time) error {
	ctx, cancel := context.WithTimeout(ctx, slackWithin)
	defer cancel()
	message := options(views.Card(r, b.viewContext(r, now)))
	if card.TS == "" {
		channel, ts, err := b.API.PostMessageContext(ctx, r.Channel, message...)
		if err != nil {
			return err
		}
		card.Channel, card.TS = channel, ts
	} else if _, _, _, err := b.API.UpdateMessageContext(ctx, card.Channel, card.TS, message...); err != nil {
		if slackError(err, "message_not_found", "cant_update_message", "edit_window_closed") {
			return errGone
		}
		return err
	}
	card.Shown = r.Version
	return nil
}

// tell replies in the card's thread with the newest outcome.
func (b *Bot) tell(ctx context.Context, card approvals.Card, r approvals.Request, now time.Time) error {
	ctx, cancel := context.WithTimeout(ctx, slackWithin)
	defer cancel()
	message := append(options(views.Outcome(r, b.viewContext(r, now))), slack.MsgOptionTS(card.TS))
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
		card.TS, card.Shown = "", 0
		return card, time.Millisecond, nil
	case errors.As(err, &limited):
		return card, max(limited.RetryAfter, time.Second), nil
	case errors.As(err, &answered) && card.TS == "" && unpostable(answered.Err):
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
	case "channel_not_found", "not_in_channel", "is_archived", "restricted_action", "no_permission":
		return true
	}
	return false
}

// unposted ends a request whose card cannot be posted, and tells the requester
// directly, because there is no thread to tell it in.
func (b *Bot) unposted(ctx context.Context, card approvals.Card, r approvals.Request, why slack.SlackErrorResponse) (approvals.Card, time.Duration, error) {
	if r.State == approvals.Pending {
		err := b.Desk.Withdraw(ctx, r.ID, approvals.CauseCard, why.Err)
		return card, time.Millisecond, err
	}
	if card.Told < r.Notices {
		if err := b.tellDirectly(ctx, card, r); err != nil {
			b.Logger.Warn("a requester could not be told", "request", r.ID, "error", err)
		}
	}
	// There is no card to bring up to date; a later change looks again.
	card.Shown, card.Told = r.Version, r.Notices
	return card, 0, nil
}

func (b *Bot) tellDirectly(ctx context.Context, card approvals.Card, r approvals.Request) error {
	ctx, cancel := context.WithTimeout(ctx, slackWithin)
	defer cancel()
	dm, _, _, err := b.API.OpenConversationContext(ctx, &slack.OpenConversationParameters{Users: []string{r.Requester.User}})
	if err != nil {
		return err
	}
	_, _, err = b.API.PostMessageContext(ctx, dm.ID, options(views.Outcome(r, b.viewContext(r, r.Ended)))...)
	return err
}

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

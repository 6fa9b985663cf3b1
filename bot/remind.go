package bot

import (
	"context"
	"errors"
	"time"

	"github.com/slack-go/slack"

	"senhasegura-bot/approvals"
	"senhasegura-bot/bot/views"
)

// remind says in the card's thread who is waited for, when it is time to, and
// returns when it is time again (zero: never). Reminders whose time passed
// while nobody could send them are one. Nobody is asked to approve during a
// freeze: its end has the card drawn again.
func (b *Bot) remind(ctx context.Context, card *approvals.Card, r approvals.Request, now time.Time) (time.Duration, error) {
	if becomesOverdue(r, now) { // the next drawing says so, at once
		return time.Second, nil
	}
	all := r.Reminders()
	past := 0
	for past < len(all) && !now.Before(all[past]) {
		past++
	}
	frozen := card.Freeze.On() && r.State == approvals.Pending
	if past > card.Reminded && !frozen && card.TS != "" {
		if err := b.sayReminder(ctx, *card, r, past == len(all)); err != nil {
			return 0, err
		}
		card.Reminded = past
	}
	if past < len(all) {
		return all[past].Sub(now), nil
	}
	return 0, nil
}

// becomesOverdue reports whether the time to sign is up, and the request does
// not say so yet.
func becomesOverdue(r approvals.Request, now time.Time) bool {
	return r.Glass.Unsigned() && !r.Glass.Overdue && !now.Before(r.Glass.Due())
}

// sayReminder posts one. A thread that cannot be written to is no reason to
// try again: the card cannot be either, and says so by itself.
func (b *Bot) sayReminder(ctx context.Context, card approvals.Card, r approvals.Request, last bool) error {
	if card.Shrunk { // strangers read the thread; who can act has it directly
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, slackWithin)
	defer cancel()
	c := b.viewContext(r, false)
	message := views.Reminder(r, c, last)
	if r.Glass.On() {
		message = views.ReviewReminder(r, c)
	}
	_, _, err := b.API.PostMessageContext(ctx, card.Channel, append(options(message), slack.MsgOptionTS(card.TS))...)
	var answered slack.SlackErrorResponse
	if errors.As(err, &answered) {
		b.Logger.Warn("a reminder could not be said", "request", r.ID, "error", answered.Err)
		return nil
	}
	return err
}

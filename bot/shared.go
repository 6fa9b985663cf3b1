package bot

import (
	"context"
	"errors"
	"time"

	"senhasegura-bot/approvals"
	"senhasegura-bot/bot/views"
)

// How often a card is looked at although nothing happened to it: its channel
// may have come to be shared. One that waits for a person's word only, which
// may be long, is looked at as seldom as facts are asked for.
const (
	lookOpen   = time.Minute
	lookOthers = approvals.AgeCounting
	// lookAnew is how old a fact may be when there is reason to doubt it: younger
	// than the way of an event from Slack to here.
	lookAnew = time.Second
)

// nextLook is when a card is to be looked at again; zero: never.
func nextLook(r approvals.Request) time.Duration {
	switch {
	case r.State.Open():
		return lookOpen
	case r.State == approvals.Unknown, r.Glass.Unsigned():
		return lookOthers
	}
	return 0
}

// shares reports whether what is said in a channel must be kept short: another
// organization reads it, and the policy does not allow that. was is what was
// found before; only a live answer changes that. anew asks for a fresh fact. While
// Slack cannot say, the last that is known holds.
func (b *Bot) shares(ctx context.Context, channel string, was, anew bool) (bool, error) {
	if b.Desk.Policy().AllowShared {
		return false, nil
	}
	age := approvals.AgeCounting
	if anew {
		age = lookAnew
	}
	ch, err := b.People.Channel(ctx, channel, age)
	if err == nil && (ch.Shared != was || !ch.Visible) { // another process may have heard what this one did not
		ch, err = b.People.Channel(ctx, channel, 0)
	}
	if err != nil {
		last, known := b.People.channels.last(channel)
		if !known {
			return was, err
		}
		return last.Shared || was, nil
	}
	if !ch.Visible { // from outside it cannot be known: no news
		return was, nil
	}
	return ch.Shared, nil
}

// sharedMeanwhile has a card drawn again after a click found that its channel is
// shared, which the card does not tell yet.
func (b *Bot) sharedMeanwhile(ctx context.Context, err error) {
	var r *approvals.Refusal
	if !errors.As(err, &r) || r.Why != approvals.WhyShared || r.Request.ID == "" {
		return
	}
	card, err := b.Store.Card(ctx, r.Request.ID)
	if err == nil && !card.Shrunk {
		err = b.overdraw(ctx, r.Request.ID)
	}
	if err != nil {
		b.Logger.Warn("a card in a shared channel could not be drawn at once", "request", r.Request.ID, "error", err)
	}
}

// cardOf is the message that shows a request in its channel.
func cardOf(r approvals.Request, c views.Context, shrunk bool) views.Message {
	if shrunk {
		return views.Shrunk(c.Printer, r)
	}
	return views.Card(r, c)
}

// outcomeOf is the reply in the thread of the card.
func outcomeOf(r approvals.Request, c views.Context, shrunk bool) views.Message {
	if shrunk {
		return views.OutcomeShrunk(c.Printer, r)
	}
	return views.Outcome(r, c)
}

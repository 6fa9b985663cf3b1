package bot

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/slack-go/slack"

	"senhasegura-bot/approvals"
	"senhasegura-bot/bot/views"
)

// directs sends the whole card to those who decide it, in direct messages,
// while its channel may only be shown id and state, and keeps what was sent
// true afterwards. It returns when to go on (zero: not before it changes). New
// ones go one at a time, so that each is on record before the next.
func (b *Bot) directs(ctx context.Context, card *approvals.Card, r approvals.Request, now time.Time) (time.Duration, error) {
	due, failed := b.enlist(ctx, card, r)
	if len(card.Directs) == 0 {
		return due, failed
	}
	offered, err := b.offersAgain(ctx, r, now)
	if err != nil {
		return besideAgain, errors.Join(failed, err)
	}
	mark := marked(*card, r, offered)
	for _, i := range behind(card.Directs, mark) {
		if ctx.Err() != nil {
			return time.Millisecond, failed
		}
		d := &card.Directs[i]
		posted := d.TS == ""
		again, err := b.settled(b.showDirect(ctx, d, r, *card, offered), d, r)
		if due, failed = soonest(due, again), errors.Join(failed, err); err == nil && again == 0 && !d.Left {
			d.Shown, d.Tries = mark, 0
		}
		switch {
		case posted && d.TS != "":
			return time.Millisecond, failed
		case err == nil && again > 0: // Slack limits the rate, for the others too
			return due, failed
		}
	}
	return due, failed
}

// marked names what a direct card shows. The steps of a run are left out: they
// are many, and Slack takes about fifty updates a minute.
func marked(card approvals.Card, r approvals.Request, offered bool) string {
	frozen := int64(0)
	if r.State.Open() && card.Freeze.On() {
		frozen = card.Freeze.At.UnixMilli()
	}
	if r.State == approvals.Running {
		return fmt.Sprintf("running %d %d", r.Run.Number, frozen)
	}
	return fmt.Sprintf("%d %d %t", r.Version, frozen, offered)
}

// behind lists the direct cards that do not show what they should, those that
// failed least first, and updates before new ones.
func behind(all []approvals.Direct, mark string) []int {
	var some []int
	for i, d := range all {
		if !d.Left && d.Shown != mark {
			some = append(some, i)
		}
	}
	slices.SortStableFunc(some, func(i, j int) int {
		return cmp.Or(cmp.Compare(all[i].Tries, all[j].Tries), -cmp.Compare(min(len(all[i].TS), 1), min(len(all[j].TS), 1)))
	})
	return some
}

// enlist adds those who get a direct card: the requester, and up to ten people
// who can decide, while it is to be decided.
func (b *Bot) enlist(ctx context.Context, card *approvals.Card, r approvals.Request) (time.Duration, error) {
	waits := r.State == approvals.Pending || r.State == approvals.Unknown || r.Glass.Unsigned()
	if !card.Shrunk || r.State.Final() && r.Notices == 0 && !waits { // who cancelled their own knows
		return 0, nil
	}
	add := func(user string) {
		if !slices.ContainsFunc(card.Directs, func(d approvals.Direct) bool { return d.User == user }) {
			card.Directs = append(card.Directs, approvals.Direct{User: user})
		}
	}
	add(r.Requester.User)
	if !waits || len(card.Directs) > inviteLimit { // the requester's is one more
		return 0, nil
	}
	people, err := b.Desk.Deciders(ctx, r, inviteLimit)
	if err != nil {
		return besideAgain, fmt.Errorf("asking who can decide %s: %w", r.ID, err)
	}
	for _, who := range people {
		if len(card.Directs) <= inviteLimit {
			add(who.User)
		}
	}
	return 0, nil
}

// settled decides what follows an attempt to show one direct card, and when to
// try again. One that Slack refuses for good is left out: others have theirs.
func (b *Bot) settled(err error, d *approvals.Direct, r approvals.Request) (time.Duration, error) {
	var limited *slack.RateLimitedError
	code := Definite(err)
	switch {
	case err == nil:
		return 0, nil
	case errors.As(err, &limited):
		return max(limited.RetryAfter, time.Second), nil
	case code != "" && (d.TS == "" || uneditable(err)):
		d.Left = true
		b.Logger.Warn("a request cannot be shown to somebody directly", "request", r.ID, "user", d.User, "error", code)
		return 0, nil
	}
	d.Shown = ""
	answered := errors.As(err, new(slack.SlackErrorResponse))
	if d.Tries++; d.TS == "" && !answered && d.Tries >= inviteTries { // each may have arrived
		d.Left = true
	}
	return min(time.Second<<min(d.Tries-1, 10), maxBackoff), fmt.Errorf("showing %s to %s directly: %w", r.ID, d.User, err)
}

// showDirect posts one direct card, or updates it in place.
func (b *Bot) showDirect(ctx context.Context, d *approvals.Direct, r approvals.Request, card approvals.Card, offered bool) error {
	c := b.viewContext(r, offered)
	c.Printer, c.Freeze = b.reader(ctx, d.User), card.Freeze
	message := options(views.Direct(r, c, d.User))
	if d.TS != "" {
		_, _, _, err := b.API.UpdateMessageContext(ctx, d.Channel, d.TS, message...)
		return err
	}
	dm, err := b.dm(ctx, d.User)
	if err != nil {
		return err
	}
	channel, ts, err := b.API.PostMessageContext(ctx, dm, message...)
	if err == nil {
		d.Channel, d.TS = channel, ts
	}
	return err
}

// dm is the conversation between the bot and one person.
func (b *Bot) dm(ctx context.Context, user string) (string, error) {
	return b.dms.get(ctx, user, dmLives, func(ctx context.Context) (string, error) {
		dm, _, _, err := b.API.OpenConversationContext(ctx, &slack.OpenConversationParameters{Users: []string{user}})
		if err != nil {
			return "", err
		}
		return dm.ID, nil
	})
}

// directTries is how often a requester without a thread is tried to be told.
const directTries = 5

func (b *Bot) tellDirectly(ctx context.Context, r approvals.Request) error {
	ctx, cancel := context.WithTimeout(ctx, slackWithin)
	defer cancel()
	dm, _, _, err := b.API.OpenConversationContext(ctx, &slack.OpenConversationParameters{Users: []string{r.Requester.User}})
	if err != nil {
		return err
	}
	_, _, err = b.API.PostMessageContext(ctx, dm.ID, options(views.Outcome(r, b.viewContext(r, false)))...)
	return err
}

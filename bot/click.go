package bot

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/slack-go/slack"

	"senhasegura-bot/approvals"
	"senhasegura-bot/bot/messages"
	"senhasegura-bot/bot/views"
)

// The action ids of buttons that decide something (product.md §3.3).
const (
	actionApprove  = "approve"
	actionDeny     = "deny"
	actionCancel   = "cancel"
	actionRunAgain = "run_again"
	actionResolve  = "resolve"
	actionReview   = "review"
)

// cardWait is how long a click waits for a card whose message is there but not
// yet on record: posting and recording are two steps.
const cardWait = time.Second

// click is one press of a button.
type click struct {
	action, value string
	user, trigger string
	channel, ts   string // of the message it was pressed on
	owner         string // the request that message is a card of, where it tells
	shown         int    // the version of it that the message shows; zero for a value of another request
	p             *messages.Printer
}

// Interact answers a click or a submitted form. What it decides is stored
// before this returns.
func (b *Bot) Interact(ctx context.Context, i Interaction) Reply {
	switch i.Type {
	case "block_actions":
		return b.click(ctx, i)
	case "view_submission":
		return b.submitted(ctx, i)
	case "block_suggestion":
		return b.suggest(ctx, i)
	}
	return Reply{}
}

func (b *Bot) click(ctx context.Context, i Interaction) Reply {
	for _, a := range i.Actions {
		do := b.press
		switch a.ID {
		case actionApprove, actionDeny, actionCancel, actionRunAgain, actionResolve, actionReview:
		default:
			if !strings.HasPrefix(a.ID, views.ActionAsk) {
				continue
			}
			do = b.ask
		}
		c := click{
			action: a.ID, value: a.Value, user: i.User.ID, trigger: i.Trigger, owner: i.Message.owner(), shown: i.Message.version(),
			channel: first(i.Container.Channel, i.Channel.ID), ts: first(i.Container.Message, i.Message.TS),
		}
		if !c.own() {
			c.shown = 0
		}
		stopping, slept := b.stopped(), b.pulse.slept()
		c.p = b.listener(ctx, i.User.ID)
		switch {
		case slept:
			return b.lateClick(c)
		case stopping != nil:
			return b.unmoved(c, stopping)
		}
		return do(ctx, c)
	}
	return Reply{}
}

func first(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}

// press does what a button says, if it was pressed on the request's own card.
func (b *Bot) press(ctx context.Context, c click) Reply {
	if _, err := b.Desk.Member(ctx, c.user); err != nil {
		return b.unmoved(c, err)
	}
	r, err := b.opened(ctx, c)
	if errors.Is(err, approvals.ErrNotFound) && c.ts != "" && c.own() {
		return b.pressedLost(c, err)
	}
	if err != nil {
		return b.unmoved(c, err)
	}
	card, err := b.awaitCard(ctx, c, r.ID)
	if err != nil {
		return b.unmoved(c, err)
	}
	_, direct := card.Sent(c.user, c.channel, c.ts)
	if !direct && (card.TS != c.ts || card.Channel != c.channel) {
		b.refused(c.refused(&approvals.Refusal{Why: whyNotTheCard, Request: r}))
		return Reply{Then: after(func(ctx context.Context) { b.point(ctx, c, r, card) })}
	}
	p := approvals.Press{Value: c.value, User: c.user, Direct: direct, Shown: c.shown}
	switch c.action {
	case actionApprove:
		_, err = b.Desk.Approve(ctx, p)
	case actionCancel:
		_, err = b.Desk.Cancel(ctx, p)
	case actionRunAgain:
		_, err = b.Desk.RunAgain(ctx, p)
	case actionReview:
		_, err = b.Desk.Sign(ctx, p)
	default:
		return Reply{Then: after(func(ctx context.Context) { b.openForm(ctx, c, p) })}
	}
	if err != nil {
		return b.unmoved(c, err)
	}
	return Reply{}
}

// own reports whether the message says that it is a card of the request that the
// value is of.
func (c click) own() bool { return c.owner != "" && strings.HasPrefix(c.value, c.owner+".") }

// opened returns the request that the value is of. What the message shows of it
// counts only if the message is its card: whoever can post as the app can write
// any version, and would close what they like. Without a card on record it may
// be, for the record may be from before it was posted.
func (b *Bot) opened(ctx context.Context, c click) (approvals.Request, error) {
	p := approvals.Press{Value: c.value, User: c.user}
	r, err := b.Desk.Open(ctx, p)
	if err != nil || c.shown <= r.Version {
		return r, err
	}
	card, err := b.Store.Card(ctx, r.ID)
	if err != nil {
		return r, &approvals.Refusal{Why: approvals.WhyStore, ID: r.ID, Err: err}
	}
	direct, _ := card.Sent(c.user, c.channel, c.ts)
	if card.TS != "" && !direct && (card.TS != c.ts || card.Channel != c.channel) {
		b.Logger.Warn("a message that is no card shows a version that is not on record; it does not count",
			"request", r.ID, "user", c.user, "channel", c.channel, "version", r.Version, "shown", c.shown)
		return r, nil
	}
	p.Shown = c.shown
	return b.Desk.Open(ctx, p)
}

// unmoved tells the person who clicked, and nobody else, why nothing happened.
func (b *Bot) unmoved(c click, err error) Reply {
	b.refused(c.refused(err))
	return Reply{Then: after(func(ctx context.Context) {
		b.whisper(ctx, c.channel, c.user, b.refusal(c.p, commandOf(err), err))
		b.sharedMeanwhile(ctx, err)
	})}
}

// commandOf is the name of the slash command that the refused request was made
// with; empty where none is known.
func commandOf(err error) string {
	var r *approvals.Refusal
	if errors.As(err, &r) {
		return r.Request.Command
	}
	return ""
}

// awaitCard returns the request's card as soon as it is on record; after a press
// in a direct message, as soon as that is.
func (b *Bot) awaitCard(ctx context.Context, c click, id string) (approvals.Card, error) {
	for deadline := time.Now().Add(cardWait); ; {
		card, err := b.Store.Card(ctx, id)
		direct, _ := card.Sent(c.user, c.channel, c.ts)
		waits := strings.HasPrefix(c.channel, "D") && !direct && time.Now().Before(deadline)
		switch {
		case err != nil:
			return card, &approvals.Refusal{Why: approvals.WhyStore, ID: id, Err: err}
		case card.TS != "" && !waits:
			return card, nil
		case time.Now().After(deadline):
			return card, &approvals.Refusal{Why: approvals.WhyNotReady, ID: id}
		}
		select {
		case <-ctx.Done():
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// point answers a click on a message that is not the request's card with a
// link to the card, and turns a copy of the card into a pointer.
func (b *Bot) point(ctx context.Context, c click, r approvals.Request, card approvals.Card) {
	link := b.link(ctx, card)
	b.whisper(ctx, c.channel, c.user, views.NotTheCard(c.p, r, link))
	if direct, _ := card.Sent(c.user, c.channel, c.ts); direct { // somebody else's: it stays theirs
		return
	}
	if c.owner == "" { // the payload does not tell: whose card is it on record?
		other, err := b.Store.CardOf(ctx, c.channel, c.ts)
		if err != nil || other != "" {
			return
		}
		c.owner = r.ID
	}
	if c.ts == "" || c.owner != r.ID {
		return
	}
	message := options(views.Pointer(b.printer(), r, link))
	if _, _, _, err := b.API.UpdateMessageContext(ctx, c.channel, c.ts, message...); err != nil {
		b.Logger.Warn("a copy of a card stays", "request", r.ID, "error", err)
	}
}

// cardLink is the address of a request's card; empty when there is none yet.
func (b *Bot) cardLink(ctx context.Context, id string) string {
	card, err := b.Store.Card(ctx, id)
	if err != nil {
		return ""
	}
	return b.link(ctx, card)
}

// cardLinks are the addresses of the requests' cards by request id, asked for
// at once: one by one, twenty take longer than Slack waits for an answer.
func (b *Bot) cardLinks(ctx context.Context, requests []approvals.Request) map[string]string {
	found := make([]string, len(requests))
	var asking sync.WaitGroup
	for i, r := range requests {
		asking.Go(func() { found[i] = b.cardLink(ctx, r.ID) })
	}
	asking.Wait()
	links := map[string]string{}
	for i, r := range requests {
		links[r.ID] = found[i]
	}
	return links
}

// link asks Slack for a message's address; empty when it does not say.
func (b *Bot) link(ctx context.Context, card approvals.Card) string {
	if card.TS == "" {
		return ""
	}
	link, err := b.API.GetPermalinkContext(ctx, &slack.PermalinkParameters{Channel: card.Channel, Ts: card.TS})
	if err != nil {
		b.Logger.Warn("asking for a card's address failed", "error", err)
	}
	return link
}

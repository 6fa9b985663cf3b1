package bot

import (
	"context"

	"senhasegura-bot/approvals"
	"senhasegura-bot/bot/views"
)

// whyNotTheCard is the refusal of a click on a message that is not the card.
const whyNotTheCard approvals.Why = "not_the_card"

// refused hands a refusal to the audit, on the way to its answer.
func (b *Bot) refused(r approvals.Refused) { b.Desk.Refused(r) }

func (t typed) refused(err error) approvals.Refused {
	tried := string(t.Word)
	if tried == "" {
		tried = "command"
	}
	return approvals.Refused{User: t.UserID, Channel: t.ChannelID, Tried: tried, Err: err,
		Verb: t.Verb, Kind: t.Kind, Targets: t.Targets, Reason: t.Reason}
}

func (c click) refused(err error) approvals.Refused {
	return approvals.Refused{User: c.user, Channel: c.channel, Tried: c.action, Err: err}
}

func (s submission) refused(err error) approvals.Refused {
	return approvals.Refused{User: s.user, Channel: s.from.Channel, Tried: s.form + " form", Err: err}
}

// TellHead posts the head of the audit to a channel: whoever reads it there is
// a witness that the audit held this much.
func (b *Bot) TellHead(ctx context.Context, channel, head string) error {
	return b.tellChannel(ctx, channel, views.AuditHead(b.printer(), head))
}

// TellBent posts that the audit is not what the bot wrote, and where.
func (b *Bot) TellBent(ctx context.Context, channel, where string) error {
	return b.tellChannel(ctx, channel, views.AuditBent(b.printer(), where))
}

func (b *Bot) tellChannel(ctx context.Context, channel string, m views.Message) error {
	ctx, cancel := context.WithTimeout(ctx, slackWithin)
	defer cancel()
	_, _, err := b.API.PostMessageContext(ctx, channel, options(m)...)
	return err
}

package bot

import (
	"context"
	"errors"

	"github.com/slack-go/slack"

	"senhasegura-bot/approvals"
	"senhasegura-bot/bot/views"
	"senhasegura-bot/commands"
)

// breakGlass opens the form that is the confirm of a break-glass, whatever was
// typed, unless the person could not break the glass now.
func (b *Bot) breakGlass(ctx context.Context, t typed) Reply {
	targets, fault := commands.Resolve(b.Lists, t.Command)
	if fault != nil {
		return Reply{Body: ephemeral(views.Fault(t.p, t.SlashCommand.Command, fault))}
	}
	view, err := b.glassModal(ctx, t, targets)
	if err != nil {
		return b.refuse(t, err)
	}
	return b.opens(t, view)
}

// glassModal is the form of a break-glass, for somebody who could break the
// glass now.
func (b *Bot) glassModal(ctx context.Context, t typed, targets []approvals.Target) (slack.ModalViewRequest, error) {
	if len(targets) > 0 && !b.Configured(t.Kind) {
		return slack.ModalViewRequest{}, &approvals.Refusal{Why: approvals.WhyNotConfigured}
	}
	err := b.Desk.MayBreakGlass(ctx, approvals.Ask{User: t.UserID, Channel: t.ChannelID,
		Verb: t.Verb, Kind: t.Kind, Targets: targets, Reason: t.Reason})
	if err != nil && !(t.Verb == "" && whyOf(err) == approvals.WhyGlassVerb) { // the form asks for the verb
		return slack.ModalViewRequest{}, err
	}
	bg := b.Desk.Policy().BreakGlass
	if bg == nil { // a reload was faster
		return slack.ModalViewRequest{}, &approvals.Refusal{Why: approvals.WhyNoGlass}
	}
	return views.GlassModal(t.p, t.Command, targets, *bg), nil
}

// whyOf is why something was refused; empty where err is no refusal.
func whyOf(err error) approvals.Why {
	var r *approvals.Refusal
	if errors.As(err, &r) {
		return r.Why
	}
	return ""
}

// glassForm breaks the glass. A person who is refused keeps what they typed.
func (b *Bot) glassForm(ctx context.Context, s submission) Reply {
	ask, c, wrong := b.filled(ctx, s, commands.BreakGlass)
	if wrong != nil {
		return *wrong
	}
	r, err := b.submit(ctx, ask, c, b.Desk.BreakGlass)
	field := map[approvals.Why]string{approvals.WhyGlassReason: views.FieldReason, approvals.WhyGlassVerb: views.FieldVerb}[whyOf(err)]
	switch {
	case field != "":
		b.refused(s.refused(err))
		var refusal *approvals.Refusal
		errors.As(err, &refusal)
		return errorsIn(map[string]string{field: views.RefusedPlain(s.p, refusal)})
	case err != nil:
		return b.linkedNotice(s, err, b.inTheWay(ctx, err, s.user))
	}
	return Reply{Then: after(func(ctx context.Context) {
		b.whisper(ctx, s.from.Channel, s.user, views.Broken(s.p, r))
	})}
}

// inTheWay is the address of the card of the request that refused another, for
// somebody who can see it; else empty.
func (b *Bot) inTheWay(ctx context.Context, err error, user string) string {
	var refusal *approvals.Refusal
	if !errors.As(err, &refusal) {
		return ""
	}
	id := refusal.Request.ID
	if refusal.Why == approvals.WhyUnreviewed {
		id = refusal.ID
	} else if refusal.Why != approvals.WhyDuplicate {
		return ""
	}
	if _, err := b.Desk.Look(ctx, id, user); err != nil {
		return ""
	}
	return b.cardLink(ctx, id)
}

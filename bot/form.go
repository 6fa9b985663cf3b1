package bot

import (
	"context"
	"encoding/json"
	"errors"
	"strings"

	"github.com/slack-go/slack"

	"senhasegura-bot/approvals"
	"senhasegura-bot/bot/messages"
	"senhasegura-bot/bot/views"
	"senhasegura-bot/commands"
)

// carried is what a form's private metadata takes from where it was opened to
// where it is submitted. Slack keeps it; people cannot change it.
type carried struct {
	Value   string `json:"value,omitempty"`   // of the button
	Channel string `json:"channel,omitempty"` // where a request is made
	Command string `json:"command,omitempty"` // the slash command's name
	// At is the direct card that the button was on: its conversation and ts.
	At []string `json:"at,omitempty"`
	// Shown is the version that the card showed.
	Shown int `json:"shown,omitempty"`
}

func (c carried) String() string {
	b, _ := json.Marshal(c) // only strings: cannot fail
	return string(b)
}

// openRequest opens the form for what a command left out.
func (b *Bot) openRequest(t typed) Reply {
	return b.opens(t, views.RequestModal(t.p, t.Command, b.Desk.Policy().ReasonOptional()))
}

// opens opens a form for a command, after the answer: its trigger is good for
// three seconds.
func (b *Bot) opens(t typed, view slack.ModalViewRequest) Reply {
	view.PrivateMetadata = carried{Channel: t.ChannelID, Command: t.SlashCommand.Command}.String()
	return Reply{Then: after(func(ctx context.Context) {
		if _, err := b.API.OpenViewContext(ctx, t.TriggerID, view); err != nil {
			b.Logger.Warn("a form could not be opened", "error", err)
			b.whisper(ctx, t.ChannelID, t.UserID, views.NoForm(t.p, t.SlashCommand.Command))
		}
	})}
}

// openForm opens the form behind a button, unless the person cannot use it.
func (b *Bot) openForm(ctx context.Context, c click, p approvals.Press) {
	may, modal := b.Desk.MayDeny, views.DenyModal
	if c.action == actionResolve {
		may, modal = b.Desk.MayResolve, views.ResolveModal
	}
	r, err := may(ctx, p)
	if err != nil {
		b.refused(c.refused(err))
		b.whisper(ctx, c.channel, c.user, b.refusal(c.p, commandOf(err), err))
		b.sharedMeanwhile(ctx, err)
		return
	}
	view, from := modal(c.p, r), carried{Value: c.value, Shown: c.shown}
	if p.Direct {
		from.At = []string{c.channel, c.ts}
	}
	view.PrivateMetadata = from.String()
	if _, err := b.API.OpenViewContext(ctx, c.trigger, view); err != nil {
		b.Logger.Warn("a form could not be opened", "request", r.ID, "error", err)
		b.whisper(ctx, c.channel, c.user, views.NoForm(c.p, ""))
	}
}

// submitted answers a form that somebody sent.
func (b *Bot) submitted(ctx context.Context, i Interaction) Reply {
	stopping, slept := b.stopped(), b.pulse.slept()
	var from carried
	if err := json.Unmarshal([]byte(i.View.Carried), &from); err != nil {
		return Reply{}
	}
	s := submission{values: i.View.State.Values, from: from, user: i.User.ID, view: i.View.ID, form: i.View.Callback, p: b.listener(ctx, i.User.ID)}
	switch {
	case slept:
		return b.lateForm(s)
	case stopping != nil:
		return b.notice(s, stopping)
	}
	switch i.View.Callback {
	case views.CallbackRequest:
		return b.requestForm(ctx, s)
	case views.CallbackGlass:
		return b.glassForm(ctx, s)
	case views.CallbackDeny:
		return b.decisionForm(ctx, s, views.FieldReason, true, b.Desk.Deny)
	case views.CallbackResolve:
		if outcome := s.text(views.FieldOutcome); outcome != views.OutcomeDone && outcome != views.OutcomeNotDone {
			return errorsIn(map[string]string{views.FieldOutcome: views.OutcomeMissing(s.p)})
		}
		return b.decisionForm(ctx, s, views.FieldNote, false, b.Desk.Resolve)
	}
	return Reply{}
}

// submission is one sent form.
type submission struct {
	values fields
	from   carried
	user   string
	view   string
	form   string // what was sent: request, break_glass, deny, resolve
	p      *messages.Printer
}

// text is what stands in a field whose block and action share a name.
func (s submission) text(name string) string { return s.values.text(name) }

// key names what was sent: the same form sent again with the same content, after
// an answer that came too late, is one request.
func (s submission) key() string {
	if s.view == "" {
		return ""
	}
	parts := []string{"form", s.view, s.user, s.from.Channel}
	for _, name := range []string{views.FieldVerb, views.FieldKind, views.FieldTargets, views.FieldReason} {
		parts = append(parts, s.text(name))
	}
	parts = append(parts, s.values.several(views.FieldLookup)...)
	return strings.Join(parts, "\x00")
}

func (b *Bot) requestForm(ctx context.Context, s submission) Reply {
	ask, c, wrong := b.filled(ctx, s, commands.Request)
	if wrong != nil {
		return *wrong
	}
	r, err := b.submit(ctx, ask, c, b.Desk.Submit)
	if refusal := new(approvals.Refusal); errors.As(err, &refusal) && refusal.Why == approvals.WhyReason {
		return errorsIn(map[string]string{views.FieldReason: views.RefusedPlain(s.p, refusal)})
	}
	if err != nil {
		return b.notice(s, err)
	}
	return Reply{Then: after(func(ctx context.Context) {
		b.whisper(ctx, s.from.Channel, s.user, b.requested(ctx, s.p, r, c))
	})}
}

// filled reads the fields of a request, or returns the answer that names what is
// wrong with them. word, where there is one, goes before the request.
func (b *Bot) filled(ctx context.Context, s submission, word commands.Name) (approvals.Ask, commands.Command, *Reply) {
	ask := approvals.Ask{Key: s.key(), User: s.user, Channel: s.from.Channel, Command: s.from.Command}
	if _, err := b.Desk.Reader(ctx, s.user, s.from.Channel); err != nil {
		wrong := b.notice(s, err)
		return ask, commands.Command{}, &wrong
	}
	c, faults := commands.FromFields(s.text(views.FieldVerb), s.text(views.FieldKind), s.text(views.FieldTargets), s.text(views.FieldReason),
		s.values.several(views.FieldLookup)...)
	if word != commands.Request {
		c.Word = word
	}
	if len(faults) == 0 {
		resolved, fault := commands.Resolve(b.Lists, c)
		if ask.Targets = resolved; fault != nil {
			faults = map[commands.Field]*commands.Fault{commands.FieldTargets: fault}
		}
	}
	if len(faults) > 0 {
		wrong := errorsIn(views.FormFaults(s.p, faults))
		return ask, c, &wrong
	}
	return ask, c, nil
}

// decisionForm answers the forms of deny and resolve: some text, checked again
// here, and a step of the Desk.
func (b *Bot) decisionForm(ctx context.Context, s submission, field string, required bool, step func(context.Context, approvals.Press) (approvals.Request, error)) Reply {
	text, fault := commands.Reason(s.text(field), required)
	if fault != nil {
		return errorsIn(map[string]string{field: views.FaultPlain(s.p, fault)})
	}
	direct, err := b.fromDirect(ctx, s)
	if err != nil {
		return b.notice(s, err)
	}
	outcome := s.text(views.FieldOutcome)
	_, err = step(ctx, approvals.Press{Value: s.from.Value, User: s.user, Reason: text, Done: outcome == views.OutcomeDone, Direct: direct, Shown: s.from.Shown})
	if err != nil {
		return b.notice(s, err)
	}
	return Reply{}
}

// fromDirect reports whether the form was opened from the direct card that was
// sent to whoever sent the form.
func (b *Bot) fromDirect(ctx context.Context, s submission) (bool, error) {
	if len(s.from.At) != 2 {
		return false, nil
	}
	id, _, _ := strings.Cut(s.from.Value, ".")
	card, err := b.Store.Card(ctx, id)
	if err != nil && !errors.Is(err, approvals.ErrNotFound) {
		return false, &approvals.Refusal{Why: approvals.WhyStore, ID: id, Err: err}
	}
	_, direct := card.Sent(s.user, s.from.At[0], s.from.At[1])
	return direct, nil
}

// errorsIn shows faults in the fields of the form that was sent.
func errorsIn(fields map[string]string) Reply {
	return Reply{Body: slack.NewErrorsViewSubmissionResponse(fields)}
}

// notice lays a refusal over the form that was sent, so that what was typed is
// still there when it is closed.
func (b *Bot) notice(s submission, err error) Reply {
	return b.linkedNotice(s, err, "")
}

// linkedNotice is notice with a link to the card it is about.
func (b *Bot) linkedNotice(s submission, err error, link string) Reply {
	b.refused(s.refused(err))
	view := views.Notice(s.p, b.refusal(s.p, s.from.Command, err).WithLink(s.p, link))
	return Reply{Body: slack.NewPushViewSubmissionResponse(&view)}
}

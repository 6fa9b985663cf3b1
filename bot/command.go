package bot

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"

	"github.com/slack-go/slack"

	"senhasegura-bot/approvals"
	"senhasegura-bot/bot/messages"
	"senhasegura-bot/bot/views"
	"senhasegura-bot/commands"
)

// How many lines a list shows.
const (
	pendingLimit = 20
	findLimit    = 20
)

// whyOther is a refusal that the Desk has no name for.
const whyOther approvals.Why = "unexplained"

// typed is one slash command while it is answered.
type typed struct {
	slack.SlashCommand
	commands.Command
	delivery string
	p        *messages.Printer
}

// Command answers a slash command. What it asks for is stored before this
// returns; the answer is for its sender only. delivery names what Slack
// delivered: the same one, delivered twice, asks once.
func (b *Bot) Command(ctx context.Context, delivery string, cmd slack.SlashCommand) Reply {
	stopping, slept := b.stopped(), b.pulse.slept() // as it came in, however long the rest takes
	t := typed{SlashCommand: cmd, delivery: delivery, p: b.listener(ctx, cmd.UserID)}
	parsed, fault := commands.Parse(cmd.Text)
	if fault == nil && parsed.Word == commands.Help {
		return b.help(t)
	}
	if fault == nil && !reads(parsed) {
		t.Command = parsed
		switch {
		case slept:
			return b.lateCommand(t)
		case stopping != nil:
			return b.refuse(t, stopping)
		}
	}
	if _, err := b.Desk.Reader(ctx, cmd.UserID, cmd.ChannelID); err != nil {
		return b.refuse(t, err)
	}
	if fault != nil {
		return Reply{Body: ephemeral(views.Fault(t.p, cmd.Command, fault))}
	}
	t.Command = parsed
	switch parsed.Word {
	case commands.Status:
		return b.status(ctx, t)
	case commands.Pending:
		return b.pending(ctx, t)
	case commands.Cancel:
		return b.cancel(ctx, t)
	case commands.Find:
		return Reply{Body: ephemeral(views.Found(t.p, cmd.Command, commands.SearchLists(b.Lists, parsed.Arg, findLimit)))}
	case commands.BreakGlass:
		return b.breakGlass(ctx, t)
	case commands.Freeze:
		return b.freeze(ctx, t)
	case commands.Unfreeze:
		return b.unfreeze(ctx, t)
	case commands.Explain:
		return Reply{Body: ephemeral(views.Explain(t.p, cmd.Command, parsed.Arg, commands.Meanings(parsed.Arg)))}
	}
	if len(parsed.Targets) == 0 {
		return b.openRequest(t)
	}
	return b.request(ctx, t) // which asks for a reason where the policy does
}

// Unavailable answers a command when the store could not be asked whether it
// is new: what needs no store as always, all else with why nothing happened.
func (b *Bot) Unavailable(ctx context.Context, cmd slack.SlashCommand) Reply {
	parsed, fault := commands.Parse(cmd.Text)
	if fault == nil && (parsed.Word == commands.Help || parsed.Word == commands.Find || parsed.Word == commands.Explain) {
		return b.Command(ctx, "", cmd)
	}
	slept := b.pulse.slept()
	t := typed{SlashCommand: cmd, p: b.listener(ctx, cmd.UserID)}
	if slept {
		return b.lateCommand(t)
	}
	return b.refuse(t, &approvals.Refusal{Why: approvals.WhyStore})
}

func (b *Bot) help(t typed) Reply {
	return Reply{Body: ephemeral(views.Help(t.p, t.SlashCommand.Command, b.Desk.Policy().BreakGlass != nil))}
}

// refuse answers a command that did nothing.
func (b *Bot) refuse(t typed, err error) Reply {
	b.refused(t.refused(err))
	return Reply{Body: ephemeral(b.refusal(t.p, t.SlashCommand.Command, err))}
}

// refusal words why something did nothing, and logs what is behind it.
func (b *Bot) refusal(p *messages.Printer, command string, err error) views.Message {
	var r *approvals.Refusal
	if !errors.As(err, &r) {
		r = &approvals.Refusal{Why: whyOther, Err: err}
	}
	switch r.Why {
	case approvals.WhySlack, approvals.WhyChannel, approvals.WhyStore, approvals.WhyUnconfirmed, approvals.WhyFreezeUnconfirmed, whyOther:
		b.Logger.Warn("refused", "why", r.Why, "request", r.Request.ID, "error", r.Err)
	}
	return views.Refused(p, command, r, b.Home.BotUser)
}

func (b *Bot) status(ctx context.Context, t typed) Reply {
	r, err := b.Desk.Look(ctx, t.Arg, t.UserID)
	if err != nil {
		return b.refuse(t, err)
	}
	c := b.viewContext(r, false)
	c.Printer = t.p
	return Reply{Body: ephemeral(views.Status(r, c, b.cardLink(ctx, r.ID)).WithFreeze(t.p, b.frozen(ctx)))}
}

func (b *Bot) pending(ctx context.Context, t typed) Reply {
	found, more, err := b.Desk.Undecided(ctx, t.UserID, pendingLimit)
	if err != nil {
		return b.refuse(t, err)
	}
	return Reply{Body: ephemeral(views.Pending(t.p, found, b.cardLinks(ctx, found), more).WithFreeze(t.p, b.frozen(ctx)))}
}

func (b *Bot) cancel(ctx context.Context, t typed) Reply {
	r, err := b.Desk.Look(ctx, t.Arg, t.UserID)
	if err == nil {
		r, err = b.Desk.Cancel(ctx, approvals.Press{Value: r.Value(), User: t.UserID})
	}
	if err != nil {
		return b.refuse(t, err)
	}
	return Reply{Body: ephemeral(views.CancelledByYou(t.p, r))}
}

// request stores what a whole line asks for.
func (b *Bot) request(ctx context.Context, t typed) Reply {
	targets, fault := commands.Resolve(b.Lists, t.Command)
	if fault != nil {
		return Reply{Body: ephemeral(views.Fault(t.p, t.SlashCommand.Command, fault))}
	}
	ask := approvals.Ask{Key: t.delivery, User: t.UserID, Channel: t.ChannelID, Command: t.SlashCommand.Command, Targets: targets}
	r, err := b.submit(ctx, ask, t.Command, b.Desk.Submit)
	if refusal := new(approvals.Refusal); errors.As(err, &refusal) && refusal.Why == approvals.WhyReason {
		return b.openRequest(t)
	}
	if refusal := new(approvals.Refusal); errors.As(err, &refusal) && refusal.Why == approvals.WhyDuplicate {
		b.refused(t.refused(err))
		m := b.refusal(t.p, t.SlashCommand.Command, err).WithLink(t.p, b.cardLink(ctx, refusal.Request.ID))
		return Reply{Body: ephemeral(m)}
	}
	if err != nil {
		return b.refuse(t, err)
	}
	return Reply{Body: ephemeral(b.requested(ctx, t.p, r, t.Command))}
}

// requested tells who asked for r, by c, what they should know of it now.
func (b *Bot) requested(ctx context.Context, p *messages.Printer, r approvals.Request, c commands.Command) views.Message {
	ref, meant := commands.Meant(b.Lists, c, r.Targets)
	return views.Requested(p, r).WithMeant(p, r, ref, meant).WithFreeze(p, b.frozen(ctx))
}

// submit asks the Desk, by one of its ways to ask, for what c says. An empty
// key names no delivery.
func (b *Bot) submit(ctx context.Context, ask approvals.Ask, c commands.Command, way func(context.Context, approvals.Ask) (approvals.Request, error)) (approvals.Request, error) {
	if !b.Configured(c.Kind) {
		return approvals.Request{}, &approvals.Refusal{Why: approvals.WhyNotConfigured}
	}
	if ask.Key == "" {
		ask.Key = rand.Text()
	}
	sum := sha256.Sum256([]byte(ask.Key))
	ask.Key = hex.EncodeToString(sum[:16])
	ask.Verb, ask.Kind, ask.Reason = c.Verb, c.Kind, c.Reason
	return way(ctx, ask)
}

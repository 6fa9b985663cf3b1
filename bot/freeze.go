package bot

import (
	"context"

	"senhasegura-bot/approvals"
	"senhasegura-bot/bot/views"
)

// freeze stops everything for a person who may, and says so in the channel.
func (b *Bot) freeze(ctx context.Context, t typed) Reply {
	f, changed, err := b.Desk.Freeze(ctx, approvals.Freezing{User: t.UserID, Channel: t.ChannelID, Reason: t.Arg})
	if err != nil {
		return b.refuse(t, err)
	}
	command, may := t.SlashCommand.Command, b.Desk.Policy().Freezers
	silent := b.Desk.Speaks(ctx, t.ChannelID) != nil
	r := Reply{Body: ephemeral(views.YouFroze(t.p, command, f, changed, silent))}
	if changed && !silent {
		r.Then = b.announced(t.ChannelID, views.FreezeBegan(b.printer(), command, f, may))
	}
	return r
}

// unfreeze ends the freeze in the same way.
func (b *Bot) unfreeze(ctx context.Context, t typed) Reply {
	f, changed, err := b.Desk.Unfreeze(ctx, approvals.Freezing{User: t.UserID, Channel: t.ChannelID})
	if err != nil {
		return b.refuse(t, err)
	}
	silent := b.Desk.Speaks(ctx, t.ChannelID) != nil
	r := Reply{Body: ephemeral(views.YouUnfroze(t.p, changed, silent))}
	if changed && !silent {
		r.Then = b.announced(t.ChannelID, views.FreezeEnded(b.printer(), t.UserID, f))
	}
	return r
}

// announced posts a message after the answer, once: the cards tell it too, and
// they are drawn until they are right.
func (b *Bot) announced(channel string, m views.Message) func(context.Context) {
	return after(func(ctx context.Context) {
		if _, _, err := b.API.PostMessageContext(ctx, channel, options(m)...); err != nil {
			b.Logger.Warn("a freeze, or its end, could not be announced", "channel", channel, "error", err)
		}
	})
}

// frozen is the freeze in force, for answers that mention it; zero where it
// cannot be read.
func (b *Bot) frozen(ctx context.Context) approvals.Freeze {
	f, err := b.Desk.Frozen(ctx)
	if err != nil {
		b.Logger.Warn("asking whether everything is frozen failed", "error", err)
	}
	return f
}

package bot

import (
	"context"
	"encoding/json"
	"time"

	"github.com/slack-go/slack"

	"senhasegura-bot/approvals"
	"senhasegura-bot/bot/views"
	"senhasegura-bot/commands"
)

// suggestWithin bounds what is asked of Slack before options are suggested, so
// that they are there while the person types; suggestLimit is how many options
// Slack takes (docs.slack.dev, "Select menu of external data source").
const (
	suggestWithin = 700 * time.Millisecond
	suggestLimit  = 100
)

// suggest answers the form's search from the lists in memory, to people who may
// ask. It changes nothing; whoever may not see the lists finds nothing. All kinds
// are searched: what stands in the other fields now, Slack tells with a sent form
// and a click only (api.slack.com/changelog, "Full state on view_submission and
// block_actions"; slackapi/bolt-js issue 1146).
func (b *Bot) suggest(ctx context.Context, i Interaction) Reply {
	ctx, cancel := context.WithTimeout(ctx, suggestWithin)
	defer cancel()
	none := Reply{Body: views.NoOptions()}
	var from carried
	if i.ActionID != views.FieldLookup || json.Unmarshal([]byte(i.View.Carried), &from) != nil {
		return none
	}
	if _, err := b.Desk.Reader(ctx, i.User.ID, from.Channel); err != nil {
		return none
	}
	found := commands.Suggest(b.Lists, i.Value, suggestLimit)
	return Reply{Body: views.Options(b.listener(ctx, i.User.ID), found)}
}

// ask opens the form of a request, filled with what a button carries, for
// whoever could have opened it by a command here. Nothing of the button counts
// but as a proposal: what is sent is judged as if typed.
func (b *Bot) ask(ctx context.Context, c click) Reply {
	if _, err := b.Desk.Reader(ctx, c.user, c.channel); err != nil {
		return b.unmoved(c, err)
	}
	name, command := views.ReadAsk(c.value)
	t := typed{p: c.p, Command: command,
		SlashCommand: slack.SlashCommand{UserID: c.user, ChannelID: c.channel, TriggerID: c.trigger, Command: name}}
	if command.Word != commands.BreakGlass {
		return b.openRequest(t)
	}
	var targets []approvals.Target
	if len(command.Targets) > 0 && command.Verb != "" {
		targets, _ = commands.Resolve(b.Lists, command) // a fault shows when the form is sent
	}
	view, err := b.glassModal(ctx, t, targets)
	if err != nil {
		return b.unmoved(c, err)
	}
	return b.opens(t, view)
}

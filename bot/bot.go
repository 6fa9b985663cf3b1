package bot

import (
	"context"
	"errors"
	"log/slog"
	"runtime/debug"
	"sync/atomic"
	"time"

	"github.com/slack-go/slack"

	"senhasegura-bot/approvals"
	"senhasegura-bot/bot/messages"
	"senhasegura-bot/bot/views"
	"senhasegura-bot/commands"
)

// Config is what a Bot needs; every field is required.
type Config struct {
	// API is a Web API client that retries nothing by itself: a resent request
	// would carry an old body.
	API    *slack.Client
	Home   Home
	Desk   *approvals.Desk
	Store  approvals.Store
	People *People
	// Invitations keeps who was told of a card directly.
	Invitations Invitations
	// Lists is senhasegura's list as last read, for names and for find.
	Lists commands.Finder
	// Configured reports whether there is an access key for a kind of target.
	Configured func(approvals.Kind) bool
	// Away reports whether senhasegura is known not to answer. May be nil.
	Away   func() bool
	Logger *slog.Logger
}

// Bot answers people in Slack. One Bot serves every transport.
type Bot struct {
	Config
	dms      cache[string] // conversations with one person, by account
	stopping atomic.Bool
	pulse    pulse
}

// New makes a Bot. It starts nothing.
func New(c Config) *Bot { return &Bot{Config: c} }

// Reply is what a delivery of Slack is answered with.
type Reply struct {
	// Body is the JSON of the answer; nil is an empty one.
	Body any
	// Then is what may follow after the answer was written; may be nil.
	Then func(context.Context)
}

// Event is a delivery of the Events API.
type Event struct {
	Type      string `json:"type"`
	Challenge string `json:"challenge"`
	ID        string `json:"event_id"`
	Inner     struct {
		Type    string       `json:"type"`
		User    eventSubject `json:"user"`
		Channel eventSubject `json:"channel"`
		Subteam eventSubject `json:"subteam"`
		// SubteamID is how subteam_members_changed names its group.
		SubteamID string `json:"subteam_id"`
		// OldChannel and NewChannel are those of channel_id_changed.
		OldChannel string `json:"old_channel_id"`
		NewChannel string `json:"new_channel_id"`
	} `json:"event"`
}

// askedWithin bounds what is done after a delivery was answered, whisperWithin
// one attempt to show an answer.
const (
	askedWithin   = 10 * time.Second
	whisperWithin = 4 * time.Second
)

// after is work that follows an answer.
func after(work func(context.Context)) func(context.Context) {
	return func(ctx context.Context) {
		ctx, cancel := context.WithTimeout(ctx, askedWithin)
		defer cancel()
		work(ctx)
	}
}

// Recover keeps one delivery that makes us panic from ending the process for
// everybody; deferred by the transports.
func (b *Bot) Recover(where string) {
	if r := recover(); r != nil {
		b.Logger.Error("panic", "where", where, "panic", r, "stack", string(debug.Stack()))
	}
}

// listener speaks the language of one person: their Slack locale, or the
// channel's language when Slack cannot be asked.
func (b *Bot) listener(ctx context.Context, user string) *messages.Printer {
	account, err := b.People.Account(ctx, user, approvals.AgeCounting)
	if err != nil || account.Locale == "" {
		return b.printer()
	}
	return messages.For(account.Locale)
}

// reader is listener for somebody who did nothing: the list tells as well.
func (b *Bot) reader(ctx context.Context, user string) *messages.Printer {
	if known, _, _ := b.People.list.find([]string{user}, approvals.AgeCounting); len(known) > 0 && known[0].Locale != "" {
		return messages.For(known[0].Locale)
	}
	return b.listener(ctx, user)
}

// printer speaks the language of channel messages.
func (b *Bot) printer() *messages.Printer { return messages.For(b.Desk.Policy().Language) }

// viewContext is what a card shows besides the request itself; again says that
// running again is offered.
func (b *Bot) viewContext(r approvals.Request, again bool) views.Context {
	c := views.Context{Printer: b.printer(), RunAgain: again, Away: b.Away != nil && b.Away()}
	if r.State == approvals.Pending {
		ch, known := b.People.channels.fresh(r.Channel, approvals.AgeCounting)
		if known {
			c.Needed = b.Desk.Policy().Today(r, ch).Approvals
		}
	}
	return c
}

// whisper shows a message to one person in a channel, trying again until ctx
// ends while Slack is in trouble: a click without an answer is pressed again.
// Somebody whom Slack cannot show it to gets none.
func (b *Bot) whisper(ctx context.Context, channel, person string, m views.Message) {
	for wait := time.Second; ; wait *= 2 {
		try, done := context.WithTimeout(ctx, whisperWithin)
		_, err := b.API.PostEphemeralContext(try, channel, person, options(m)...)
		done()
		if err == nil || slackError(err, "user_not_in_channel", "not_in_channel", "channel_not_found") {
			return
		}
		var answered slack.SlackErrorResponse
		var limited *slack.RateLimitedError
		if errors.As(err, &limited) {
			wait = max(wait, limited.RetryAfter)
		}
		if errors.As(err, &answered) || !passes(ctx, wait) {
			b.Logger.Warn("an answer could not be shown", "channel", channel, "user", person, "error", err)
			return
		}
	}
}

// passes waits for d; false where ctx ends before that.
func passes(ctx context.Context, d time.Duration) bool {
	if until, bounded := ctx.Deadline(); bounded && time.Until(until) < d {
		return false
	}
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

// ephemeral is the body that answers a slash command for its sender only.
func ephemeral(m views.Message) any {
	return struct {
		Type   string        `json:"response_type"`
		Text   string        `json:"text"`
		Blocks []slack.Block `json:"blocks,omitempty"`
	}{"ephemeral", m.Text, m.Blocks}
}

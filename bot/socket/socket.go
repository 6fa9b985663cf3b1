package socket

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"
	"golang.org/x/sync/errgroup"

	"senhasegura-bot/bot"
)

// connections is how many sockets one process keeps; Slack allows an app ten.
const connections = 2

// within is how long the Bot may take before the envelope is acknowledged.
const within = 2500 * time.Millisecond

// reconnectPause is the wait after a connection could not be opened at all;
// slack-go has backed off several times by then.
const reconnectPause = 5 * time.Second

// Config is what a Listener needs; every field is required.
type Config struct {
	Bot *bot.Bot
	// API is a Web API client that carries the app-level token.
	API *slack.Client
	// First reports whether key was not seen within ttl, over all replicas.
	First  func(ctx context.Context, key string, ttl time.Duration) (bool, error)
	Logger *slog.Logger
}

// Listener receives what Slack delivers over sockets.
type Listener struct {
	Config
	working sync.WaitGroup
}

// New makes a Listener; it connects in Run.
func New(c Config) *Listener { return &Listener{Config: c} }

// Run keeps the connections until ctx ends (nil) or Slack refuses the token.
func (l *Listener) Run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	for range connections {
		group.Go(func() error { return l.keep(ctx) })
	}
	err := group.Wait()
	l.working.Wait()
	return err
}

// keep holds one connection open.
func (l *Listener) keep(ctx context.Context) error {
	for ctx.Err() == nil {
		client := socketmode.New(l.API)
		ended := make(chan error, 1)
		listen, stop := context.WithCancel(context.WithoutCancel(ctx))
		go func() { ended <- client.RunContext(listen) }()
		err := l.receive(ctx, client, ended)
		if ctx.Err() != nil { // what is being answered leaves by this socket
			l.working.Wait()
			time.Sleep(100 * time.Millisecond)
		}
		stop()
		if ctx.Err() != nil {
			return nil
		}
		if refused(err) {
			return fmt.Errorf("opening a socket: Slack refuses the app token: %w", err)
		}
		l.Logger.Warn("a socket ended", "error", err)
		select {
		case <-time.After(reconnectPause):
		case <-ctx.Done():
		}
	}
	return nil
}

// receive hands out what one client delivers until it ends.
func (l *Listener) receive(ctx context.Context, client *socketmode.Client, ended <-chan error) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case err := <-ended:
			return err
		case e := <-client.Events:
			if e.Type == socketmode.EventTypeConnected {
				l.Logger.Info("a socket is connected")
			}
			l.working.Go(func() { l.deliver(ctx, client, e) })
		}
	}
}

// refused reports whether Slack will not accept the token later either.
func refused(err error) bool {
	var answer slack.SlackErrorResponse
	if !errors.As(err, &answer) {
		return false
	}
	switch answer.Err {
	case "invalid_auth", "token_revoked", "account_inactive", "not_authed", "token_expired", "not_allowed_token_type":
		return true
	}
	return false
}

func (l *Listener) deliver(ctx context.Context, client *socketmode.Client, e socketmode.Event) {
	defer l.Bot.Recover("a delivery")
	if bad, ok := e.Data.(*socketmode.ErrorBadMessage); ok {
		l.discard(ctx, client, bad)
		return
	}
	if e.Request == nil || e.Request.EnvelopeID == "" {
		return
	}
	work, cancel := context.WithTimeout(context.WithoutCancel(ctx), within)
	defer cancel()
	reply := bot.Reply{}
	if l.first(work, e.Request.EnvelopeID) {
		reply = l.ask(work, e)
	}
	ack, done := context.WithTimeout(context.WithoutCancel(ctx), 400*time.Millisecond)
	defer done()
	if err := client.AckCtx(ack, e.Request.EnvelopeID, reply.Body); err != nil {
		l.Logger.Warn("acknowledging failed", "error", err)
	}
	if reply.Then != nil {
		reply.Then(context.WithoutCancel(ctx))
	}
}

// first reports whether the envelope is new. When the store cannot tell, it is
// handed on: what the Bot stores is idempotent by itself.
func (l *Listener) first(ctx context.Context, envelope string) bool {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	first, err := l.First(ctx, "envelope:"+envelope, time.Hour)
	return err != nil || first
}

func (l *Listener) ask(ctx context.Context, e socketmode.Event) bot.Reply {
	switch data := e.Data.(type) {
	case slack.SlashCommand:
		if data.UserID != "" && data.ChannelID != "" {
			return l.Bot.Command(ctx, e.Request.EnvelopeID, data)
		}
	default:
		return l.other(ctx, e)
	}
	return bot.Reply{}
}

// other reads what slack-go's own types may lose or refuse.
func (l *Listener) other(ctx context.Context, e socketmode.Event) bot.Reply {
	var event bot.Event
	var interaction bot.Interaction
	switch {
	case e.Type == socketmode.EventTypeInteractive:
		if json.Unmarshal(e.Request.Payload, &interaction) == nil && interaction.User.ID != "" {
			return l.Bot.Interact(ctx, interaction)
		}
	case json.Unmarshal(e.Request.Payload, &event) == nil:
		return l.Bot.Event(event)
	}
	return bot.Reply{}
}

// discard acknowledges what could not be read, so that it does not come again.
func (l *Listener) discard(ctx context.Context, client *socketmode.Client, bad *socketmode.ErrorBadMessage) {
	var envelope struct {
		ID string `json:"envelope_id"`
	}
	l.Logger.Warn("a delivery could not be read", "error", bad.Cause)
	if json.Unmarshal(bad.Message, &envelope) != nil || envelope.ID == "" {
		return
	}
	if err := client.AckCtx(ctx, envelope.ID, nil); err != nil {
		l.Logger.Warn("acknowledging failed", "error", err)
	}
}

package socket

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/slack-go/slack"
	"golang.org/x/sync/errgroup"

	"senhasegura-bot/bot"
)

// connections is how many sockets one process keeps; Slack allows an app ten.
const connections = 2

// lingers is how long a connection goes on after its successor is there: a
// little longer than the ten seconds that Slack warns ahead, so that it is
// Slack who hangs up, with nothing under way.
const lingers = 15 * time.Second

// Pauses before a connection is opened again. One that broke is replaced at
// once; what fails in a row waits twice as long each time.
const (
	firstPause = time.Second
	mostPause  = 30 * time.Second
	// steady is how long a connection lives before its end counts as one event
	// and not as one more failure.
	steady = 10 * time.Second
)

// crowded is Slack's reason for refusing a connection too many.
const crowded = "too_many_websockets"

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
	working sync.WaitGroup // connections that are read or let go, deliveries and what follows them
	giving  chan struct{}  // full while a place has closed its connection and no successor is there
}

// New makes a Listener; it connects in Run.
func New(c Config) *Listener { return &Listener{Config: c, giving: make(chan struct{}, 1)} }

// Run keeps the connections until ctx ends (nil) or Slack refuses the token.
// What is being answered then is acknowledged first.
func (l *Listener) Run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	for range connections {
		group.Go(func() error { return l.keep(ctx) })
	}
	err := group.Wait()
	l.working.Wait()
	return err
}

// place is one of the connections that are kept: what is in it now, or was
// last, and how many failures there were in a row.
type place struct {
	now      *connection
	failures int
}

// keep holds one of the places: a connection, and its successor before it goes.
func (l *Listener) keep(ctx context.Context) error {
	var p place
	for {
		if err := l.succeed(ctx, &p); err != nil || ctx.Err() != nil {
			return err
		}
		p.hold(ctx, l.Logger)
	}
}

// succeed opens a connection in the place of one that Slack wants replaced, or
// that ended (or of none), until there is one, ctx ends, or Slack refuses the
// token. Where the app has as many as it may, the old one goes first; only one
// of ours at a time, until its successor is there, so that another is there
// meanwhile.
func (l *Listener) succeed(ctx context.Context, p *place) error {
	for ctx.Err() == nil {
		next, err := open(ctx, l.API)
		if err == nil {
			l.Logger.Info("a socket is connected")
			l.working.Go(func() { next.read(func(message []byte) { l.receive(ctx, next, message) }) })
			l.working.Go(func() { l.retire(ctx, next) })
			p.now = next
			return nil
		}
		if bot.RefusesToken(slackCode(err)) {
			return fmt.Errorf("SLACK_APP_TOKEN is refused by Slack: %w; "+
				"make an app-level token with connections:write in the app's settings, set it and start again", err)
		}
		if slackCode(err) == crowded {
			err = errCrowded
		}
		if errors.Is(err, errCrowded) && p.now != nil && !over(p.now.ended) {
			select {
			case l.giving <- struct{}{}:
				defer func() { <-l.giving }() // once: it has ended then
				p.now.leave()
			case <-p.now.ended: // Slack hung up: that leaves room
			case <-ctx.Done():
			}
			continue
		}
		if ctx.Err() == nil {
			p.failures++
			l.Logger.Warn("a socket cannot be opened; trying again", "error", err, "failures", p.failures)
			pause(ctx, max(wait(p.failures), limited(err)))
		}
	}
	return nil
}

// retire lets a connection go in the end: when the process stops, or some time
// after Slack wanted it replaced, should Slack not hang up itself.
func (l *Listener) retire(ctx context.Context, c *connection) {
	select {
	case <-ctx.Done():
	case <-c.ended:
	case <-c.asked:
		select {
		case <-ctx.Done():
		case <-c.ended:
		case <-time.After(lingers):
		}
	}
	c.leave()
}

// hold waits until the connection needs a successor.
func (p *place) hold(ctx context.Context, log *slog.Logger) {
	select {
	case <-ctx.Done():
		return
	case <-p.now.asked:
		p.failures = 0
		return
	case <-p.now.ended:
	}
	log.Warn("a socket broke", "error", p.now.failed)
	if time.Since(p.now.opened) >= steady {
		p.failures = 0
		return
	}
	pause(ctx, wait(p.failures)) // the first is replaced at once
	p.failures++
}

// wait is the pause after n failures in a row.
func wait(n int) time.Duration {
	if n == 0 {
		return 0
	}
	return min(firstPause<<min(n-1, 10), mostPause)
}

// limited is how long Slack asked to be spared; zero when it did not.
func limited(err error) time.Duration {
	var l *slack.RateLimitedError
	if errors.As(err, &l) {
		return l.RetryAfter
	}
	return 0
}

// slackCode is the code of Slack's refusal; empty when it is none.
func slackCode(err error) string {
	var answer slack.SlackErrorResponse
	errors.As(err, &answer)
	return answer.Err
}

func over(ended <-chan struct{}) bool {
	select {
	case <-ended:
		return true
	default:
		return false
	}
}

// pause waits, not beyond the end of ctx.
func pause(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

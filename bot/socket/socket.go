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
	giving  sync.Mutex     // held by whoever closes a connection before its successor is there
}

// New makes a Listener; it connects in Run.
func New(c Config) *Listener { return &Listener{Config: c} }

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

// keep holds one of the places: a connection, and its successor before it goes.
func (l *Listener) keep(ctx context.Context) error {
	var now *connection
	for failures := 0; ctx.Err() == nil; {
		next, err := l.succeed(ctx, now)
		switch {
		case bot.RefusesToken(slackCode(err)):
			return fmt.Errorf("SLACK_APP_TOKEN is refused by Slack: %w; "+
				"make an app-level token with connections:write in the app's settings, set it and start again", err)
		case err != nil:
			if ctx.Err() == nil {
				failures++
				l.Logger.Warn("a socket cannot be opened; trying again", "error", err, "failures", failures)
				pause(ctx, max(wait(failures), limited(err)))
			}
			continue
		}
		now = next
		failures = l.hold(ctx, now, failures)
	}
	return nil
}

// succeed opens a connection in the place of one that Slack wants replaced, or
// that ended (or of none). Where the app has as many as it may, the old one goes
// first; only one of ours at a time, so that another is there meanwhile.
func (l *Listener) succeed(ctx context.Context, old *connection) (*connection, error) {
	next, err := open(ctx, l.API)
	if errors.Is(err, errCrowded) || slackCode(err) == crowded {
		if old == nil || over(old.ended) {
			return nil, errCrowded
		}
		l.giving.Lock()
		defer l.giving.Unlock()
		old.leave()
		next, err = open(ctx, l.API)
	}
	if err != nil {
		return nil, err
	}
	l.Logger.Info("a socket is connected")
	l.working.Go(func() { next.read(func(message []byte) { l.receive(ctx, next, message) }) })
	l.working.Go(func() { l.retire(ctx, next) })
	return next, nil
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

// hold waits until a connection needs a successor, and returns how many
// failures there were in a row.
func (l *Listener) hold(ctx context.Context, c *connection, failures int) int {
	select {
	case <-ctx.Done():
		return 0
	case <-c.asked:
		return 0
	case <-c.ended:
	}
	l.Logger.Warn("a socket broke", "error", c.failed)
	if time.Since(c.opened) >= steady {
		return 0
	}
	pause(ctx, wait(failures)) // the first is replaced at once
	return failures + 1
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

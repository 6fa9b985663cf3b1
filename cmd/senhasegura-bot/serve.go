package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"
	"golang.org/x/sync/errgroup"

	"senhasegura-bot/approvals"
	"senhasegura-bot/approvals/redisstore"
	"senhasegura-bot/bot"
	"senhasegura-bot/bot/socket"
	"senhasegura-bot/bot/webhook"
	"senhasegura-bot/senhasegura"
)

// Times of starting and stopping. What runs when the process is told to stop
// has grace to end: longer than a call, shorter than the 30 s that
// orchestrators give.
const (
	askAgain   = 2 * time.Second // while Slack is away at the start
	stopGrace  = 20 * time.Second
	closeGrace = 4 * time.Second
	sweepEvery = time.Second
	// slackTimeout bounds a call of Slack's Web API.
	slackTimeout = 10 * time.Second
)

// server is the bot, wired: made by newServer, run by run.
type server struct {
	config   Config
	logger   *slog.Logger
	redis    redis.UniversalClient
	closing  []func()
	metrics  *prometheus.Registry
	policy   *livePolicy
	client   *senhasegura.Client
	lists    *senhasegura.Lists
	desk     *approvals.Desk
	notes    *approvals.Notes
	bot      *bot.Bot
	store    *redisstore.Store
	sweeper  *approvals.Sweeper
	people   *bot.People
	token    *tokenHealth
	webhook  *webhook.Handler // nil in Socket Mode
	listener *socket.Listener // nil in HTTP mode
	hangup   <-chan os.Signal // reload the policy
	claimed  claimed          // of keeping the audit, which one goroutine does
}

// serve runs the bot on open listeners until ctx ends. The addresses answer
// from the first moment: alive, and not ready before everything is there; then
// ready is called.
func serve(ctx context.Context, c Config, file *PolicyFile, logger *slog.Logger, main, metrics net.Listener, ready func()) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	hangup := make(chan os.Signal, 1) // from the first moment: it would end the process
	signal.Notify(hangup, syscall.SIGHUP)
	defer signal.Stop(hangup)
	var front, apart front
	web, open := errgroup.WithContext(ctx)
	web.Go(func() error { return serveHTTP(open, main, &front) })
	if metrics != nil {
		web.Go(func() error { return serveHTTP(open, metrics, &apart) })
	}
	closed := make(chan error, 1)
	go func() { closed <- web.Wait() }()
	s, err := newServer(ctx, c, file, logger)
	if err != nil {
		stopped := ctx.Err() != nil
		cancel()
		<-closed
		if stopped { // told to stop while Slack was away: that is no failure
			return nil
		}
		return err
	}
	s.hangup = hangup
	s.readFirst(ctx)
	front.open(s.routes(metrics == nil))
	apart.open(s.metricsOnly())
	logger.Info("serving", "addr", main.Addr().String(), "team", s.desk.Team, "socket_mode", c.SocketMode())
	ready()
	return s.run(ctx, func(stopping context.Context) error {
		select {
		case err := <-closed:
			return err
		case <-stopping.Done():
			cancel()
			return <-closed
		}
	})
}

// run works until ctx ends or a part fails for good, then stops in order: no
// new work, what runs ends, the connections close. web waits for the server
// that runs already.
func (s *server) run(ctx context.Context, web func(context.Context) error) error {
	defer s.close()
	defer s.recording(ctx)()
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return web(ctx) })
	group.Go(func() error { return s.lists.Run(ctx) })
	group.Go(func() error { return s.people.Run(ctx) })
	group.Go(func() error { return s.sweeper.Run(ctx, stopGrace) })
	group.Go(func() error { return s.reloads(ctx) })
	group.Go(func() error { return s.trimAudit(ctx) })
	group.Go(func() error { return s.sayDurability(ctx) })
	if s.listener != nil {
		group.Go(func() error { return s.listener.Run(ctx) })
		group.Go(func() error { return s.token.watch(ctx) })
	}
	err := group.Wait()
	if s.webhook != nil {
		s.webhook.Wait()
	}
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// readFirst reads senhasegura's lists and the workspace's people once before
// work is taken, so that the first request has its names and its count; without
// them it goes on and keeps trying.
func (s *server) readFirst(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	var reading sync.WaitGroup
	reading.Go(func() {
		if err := s.lists.Refresh(ctx); err != nil {
			s.logger.Warn("senhasegura's lists cannot be read: names are not known until they can", "error", err)
		}
	})
	reading.Go(func() {
		if err := s.people.Refresh(ctx, 0); err != nil {
			s.logger.Warn("the workspace's people are not all listed yet", "error", err)
		}
	})
	reading.Wait()
}

// reviewEvery is the pause before pending requests are checked against a new
// policy once more, when Slack or Redis could not be asked.
const reviewEvery = 10 * time.Second

// reloads reads the policy again at each SIGHUP, and then checks the pending
// requests against it until that has worked.
func (s *server) reloads(ctx context.Context) error {
	var again <-chan time.Time
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-s.hangup:
			if !s.policy.Reload(ctx) {
				continue
			}
		case <-again:
		}
		again = nil
		if err := s.desk.Review(ctx); err != nil {
			s.logger.Warn("pending requests could not all be checked against the new policy yet", "error", err)
			again = time.After(reviewEvery)
		}
	}
}

func (s *server) close() {
	for i := range s.closing {
		s.closing[len(s.closing)-1-i]()
	}
}

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

// Times of starting.
const (
	askAgain   = 2 * time.Second // while Slack is away
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
	kept     *storeHealth
	webhook  *webhook.Handler // nil in Socket Mode
	listener *socket.Listener // nil in HTTP mode
	hangup   <-chan os.Signal // reload the policy
	web      *web
	claimed  claimed // of keeping the audit, which one goroutine does
}

// serve runs the bot on open listeners until ctx ends. The addresses answer
// from the first moment: alive, and not ready before everything is there; then
// ready is called.
func serve(ctx context.Context, c Config, file *PolicyFile, logger *slog.Logger, main, metrics net.Listener, ready func()) error {
	hangup := make(chan os.Signal, 1) // from the first moment: it would end the process
	signal.Notify(hangup, syscall.SIGHUP)
	defer signal.Stop(hangup)
	web := openWeb(main, metrics)
	logger.Info("listening", addresses(main, metrics)...)
	s, err := newServer(ctx, c, file, logger)
	if err != nil {
		web.close(context.WithoutCancel(ctx))
		if ctx.Err() != nil { // told to stop while Slack was away: that is no failure
			return nil
		}
		return err
	}
	s.hangup, s.web = hangup, web
	s.readFirst(ctx)
	web.open(s.routes(metrics == nil), s.metricsOnly())
	logger.Info("serving", "addr", main.Addr().String(), "team", s.desk.Team, "socket_mode", c.SocketMode())
	ready()
	return s.run(ctx)
}

// addresses are the listeners' for the log: with port 0 only they tell the port.
func addresses(main, metrics net.Listener) []any {
	said := []any{"addr", main.Addr().String()}
	if metrics != nil {
		said = append(said, "metrics_addr", metrics.Addr().String())
	}
	return said
}

// run works until ctx ends or a part fails for good, and then stops in order,
// see stop.go.
func (s *server) run(ctx context.Context) error {
	defer s.close()
	defer s.recording(ctx)()
	group, ctx := errgroup.WithContext(ctx)
	ending, cancel := s.ending(ctx)
	defer cancel()
	group.Go(func() error { return s.web.wait(ctx) })
	group.Go(func() error { return s.lists.Run(ctx) })
	group.Go(func() error { return s.people.Run(ctx) })
	group.Go(func() error { return s.bot.Beat(ctx) })
	group.Go(func() error { return s.sweeper.Run(ctx, runGrace) })
	group.Go(func() error { return s.reloads(ctx) })
	group.Go(func() error { return s.trimAudit(ctx) })
	group.Go(func() error { return s.sayDurability(ctx) })
	if s.listener != nil {
		group.Go(func() error { return s.listener.Run(ctx) })
		group.Go(func() error { return s.token.watch(ctx) })
	}
	err := group.Wait()
	s.web.close(ending)
	if s.webhook != nil {
		awaited(ending, s.webhook.Wait)
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

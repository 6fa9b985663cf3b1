package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"
	"github.com/slack-go/slack"
	"golang.org/x/sync/errgroup"

	"senhasegura-bot/approvals"
	"senhasegura-bot/approvals/redisstore"
	"senhasegura-bot/bot"
	"senhasegura-bot/bot/socket"
	"senhasegura-bot/bot/webhook"
	"senhasegura-bot/commands"
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
	store    *redisstore.Store
	sweeper  *approvals.Sweeper
	token    *tokenHealth
	webhook  *webhook.Handler // nil in Socket Mode
	listener *socket.Listener // nil in HTTP mode
	hangup   <-chan os.Signal // reload the policy
}

// newServer connects what c describes, from the outside in. Its error is for
// the person who starts it.
func newServer(ctx context.Context, c Config, file *PolicyFile, logger *slog.Logger) (*server, error) {
	s := &server{config: c, logger: logger}
	api := newAPI(c)
	home, err := whoAmI(ctx, api, logger)
	if err != nil {
		return nil, err
	}
	if err := s.openRedis(); err != nil {
		return nil, err
	}
	if err := s.openSenhasegura(); err != nil {
		s.close()
		return nil, err
	}
	people := bot.NewPeople(api, home, c.IdentityCache)
	groups := func(ctx context.Context) (map[string]string, error) { return people.Handles(ctx, 0) }
	if s.policy, err = firstPolicy(ctx, file, groups, logger); err != nil {
		s.close()
		return nil, err
	}
	s.token = &tokenHealth{api: api}
	s.store = redisstore.New(redisstore.Config{Client: s.redis, Team: home.Team})
	s.assemble(api, home, people)
	return s, nil
}

// firstPolicy puts the policy into force, trying again while Slack cannot be
// asked for the groups behind its handles.
func firstPolicy(ctx context.Context, file *PolicyFile, groups groupsByHandle, logger *slog.Logger) (*livePolicy, error) {
	for {
		live, err := openLivePolicy(ctx, file, groups, logger)
		var faults *PolicyFaults
		var refused slack.SlackErrorResponse
		switch {
		case err == nil || errors.As(err, &faults):
			return live, err
		case errors.As(err, &refused):
			return nil, &usageError{lines: []string{"POLICY_FILE names user groups by handle, and Slack does not list them: " + refused.Err}}
		}
		logger.Warn("the policy's handles cannot be looked up; trying again", "error", err)
		select {
		case <-ctx.Done():
			return nil, err
		case <-time.After(askAgain):
		}
	}
}

// assemble makes the rooms above the outside connections.
func (s *server) assemble(api *slack.Client, home bot.Home, people *bot.People) {
	c := s.config
	s.metrics = newMetrics()
	caller := commands.NewCaller(commands.CallerConfig{Client: s.client, Lists: s.lists})
	s.sweeper = &approvals.Sweeper{Every: sweepEvery, Retention: c.Retention}
	s.desk = approvals.NewDesk(approvals.Config{
		Team: home.Team, Process: processName(), Store: s.store, Directory: people, Policy: s.policy.Current,
		Caller: countCalls(s.metrics, caller), Sealer: approvals.NewSealer([]byte(c.AuditKey())), Logger: s.logger,
		Changed: s.sweeper.Nudge, RunDeadline: c.RunDeadline, CallTimeout: c.CallTimeout, Lease: c.Lease, Calls: c.Concurrency,
	})
	b := bot.New(bot.Config{API: api, Home: home, Desk: s.desk, Store: s.store, People: people,
		Lists: s.lists, Configured: caller.Configured, Logger: s.logger})
	s.sweeper.Desk, s.sweeper.Draw = s.desk, b.Draw
	if c.SocketMode() {
		s.listener = socket.New(socket.Config{Bot: b, API: api, First: s.store.First, Logger: s.logger})
		return
	}
	s.webhook = webhook.New(webhook.Config{Bot: b, SigningSecret: c.SlackSigningSecret, First: s.store.First, Logger: s.logger})
}

func (s *server) openRedis() error {
	redis.SetLogger(redisLog{s.logger})
	if s.config.RedisURL() == memoryURL {
		client, stop, err := embeddedRedis()
		if err != nil {
			return fmt.Errorf("starting the embedded Redis: %w", err)
		}
		s.redis, s.closing = client, append(s.closing, func() { client.Close() }, stop)
		s.logger.Warn("requests are kept in memory only: every request, vote and audit entry is lost when this process ends",
			"setting", "REDIS_URL")
		return nil
	}
	client, err := redisstore.Open(s.config.RedisURL())
	if err != nil {
		return fmt.Errorf("REDIS_URL: %w", err)
	}
	s.redis, s.closing = client, append(s.closing, func() { client.Close() })
	return nil
}

func (s *server) openSenhasegura() error {
	client, err := senhasegura.New(s.config.Senhasegura(s.logger))
	if err != nil {
		return fmt.Errorf("senhasegura: %w", err)
	}
	s.client, s.closing = client, append(s.closing, client.Close)
	s.lists = senhasegura.NewLists(senhasegura.ListsConfig{Client: client, Logger: s.logger})
	return nil
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
	front := &front{}
	closed := make(chan error, 1)
	go func() { closed <- serveHTTP(ctx, main, front) }()
	s, err := newServer(ctx, c, file, logger)
	if err != nil {
		cancel()
		<-closed
		return err
	}
	s.hangup = hangup
	s.listsFirst(ctx)
	front.open(s.routes(metrics == nil))
	logger.Info("serving", "addr", main.Addr().String(), "team", s.desk.Team, "socket_mode", c.SocketMode())
	ready()
	return s.run(ctx, metrics, func(stopping context.Context) error {
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
func (s *server) run(ctx context.Context, metrics net.Listener, web func(context.Context) error) error {
	defer s.close()
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return web(ctx) })
	group.Go(func() error { return s.lists.Run(ctx) })
	group.Go(func() error { return s.sweeper.Run(ctx, stopGrace) })
	group.Go(func() error { return s.reloads(ctx) })
	group.Go(func() error { return s.trimAudit(ctx) })
	if s.listener != nil {
		group.Go(func() error { return s.listener.Run(ctx) })
	}
	if metrics != nil {
		group.Go(func() error { return serveHTTP(ctx, metrics, s.metricsOnly()) })
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

// listsFirst reads the lists once before work is taken, so that the first
// request has its names; without them it goes on and keeps trying.
func (s *server) listsFirst(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	if err := s.lists.Refresh(ctx); err != nil {
		s.logger.Warn("senhasegura's lists cannot be read: names are not known until they can", "error", err)
	}
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

// trimAudit removes audit entries past their time, now and every hour.
func (s *server) trimAudit(ctx context.Context) error {
	const atOnce = 10_000
	for {
		for more := true; more; {
			n, err := s.store.TrimAudit(ctx, s.config.AuditRetention, atOnce)
			if err != nil && ctx.Err() == nil {
				s.logger.Warn("the audit could not be trimmed", "error", err)
			}
			more = n == atOnce && err == nil
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(time.Hour):
		}
	}
}

func (s *server) close() {
	for i := range s.closing {
		s.closing[len(s.closing)-1-i]()
	}
}

// newAPI is a Web API client that sends everything once: a resent card would
// be an old one.
func newAPI(c Config) *slack.Client {
	options := []slack.Option{slack.OptionAPIURL(c.SlackAPIURL), slack.OptionHTTPClient(&http.Client{Timeout: slackTimeout})}
	if c.SocketMode() {
		options = append(options, slack.OptionAppLevelToken(c.SlackAppToken()))
	}
	return slack.New(c.SlackBotToken(), options...)
}

// whoAmI asks Slack where the bot token belongs, for as long as Slack cannot be
// asked.
func whoAmI(ctx context.Context, api *slack.Client, logger *slog.Logger) (bot.Home, error) {
	for {
		who, err := api.AuthTestContext(ctx)
		if err == nil {
			return bot.Home{Team: who.TeamID, Enterprise: who.EnterpriseID, BotUser: who.UserID, Bot: who.User}, nil
		}
		if refused := new(slack.SlackErrorResponse); errors.As(err, refused) {
			return bot.Home{}, &usageError{lines: []string{"SLACK_BOT_TOKEN is refused by Slack: " + refused.Err}}
		}
		logger.Warn("Slack cannot be asked who this bot is; trying again", "error", err)
		select {
		case <-ctx.Done():
			return bot.Home{}, fmt.Errorf("asking Slack who this bot is: %w", context.Cause(ctx))
		case <-time.After(askAgain):
		}
	}
}

// processName names this process in leases and the audit, unlike any other.
func processName() string {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown-host"
	}
	return fmt.Sprintf("%s-%d-%d", host, os.Getpid(), time.Now().UnixNano()%1_000_000)
}

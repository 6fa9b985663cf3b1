package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/slack-go/slack"

	"senhasegura-bot/approvals"
	"senhasegura-bot/approvals/redisstore"
	"senhasegura-bot/bot"
	"senhasegura-bot/bot/socket"
	"senhasegura-bot/bot/webhook"
	"senhasegura-bot/commands"
	"senhasegura-bot/senhasegura"
)

// newServer connects what c describes, from the outside in. Its error is for
// the person who starts it.
func newServer(ctx context.Context, c Config, file *PolicyFile, logger *slog.Logger) (*server, error) {
	return connect(ctx, c, file, logger, newAPI(c, slackTransport()))
}

// connect is newServer with Slack at the other end of api.
func connect(ctx context.Context, c Config, file *PolicyFile, logger *slog.Logger, api *slack.Client) (*server, error) {
	s := &server{config: c, logger: logger}
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
	people := bot.NewPeople(bot.PeopleConfig{API: api, Home: home, IdentityAge: c.IdentityCache, Logger: logger})
	s.people = people
	groups := func(ctx context.Context) (map[string]string, error) { return people.Handles(ctx, 0) }
	if s.policy, err = firstPolicy(ctx, file, groups, logger); err != nil {
		s.close()
		return nil, err
	}
	s.token = &tokenHealth{api: api}
	s.store = redisstore.New(redisstore.Config{Client: s.redis, Team: home.Team, AuditKey: []byte(c.AuditKey())})
	s.kept = &storeHealth{ping: s.store.Ping}
	s.assemble(api, home, people)
	return s, nil
}

// firstPolicy puts the policy into force, trying again while Slack cannot be
// asked for the groups behind its handles.
func firstPolicy(ctx context.Context, file *PolicyFile, groups groupsByHandle, logger *slog.Logger) (*livePolicy, error) {
	for {
		live, err := openLivePolicy(ctx, file, groups, logger)
		var faults *PolicyFaults
		code := bot.Definite(err)
		switch {
		case err == nil || errors.As(err, &faults):
			return live, err
		case code != "":
			return nil, &usageError{lines: []string{"POLICY_FILE names user groups by handle, and Slack does not list them: " + code}}
		case ctx.Err() != nil:
			return nil, err
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
	watchBreaker(s.metrics, s.client.Away)
	caller := commands.NewCaller(commands.CallerConfig{Client: s.client, Lists: s.lists, Logger: s.logger})
	store := c.around.Store(s.store)
	s.sweeper = &approvals.Sweeper{Every: sweepEvery, Retention: c.Retention}
	s.notes = approvals.NewNotes(store, people, s.logger)
	s.desk = approvals.NewDesk(approvals.Config{
		Team: home.Team, Process: processName(), Store: store, Directory: people, Policy: s.policy.Current,
		Caller: countCalls(s.metrics, c.around.Caller(caller)), Sealer: approvals.NewSealer([]byte(c.AuditKey())), Logger: s.logger,
		Changed: s.sweeper.Nudge, Noted: s.notes.Add, RunDeadline: c.RunDeadline, CallTimeout: c.CallTimeout, Lease: c.Lease, Calls: c.Concurrency,
	})
	b := bot.New(bot.Config{API: api, Home: home, Desk: s.desk, Store: store, People: people, Invitations: s.store,
		Lists: s.lists, Configured: caller.Configured, Away: s.client.Away, Logger: s.logger})
	s.sweeper.Desk, s.sweeper.Draw = s.desk, b.Draw
	s.sweeper.Lost = b.Lost
	s.bot = b
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
	s.client = client
	s.lists = senhasegura.NewLists(senhasegura.ListsConfig{Client: client, Logger: s.logger})
	return nil
}

// newAPI is a Web API client over transport that sends everything once, because
// a resent card would be an old one, nothing that Slack asked to be spared, and
// nothing whose time is up.
func newAPI(c Config, transport http.RoundTripper) *slack.Client {
	sending := &bot.Limits{Next: c.around.Slack(bot.Punctual{Next: transport})}
	options := []slack.Option{slack.OptionAPIURL(c.SlackAPIURL),
		slack.OptionHTTPClient(&http.Client{Timeout: slackTimeout, Transport: sending})}
	if c.SocketMode() {
		options = append(options, slack.OptionAppLevelToken(c.SlackAppToken()))
	}
	return slack.New(c.SlackBotToken(), options...)
}

// slackTransport keeps as many connections open as are used at a time: each of
// the two that are kept otherwise would be opened anew under load.
func slackTransport() http.RoundTripper {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConnsPerHost = 32
	return t
}

// whoAmI asks Slack where the bot token belongs, for as long as Slack cannot be
// asked, or is in trouble.
func whoAmI(ctx context.Context, api *slack.Client, logger *slog.Logger) (bot.Home, error) {
	for {
		who, err := api.AuthTestContext(ctx)
		if err == nil {
			return bot.Home{Team: who.TeamID, Enterprise: who.EnterpriseID, BotUser: who.UserID, Bot: who.User}, nil
		}
		if code := bot.Definite(err); code != "" {
			return bot.Home{}, &usageError{lines: []string{"SLACK_BOT_TOKEN is refused by Slack: " + code}}
		}
		if ctx.Err() != nil {
			return bot.Home{}, fmt.Errorf("asking Slack who this bot is: %w", context.Cause(ctx))
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

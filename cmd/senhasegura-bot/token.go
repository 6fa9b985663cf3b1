package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/slack-go/slack"

	"senhasegura-bot/bot"
)

// tokenAge is how long an answer of auth.test is believed: readiness is asked
// for often and must not use up Slack's rates.
const tokenAge = 5 * time.Second

// tokenHealth knows whether Slack still accepts the bot token.
type tokenHealth struct {
	api   *slack.Client
	mu    sync.Mutex
	asked time.Time
	code  string
}

// revoked is Slack's word for why it refuses the token; empty when it accepts
// it. While Slack cannot be asked, what it said last holds.
func (t *tokenHealth) revoked(ctx context.Context) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if time.Since(t.asked) >= tokenAge {
		t.ask(ctx)
	}
	return t.code
}

// ask asks Slack; t.mu is held.
func (t *tokenHealth) ask(ctx context.Context) {
	_, err := t.api.AuthTestContext(ctx)
	t.asked = time.Now()
	var answer slack.SlackErrorResponse
	switch {
	case err == nil:
		t.code = ""
	case errors.As(err, &answer) && bot.RefusesToken(answer.Err):
		t.code = answer.Err
	}
}

// watch ends with a reason once Slack refuses the token. Over sockets deliveries
// would go on coming that nothing could be said to, and who asks /readyz may be
// nobody.
func (t *tokenHealth) watch(ctx context.Context) error {
	for tick := time.NewTicker(tokenAge + time.Second); ; {
		select {
		case <-ctx.Done():
			tick.Stop()
			return nil
		case <-tick.C:
		}
		asking, cancel := context.WithTimeout(ctx, readyWithin)
		code := t.revoked(asking)
		cancel()
		if code != "" {
			return fmt.Errorf("SLACK_BOT_TOKEN is refused by Slack: %s; install the app to the workspace again, set its bot token and start again", code)
		}
	}
}

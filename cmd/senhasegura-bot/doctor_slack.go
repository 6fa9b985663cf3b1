package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"senhasegura-bot/bot"
)

// scope is one permission that the bot token needs, and what goes wrong
// without it.
type scope struct{ name, without string }

// scopes are those of manifest.yml; a test compares.
func scopes() []scope {
	return []scope{
		{"commands", "there is no slash command"},
		{"chat:write", "there are no cards and no replies"},
		{"users:read", "nobody can be judged, so no vote counts"},
		{"usergroups:read", "the policy's groups have no members"},
		{"channels:read", "no request can be made in a public channel"},
		{"groups:read", "no request can be made in a private channel"},
		{"im:write", "approvers who are not in the channel are not told"},
	}
}

// slack checks whose the bot token is and what it may do. The app token is not
// tried: that opens a connection, of which an app has few.
func (x *examination) slack(ctx context.Context) {
	asked := time.Now()
	who, err := x.api.AuthTestContext(ctx)
	answered := time.Now()
	if code := bot.Definite(err); code != "" {
		x.fault("slack_token", "SLACK_BOT_TOKEN", "Slack refuses it: "+code,
			"set it to the bot token under OAuth & Permissions of the app")
		return
	}
	if inTrouble(err) {
		x.fault("slack_token", "Slack", "it is in trouble, so the token cannot be checked: "+err.Error(), "try again in a moment")
		return
	}
	if err != nil {
		x.fault("slack_token", "Slack", "it cannot be asked: "+err.Error(), "check the way to it from here, and SLACK_API_URL")
		return
	}
	x.home = bot.Home{Team: who.TeamID, Enterprise: who.EnterpriseID, BotUser: who.UserID, Bot: who.User}
	x.ok("slack_token", fmt.Sprintf("the bot token is @%s's in %s (%s)", who.User, who.Team, who.TeamID))
	if date, err := http.ParseTime(who.Header.Get("Date")); err == nil {
		x.slackClock = readClock(date, asked, answered)
	}
	if granted, said := who.Header["X-Oauth-Scopes"]; said {
		x.scopes(strings.Split(strings.Join(granted, ","), ","))
	}
}

// inTrouble reports whether Slack answered that it cannot, for now.
func inTrouble(err error) bool {
	return errors.As(err, new(slack.SlackErrorResponse)) && bot.Definite(err) == "" || errors.As(err, new(*slack.RateLimitedError))
}

func (x *examination) scopes(granted []string) {
	for i := range granted {
		granted[i] = strings.TrimSpace(granted[i])
	}
	missing := 0
	for _, s := range scopes() {
		if !slices.Contains(granted, s.name) {
			missing++
			x.fault("slack_scopes", "the bot token lacks the scope "+s.name, "without it "+s.without,
				"add it under OAuth & Permissions and install the app again")
		}
	}
	if missing == 0 {
		x.ok("slack_scopes", "the bot token has every scope it needs")
	}
}

// handles checks that the policy's handles are user groups of the workspace.
func (x *examination) handles(ctx context.Context) {
	if x.home.Team == "" || len(x.file.handles) == 0 {
		return
	}
	people := bot.NewPeople(bot.PeopleConfig{API: x.api, Home: x.home, Logger: slog.New(slog.DiscardHandler)})
	groups := func(ctx context.Context) (map[string]string, error) { return people.Handles(ctx, 0) }
	_, err := openLivePolicy(ctx, x.file, groups, slog.New(slog.DiscardHandler))
	var faults *PolicyFaults
	switch {
	case errors.As(err, &faults):
		for _, line := range faults.Lines() {
			x.fault("policy_handles", line, "serve does not start with it", "correct the handle, or use the group's id (S…)")
		}
	case inTrouble(err):
		x.fault("policy_handles", "the policy's handles", "Slack is in trouble, so they cannot be checked: "+err.Error(), "try again in a moment")
	case err != nil:
		x.fault("policy_handles", "the policy's handles", err.Error(), "see the scope usergroups:read")
	default:
		x.ok("policy_handles", "Slack knows the policy's handles")
	}
}

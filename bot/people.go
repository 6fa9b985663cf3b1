package bot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"senhasegura-bot/approvals"
)

// Home is where the bot is installed, as auth.test says.
type Home struct {
	Team       string
	Enterprise string // empty outside Enterprise Grid
	Bot        string // the bot user's name, for /invite
	BotUser    string
}

// PeopleConfig is what a People needs; every field is required.
type PeopleConfig struct {
	API  *slack.Client
	Home Home
	// IdentityAge lowers how old a fact about a person who acts may be. It is
	// at most a minute; zero asks Slack about everybody who acts.
	IdentityAge time.Duration
	Logger      *slog.Logger
}

// People is the approvals.Directory over Slack's Web API. It judges people by
// users.info and users.list and never by what a payload says of them. Large
// groups are counted from a list of the workspace that Run keeps fresh; who
// acts, and who voted when a vote decides, is asked about one by one.
type People struct {
	PeopleConfig

	list     listing
	accounts cache[approvals.Account]
	groups   cache[[]string]
	handles  cache[map[string]string] // handle → group id
	channels cache[approvals.Channel]
	members  cache[[]string]
}

// NewPeople makes a directory of the bot's home. It starts nothing.
func NewPeople(c PeopleConfig) *People {
	c.IdentityAge = min(c.IdentityAge, approvals.AgeActor)
	return &People{PeopleConfig: c}
}

// age applies the setting to the age of facts about people who act. Counting
// stays, and so does the deciding vote, whose ages are shorter anyway: lowered
// to zero, one vote would ask about the same group again and again.
func (p *People) age(maxAge time.Duration) time.Duration {
	if maxAge != approvals.AgeActor {
		return maxAge
	}
	return p.IdentityAge
}

// Account implements approvals.Directory.
func (p *People) Account(ctx context.Context, user string, maxAge time.Duration) (approvals.Account, error) {
	return p.accounts.get(ctx, user, p.age(maxAge), func(ctx context.Context) (approvals.Account, error) {
		u, err := p.API.GetUserInfoContext(ctx, user, slack.GetUserInfoOptionIncludeLocale(true))
		if err != nil {
			if slackError(err, "user_not_found", "users_not_found", "user_not_visible") {
				return approvals.Account{Person: approvals.Person{Key: "unknown:" + user, User: user}}, nil
			}
			return approvals.Account{}, fmt.Errorf("asking who %s is: %w", user, err)
		}
		return p.judge(*u), nil
	})
}

// judge is product.md §3.5: who counts as a full member of the bot's home, and
// which accounts are one person.
func (p *People) judge(u slack.User) approvals.Account {
	home := u.TeamID == p.Home.Team ||
		p.Home.Enterprise != "" && u.Enterprise.EnterpriseID == p.Home.Enterprise
	apart := u.Deleted || u.IsBot || u.IsAppUser || u.IsWorkflowBot || u.IsConnectorBot ||
		u.IsRestricted || u.IsUltraRestricted || u.IsStranger || u.IsInvitedUser || u.ID == "USLACKBOT"
	key := u.TeamID + ":" + u.ID
	if u.Enterprise.ID != "" {
		key = u.Enterprise.ID
	}
	name := u.Profile.DisplayName
	for _, other := range []string{u.RealName, u.Name} {
		if name == "" {
			name = other
		}
	}
	return approvals.Account{
		Person: approvals.Person{Key: key, User: u.ID, Name: name},
		Member: home && !apart && u.ID != "", Locale: u.Locale,
	}
}

// Group implements approvals.Directory.
func (p *People) Group(ctx context.Context, group, handle string, maxAge time.Duration) ([]string, error) {
	if handle != "" {
		handles, err := p.Handles(ctx, p.age(maxAge))
		if err != nil {
			return nil, err
		}
		if now, taken := handles[strings.TrimPrefix(handle, "@")]; taken && now != group {
			return nil, nil
		}
	}
	return p.groups.get(ctx, group, p.age(maxAge), func(ctx context.Context) ([]string, error) {
		users, err := p.API.GetUserGroupMembersContext(ctx, group)
		if slackError(err, "no_such_subteam", "subteam_not_found") {
			return nil, nil
		}
		if err != nil {
			return nil, fmt.Errorf("asking who is in group %s: %w", group, err)
		}
		return users, nil
	})
}

// Handles maps the handles of user groups, without the @, to their ids.
func (p *People) Handles(ctx context.Context, maxAge time.Duration) (map[string]string, error) {
	return p.handles.get(ctx, "", maxAge, func(ctx context.Context) (map[string]string, error) {
		groups, err := p.API.GetUserGroupsContext(ctx)
		if err != nil {
			return nil, fmt.Errorf("listing user groups: %w", err)
		}
		handles := make(map[string]string, len(groups))
		for _, g := range groups {
			if g.DateDelete == 0 {
				handles[g.Handle] = g.ID
			}
		}
		return handles, nil
	})
}

// Channel implements approvals.Directory.
func (p *People) Channel(ctx context.Context, id string, maxAge time.Duration) (approvals.Channel, error) {
	return p.channels.get(ctx, id, p.age(maxAge), func(ctx context.Context) (approvals.Channel, error) {
		c, err := p.API.GetConversationInfoContext(ctx, &slack.GetConversationInfoInput{ChannelID: id})
		if slackError(err, "channel_not_found") {
			return approvals.Channel{ID: id}, nil
		}
		if err != nil {
			return approvals.Channel{}, fmt.Errorf("asking about channel %s: %w", id, err)
		}
		joined := c.IsMember
		if !joined && !c.IsIM && !c.IsMpIM { // also when Slack left it out
			members, err := p.Members(ctx, id, maxAge)
			joined = err == nil && slices.Contains(members, p.Home.BotUser)
		}
		return approvals.Channel{
			ID: id, Name: c.Name, Creator: c.Creator, Visible: true, Joined: joined,
			Private: c.IsPrivate, Direct: c.IsIM || c.IsMpIM, Shared: c.IsExtShared, Archived: c.IsArchived,
		}, nil
	})
}

// Members implements approvals.Directory.
func (p *People) Members(ctx context.Context, channel string, maxAge time.Duration) ([]string, error) {
	return p.members.get(ctx, channel, p.age(maxAge), func(ctx context.Context) ([]string, error) {
		var all []string
		for cursor := ""; ; {
			users, next, err := p.API.GetUsersInConversationContext(ctx,
				&slack.GetUsersInConversationParameters{ChannelID: channel, Cursor: cursor, Limit: 1000})
			if err != nil {
				return nil, fmt.Errorf("asking who is in channel %s: %w", channel, err)
			}
			if all = append(all, users...); next == "" {
				return all, nil
			}
			cursor = next
		}
	})
}

// slackError reports whether Slack answered with one of the codes.
func slackError(err error, codes ...string) bool {
	var answer slack.SlackErrorResponse
	return errors.As(err, &answer) && slices.Contains(codes, answer.Err)
}

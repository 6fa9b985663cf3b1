package main

import (
	"context"
	"slices"
	"strings"
	"time"

	"senhasegura-bot/approvals"
	"senhasegura-bot/senhasegura"
)

// membersFile is an approvals.Directory and commands.Lists: the desk and the
// grammar ask it what they would ask Slack and senhasegura.

// Account implements approvals.Directory.
func (m *membersFile) Account(_ context.Context, user string, _ time.Duration) (approvals.Account, error) {
	u, known := m.users[user]
	return approvals.Account{
		Person: approvals.Person{Key: user, User: user, Name: u.name},
		Member: known && u.standing == fullMember,
	}, nil
}

// Accounts implements approvals.Directory.
func (m *membersFile) Accounts(ctx context.Context, users []string, maxAge time.Duration) ([]approvals.Account, error) {
	var found []approvals.Account
	for _, user := range users {
		if _, known := m.users[user]; known {
			a, _ := m.Account(ctx, user, maxAge)
			found = append(found, a)
		}
	}
	return found, nil
}

// Group implements approvals.Directory.
func (m *membersFile) Group(_ context.Context, group, handle string, _ time.Duration) ([]string, error) {
	if id, taken := m.byHandle(handle); taken && id != group {
		return nil, nil
	}
	return m.groups[group].members, nil
}

// byHandle finds a user group by its handle without the @.
func (m *membersFile) byHandle(handle string) (string, bool) {
	for id, g := range m.groups {
		if handle != "" && g.handle == handle {
			return id, true
		}
	}
	return "", false
}

// Channel implements approvals.Directory.
func (m *membersFile) Channel(_ context.Context, id string, _ time.Duration) (approvals.Channel, error) {
	c, known := m.channels[id]
	return approvals.Channel{
		ID: id, Name: c.name, Creator: c.creator, Visible: known, Joined: c.joined,
		Private: c.private, Shared: c.shared, Archived: c.archived,
	}, nil
}

// byName finds a channel by its name or id.
func (m *membersFile) byName(name string) (string, bool) {
	if _, known := m.channels[name]; known {
		return name, true
	}
	for id, c := range m.channels {
		if c.name != "" && c.name == name {
			return id, true
		}
	}
	return "", false
}

// Members implements approvals.Directory.
func (m *membersFile) Members(_ context.Context, channel string, _ time.Duration) ([]string, error) {
	return m.channels[channel].members, nil
}

// Lookup implements commands.Lists.
func (m *membersFile) Lookup(kind, ref string) senhasegura.Match {
	match := senhasegura.Match{Known: m.targets != nil}
	for _, e := range m.targets {
		same := e.ID == ref
		if strings.Contains(ref, "@") {
			same = strings.EqualFold(e.Target(), ref)
		}
		if same && e.Kind == kind {
			match.Entries = append(match.Entries, e)
		}
	}
	return match
}

// Nearest implements commands.Lists. A file is short enough to be read.
func (m *membersFile) Nearest(string, int, ...string) []senhasegura.Entry { return nil }

// leftOut says why an account that a rule names does not count; empty for one
// that does.
func (m *membersFile) leftOut(p *approvals.Policy, e approvals.Explanation, user string) string {
	if slices.ContainsFunc(e.Eligible, func(who approvals.Person) bool { return who.User == user }) {
		return ""
	}
	u, known := m.users[user]
	asks := p.Canonical(e.Requester.Person).Key
	switch {
	case user == e.Requester.User:
		return "asks"
	case !known:
		return "not in " + m.path
	case u.standing != fullMember:
		return u.standing
	case p.Canonical(approvals.Person{Key: user, User: user}).Key == asks:
		return "same person as the one who asks"
	}
	return "counted by another account"
}

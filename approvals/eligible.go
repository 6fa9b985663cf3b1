package approvals

import (
	"context"
	"slices"
	"time"
)

// Directory is what the Desk knows of people and channels. Every method
// answers with facts no older than maxAge (zero: asked live), or fails: it
// never guesses, and a failure refuses whatever was asked for.
type Directory interface {
	// Account judges one account. An account that does not exist is not a
	// member; that is no error.
	Account(ctx context.Context, user string, maxAge time.Duration) (Account, error)
	// Accounts judges many, for counting; in any order, one answer for each. Fewer
	// mean that the others could not be looked up yet: then a count is a lower
	// bound. It fails where that is too few to count by.
	Accounts(ctx context.Context, users []string, maxAge time.Duration) ([]Account, error)
	// Group lists the accounts in a user group. With a handle: none if that
	// handle now names another group.
	Group(ctx context.Context, group, handle string, maxAge time.Duration) ([]string, error)
	// Channel describes a conversation. One that the bot cannot see is
	// returned with Visible false; that is no error.
	Channel(ctx context.Context, id string, maxAge time.Duration) (Channel, error)
	// Members lists the accounts in a channel.
	Members(ctx context.Context, channel string, maxAge time.Duration) ([]string, error)
}

// Account is an account of Slack as users.info judges it.
type Account struct {
	Person
	// Member is true for a full member of the bot's home: not deleted, not a
	// bot, guest, stranger or merely invited.
	Member bool
	Locale string
}

// Channel is a conversation of Slack.
type Channel struct {
	ID, Name string
	Creator  string // account
	Visible  bool   // the bot can read it
	Joined   bool   // the bot is a member
	Private  bool
	Direct   bool // a DM or a group DM
	Shared   bool // with another organization
	Archived bool
}

// Ages of product.md §3.6: how old a fact may be.
const (
	AgeCounting = 10 * time.Minute // counting people
	AgeActor    = time.Minute      // the person who acts
	AgeDeciding = 5 * time.Second  // groups and members, at the deciding vote
)

// electorate answers who may approve one request.
type electorate struct {
	dir    Directory
	policy *Policy
	// lists must each hold the person.
	lists   [][]Approver
	channel Channel
	maxAge  time.Duration
}

// electorate is made of the rule's lists; in a private channel only its
// members are eligible.
func (d *Desk) electorate(p *Policy, rule Rule, ch Channel, maxAge time.Duration) electorate {
	lists := slices.Clone(rule.Approvers)
	if ch.Private {
		lists = append(lists, []Approver{{Channel: true}})
	}
	return electorate{dir: d.Directory, policy: p, lists: lists, channel: ch, maxAge: maxAge}
}

// accounts lists the accounts that are in every list.
func (e electorate) accounts(ctx context.Context) ([]string, error) {
	var in map[string]bool
	for _, list := range e.lists {
		found, err := e.expand(ctx, list)
		if err != nil {
			return nil, err
		}
		if in == nil {
			in = found
			continue
		}
		for user := range in {
			if !found[user] {
				delete(in, user)
			}
		}
	}
	users := make([]string, 0, len(in))
	for user := range in {
		users = append(users, user)
	}
	slices.Sort(users)
	return users, nil
}

// expand lists the accounts named by one list of approvers.
func (e electorate) expand(ctx context.Context, list []Approver) (map[string]bool, error) {
	in := map[string]bool{}
	for _, a := range list {
		users, err := e.named(ctx, a)
		if err != nil {
			return nil, err
		}
		for _, user := range users {
			in[user] = true
		}
	}
	return in, nil
}

func (e electorate) named(ctx context.Context, a Approver) ([]string, error) {
	switch {
	case a.Person != "":
		return []string{a.Person}, nil
	case a.Group != "":
		return e.dir.Group(ctx, a.Group, a.Handle, e.maxAge)
	case !a.Channel, e.channel.ID == "":
		return nil, nil
	}
	members, err := e.dir.Members(ctx, e.channel.ID, e.maxAge)
	if err != nil || len(a.In) == 0 {
		return members, err
	}
	in, err := e.expand(ctx, a.In)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(slices.Clone(members), func(user string) bool { return !in[user] }), nil
}

// holds reports whether the account may approve.
func (e electorate) holds(ctx context.Context, user string) (bool, error) {
	users, err := e.accounts(ctx)
	return slices.Contains(users, user), err
}

// people lists the full members who may approve, each person once, without the
// requester; all is false where there may be more.
func (e electorate) people(ctx context.Context, requester Person) (people []Person, all bool, err error) {
	users, err := e.accounts(ctx)
	if err != nil {
		return nil, false, err
	}
	accounts, err := e.dir.Accounts(ctx, users, AgeCounting)
	if err != nil {
		return nil, false, err
	}
	seen := map[string]bool{e.policy.Canonical(requester).Key: true}
	for _, a := range accounts {
		who := e.policy.Canonical(a.Person)
		if a.Member && !seen[who.Key] {
			seen[who.Key] = true
			people = append(people, who)
		}
	}
	return people, len(accounts) >= len(users), nil
}

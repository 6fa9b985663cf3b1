package approvalstest

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"senhasegura-bot/approvals"
)

// The groups, and the channels: the second is private.
const (
	askers, leads, sre, freezers, breakers = "S0ASK", "S0LEADS", "S0SRE", "S0FREEZE", "S0GLASS"
	open, private                          = "C1", "G2"
)

// staff are the accounts. UDAVI2 is found to be UDAVI's by its enterprise id at
// some time; UEVA2 is UEVA's while the policy says so.
var staff = []string{"UANA", "UBRUNO", "UCARLA", "UDAVI", "UDAVI2", "UEVA", "UEVA2", "UGIL"}

// facts are what is true of people, the public channel and the policy from an
// instant on. They are read-only once told.
type facts struct {
	from     time.Time
	member   map[string]bool            // full members of the workspace
	groups   map[string]map[string]bool // group → accounts
	inside   map[string]bool            // members of the private channel
	linked   bool                       // UDAVI2 has UDAVI's enterprise id
	shared   bool                       // the public channel is
	deserted bool                       // the bot is not in the public channel
	law      law
}

func everybody() facts {
	all := func(users ...string) map[string]bool {
		in := map[string]bool{}
		for _, u := range users {
			in[u] = true
		}
		return in
	}
	return facts{
		member: all(staff...), inside: all("UANA", "UBRUNO", "UDAVI", "UDAVI2", "UEVA"), law: law{needed: 1, releases: 2},
		groups: map[string]map[string]bool{askers: all(staff...), leads: all("UANA", "UBRUNO", "UDAVI", "UDAVI2", "UEVA2"),
			sre: all("UBRUNO", "UCARLA", "UDAVI", "UEVA", "UGIL"), freezers: all("UBRUNO", "UGIL"), breakers: all("UANA", "UCARLA", "UDAVI", "UDAVI2", "UEVA", "UEVA2")},
	}
}

func (f facts) clone() facts {
	f.member, f.inside, f.groups = maps.Clone(f.member), maps.Clone(f.inside), maps.Clone(f.groups)
	for g := range f.groups {
		f.groups[g] = maps.Clone(f.groups[g])
	}
	return f
}

// person is the account as Slack judges it.
func (f facts) person(user string) approvals.Person {
	key := "T1/" + user
	if f.linked && (user == "UDAVI" || user == "UDAVI2") {
		key = "E1/DAVI"
	}
	return approvals.Person{Key: key, User: user}
}

// human is one name for all accounts of a person.
func (f facts) human(user string) string {
	switch {
	case f.law.same && user == "UEVA2":
		return "UEVA"
	case f.linked && user == "UDAVI2":
		return "UDAVI"
	}
	return user
}

// people is Slack: an approvals.Directory with a memory.
type people struct {
	mu      sync.Mutex
	history []facts
	// stale has it answer with the oldest facts that the question allows.
	stale bool
	down  bool // it does not answer
}

func newPeople(stale bool, expires time.Duration) *people {
	p, first := &people{stale: stale}, everybody()
	first.law.expires, first.law.glass, first.law.within = expires, true, expires
	p.tell(first)
	return p
}

// tell makes facts true from now on.
func (p *people) tell(f facts) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f.from = time.Now()
	p.history = append(p.history, f)
}

// ago is what an answer to a question that allows that age rests on.
func (p *people) ago(age time.Duration) facts {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.stale {
		age = 0
	}
	for _, f := range slices.Backward(p.history) {
		if !f.from.After(time.Now().Add(-age)) {
			return f
		}
	}
	return p.history[0]
}

// now is what is true.
func (p *people) now() facts { return p.ago(0) }

// ever reports whether something held at some instant of the last while.
func (p *people) ever(last time.Duration, held func(facts) bool) bool {
	p.mu.Lock()
	history := slices.Clone(p.history)
	p.mu.Unlock()
	for _, f := range slices.Backward(history) {
		if held(f) {
			return true
		}
		if f.from.Before(time.Now().Add(-last)) {
			return false
		}
	}
	return false
}

func (p *people) policy() *approvals.Policy { return p.now().law.policy() }

// cut has Slack fall silent, or answer again.
func (p *people) cut(down bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.down = down
}

func (p *people) silent() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.down
}

var errSilent = errors.New("Slack does not answer")

func (p *people) err() error {
	if p.silent() {
		return errSilent
	}
	return nil
}

// Account judges one account.
func (p *people) Account(_ context.Context, user string, maxAge time.Duration) (approvals.Account, error) {
	f := p.ago(maxAge)
	return approvals.Account{Person: f.person(user), Member: f.member[user]}, p.err()
}

// Accounts judges many.
func (p *people) Accounts(ctx context.Context, users []string, maxAge time.Duration) ([]approvals.Account, error) {
	var all []approvals.Account
	for _, user := range users {
		a, _ := p.Account(ctx, user, maxAge)
		all = append(all, a)
	}
	return all, p.err()
}

// Group lists the accounts in a group.
func (p *people) Group(_ context.Context, group, _ string, maxAge time.Duration) ([]string, error) {
	return listed(p.ago(maxAge).groups[group]), p.err()
}

// Channel describes one of the two channels.
func (p *people) Channel(_ context.Context, id string, maxAge time.Duration) (approvals.Channel, error) {
	f := p.ago(maxAge)
	ch := approvals.Channel{ID: id, Name: "ops", Visible: true, Joined: true, Private: id == private}
	if id == open {
		ch.Joined, ch.Shared = !f.deserted, f.shared
	}
	return ch, p.err()
}

// Members lists the accounts in a channel.
func (p *people) Members(_ context.Context, channel string, maxAge time.Duration) ([]string, error) {
	if channel == private {
		return listed(p.ago(maxAge).inside), p.err()
	}
	return staff, p.err()
}

func listed(in map[string]bool) []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(in)), func(user string) bool { return !in[user] })
}

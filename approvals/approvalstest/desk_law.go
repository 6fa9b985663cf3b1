package approvalstest

import (
	"slices"
	"time"

	"senhasegura-bot/approvals"
)

// law is the policy in plain words.
type law struct {
	needed   int            // approvals
	releases int            // approvals of a release
	both     bool           // a release needs people who are in both groups
	denied   approvals.Verb // what nobody may do
	same     bool           // UEVA2 is UEVA
	glass    bool           // the glass may be broken
	within   time.Duration  // the time to sign a break-glass
	expires  time.Duration
}

// terms are what the law says of one verb.
type terms struct {
	lists  [][]string // an approver is in one group of each list
	needed int
	deny   bool
}

func (l law) terms(v approvals.Verb) terms {
	t := terms{lists: [][]string{{leads, sre}}, needed: l.needed, deny: v == l.denied}
	if v == approvals.Release {
		t.needed = l.releases
		if l.both {
			t.lists = [][]string{{leads}, {sre}}
		}
	}
	return t
}

// policy is the law as a Desk reads it.
func (l law) policy() *approvals.Policy {
	p := &approvals.Policy{
		Defaults:   l.rule("", approvals.Activate),
		Requesters: []approvals.Approver{{Group: askers}}, Freezers: []approvals.Approver{{Group: freezers}},
	}
	for _, v := range []approvals.Verb{approvals.Deactivate, approvals.Release} {
		r := l.rule(string(v), v)
		r.Verbs = []approvals.Verb{v}
		p.Rules = append(p.Rules, r)
	}
	if l.glass {
		p.BreakGlass = &approvals.BreakGlass{People: []approvals.Approver{{Group: breakers}}, Reviewers: []approvals.Approver{{Group: leads}},
			Verbs: glassVerbs, ReviewWithin: l.within}
	}
	if l.same {
		p.SamePerson = [][]string{{"UEVA", "UEVA2"}}
	}
	return p
}

func (l law) rule(name string, v approvals.Verb) approvals.Rule {
	t := l.terms(v)
	r := approvals.Rule{Name: name, Approvals: t.needed, Expires: l.expires, Deny: t.deny}
	for _, list := range t.lists {
		var approvers []approvals.Approver
		for _, group := range list {
			approvers = append(approvers, approvals.Approver{Group: group})
		}
		r.Approvers = append(r.Approvers, approvers)
	}
	return r
}

// holds reports whether the lists, with the groups as f has them, name the user.
func (t terms) holds(f facts, user string) bool {
	return !slices.ContainsFunc(t.lists, func(list []string) bool {
		return !slices.ContainsFunc(list, func(group string) bool { return f.groups[group][user] })
	})
}

// stored are the terms that a request was made under.
func stored(r approvals.Request) terms {
	t := terms{needed: max(r.Rule.Approvals, 1)}
	for _, approvers := range r.Rule.Approvers {
		var list []string
		for _, a := range approvers {
			list = append(list, a.Group)
		}
		t.lists = append(t.lists, list)
	}
	return t
}

// approver reports whether the user may decide the request: by the rule it was
// made under and by the law of today, as the groups of f stand.
func approver(f facts, today law, r approvals.Request, user string) bool {
	now := today.terms(r.Verb)
	return stored(r).holds(f, user) && now.holds(f, user) && !now.deny && (r.Channel != private || f.inside[user])
}

// needed is how many people must approve: the larger number holds.
func needed(today law, r approvals.Request) int {
	return max(stored(r).needed, today.terms(r.Verb).needed)
}

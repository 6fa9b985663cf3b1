package approvalstest

import (
	"slices"
	"time"

	"senhasegura-bot/approvals"
)

// outcome is what a press must come to: the refusal, empty when the press
// counts, and the request as it is afterwards.
type outcome struct {
	why    approvals.Why
	state  approvals.State
	voters []string // accounts, in the order of their votes
	signed string   // account that signed a break-glass
}

func as(r approvals.Request, why approvals.Why) outcome {
	return outcome{why, r.State, voters(r), r.Glass.Signed.User}
}

func (e outcome) becoming(s approvals.State) outcome {
	e.state = s
	return e
}

func voters(r approvals.Request) []string {
	var users []string
	for _, v := range r.Votes {
		users = append(users, v.Person.User)
	}
	return users
}

// mayAct says what becomes of a press before it can count, by facts as old as
// they may be about a person who acts; the why is empty when it can.
func (o *office) mayAct(r approvals.Request, user string, while approvals.State) outcome {
	f, today := o.people.ago(approvals.AgeActor), o.people.now().law
	switch {
	case o.people.silent():
		return as(r, approvals.WhySlack)
	case !f.member[user]:
		return as(r, approvals.WhyNotMember)
	case r.State != while && while == approvals.Unknown:
		return as(r, approvals.WhyNothingToRerun)
	case r.State != while:
		return as(r, approvals.WhyDecided)
	case r.State == approvals.Pending && !o.ledger.clock().Before(r.Expires):
		return as(r, approvals.WhyExpired).becoming(approvals.Expired)
	}
	return o.eligible(f, f, today, r, user)
}

// eligible says who may decide: not the requester, in a channel the bot may
// speak in, under both rules. account holds what is known of the person,
// f of groups, channel and requester.
func (o *office) eligible(f, account facts, today law, r approvals.Request, user string) outcome {
	account.law, f.law = today, today
	switch {
	case account.human(user) == f.human(r.Requester.User):
		return as(r, approvals.WhyOwnRequest)
	case r.Channel == open && f.deserted:
		return as(r, approvals.WhyNotInChannel)
	case r.Channel == open && f.shared:
		return as(r, approvals.WhyShared)
	case r.State == approvals.Pending && today.terms(r.Verb).deny:
		return as(r, approvals.WhyWithdrawn).becoming(approvals.Cancelled)
	case !approver(f, today, r, user):
		return as(r, approvals.WhyNotEligible)
	}
	return as(r, "")
}

// expectVote is product.md §3.5, 3.6 and 3.11: who cannot decide is refused;
// the deciding vote looks at everybody anew.
func (o *office) expectVote(r approvals.Request, user string) outcome {
	today := o.people.now().law
	for {
		e := o.mayAct(r, user, approvals.Pending)
		if e.why != "" {
			return e
		}
		if o.hasVote(r, user, today) {
			return as(r, approvals.WhyAlreadyVoted)
		}
		deciding := len(r.Votes)+1 >= needed(today, r)
		if deciding {
			if e = o.recheck(r, user, today); e.why != "" {
				return e
			}
			if gone := o.fallen(r, user, today); gone >= 0 {
				r.Votes = slices.Delete(slices.Clone(r.Votes), gone, gone+1)
				continue
			}
		}
		if o.ledger.frozen() {
			return as(r, approvals.WhyFrozen)
		}
		e.voters = append(e.voters, user)
		if deciding {
			e.state = approvals.Approved
		}
		return e
	}
}

// hasVote compares the person with the votes as they are on record.
func (o *office) hasVote(r approvals.Request, user string, today law) bool {
	key := func(who approvals.Person) string { return today.policy().Canonical(who).Key }
	me := key(o.people.ago(approvals.AgeActor).person(user))
	return slices.ContainsFunc(r.Votes, func(v approvals.Vote) bool { return v.Person.User == user || key(v.Person) == me })
}

// recheck looks at the requester and at who presses, live, and at groups and
// channels at most five seconds old.
func (o *office) recheck(r approvals.Request, user string, today law) outcome {
	groups, live := o.people.ago(approvals.AgeDeciding), o.people.now()
	if e := o.eligible(groups, live, today, r, user); e.why != "" {
		return e
	}
	switch asks := r.Requester.User; {
	case !live.member[asks] || !groups.groups[askers][asks]:
		return as(r, approvals.WhyWithdrawn).becoming(approvals.Cancelled)
	case !live.member[user]:
		return as(r, approvals.WhyNotMember)
	case live.human(user) == live.human(asks):
		return as(r, approvals.WhyOwnRequest)
	}
	return as(r, "")
}

// fallen finds the first vote that no longer counts: of somebody who may not
// approve any more, or who turns out to be another of those who do; -1 for none.
func (o *office) fallen(r approvals.Request, user string, today law) int {
	groups, live := o.people.ago(approvals.AgeDeciding), o.people.now()
	seen := []string{live.human(user), live.human(r.Requester.User)}
	return slices.IndexFunc(r.Votes, func(v approvals.Vote) bool {
		who := v.Person.User
		if !live.member[who] || !approver(groups, today, r, who) || slices.Contains(seen, live.human(who)) {
			return true
		}
		seen = append(seen, live.human(who))
		return false
	})
}

// expectAgain is run_again of product.md §4.
func (o *office) expectAgain(r approvals.Request, user string) outcome {
	e := o.mayAct(r, user, approvals.Unknown)
	switch now := o.ledger.clock(); {
	case e.why != "":
		return e
	case now.After(r.Ended.Add(30 * time.Minute)):
		return as(r, approvals.WhyTooLate)
	case r.Run.Number > 3:
		return as(r, approvals.WhyTooOften)
	case o.ledger.frozen():
		return as(r, approvals.WhyFrozen)
	case o.ledger.takenOver(r):
		return as(r, approvals.WhyTouched)
	}
	return e.becoming(approvals.Running)
}

// takenOver reports whether another request touched, or holds, what would run again.
func (l *ledger) takenOver(r approvals.Request) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, t := range r.Targets {
		if t.Result != approvals.ResultUnknown && t.Result != approvals.ResultNotSent {
			continue
		}
		if !l.untouched(r, t) || l.openFor(r.Verb, t.Keys(r.Kind), approvals.Pending, approvals.Approved, approvals.Running) != "" {
			return true
		}
	}
	return false
}

// openFor is the request with that verb, in one of the states, that holds the
// first of the keys that is held.
func (l *ledger) openFor(v approvals.Verb, keys []string, states ...approvals.State) string {
	for _, k := range keys {
		for _, id := range l.ids {
			if r := l.truth[id]; slices.Contains(states, r.State) && r.Verb == v && slices.Contains(l.holds(r), k) {
				return id
			}
		}
	}
	return ""
}

// holds are the keys of an open request: after run_again, of what runs again.
func (l *ledger) holds(r approvals.Request) []string {
	if r.Run.Number < 2 {
		return r.Keys()
	}
	return l.reruns[r.ID]
}

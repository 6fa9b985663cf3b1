package approvalstest

import (
	"reflect"
	"slices"
	"time"

	"senhasegura-bot/approvals"
)

// These hold each written change to what nothing may break, whoever made it and
// however late it arrived. What a press may rest on is as old as the person's
// patience, and the facts it read are older by what product.md §3.6 allows.

// follows is the table of product.md §3.
var follows = map[approvals.State][]approvals.State{
	approvals.Pending:  {approvals.Pending, approvals.Approved, approvals.Denied, approvals.Cancelled, approvals.Expired},
	approvals.Approved: {approvals.Running, approvals.Failed},
	approvals.Running:  {approvals.Running, approvals.Done, approvals.Failed, approvals.Partial, approvals.Unknown},
	approvals.Unknown:  {approvals.Running, approvals.Done, approvals.Failed},
}

// judge holds one written change to the rules. at is an instant before it was
// written.
func (l *ledger) judge(was approvals.Request, c approvals.Change, at time.Time) {
	is, e := c.After, c.Entry
	l.hold(is.Version == was.Version+1, "%s went from version %d to %d", is.ID, was.Version, is.Version)
	besides := is.State == was.State && (e.Event == approvals.EventReview || e.Event == approvals.EventOverdue)
	l.hold(besides || slices.Contains(follows[was.State], is.State), "%s was %s and became %s", is.ID, was.State, is.State)
	l.hold(e.Request == is.ID && e.Version == is.Version && e.From == was.State && e.State == is.State,
		"%s went from %s to %s version %d, and its entry says %+v", is.ID, was.State, is.State, is.Version, e)
	l.hold(reflect.DeepEqual(was.Rule, is.Rule) && was.Requester == is.Requester && was.Expires.Equal(is.Expires) && slices.Equal(was.Keys(), is.Keys()),
		"what %s asks for changed with a %s", is.ID, e.Event)
	if rules := map[approvals.EventKind]func(approvals.Request, approvals.Change, time.Time){
		approvals.EventVote: l.voted, approvals.EventLapse: l.lapsed, approvals.EventDeny: l.denied, approvals.EventCancel: l.cancelled,
		approvals.EventExpire: l.expired, approvals.EventWithdraw: l.withdrawn, approvals.EventClaim: l.claimed, approvals.EventMark: l.mark,
		approvals.EventAnswer: l.answered, approvals.EventDeadline: l.deadline, approvals.EventAgain: l.again, approvals.EventResolve: l.resolved,
		approvals.EventReview: l.signed, approvals.EventOverdue: l.overdue,
	}; rules[e.Event] != nil {
		rules[e.Event](was, c, at)
	} else {
		l.wrong("%s had an event %q", is.ID, e.Event)
	}
	if is.State != was.State && is.State.Final() {
		l.o.met[string(is.State)]++
	}
	if is.State == approvals.Unknown && was.State != is.State {
		l.o.met["unknown"]++
	}
}

// born holds a new request to what may be asked: the exact rule is the submit
// step's to check.
func (l *ledger) born(r approvals.Request, e approvals.Entry) {
	l.hold(e.By == r.Requester && e.Version == 1 && e.State == r.State, "%s was made, and its entry says %+v", r.ID, e)
	if r.Glass.On() {
		l.broken(r, e)
		return
	}
	l.hold(e.Event == approvals.EventSubmit, "%s was asked for by a %s", r.ID, e.Event)
	l.hold(r.State == approvals.Pending && len(r.Votes) == 0, "%s was born %s with votes %v", r.ID, r.State, r.Votes)
}

// may reports whether the user may have been eligible to decide when the facts
// were read: groups at most that old, the account at most that old.
func (l *ledger) may(r approvals.Request, user string, groups, account time.Duration) bool {
	wait := l.o.patience()
	today := func(f facts) bool {
		return l.o.people.ever(wait+groups, func(g facts) bool { return approver(g, f.law, r, user) })
	}
	return l.o.people.ever(wait, today) && l.o.people.ever(wait+account, func(f facts) bool { return f.member[user] }) &&
		l.o.people.ever(wait+account, func(f facts) bool { return f.human(user) != f.human(r.Requester.User) })
}

func (l *ledger) voted(was approvals.Request, c approvals.Change, at time.Time) {
	is, by := c.After, c.Entry.By
	l.thawed(is, "vote")
	l.hold(!at.After(is.Expires), "%s approved %s at %v, which expired at %v", by.User, is.ID, at, is.Expires)
	l.hold(len(is.Votes) == len(was.Votes)+1 && is.Votes[len(was.Votes)].Person == by && slices.Equal(was.Votes, is.Votes[:len(was.Votes)]),
		"%s approved %s, and the votes %v became %v", by.User, is.ID, was.Votes, is.Votes)
	l.hold(l.may(is, by.User, approvals.AgeActor, approvals.AgeActor), "%s, who may not, approved %s of %s", by.User, is.ID, is.Requester.User)
	if is.State == approvals.Approved {
		l.o.met["approved"]++
		l.sanctioned(is)
	}
}

// sanctioned holds the deciding vote to the quorum: as many different people
// as both rules demand, each of them still eligible, none of them the requester.
func (l *ledger) sanctioned(r approvals.Request) {
	wait := l.o.patience()
	for _, v := range r.Votes {
		l.hold(l.may(r, v.Person.User, approvals.AgeDeciding, 0), "%s of %s was approved with the vote of %s, who may not", r.ID, r.Requester.User, v.Person.User)
	}
	l.hold(l.o.people.ever(wait, func(f facts) bool { return len(r.Votes) >= needed(f.law, r) }), "%s was approved by %d", r.ID, len(r.Votes))
	l.hold(l.o.people.ever(wait, func(f facts) bool { return distinct(f, r) }), "%s was approved by people who are not different: %v", r.ID, r.Votes)
	l.hold(l.o.people.ever(wait, func(f facts) bool { return f.member[r.Requester.User] }) &&
		l.o.people.ever(wait+approvals.AgeDeciding, func(f facts) bool { return f.groups[askers][r.Requester.User] }),
		"%s of %s, who may not ask, was approved", r.ID, r.Requester.User)
}

// distinct reports whether the voters and the requester are different people.
func distinct(f facts, r approvals.Request) bool {
	seen := map[string]bool{f.human(r.Requester.User): true}
	for _, v := range r.Votes {
		seen[f.human(v.Person.User)] = true
	}
	return len(seen) == len(r.Votes)+1
}

// lapsed holds the loss of a vote to a reason for it.
func (l *ledger) lapsed(was approvals.Request, c approvals.Change, _ time.Time) {
	l.o.met["lapsed"]++
	user, wait := c.Entry.By.User, l.o.patience()
	l.hold(was.Voted(c.Entry.By.Key) && len(c.After.Votes) == len(was.Votes)-1, "%s lost a vote on %s: %v", user, was.ID, was.Votes)
	fell := func(f facts) bool { return !approver(f, f.law, was, user) || !f.member[user] }
	double := func(f facts) bool { return f.linked || f.law.same }
	l.hold(l.o.people.ever(wait+approvals.AgeDeciding, fell) || l.o.people.ever(wait, double), "%s lost the vote on %s for nothing", user, was.ID)
}

func (l *ledger) denied(was approvals.Request, c approvals.Change, at time.Time) {
	by := c.Entry.By.User
	l.hold(!at.After(was.Expires), "%s was denied after it expired", was.ID)
	l.hold(l.may(was, by, approvals.AgeActor, approvals.AgeActor), "%s, who may not, denied %s of %s", by, was.ID, was.Requester.User)
}

func (l *ledger) cancelled(was approvals.Request, c approvals.Change, at time.Time) {
	by := c.Entry.By
	l.hold(!at.After(was.Expires), "%s was cancelled after it expired", was.ID)
	l.hold(by == was.Requester && was.State == approvals.Pending, "%s of %s was cancelled by %s while %s", was.ID, was.Requester.User, by.User, was.State)
}

func (l *ledger) expired(was approvals.Request, _ approvals.Change, _ time.Time) {
	l.hold(!l.early(was.Expires), "%s expired before its time", was.ID)
}

// withdrawn holds the bot to its reasons.
func (l *ledger) withdrawn(was approvals.Request, c approvals.Change, _ time.Time) {
	l.o.met["withdrawn"]++
	wait, user := l.o.patience(), was.Requester.User
	switch c.After.Decision.Cause {
	case approvals.CausePolicy:
		l.hold(l.o.people.ever(wait, func(f facts) bool { return f.law.denied == was.Verb }), "%s was cancelled by a policy that allows it", was.ID)
	case approvals.CauseRequester:
		l.hold(l.o.people.ever(wait+approvals.AgeDeciding, func(f facts) bool { return !f.member[user] || !f.groups[askers][user] }),
			"%s was cancelled although %s may ask", was.ID, user)
	case approvals.CauseGlass:
		l.hold(l.o.people.ever(wait, func(f facts) bool { return f.law.glass }), "%s gave way to a break-glass, which nobody may", was.ID)
	default:
		l.wrong("%s was cancelled by the bot for %q", was.ID, c.After.Decision.Cause)
	}
}

// thawed holds what acts to a freeze.
func (l *ledger) thawed(r approvals.Request, what string) {
	l.hold(!l.icy, "a %s of %s was written although everything is frozen", what, r.ID)
}

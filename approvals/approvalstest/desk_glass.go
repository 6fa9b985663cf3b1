package approvalstest

import (
	"fmt"
	"slices"
	"time"

	"pgregory.net/rapid"

	"senhasegura-bot/approvals"
)

// Break-glass: what people do, what must come of it, and what may be written.

// glassVerbs are what the law lets people do before somebody approves.
var glassVerbs = []approvals.Verb{approvals.Deactivate, approvals.Release}

// breakGlass has somebody act first, to be reviewed afterwards.
func (o *office) breakGlass(t *rapid.T) {
	p, a := o.somewhere(t), o.asking(t)
	a.Reason = rapid.SampledFrom([]string{"the key is public, and nobody answers", "the key is public, and nobody answers", "leaked"}).Draw(t, "reason")
	if owed := o.ledger.unsigned(); len(owed) > 0 && rapid.Bool().Draw(t, "once more") {
		a.User = o.ledger.of(owed[0]).Requester.User
	}
	do := func() (approvals.Request, error) {
		ctx, cancel := o.patient()
		defer cancel()
		return p.desk.BreakGlass(ctx, a)
	}
	if p.wire.asleep() {
		o.later(p, func() { _, _ = do() })
		return
	}
	failing, late, want := p.wire.failing(), o.late.Load(), o.expectGlass(a)
	r, err := do()
	if late+o.late.Load() > 0 || failing || o.raced(want, why(err)) {
		return
	}
	if why(err) != want || err == nil && !(r.State == approvals.Approved && r.Glass.On() && slices.Equal(r.Targets, a.Targets) && r.Requester.User == a.User) {
		t.Fatalf("%s broke the glass to %s %v in %s: got %q, want %q: %+v", a.User, a.Verb, a.Targets, a.Channel, why(err), want, r)
	}
	if want == approvals.WhyUnreviewed {
		o.count("unreviewed")
	}
}

// expectGlass says who may break the glass: by facts as fresh as at a deciding vote.
func (o *office) expectGlass(a approvals.Ask) approvals.Why {
	f, live, today := o.people.ago(approvals.AgeDeciding), o.people.now(), o.people.now().law
	switch {
	case !today.glass:
		return approvals.WhyNoGlass
	case o.people.silent():
		return approvals.WhySlack
	case !live.member[a.User]:
		return approvals.WhyNotMember
	case !f.groups[askers][a.User]:
		return approvals.WhyNotRequester
	case !f.groups[breakers][a.User]:
		return approvals.WhyNotGlass
	case !slices.Contains(glassVerbs, a.Verb):
		return approvals.WhyGlassVerb
	case a.Channel == open && f.deserted:
		return approvals.WhyNotInChannel
	case a.Channel == open && f.shared:
		return approvals.WhyShared
	case a.Channel == private && !o.people.ago(approvals.AgeActor).inside[a.User]:
		return approvals.WhyOutside
	case today.terms(a.Verb).deny:
		return approvals.WhyDenied
	case o.reviewers(a, today) == 0:
		return approvals.WhyNoReviewer
	case len(a.Reason) < 20:
		return approvals.WhyGlassReason
	case o.ledger.frozen():
		return approvals.WhyFrozen
	}
	return o.glassTaken(a, live, today)
}

// reviewers counts the people who could sign, besides the one who acts.
func (o *office) reviewers(a approvals.Ask, today law) int {
	f, policy, n := o.people.ago(approvals.AgeCounting), today.policy(), 0
	me := policy.Canonical(o.people.now().person(a.User)).Key
	for _, user := range staff {
		if f.member[user] && f.groups[leads][user] && (a.Channel != private || f.inside[user]) && policy.Canonical(f.person(user)).Key != me {
			n++
		}
	}
	return n
}

// glassTaken says what only the ledger knows: an unsigned review of the same
// person, or a run that holds a target. What merely waits gives way.
func (o *office) glassTaken(a approvals.Ask, live facts, today law) approvals.Why {
	policy := today.policy()
	key, accounts := policy.Canonical(live.person(a.User)).Key, policy.Accounts(a.User)
	for _, id := range o.ledger.unsigned() {
		if owes := o.ledger.of(id).Requester; owes.Key == key || slices.Contains(accounts, owes.User) {
			return approvals.WhyUnreviewed
		}
	}
	return o.duplicate(a, o.people.ago(approvals.AgeActor), approvals.Approved, approvals.Running)
}

// sign has somebody sign a review, or press on what needs none.
func (o *office) sign(t *rapid.T) {
	r, some := o.some(t, approvals.States()...)
	if owed := o.ledger.unsigned(); len(owed) > 0 && rapid.IntRange(1, 8).Draw(t, "any") > 1 {
		r = o.ledger.of(rapid.SampledFrom(owed).Draw(t, "owed"))
	} else if !some {
		o.breakGlass(t)
		return
	}
	user := o.someone(t)
	o.press(t, o.expectSign(r, user), r, approvals.Press{User: user}, (*approvals.Desk).Sign)
}

// expectSign says who may sign: not who broke the glass, by any account; a
// reviewer of today.
func (o *office) expectSign(r approvals.Request, user string) outcome {
	f, live := o.people.ago(approvals.AgeDeciding), o.people.now()
	switch {
	case o.people.silent():
		return as(r, approvals.WhySlack)
	case !o.people.ago(approvals.AgeActor).member[user]:
		return as(r, approvals.WhyNotMember)
	case !r.Glass.On():
		return as(r, approvals.WhyDecided)
	case !r.Glass.Unsigned():
		return as(r, approvals.WhyReviewed)
	case !live.member[user]:
		return as(r, approvals.WhyNotMember)
	case live.human(user) == live.human(r.Requester.User):
		return as(r, approvals.WhyOwnReview)
	case r.Channel == open && f.deserted:
		return as(r, approvals.WhyNotInChannel)
	case r.Channel == open && f.shared:
		return as(r, approvals.WhyShared)
	case !f.groups[leads][user] || r.Channel == private && !f.inside[user]:
		return as(r, approvals.WhyNotReviewer)
	}
	e := as(r, "")
	e.signed = user
	return e
}

// unsigned lists the break-glasses whose review is owed.
func (l *ledger) unsigned() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(l.ids), func(id string) bool { return !l.truth[id].Glass.Unsigned() })
}

// broken holds the birth of a break-glass to the law: only here may a request
// be approved without votes.
func (l *ledger) broken(r approvals.Request, e approvals.Entry) {
	l.o.met["glass broken"]++
	user, wait := r.Requester.User, l.o.patience()
	l.hold(!l.icy, "%s broke the glass although everything is frozen", user)
	l.hold(l.o.people.ever(wait, func(f facts) bool { return f.law.glass && f.law.denied != r.Verb && f.member[user] }), "%s, who may not, broke the glass", user)
	l.hold(l.o.people.ever(wait+approvals.AgeDeciding, func(f facts) bool { return f.groups[askers][user] && f.groups[breakers][user] }),
		"%s, who is not among those who may, broke the glass", user)
	l.hold(r.State == approvals.Approved && len(r.Votes) == 0 && slices.Contains(glassVerbs, r.Verb) && len(r.Reason) >= 20, "%s was born as %+v", r.ID, r)
	l.hold(e.Event == approvals.EventGlass && e.Glass, "%s is a break-glass, and its entry says %+v", r.ID, e)
	for _, id := range l.ids {
		if first := l.truth[id]; id != r.ID && first.Glass.Unsigned() {
			l.hold(first.Requester.Key != r.Requester.Key, "%s broke the glass again, and %s is not signed", user, id)
		}
	}
	l.glass[r.ID] = true
}

// signed holds a signature to another person, who may review, once.
func (l *ledger) signed(was approvals.Request, c approvals.Change, _ time.Time) {
	l.o.met["signed"]++
	by, wait := c.Entry.By.User, l.o.patience()
	l.hold(was.Glass.Unsigned() && c.After.Glass.Signed == c.Entry.By, "%s signed %s, which says %+v after %+v", by, was.ID, c.After.Glass, was.Glass)
	l.hold(l.o.people.ever(wait, func(f facts) bool { return f.member[by] && f.human(by) != f.human(was.Requester.User) }), "%s signed %s of %s", by, was.ID, was.Requester.User)
	l.hold(l.o.people.ever(wait+approvals.AgeDeciding, func(f facts) bool { return f.groups[leads][by] && (was.Channel != private || f.inside[by]) }),
		"%s, who may not review, signed %s", by, was.ID)
}

func (l *ledger) overdue(was approvals.Request, c approvals.Change, _ time.Time) {
	l.o.met["overdue"]++
	l.hold(was.Glass.Unsigned() && !was.Glass.Overdue && !l.early(was.Glass.Due()), "%s went overdue: %+v", was.ID, was.Glass)
	l.hold(fmt.Sprint(c.After.Glass.Signed) == fmt.Sprint(was.Glass.Signed), "%s was signed by going overdue", was.ID)
}

package approvalstest

import (
	"context"
	"errors"
	"slices"

	"pgregory.net/rapid"

	"senhasegura-bot/approvals"
)

// What people press and type.

func (o *office) someone(t *rapid.T) string { return rapid.SampledFrom(staff).Draw(t, "who") }

// decider draws somebody who may decide the request and did not yet, or now
// and then anybody.
func (o *office) decider(t *rapid.T, r approvals.Request) string {
	f := o.people.now()
	may := slices.DeleteFunc(slices.Clone(staff), func(user string) bool {
		return !f.member[user] || !approver(f, f.law, r, user) || user == r.Requester.User || slices.Contains(voters(r), user)
	})
	if len(may) == 0 || rapid.IntRange(1, 3).Draw(t, "anybody") == 1 {
		return o.someone(t)
	}
	return rapid.SampledFrom(may).Draw(t, "who")
}

func (o *office) somewhere(t *rapid.T) *process {
	return rapid.SampledFrom(o.desks).Draw(t, "process")
}

// some draws a request in one of the states, or now and then any.
func (o *office) some(t *rapid.T, states ...approvals.State) (approvals.Request, bool) {
	found := o.ledger.which(states...)
	if rapid.IntRange(1, 12).Draw(t, "any") == 1 {
		found = o.ledger.which(approvals.States()...)
	}
	if len(found) == 0 {
		return approvals.Request{}, false
	}
	return one(t, found), true
}

// one draws a request by its id.
func one(t *rapid.T, all []approvals.Request) approvals.Request {
	return all[rapid.IntRange(0, len(all)-1).Draw(t, "request")]
}

func why(err error) approvals.Why {
	if refusal, is := errors.AsType[*approvals.Refusal](err); is {
		return refusal.Why
	}
	if err != nil {
		return approvals.Why("fault: " + err.Error())
	}
	return ""
}

// press has somebody press a button at some process, and holds what comes of
// it to what was expected.
func (o *office) press(t *rapid.T, expect outcome, r approvals.Request, press approvals.Press,
	act func(*approvals.Desk, context.Context, approvals.Press) (approvals.Request, error)) {
	p := o.somewhere(t)
	press.Value, press.Reason = r.Value(), "because"
	do := func() error {
		ctx, cancel := o.patient()
		defer cancel()
		_, err := act(p.desk, ctx, press)
		return err
	}
	if p.wire.asleep() { // nobody knows when it will be answered, or how
		o.later(p, func() { _ = do() })
		return
	}
	if p.wire.failing() {
		o.truthful(o.ledger.of(r.ID), do())
		return
	}
	over, alone := o.expired(r), o.alone(r)
	refusal := why(do())
	got := as(o.ledger.of(r.ID), refusal)
	if runs := r.State == approvals.Running || r.State == approvals.Approved; o.expired(r) != over || o.near(r) || !alone || o.late.Load() > 0 || runs && !o.Still || o.raced(expect.why, refusal) {
		return // time, or a process, was as fast
	}
	if got.why != expect.why || got.state != expect.state || got.signed != expect.signed || !slices.Equal(got.voters, expect.voters) {
		t.Fatalf("%s pressed on %s of %s, %s by %v: got %+v, want %+v", press.User, r.ID, r.Requester.User, r.State, voters(r), got, expect)
	}
	if got.why == approvals.WhyFrozen {
		o.count("frozen")
	}
}

// alone reports whether the request is still as it was looked at, and nobody
// else's press, which was held up, is under way.
func (o *office) alone(r approvals.Request) bool {
	return o.late.Load() == 0 && o.ledger.of(r.ID).Version == r.Version
}

// near reports whether a sweep may have found, or is about to find, that the
// request expired: that too goes on meanwhile.
func (o *office) near(r approvals.Request) bool { return !o.Still && !o.ledger.early(r.Expires) }

// raced reports whether a refusal, expected or not, hangs on a run that may have
// ended in between: without a bubble runs go on meanwhile.
func (o *office) raced(refusals ...approvals.Why) bool {
	runs := []approvals.Why{approvals.WhyTouched, approvals.WhyDuplicate, approvals.WhyDuplicateElsewhere}
	return !o.Still && slices.ContainsFunc(refusals, func(w approvals.Why) bool { return slices.Contains(runs, w) })
}

// later does what a stalled process will do.
func (o *office) later(p *process, do func()) {
	o.count("late press")
	o.late.Add(1)
	p.working.Go(func() {
		defer o.late.Add(-1)
		do()
	})
}

func (o *office) expired(r approvals.Request) bool { return !o.ledger.clock().Before(r.Expires) }

// truthful holds the answers of a store that fails: "nothing was stored" means it.
func (o *office) truthful(was approvals.Request, err error) {
	is := o.ledger.of(was.ID)
	if lapsed := len(is.Lapsed) > len(was.Lapsed); why(err) == approvals.WhyStore && is.Version != was.Version && !lapsed && !was.State.Open() {
		o.t.Fatalf("%s went from %s to %s, and the person was told that nothing happened", was.ID, was.State, is.State)
	}
}

func (o *office) approve(t *rapid.T) {
	r, some := o.some(t, approvals.Pending)
	if !some {
		o.submit(t)
		return
	}
	user := o.decider(t, r)
	o.press(t, o.expectVote(r, user), r, approvals.Press{User: user}, (*approvals.Desk).Approve)
}

// refuse denies or cancels.
func (o *office) refuse(t *rapid.T) {
	r, some := o.some(t, approvals.Pending)
	if !some {
		return
	}
	user := o.decider(t, r)
	if rapid.Bool().Draw(t, "deny") {
		e := o.mayAct(r, user, approvals.Pending)
		if e.why == "" {
			e = e.becoming(approvals.Denied)
		}
		o.press(t, e, r, approvals.Press{User: user}, (*approvals.Desk).Deny)
		return
	}
	if rapid.Bool().Draw(t, "the requester") {
		user = r.Requester.User
	}
	o.press(t, o.expectCancel(r, user), r, approvals.Press{User: user}, (*approvals.Desk).Cancel)
}

// expectCancel is product.md §3.8.
func (o *office) expectCancel(r approvals.Request, user string) outcome {
	switch {
	case o.people.silent():
		return as(r, approvals.WhySlack)
	case !o.people.ago(approvals.AgeActor).member[user]:
		return as(r, approvals.WhyNotMember)
	case user != r.Requester.User && o.policyKey(user) != r.Requester.Key:
		return as(r, approvals.WhyNotYours)
	case r.State != approvals.Pending:
		return as(r, approvals.WhyDecided)
	case o.expired(r):
		return as(r, approvals.WhyExpired).becoming(approvals.Expired)
	}
	return as(r, "").becoming(approvals.Cancelled)
}

func (o *office) policyKey(user string) string {
	return o.people.policy().Canonical(o.people.ago(approvals.AgeActor).person(user)).Key
}

func (o *office) again(t *rapid.T) {
	r, some := o.some(t, approvals.Unknown)
	if !some {
		o.answer(t)
		return
	}
	user := o.decider(t, r)
	o.press(t, o.expectAgain(r, user), r, approvals.Press{User: user}, (*approvals.Desk).RunAgain)
}

func (o *office) resolve(t *rapid.T) {
	r, some := o.some(t, approvals.Unknown)
	if !some || rapid.IntRange(1, 4).Draw(t, "not yet") == 1 {
		o.approve(t)
		return
	}
	user, done := o.decider(t, r), rapid.Bool().Draw(t, "done")
	e := o.mayAct(r, user, approvals.Unknown)
	if e.why == "" {
		e = e.becoming(map[bool]approvals.State{true: approvals.Done, false: approvals.Failed}[done])
	}
	o.press(t, e, r, approvals.Press{User: user, Done: done}, (*approvals.Desk).Resolve)
}

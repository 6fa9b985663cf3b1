package approvalstest

import (
	"fmt"
	"slices"

	"pgregory.net/rapid"

	"senhasegura-bot/approvals"
)

// targets are what people ask for: the first two are one thing.
func targets() []approvals.Target {
	return []approvals.Target{
		{Ref: "1", ID: "1", Name: "root@db1"}, {Ref: "root@db1", ID: "1", Name: "root@db1"},
		{Ref: "2", ID: "2", Name: "root@db2"}, {Ref: "3", ID: "3"}, {Ref: "4", ID: "4"},
		{Ref: "5", ID: "5"}, {Ref: "6", ID: "6"},
	}
}

// asking draws what somebody asks for: one or two targets.
func (o *office) asking(t *rapid.T) approvals.Ask {
	o.asks++
	verb := rapid.SampledFrom([]approvals.Verb{approvals.Activate, approvals.Deactivate, approvals.Deactivate, approvals.Release, approvals.Release}).Draw(t, "verb")
	return approvals.Ask{Key: fmt.Sprint("k", o.asks), User: o.someone(t), Verb: verb, Kind: approvals.Credential, Reason: "leaked",
		Channel: rapid.SampledFrom([]string{open, open, private}).Draw(t, "channel"),
		Targets: rapid.SliceOfNDistinct(rapid.SampledFrom(targets()), 1, 2, func(t approvals.Target) string { return t.ID }).Draw(t, "targets")}
}

// submit has somebody ask.
func (o *office) submit(t *rapid.T) {
	p, a := o.somewhere(t), o.asking(t)
	do := func() (approvals.Request, error) {
		ctx, cancel := o.patient()
		defer cancel()
		return p.desk.Submit(ctx, a)
	}
	if p.wire.asleep() {
		o.later(p, func() { _, _ = do() })
		return
	}
	failing, late, made := p.wire.failing(), o.late.Load(), len(o.ledger.which(approvals.States()...))
	want := o.expectAsk(a)
	r, err := do()
	stored := len(o.ledger.which(approvals.States()...)) > made
	switch {
	case late+o.late.Load() > 0, o.raced(want, why(err)):
	case failing && (why(err) != approvals.WhyStore || !stored):
	case why(err) != want, stored != (want == ""):
		t.Fatalf("%s asked to %s %v in %s: got %q, want %q", a.User, a.Verb, a.Targets, a.Channel, why(err), want)
	case stored:
		o.asked(r, a)
	}
}

// asked holds what was stored to what was asked, under the law of now.
func (o *office) asked(r approvals.Request, a approvals.Ask) {
	law := o.people.now().law.terms(a.Verb)
	if got := stored(r); r.Requester.User != a.User || r.Verb != a.Verb || r.Channel != a.Channel || !slices.Equal(r.Targets, a.Targets) ||
		got.needed != law.needed || fmt.Sprint(got.lists) != fmt.Sprint(law.lists) {
		o.t.Fatalf("%+v became %+v", a, r)
	}
}

// expectAsk is what is refused at birth: product.md §3.5 to 3.10.
func (o *office) expectAsk(a approvals.Ask) approvals.Why {
	f, law := o.people.ago(approvals.AgeActor), o.people.now().law
	rule := law.terms(a.Verb)
	switch {
	case o.people.silent():
		return approvals.WhySlack
	case !f.member[a.User]:
		return approvals.WhyNotMember
	case !f.groups[askers][a.User]:
		return approvals.WhyNotRequester
	case a.Channel == open && f.deserted:
		return approvals.WhyNotInChannel
	case a.Channel == open && f.shared:
		return approvals.WhyShared
	case a.Channel == private && !f.inside[a.User]:
		return approvals.WhyOutside
	case rule.deny:
		return approvals.WhyDenied
	case o.electors(a, law) < rule.needed:
		return approvals.WhyTooFew
	}
	return o.duplicate(a, f, approvals.Pending, approvals.Approved, approvals.Running)
}

// electors counts the people who could approve besides the one who asks.
func (o *office) electors(a approvals.Ask, today law) int {
	f, asks := o.people.ago(approvals.AgeCounting), o.people.ago(approvals.AgeActor)
	f.law, asks.law = today, today
	asked := approvals.Request{Verb: a.Verb, Channel: a.Channel, Rule: today.rule("", a.Verb)}
	who := map[approvals.Person]bool{}
	policy := today.policy()
	for _, user := range staff {
		p := policy.Canonical(f.person(user))
		if f.member[user] && approver(f, today, asked, user) && p.Key != policy.Canonical(asks.person(a.User)).Key {
			who[approvals.Person{Key: p.Key}] = true
		}
	}
	return len(who)
}

// duplicate says whether another request in one of the states holds a target.
func (o *office) duplicate(a approvals.Ask, f facts, states ...approvals.State) approvals.Why {
	o.ledger.mu.Lock()
	defer o.ledger.mu.Unlock()
	first := o.ledger.truth[o.ledger.openFor(a.Verb, approvals.Request{Kind: a.Kind, Targets: a.Targets}.Keys(), states...)]
	switch {
	case first.ID == "":
		return ""
	case first.Channel == private && !f.inside[a.User]:
		return approvals.WhyDuplicateElsewhere
	}
	return approvals.WhyDuplicate
}

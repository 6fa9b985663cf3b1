package approvalstest

import (
	"errors"

	"pgregory.net/rapid"

	"senhasegura-bot/approvals"
)

// What changes around the requests: people, channels, the policy, a freeze.

// change makes something else true from now on.
func (o *office) change(how func(*facts)) {
	f := o.people.now().clone()
	how(&f)
	o.people.tell(f)
}

// move has somebody join or leave, a channel change, or Slack fail.
func (o *office) move(t *rapid.T) {
	user := o.someone(t)
	what := rapid.SampledFrom([]string{leads, sre, askers, freezers, breakers, "member", "inside", "linked", "the channel"}).Draw(t, "what")
	if what == "the channel" {
		what = rapid.SampledFrom([]string{"shared", "deserted", "silent"}).Draw(t, "the channel")
	}
	o.change(func(f *facts) {
		switch what {
		case "member":
			f.member[user] = !f.member[user]
		case "inside":
			f.inside[user] = !f.inside[user]
		case "linked":
			f.linked = true
		case "shared":
			f.shared = !f.shared
		case "deserted":
			f.deserted = !f.deserted
		case "silent":
			o.people.cut(!o.people.silent())
		default:
			f.groups[what][user] = !f.groups[what][user]
		}
	})
}

// mend has everybody back where they were.
func (o *office) mend(*rapid.T) {
	o.people.cut(false)
	o.change(func(f *facts) {
		all := everybody()
		all.law, all.linked = f.law, f.linked
		*f = all
	})
}

// voted draws a request that waits for more votes than it has.
func (o *office) voted(t *rapid.T) (approvals.Request, bool) {
	var all []approvals.Request
	for _, r := range o.ledger.which(approvals.Pending) {
		if len(r.Votes) > 0 {
			all = append(all, r)
		}
	}
	if len(all) == 0 {
		return approvals.Request{}, false
	}
	return one(t, all), true
}

// forsake has a voter lose the groups, or the membership, between that vote and
// the next.
func (o *office) forsake(t *rapid.T) {
	r, some := o.voted(t)
	if !some {
		o.approve(t)
		return
	}
	user := rapid.SampledFrom(voters(r)).Draw(t, "voter")
	deactivated := rapid.Bool().Draw(t, "deactivated")
	o.change(func(f *facts) {
		if f.member[user] = !deactivated; !deactivated {
			f.groups[leads][user], f.groups[sre][user] = false, false
		}
	})
	if o.people.stale {
		o.let(approvals.AgeDeciding)
	}
	next := o.decider(t, r)
	o.press(t, o.expectVote(r, next), r, approvals.Press{User: next}, (*approvals.Desk).Approve)
}

// depart has a requester leave those who may ask, while the request waits.
func (o *office) depart(t *rapid.T) {
	if r, some := o.some(t, approvals.Pending); some {
		o.change(func(f *facts) { f.groups[askers][r.Requester.User] = false })
	}
}

// reload puts another policy into force, and has some process look at what waits.
func (o *office) reload(t *rapid.T) {
	needs := rapid.SampledFrom([]int{1, 1, 2, 2, 2, 3})
	next := law{needed: needs.Draw(t, "needed"), releases: needs.Draw(t, "of a release"), both: rapid.Bool().Draw(t, "both"), same: rapid.Bool().Draw(t, "same"),
		glass: rapid.IntRange(1, 3).Draw(t, "glass") > 1, within: o.units(rapid.SampledFrom([]int{10, 300}).Draw(t, "to sign")),
		expires: o.units(rapid.SampledFrom([]int{20, 200, 1800}).Draw(t, "expires")),
		denied:  rapid.SampledFrom([]approvals.Verb{"", "", "", approvals.Release, approvals.Deactivate}).Draw(t, "denied")}
	o.change(func(f *facts) { f.law = next })
	p := o.somewhere(t)
	if p.wire.asleep() || p.wire.failing() || o.people.silent() || rapid.IntRange(1, 3).Draw(t, "a click finds it") == 1 {
		return
	}
	late := o.late.Load()
	o.must(p.desk.Review(o.ctx))
	if late+o.late.Load() > 0 {
		return
	}
	for _, r := range o.ledger.which(approvals.Pending) {
		if r.Verb == next.denied {
			t.Fatalf("%s waits although the policy denies it", r.ID)
		}
	}
}

// freezeOrNot freezes everything, or ends it: whoever may, by product.md §6.
func (o *office) freezeOrNot(t *rapid.T) {
	p, user, icy := o.somewhere(t), o.someone(t), o.ledger.frozen()
	if p.wire.asleep() || !icy && rapid.IntRange(1, 2).Draw(t, "calm") == 1 {
		o.sweep(t)
		return
	}
	do := p.desk.Freeze
	if icy {
		do = p.desk.Unfreeze
	}
	ctx, cancel := o.patient()
	defer cancel()
	_, changed, err := do(ctx, approvals.Freezing{User: user, Channel: open, Reason: "key stolen"})
	f := o.people.ago(approvals.AgeDeciding)
	if may := !o.people.silent() && f.member[user] && f.groups[freezers][user]; changed != may || (err == nil) != may {
		t.Fatalf("%s, who may: %v, froze or not: %v, %v", user, may, changed, err)
	}
	if refusal := (*approvals.Refusal)(nil); err != nil && !errors.As(err, &refusal) {
		t.Fatalf("a freeze came to %v", err)
	}
}

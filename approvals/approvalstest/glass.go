package approvalstest

import (
	"errors"
	"slices"
	"time"

	"senhasegura-bot/approvals"
)

var (
	sign    = approvals.Event{Kind: approvals.EventReview, By: bruno}
	overdue = approvals.Event{Kind: approvals.EventOverdue}
)

func breakingGlass() []scenario {
	return []scenario{
		{"it is approved from its birth, by nobody, and runs", bornApproved},
		{"the person's next one waits for the review", unreviewed},
		{"the review is owed whoever the account is found to be", func(b *bench) {
			b.broken("R-1", "5")
			known := b.glass("R-2", approvals.Person{Key: "same:UANA", User: ana.User}, "6")
			_, err := b.submit(known)
			b.wantUnreviewed(err, "R-1")
			other := b.glass("R-3", approvals.Person{Key: "same:UANA", User: "UANA2"}, "7")
			other.Accounts = []string{"UANA2", ana.User}
			_, err = b.submit(other)
			b.wantUnreviewed(err, "R-1")
			b.do("R-1", sign)
			_, err = b.submit(known)
			b.must(err)
			_, err = b.submit(other)
			b.wantUnreviewed(err, "R-2")
		}},
		{"a freeze refuses it, and its calls", frozenGlass},
		{"sent again it answers the same and writes nothing", brokenTwice},
		{"it holds its targets, and others hold theirs against it", func(b *bench) {
			b.asked("R-1", approvals.Deactivate, "5")
			_, err := b.submit(b.glass("R-2", ana, "5"))
			b.wantTaken(err, "R-1")
			b.broken("R-3", "6")
			_, err = b.submit(b.ask("R-4", approvals.Deactivate, "6"))
			b.wantTaken(err, "R-3")
		}},
		{"the review needs somebody else, whatever the caller believes", reviewedByLiars},
		{"no request becomes a break-glass later", func(b *bench) {
			b.asked("R-1", approvals.Deactivate, "5")
			c, err := b.change("R-1", vote)
			b.must(err)
			c.After.Votes, c.After.Glass = nil, approvals.Glass{At: b.now()}
			b.want(b.Store.Commit(b.ctx, c), approvals.ErrFourEyes)
			b.entries(1)
		}},
		{"what is not reviewed is not trimmed", func(b *bench) {
			b.broken("R-1", "5")
			b.do("R-1", claim, mark, answer(approvals.AnswerDone))
			b.Advance(b.units(3))
			b.trimmed(0)
			b.do("R-1", sign)
			b.Advance(b.units(3))
			b.trimmed(1)
		}},
	}
}

func bornApproved(b *bench) {
	r := b.broken("R-1", "5")
	if r.State != approvals.Approved || r.Version != 1 || !slices.Contains(b.due().Runnable, "R-1") || len(b.due().Expired) != 0 {
		b.t.Fatalf("stored as %s version %d, due is %+v", r.State, r.Version, b.due())
	}
	r = b.do("R-1", claim, mark, answer(approvals.AnswerDone))
	if r.State != approvals.Done || !r.Glass.Unsigned() {
		b.t.Fatalf("ended as %s, %+v", r.State, r.Glass)
	}
	if e := b.entries(4)[0]; e.Event != approvals.EventGlass {
		b.t.Fatalf("the audit begins with %s", e.Event)
	}
}

func frozenGlass(b *bench) {
	b.broken("R-1", "5")
	b.freeze(true)
	_, err := b.submit(b.glass("R-2", bruno, "6"))
	b.want(err, approvals.ErrFrozen)
	b.want(b.try("R-1", claim), approvals.ErrFrozen)
	b.do("R-1", sign)
	b.unfreeze(true)
	b.do("R-1", claim)
}

func brokenTwice(b *bench) {
	s := b.glass("R-1", ana, "5")
	_, err := b.submit(s)
	b.must(err)
	b.freeze(true)
	second, err := b.submit(s)
	b.must(err)
	if second.ID != "R-1" || second.State != approvals.Approved {
		b.t.Fatalf("answered %s, %s", second.ID, second.State)
	}
	b.entries(2)
}

// glass is a submission of who's break-glass.
func (b *bench) glass(id string, who approvals.Person, refs ...string) approvals.Submission {
	s := b.ask(id, approvals.Deactivate, refs...)
	now := b.now()
	r := &s.Request
	r.Requester, r.State, r.Approved = who, approvals.Approved, now
	r.Glass = approvals.Glass{At: now, Within: b.units(4)}
	r.Run = approvals.Run{Number: 1, StartBy: now.Add(approvals.StartWithin)}
	return s
}

// broken stores a break-glass of Ana's.
func (b *bench) broken(id string, refs ...string) approvals.Request {
	b.t.Helper()
	r, err := b.submit(b.glass(id, ana, refs...))
	b.must(err)
	return r
}

func (b *bench) trimmed(want int) {
	b.t.Helper()
	n, err := b.Store.Trim(b.ctx, time.Millisecond, 10)
	b.must(err)
	if n != want {
		b.t.Fatalf("%d requests were removed, want %d", n, want)
	}
}

func unreviewed(b *bench) {
	next := func(id string) error {
		_, err := b.submit(b.glass(id, ana, id))
		return err
	}
	b.broken("R-1", "5")
	b.wantUnreviewed(next("R-2"), "R-1")
	b.do("R-1", claim, mark, answer(approvals.AnswerDone))
	b.wantUnreviewed(next("R-2"), "R-1")
	b.Advance(b.units(4))
	b.do("R-1", overdue)
	b.wantUnreviewed(next("R-2"), "R-1")
	_, err := b.submit(b.glass("R-3", carla, "R-3")) // hers are another matter
	b.must(err)
	b.do("R-1", sign)
	b.want(b.try("R-1", sign), approvals.ErrReviewed)
	b.must(next("R-2"))
	b.wantUnreviewed(next("R-4"), "R-2")
	b.asked("R-5", approvals.Release, "5") // and so is asking
}

func (b *bench) wantUnreviewed(err error, id string) {
	b.t.Helper()
	var u *approvals.Unreviewed
	if !errors.As(err, &u) || u.ID != id {
		b.t.Fatalf("answered %v, want %s unreviewed", err, id)
	}
}

func reviewedByLiars(b *bench) {
	b.broken("R-1", "5")
	for _, liar := range []approvals.Person{ana, {Key: "another", User: ana.User}, {Key: ana.Key, User: "UOTHER"}} {
		c, err := b.change("R-1", sign)
		b.must(err)
		c.After.Glass.Signed = liar
		b.want(b.Store.Commit(b.ctx, c), approvals.ErrFourEyes)
	}
	b.asked("R-2", approvals.Release, "6")
	c, err := b.change("R-2", cancel)
	b.must(err)
	c.Before.Glass, c.After.Glass = approvals.Glass{At: b.now()}, approvals.Glass{At: b.now(), Signed: bruno, SignedAt: b.now()}
	b.want(b.Store.Commit(b.ctx, c), approvals.ErrFourEyes)
	b.entries(2)
}

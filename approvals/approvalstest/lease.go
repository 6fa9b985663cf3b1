package approvalstest

import (
	"slices"

	"senhasegura-bot/approvals"
)

func leasing() []scenario {
	return []scenario{
		{"a run has its holder until the lease ends", func(b *bench) {
			b.asked("R-1", approvals.Release, "5")
			b.do("R-1", vote)
			was := b.do("R-1", b.claimFor("p1", 5))
			if was.Lease.Holder != "p1" || was.Lease.Fence == 0 {
				b.t.Fatalf("the lease is %+v", was.Lease)
			}
			b.want(b.try("R-1", b.claimFor("p2", 5)), approvals.ErrLeaseHeld)
			if due := b.due(); len(due.Runnable) > 0 {
				b.t.Fatalf("runnable while held: %v", due.Runnable)
			}
			b.Advance(5 * b.Unit)
			if due := b.due(); !slices.Equal(due.Runnable, []string{"R-1"}) {
				b.t.Fatalf("runnable after the lease: %v", due.Runnable)
			}
			if r := b.do("R-1", b.claimFor("p2", 5)); r.Lease.Holder != "p2" || r.Lease.Fence <= was.Lease.Fence {
				b.t.Fatalf("the lease is %+v", r.Lease)
			}
		}},
		{"it is renewed while held, under its fence", renewing},
		{"renewing is no change of the request", func(b *bench) {
			b.running("R-1", approvals.Release, "5")
			c, err := b.change("R-1", mark)
			b.must(err)
			until, err := b.Store.Renew(b.ctx, "R-1", b.fence("R-1"), 2*long)
			b.must(err)
			b.must(b.Store.Commit(b.ctx, c)) // made before the renewal, and not stale
			if r, _ := b.load("R-1"); !r.Lease.Until.Equal(until) {
				b.t.Fatalf("a change took the renewal back: %v, want %v", r.Lease.Until, until)
			}
			b.entries(4)
		}},
		{"it is given back for another to go on at once", func(b *bench) {
			b.running("R-1", approvals.Release, "5")
			fence := b.fence("R-1")
			b.want(b.Store.Unlease(b.ctx, "R-1", 7), approvals.ErrLeaseLost)
			b.must(b.Store.Unlease(b.ctx, "R-1", fence))
			b.must(b.Store.Unlease(b.ctx, "R-1", fence)) // an answer was lost
			if due := b.due(); !slices.Equal(due.Runnable, []string{"R-1"}) {
				b.t.Fatalf("runnable after it was given back: %v", due.Runnable)
			}
			_, err := b.Store.Renew(b.ctx, "R-1", b.fence("R-1"), long)
			b.want(err, approvals.ErrLeaseLost)
			b.do("R-1", b.claimFor("p2", 1000))
			b.want(b.Store.Unlease(b.ctx, "R-1", fence), approvals.ErrLeaseLost)
		}},
		{"it ends with the run", func(b *bench) {
			b.running("R-1", approvals.Release, "5")
			b.do("R-1", mark, answer(approvals.AnswerDone))
			_, err := b.Store.Renew(b.ctx, "R-1", b.fence("R-1"), long)
			b.want(err, approvals.ErrLeaseLost)
			b.must(b.Store.Unlease(b.ctx, "R-1", b.fence("R-1")))
			if due := b.due(); len(due.Runnable) > 0 {
				b.t.Fatalf("runnable after its end: %v", due.Runnable)
			}
		}},
		{"an unknown request is not found", func(b *bench) {
			_, err := b.Store.Renew(b.ctx, "R-1", 1, long)
			b.want(err, approvals.ErrNotFound)
			b.want(b.Store.Unlease(b.ctx, "R-1", 1), approvals.ErrNotFound)
		}},
	}
}

// fence is what the run is held under.
func (b *bench) fence(id string) int64 {
	b.t.Helper()
	r, _ := b.load(id)
	return r.Lease.Fence
}

// claimFor takes a run for a number of units.
func (b *bench) claimFor(holder string, units int) approvals.Event {
	b.t.Helper()
	e := claim
	e.Lease = approvals.Lease{Holder: holder, Until: b.now().Add(b.units(units))}
	return e
}

func renewing(b *bench) {
	b.asked("R-1", approvals.Release, "5")
	b.do("R-1", vote)
	b.do("R-1", b.claimFor("p1", 10))
	_, err := b.Store.Renew(b.ctx, "R-1", 7, long)
	b.want(err, approvals.ErrLeaseLost)
	before := b.now()
	until, err := b.Store.Renew(b.ctx, "R-1", b.fence("R-1"), b.units(20))
	b.must(err)
	if until.Before(before.Add(b.units(20))) || until.After(b.now().Add(b.units(20))) {
		b.t.Fatalf("renewed at %v until %v", before, until)
	}
	b.Advance(b.units(10))
	if due := b.due(); len(due.Runnable) > 0 {
		b.t.Fatalf("runnable although renewed: %v", due.Runnable)
	}
	b.Advance(b.units(10))
	_, err = b.Store.Renew(b.ctx, "R-1", b.fence("R-1"), long)
	b.want(err, approvals.ErrLeaseLost)
	if due := b.due(); !slices.Equal(due.Runnable, []string{"R-1"}) {
		b.t.Fatalf("runnable after the lease: %v", due.Runnable)
	}
}

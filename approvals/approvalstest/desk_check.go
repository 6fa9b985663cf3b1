package approvalstest

import (
	"crypto/rand"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"senhasegura-bot/approvals"
)

// check reports every rule that was broken since, and compares what changed,
// and what is due, with the truth.
func (o *office) check(*rapid.T) {
	o.t.Helper()
	o.steps++
	o.settle()
	defer o.ledger.use()()
	if len(o.ledger.faults) > 0 {
		o.t.Fatalf("%s\nafter %v", strings.Join(o.ledger.faults, "\n"), o.ledger.story)
	}
	for _, id := range slices.Sorted(maps.Keys(o.ledger.changed)) {
		o.same(id)
	}
	clear(o.ledger.changed)
	o.listed()
}

// same compares a request with its truth. The ledger must be in use, as for
// the one below.
func (o *office) same(id string) {
	o.t.Helper()
	got, _, err := o.ledger.Store.Load(o.ctx, id)
	o.must(err)
	if diff := cmp.Diff(o.ledger.truth[id], got, cmpopts.EquateEmpty()); diff != "" {
		o.t.Fatalf("%s is not as it was committed:\n%s", id, diff)
	}
}

// listed holds that whatever is due is found by every process.
func (o *office) listed() {
	o.t.Helper()
	before := o.ledger.clock()
	due, err := o.ledger.Store.Due(o.ctx, 1000)
	o.must(err)
	for _, id := range o.ledger.ids {
		r := o.ledger.truth[id]
		if r.State == approvals.Pending && before.After(r.Expires) && !slices.Contains(due.Expired, id) {
			o.t.Fatalf("%s expired at %v and nobody is told", id, r.Expires)
		}
		runs := r.State == approvals.Approved || r.State == approvals.Running
		if runs && !r.Lease.Held(before) && !before.Equal(r.Lease.Until) && !slices.Contains(due.Runnable, id) {
			o.t.Fatalf("%s is %s, held by nobody, and nobody is told", id, r.State)
		}
	}
}

// finish has everything come to its end, where time costs nothing, and
// compares the audit with every change that was made.
func (o *office) finish() {
	o.t.Helper()
	if o.Still {
		o.drain()
	}
	o.wake(nil)
	o.leave()
	for by, n := range o.pam.leave {
		if n != 0 {
			o.t.Fatalf("%s never ended the leave for %d calls", by, n)
		}
	}
	o.check(nil)
	defer o.ledger.use()()
	for _, id := range o.ledger.ids {
		o.same(id)
	}
	var got []string
	for _, e := range o.entries(len(o.ledger.story)) {
		got = append(got, fmt.Sprint(e.Request, " ", e.Version, " ", e.Event, " ", e.By.User))
	}
	if diff := cmp.Diff(o.ledger.story, got); diff != "" {
		o.t.Fatalf("the audit tells another story:\n%s", diff)
	}
}

// drain ends the trouble: then every run reaches its outcome.
func (o *office) drain() {
	_, _, err := o.ledger.Unfreeze(o.ctx, rand.Text(), entryOf(approvals.EventUnfreeze))
	o.must(err)
	o.mend(nil)
	o.pam.mu.Lock()
	o.pam.other = false
	o.pam.mood, o.pam.slow, o.pam.admit = approvals.AnswerDone, false, everyone
	o.pam.mu.Unlock()
	for range 6 {
		o.wake(nil)
		for _, call := range o.pam.waiting(false) {
			o.pam.let(call)
		}
		for _, p := range o.desks {
			o.due(p)
		}
		o.let(o.units(runUnits / 4))
	}
	if left := o.ledger.which(approvals.Approved, approvals.Running); len(left) > 0 {
		o.t.Fatalf("%d requests never reach an end: %+v", len(left), left)
	}
}

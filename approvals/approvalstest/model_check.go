package approvalstest

import (
	"fmt"
	"slices"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"senhasegura-bot/approvals"
)

// check compares the request that was stepped last, and what is due, with the
// truth. Time may pass while it looks, so what is due lies between what was due
// before and what is due after.
func (w *world) check(*rapid.T) {
	w.steps++
	w.same(w.stepped)
	before := w.now()
	due, err := w.Store.Due(w.ctx, 1000)
	w.must(err)
	now := w.now()
	for _, id := range w.ids {
		r := w.truth[id]
		expired := r.State == approvals.Pending
		w.listed("expired", id, slices.Contains(due.Expired, id),
			expired && !before.Before(r.Expires), expired && !now.Before(r.Expires))
		runs := r.State == approvals.Approved || r.State == approvals.Running
		w.listed("runnable", id, slices.Contains(due.Runnable, id),
			runs && !r.Lease.Held(before), runs && !r.Lease.Held(now))
	}
}

// same compares a request with its truth.
func (w *world) same(id string) {
	w.t.Helper()
	got, _ := w.load(id)
	if diff := cmp.Diff(w.truth[id], got, cmpopts.EquateEmpty()); diff != "" {
		w.t.Fatalf("%s is not as it was committed:\n%s", id, diff)
	}
}

// checkAll compares every request, and the audit with every change made.
func (w *world) checkAll() {
	w.t.Helper()
	for _, id := range w.ids {
		w.same(id)
	}
	var got []string
	for _, e := range w.entries(len(w.events)) {
		got = append(got, fmt.Sprint(e.Request, " ", e.Version, " ", e.Event))
	}
	if diff := cmp.Diff(w.events, got); diff != "" {
		w.t.Fatalf("the audit tells another story:\n%s", diff)
	}
}

func (w *world) listed(index, id string, is, must, may bool) {
	w.t.Helper()
	if must && !is || is && !may {
		w.t.Fatalf("%s is listed as %s: %v", id, index, is)
	}
}

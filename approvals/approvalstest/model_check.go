package approvalstest

import (
	"fmt"
	"slices"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"senhasegura-bot/approvals"
)

// check compares the store with the truth. Time may pass while it looks, so
// what is due lies between what was due before and what is due after.
func (w *world) check(*rapid.T) {
	before := w.now()
	due, err := w.Store.Due(w.ctx, 1000)
	w.must(err)
	for _, id := range w.ids {
		got, now := w.load(id)
		want := w.truth[id]
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty(), cmpopts.IgnoreFields(approvals.Lease{}, "Until")); diff != "" {
			w.t.Fatalf("%s is not as it was committed:\n%s", id, diff)
		}
		expired := got.State == approvals.Pending
		w.listed("expired", id, slices.Contains(due.Expired, id),
			expired && !before.Before(got.Expires), expired && !now.Before(got.Expires))
		runs := got.State == approvals.Approved || got.State == approvals.Running
		w.listed("runnable", id, slices.Contains(due.Runnable, id),
			runs && !got.Lease.Held(before), runs && !got.Lease.Held(now))
	}
}

func (w *world) listed(index, id string, is, must, may bool) {
	w.t.Helper()
	if must && !is || is && !may {
		w.t.Fatalf("%s is listed as %s: %v", id, index, is)
	}
}

// checkAudit compares the audit with every change made.
func (w *world) checkAudit() {
	w.t.Helper()
	var got []string
	for _, e := range w.entries(len(w.events)) {
		got = append(got, fmt.Sprint(e.Request, " ", e.Version, " ", e.Event))
	}
	if diff := cmp.Diff(w.events, got); diff != "" {
		w.t.Fatalf("the audit tells another story:\n%s", diff)
	}
}

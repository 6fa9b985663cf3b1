package approvalstest

import (
	"fmt"
	"sync"
	"time"

	"github.com/google/go-cmp/cmp"

	"senhasegura-bot/approvals"
)

func noting() []scenario {
	return []scenario{
		{"a refusal is on record as it was given, and changes nothing", func(b *bench) {
			was := b.asked("R-1", approvals.Release, "5")
			e := refusalOf(bruno)
			e.About, e.Targets, e.State = "R-1", []string{"5"}, approvals.Pending
			b.must(b.Store.Note(b.ctx, e))
			b.untouched(was, 2)
			b.do("R-1", vote)
			if diff := cmp.Diff(e, b.entries(3)[1].Entry); diff != "" {
				b.t.Fatalf("the entry differs:\n%s", diff)
			}
		}},
		{"of one person ten a minute are listed", func(b *bench) {
			b.refused(ana, 9)
			b.entries(9)
			b.refused(ana, 6)
			b.entries(10)
			b.refused(bruno, 2) // others are not counted with them
			b.entries(12)
			b.tally()
			b.entries(12) // the minute is not over
			b.asked("R-1", approvals.Release, "5")
			b.entries(13) // changes are always listed
		}},
		{"the others are counted, and the count is appended when the minute is over", counted},
		{"forty at once", func(b *bench) {
			b.atOnce(40, func() error { return b.Store.Note(b.ctx, refusalOf(ana)) })
			b.entries(10)
			if b.aMinutePasses() {
				b.countsLast(11, ana, 30)
			}
		}},
	}
}

func refusalOf(by approvals.Person) approvals.Entry {
	return approvals.Entry{Event: approvals.EventRefuse, Team: "T1", By: by, Channel: "C1", Note: "own_request", Tried: "approve", Process: "p1"}
}

// refused notes n refusals of a person.
func (b *bench) refused(by approvals.Person, n int) {
	b.t.Helper()
	for range n {
		b.must(b.Store.Note(b.ctx, refusalOf(by)))
	}
}

// atOnce does something n times at the same time.
func (b *bench) atOnce(n int, do func() error) {
	b.t.Helper()
	var all sync.WaitGroup
	errs := make([]error, n)
	for i := range errs {
		all.Go(func() { errs[i] = do() })
	}
	all.Wait()
	for _, err := range errs {
		b.must(err)
	}
}

func (b *bench) tally() {
	b.t.Helper()
	b.must(b.Tally(b.ctx, "p2"))
}

// aMinutePasses reports false where a minute cannot pass, see doc.go.
func (b *bench) aMinutePasses() bool {
	if b.Unit < time.Second {
		return false
	}
	b.Advance(time.Minute)
	return true
}

// countsLast lets several processes append counts at once, and checks that the
// last of so many entries stands for n refusals of the person.
func (b *bench) countsLast(entries int, by approvals.Person, n int) {
	b.t.Helper()
	b.atOnce(8, func() error { return b.Tally(b.ctx, "p2") })
	got := b.entries(entries)[entries-1].Entry
	got.Team = "" // the store's own, whatever the scenario calls it
	want := approvals.Entry{Event: approvals.EventRefuse, By: by, Count: n, Process: "p2"}
	if diff := cmp.Diff(want, got); diff != "" {
		b.t.Fatalf("the count differs:\n%s", diff)
	}
}

func counted(b *bench) {
	b.refused(ana, 12)
	if b.Unit < time.Second {
		b.tally()
		b.entries(10)
		return
	}
	b.Advance(59 * time.Second)
	b.refused(ana, 3) // of the same minute, which began with the first
	b.tally()
	b.entries(10)
	b.Advance(time.Second)
	b.countsLast(11, ana, 5)
	b.refused(ana, 10) // another minute
	b.entries(21)
	b.refused(ana, 1)
	b.Advance(90 * time.Second)
	b.refused(ana, 11) // and another: the count that is due does not wait for its end
	b.entries(31)
	b.countsLast(32, ana, 2)
	for i := range 12 { // as many people as there are have their own counts
		b.refused(approvals.Person{Key: fmt.Sprint("T1/U", i), User: fmt.Sprint("U", i), Name: "X"}, 11)
	}
	b.entries(32 + 120)
	b.Advance(time.Minute)
	b.tally()
	b.tally()
	b.entries(32 + 120 + 12)
}

package approvalstest

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"senhasegura-bot/approvals"
)

// crowd is how many press at once.
const crowd = 100

// Contention has a hundred goroutines want the same thing: one gets it, and
// the audit tells of each change once.
func Contention(t *testing.T, maker Maker) {
	play(t, maker, []scenario{
		{"a hundred approve, one is needed", func(b *bench) { b.crowdVotes(1) }},
		{"a hundred approve, three are needed", func(b *bench) { b.crowdVotes(3) }},
		{"one person approves a hundred times", func(b *bench) {
			b.quorum("R-1", 2)
			if won := b.rush(func(int) error { return b.press("R-1", vote) }); won != 1 {
				b.t.Fatalf("%d votes of one person were counted", won)
			}
			b.entries(2)
		}},
		{"approve against deny", func(b *bench) {
			b.quorum("R-1", 1)
			won := b.rush(func(i int) error { return b.press("R-1", []approvals.Event{vote, deny}[i%2]) })
			b.decided(won, approvals.Approved, approvals.Denied)
		}},
		{"approve against the end of its time", func(b *bench) {
			s := b.ask("R-1", approvals.Release, "5")
			s.Lifetime = b.units(2)
			_, err := b.submit(s)
			b.must(err)
			var passing sync.WaitGroup
			passing.Go(func() { b.Advance(b.units(2)) })
			won := b.rush(func(i int) error { return b.press("R-1", []approvals.Event{vote, expire}[i%2]) })
			passing.Wait()
			if b.press("R-1", expire) == nil { // nobody pressed while it could be decided
				won++
			}
			b.decided(won, approvals.Approved, approvals.Expired)
		}},
		{"a hundred processes claim a run", func(b *bench) {
			b.quorum("R-1", 1)
			b.do("R-1", vote)
			won := b.rush(func(i int) error { return b.press("R-1", b.claimFor(fmt.Sprint("p", i), 100000)) })
			if r, _ := b.load("R-1"); won != 1 || r.Lease.Fence == 0 {
				b.t.Fatalf("%d processes hold the run, the fence is %d", won, r.Lease.Fence)
			}
			b.entries(3)
		}},
		{"a hundred ask for one target", func(b *bench) {
			won := b.rush(func(i int) error {
				_, err := b.submit(b.ask(fmt.Sprint("R-", i), approvals.Release, "5"))
				return err
			})
			if won != 1 {
				b.t.Fatalf("%d requests hold one target", won)
			}
			b.entries(1)
		}},
		{"one submission is sent a hundred times", func(b *bench) {
			won := b.rush(func(int) error {
				r, err := b.submit(b.ask("R-1", approvals.Release, "5"))
				if err == nil && r.ID != "R-1" {
					return errors.New("another request")
				}
				return err
			})
			if won != crowd {
				b.t.Fatalf("%d of %d were answered", won, crowd)
			}
			b.entries(1)
		}},
		{"a hundred calls want four places", func(b *bench) {
			b.calls = 4
			ids := twentyRuns(b)
			won := b.rush(func(i int) error { return b.try(ids[i%len(ids)], mark) })
			if won != 4 {
				b.t.Fatalf("%d calls are under way", won)
			}
		}},
	})
}

// twentyRuns starts twenty runs, each on its own target.
func twentyRuns(b *bench) []string {
	var ids []string
	for i := range 20 {
		ids = append(ids, fmt.Sprint("R-", i))
		b.running(ids[i], approvals.Release, fmt.Sprint(i))
	}
	return ids
}

// rush runs press a hundred times at once and counts who succeeded.
func (b *bench) rush(press func(i int) error) int {
	var won atomic.Int64
	var all sync.WaitGroup
	start := make(chan struct{})
	for i := range crowd {
		all.Go(func() {
			<-start
			if press(i) == nil {
				won.Add(1)
			}
		})
	}
	close(start)
	all.Wait()
	return int(won.Load())
}

// press is what a click does: it starts over while others were faster, until
// the table says no.
func (b *bench) press(id string, e approvals.Event) error {
	for {
		before, now, err := b.Store.Load(b.ctx, id)
		if err != nil {
			return err
		}
		c, err := b.from(before, now, e)
		if err != nil {
			return err
		}
		if e.Kind == approvals.EventVote {
			c.NotAfter = before.Expires.Add(-1)
		}
		if err := b.Store.Commit(b.ctx, c); !errors.Is(err, approvals.ErrStale) {
			return err
		}
	}
}

func (b *bench) quorum(id string, n int) {
	b.t.Helper()
	s := b.ask(id, approvals.Release, "5")
	s.Request.Rule.Approvals = n
	_, err := b.submit(s)
	b.must(err)
}

func (b *bench) crowdVotes(needed int) {
	b.t.Helper()
	b.quorum("R-1", needed)
	won := b.rush(func(i int) error {
		name := fmt.Sprint("U", i)
		return b.press("R-1", approvals.Event{Kind: approvals.EventVote, By: approvals.Person{Key: "T1/" + name, User: name}})
	})
	r, _ := b.load("R-1")
	if won != needed || len(r.Votes) != needed || r.State != approvals.Approved || r.Version != needed+1 {
		b.t.Fatalf("%d votes succeeded; %s version %d with %d votes", won, r.State, r.Version, len(r.Votes))
	}
	b.entries(needed + 1)
}

// decided checks that one of two ends came about, once.
func (b *bench) decided(won int, either, or approvals.State) {
	b.t.Helper()
	r, _ := b.load("R-1")
	if won != 1 || r.Version != 2 || (r.State != either && r.State != or) {
		b.t.Fatalf("%d decided; the request is %s version %d", won, r.State, r.Version)
	}
	b.entries(2)
}

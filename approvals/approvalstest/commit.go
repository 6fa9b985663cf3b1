package approvalstest

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"senhasegura-bot/approvals"
)

func committing() []scenario {
	return []scenario{
		{"a change is what is loaded next", func(b *bench) {
			b.asked("R-1", approvals.Release, "5")
			c, err := b.change("R-1", vote)
			b.must(err)
			b.must(b.Store.Commit(b.ctx, c))
			got, _ := b.load("R-1")
			if diff := cmp.Diff(c.After, got); diff != "" {
				b.t.Fatalf("loaded another request than was committed:\n%s", diff)
			}
			b.entries(2)
		}},
		{"sent again it answers the same and writes nothing", func(b *bench) {
			b.asked("R-1", approvals.Release, "5")
			first, err := b.change("R-1", vote)
			b.must(err)
			b.must(b.Store.Commit(b.ctx, first))
			b.must(b.Store.Commit(b.ctx, first))
			b.entries(2)
			was := b.do("R-1", claim)
			b.must(b.Store.Commit(b.ctx, first)) // an answer that was lost for long
			b.untouched(was, 3)
		}},
		{"of two changes made from one version the second is stale", func(b *bench) {
			b.asked("R-1", approvals.Release, "5")
			first, err := b.change("R-1", vote)
			b.must(err)
			second, err := b.change("R-1", deny)
			b.must(err)
			b.must(b.Store.Commit(b.ctx, first))
			was, _ := b.load("R-1")
			b.want(b.Store.Commit(b.ctx, second), approvals.ErrStale)
			b.untouched(was, 2)
		}},
		{"after its last instant nothing is written", func(b *bench) {
			was := b.asked("R-1", approvals.Release, "5")
			c, err := b.change("R-1", vote)
			b.must(err)
			c.NotAfter = b.now()
			b.Advance(b.Unit)
			b.want(b.Store.Commit(b.ctx, c), approvals.ErrLate)
			b.untouched(was, 1)
			c.NotAfter = b.now().Add(long)
			b.must(b.Store.Commit(b.ctx, c))
			c.NotAfter = was.Created
			b.must(b.Store.Commit(b.ctx, c)) // written in time, asked again later
		}},
		{"an unknown request is not found", func(b *bench) {
			r := b.asked("R-1", approvals.Release, "5")
			c, err := b.change("R-1", vote)
			b.must(err)
			c.Before.ID, c.After.ID = "R-2", "R-2"
			b.want(b.Store.Commit(b.ctx, c), approvals.ErrNotFound)
			b.untouched(r, 1)
		}},
	}
}

// liar is what a caller may believe wrongly.
type liar struct {
	name   string
	needed int
	lie    func(r *approvals.Request)
}

func votes(people ...approvals.Person) []approvals.Vote {
	var all []approvals.Vote
	for _, p := range people {
		all = append(all, approvals.Vote{Person: p})
	}
	return all
}

var liars = []liar{
	{"approved by nobody", 1, func(r *approvals.Request) {}},
	{"approved by the requester", 1, func(r *approvals.Request) { r.Votes = votes(ana) }},
	{"approved by the requester among others", 1, func(r *approvals.Request) { r.Votes = votes(bruno, ana) }},
	{"approved by the requester's account under another name", 1, func(r *approvals.Request) {
		r.Votes = votes(approvals.Person{Key: "same:UANA", User: ana.User})
	}},
	{"approved by the requester's second account", 1, func(r *approvals.Request) {
		r.Votes = votes(approvals.Person{Key: ana.Key, User: "UANA2"})
	}},
	{"the record names another requester", 1, func(r *approvals.Request) {
		r.Votes, r.Requester = votes(ana), bruno
	}},
	{"approved by one of two", 2, func(r *approvals.Request) { r.Votes = votes(bruno) }},
	{"approved twice by one person", 2, func(r *approvals.Request) { r.Votes = votes(bruno, bruno) }},
	{"approved twice by one account", 2, func(r *approvals.Request) {
		r.Votes = votes(bruno, approvals.Person{Key: "T2/U", User: bruno.User})
	}},
	{"approved by one person with two accounts", 2, func(r *approvals.Request) {
		r.Votes = votes(bruno, approvals.Person{Key: bruno.Key, User: "UBRUNO2"})
	}},
	{"the rule was lowered", 2, func(r *approvals.Request) { r.Votes, r.Rule.Approvals = votes(bruno), 1 }},
}

// fourEyes forges changes that Apply would never make.
func fourEyes(t *testing.T, maker Maker) {
	for _, l := range liars {
		for _, state := range []approvals.State{approvals.Approved, approvals.Running} {
			t.Run(string(state)+": "+l.name, func(t *testing.T) {
				b := newBench(t, maker(t))
				s := b.ask("R-1", approvals.Release, "5")
				s.Request.Rule.Approvals = l.needed
				was, err := b.submit(s)
				b.must(err)
				after := was
				after.Version, after.State = 2, state
				l.lie(&after)
				err = b.Store.Commit(b.ctx, approvals.Change{Op: "forged", Before: was, After: after, Calls: 1})
				b.want(err, approvals.ErrFourEyes)
				b.untouched(was, 1)
				b.Advance(b.Unit)
				if due := b.due(); len(due.Runnable) > 0 {
					t.Fatalf("runnable after a refusal: %v", due.Runnable)
				}
			})
		}
	}
	t.Run("a vote that was counted is still asked for when the run begins", func(t *testing.T) {
		b := newBench(t, maker(t))
		b.asked("R-1", approvals.Release, "5")
		b.do("R-1", vote)
		c, err := b.change("R-1", claim)
		b.must(err)
		c.After.Votes = nil
		b.want(b.Store.Commit(b.ctx, c), approvals.ErrFourEyes)
		b.do("R-1", claim)
	})
	t.Run("as many others as needed approve", func(t *testing.T) {
		b := newBench(t, maker(t))
		s := b.ask("R-1", approvals.Release, "5")
		s.Request.Rule.Approvals = 3
		_, err := b.submit(s)
		b.must(err)
		for _, p := range []approvals.Person{bruno, carla, davi} {
			b.do("R-1", approvals.Event{Kind: approvals.EventVote, By: p})
		}
		if r := b.do("R-1", claim); r.State != approvals.Running {
			t.Fatalf("the request is %s", r.State)
		}
	})
}

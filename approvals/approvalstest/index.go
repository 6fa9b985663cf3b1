package approvalstest

import (
	"slices"
	"time"

	"senhasegura-bot/approvals"
)

func indexing() []scenario {
	return []scenario{
		{"undecided requests are listed by the time they expire", func(b *bench) {
			for id, lifetime := range map[string]time.Duration{"R-3": 3 * long, "R-1": long, "R-2": 2 * long} {
				s := b.ask(id, approvals.Release, id)
				s.Lifetime = lifetime
				_, err := b.submit(s)
				b.must(err)
			}
			b.undecided(10, "R-1", "R-2", "R-3")
			b.undecided(2, "R-1", "R-2")
			b.undecided(0)
			b.do("R-2", vote)
			b.do("R-1", cancel)
			b.undecided(10, "R-3")
		}},
		{"a request is due to expire when its time is up", func(b *bench) {
			s := b.ask("R-1", approvals.Release, "5")
			s.Lifetime = b.units(5)
			_, err := b.submit(s)
			b.must(err)
			b.asked("R-2", approvals.Release, "6")
			if due := b.due(); len(due.Expired) > 0 {
				b.t.Fatalf("expired at birth: %v", due.Expired)
			}
			b.Advance(b.units(5))
			if due := b.due(); !slices.Equal(due.Expired, []string{"R-1"}) {
				b.t.Fatalf("expired: %v", due.Expired)
			}
			b.want(b.try("R-1", vote), approvals.ErrExpired)
			b.do("R-1", expire)
			if due := b.due(); len(due.Expired) > 0 {
				b.t.Fatalf("expired and closed: %v", due.Expired)
			}
		}},
		{"a request is runnable from its approval to its end", func(b *bench) {
			b.asked("R-1", approvals.Release, "5")
			b.runnable()
			b.do("R-1", vote)
			b.runnable("R-1")
			b.do("R-1", claim)
			b.runnable()
			b.do("R-1", mark)
			b.runnable()
			b.do("R-1", answer(approvals.AnswerDone))
			b.runnable()
		}},
		{"no index gives more than asked for", func(b *bench) {
			for _, id := range []string{"R-1", "R-2", "R-3"} {
				b.asked(id, approvals.Release, id)
				b.do(id, vote)
			}
			due, err := b.Store.Due(b.ctx, 2)
			b.must(err)
			if len(due.Runnable) != 2 || len(due.Behind) != 2 {
				b.t.Fatalf("due is %+v", due)
			}
		}},
		{"requests that ended long ago are removed, and no others", trimming},
		{"the store answers", func(b *bench) { b.must(b.Store.Ping(b.ctx)) }},
	}
}

func (b *bench) undecided(limit int, want ...string) {
	b.t.Helper()
	got, err := b.Store.Undecided(b.ctx, limit)
	b.must(err)
	if !slices.Equal(got, want) {
		b.t.Fatalf("undecided are %v, want %v", got, want)
	}
}

func (b *bench) runnable(want ...string) {
	b.t.Helper()
	if due := b.due(); !slices.Equal(due.Runnable, want) {
		b.t.Fatalf("runnable are %v, want %v", due.Runnable, want)
	}
}

func trimming(b *bench) {
	b.asked("R-pending", approvals.Release, "1")
	b.unknown("R-again", "2")
	b.do("R-again", again)
	for _, id := range []string{"R-1", "R-2", "R-3"} {
		b.asked(id, approvals.Release, id)
		b.do(id, deny)
	}
	b.trim(b.units(5), 10, 0)
	b.Advance(b.units(6))
	b.asked("R-young", approvals.Release, "3")
	b.do("R-young", deny)
	b.trim(b.units(5), 2, 2)
	b.trim(b.units(5), 2, 1)
	b.trim(b.units(5), 2, 0)
	for _, id := range []string{"R-1", "R-2", "R-3"} {
		_, _, err := b.Store.Load(b.ctx, id)
		b.want(err, approvals.ErrNotFound)
		_, err = b.Store.Card(b.ctx, id)
		b.want(err, approvals.ErrNotFound)
		if slices.Contains(b.due().Behind, id) {
			b.t.Fatalf("%s was removed and is behind", id)
		}
	}
	for _, id := range []string{"R-pending", "R-again", "R-young"} {
		b.load(id)
	}
	b.entries(15)
}

func (b *bench) trim(age time.Duration, limit, want int) {
	b.t.Helper()
	got, err := b.Store.Trim(b.ctx, age, limit)
	b.must(err)
	if got != want {
		b.t.Fatalf("removed %d, want %d", got, want)
	}
}

func auditing() []scenario {
	return []scenario{
		{"each change has its entry, in order and at the store's time", func(b *bench) {
			before := b.now()
			b.asked("R-1", approvals.Release, "5")
			b.do("R-1", vote, claim, mark, answer(approvals.AnswerDone))
			after := b.now()
			want := []approvals.EventKind{approvals.EventSubmit, approvals.EventVote, approvals.EventClaim, approvals.EventMark, approvals.EventAnswer}
			for i, e := range b.entries(len(want)) {
				if e.Event != want[i] || e.Version != i+1 || e.Request != "R-1" || e.Requester != ana {
					b.t.Fatalf("entry %d is %+v", i+1, e)
				}
				if e.At.Before(before) || e.At.After(after) {
					b.t.Fatalf("entry %d was written at %v, between %v and %v", i+1, e.At, before, after)
				}
			}
		}},
		{"what is no change has none", func(b *bench) {
			b.running("R-1", approvals.Release, "5")
			_, err := b.Store.Renew(b.ctx, "R-1", b.fence("R-1"), long)
			b.must(err)
			card, r := b.take(long)
			b.must(b.Store.PutCard(b.ctx, "R-1", drawn(card, r), 0))
			b.must(b.Store.Unlease(b.ctx, "R-1", b.fence("R-1")))
			_, err = b.submit(b.ask("R-2", approvals.Release, "5"))
			b.wantTaken(err, "R-1")
			b.entries(3)
		}},
	}
}

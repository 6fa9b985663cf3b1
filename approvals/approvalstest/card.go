package approvalstest

import (
	"reflect"
	"slices"
	"time"

	"senhasegura-bot/approvals"
)

// take takes the card of R-1 and must succeed.
func (b *bench) take(d time.Duration) (approvals.Card, approvals.Request) {
	b.t.Helper()
	c, r, _, err := b.Store.TakeCard(b.ctx, "R-1", "p1", d)
	b.must(err)
	return c, r
}

// drawn is the card after a drawing of all there is.
func drawn(c approvals.Card, r approvals.Request) approvals.Card {
	c.Channel, c.TS, c.Shown, c.Told, c.Again, c.Tries = "C1", "12.34", r.Version, r.Notices, false, 0
	c.Pointer, c.Shrunk = approvals.Pointer{TS: "12.35", State: r.State, Shrunk: true}, true
	c.Directs = []approvals.Direct{{User: "U1", Channel: "D1", TS: "12.36", Shown: "1", Tries: 2}, {User: "U2", Left: true}}
	return c
}

func (b *bench) behind(want bool) {
	b.t.Helper()
	if got := slices.Contains(b.due().Behind, "R-1"); got != want {
		b.t.Fatalf("behind: %v, want %v", got, want)
	}
}

func drawing() []scenario {
	return []scenario{
		{"a new request is behind until it is drawn", func(b *bench) {
			b.asked("R-1", approvals.Release, "5")
			b.behind(true)
			if c, err := b.Store.Card(b.ctx, "R-1"); err != nil || !reflect.DeepEqual(c, approvals.Card{}) {
				b.t.Fatalf("the card is %+v, %v", c, err)
			}
			card, r := b.take(long)
			if r.ID != "R-1" || r.Version != 1 || card.Resumed {
				b.t.Fatalf("took %+v to draw %+v", card, r)
			}
			b.behind(false)
			want := drawn(card, r)
			b.must(b.Store.PutCard(b.ctx, "R-1", want, 0))
			b.behind(false)
			if got, err := b.Store.Card(b.ctx, "R-1"); err != nil || !reflect.DeepEqual(got, want) {
				b.t.Fatalf("the card is %+v, want %+v (%v)", got, want, err)
			}
		}},
		{"one process draws at a time", func(b *bench) {
			b.asked("R-1", approvals.Release, "5")
			card, r := b.take(long)
			for _, holder := range []string{"p1", "p2"} {
				_, _, _, err := b.Store.TakeCard(b.ctx, "R-1", holder, long)
				b.want(err, approvals.ErrLeaseHeld)
			}
			b.must(b.Store.PutCard(b.ctx, "R-1", drawn(card, r), 0))
			b.want(b.Store.PutCard(b.ctx, "R-1", drawn(card, r), 0), approvals.ErrLeaseLost)
			if next, _ := b.take(long); next.Fence <= card.Fence || next.Resumed {
				b.t.Fatalf("took %+v after %+v", next, card)
			}
		}},
		{"a change while it is drawn leaves it behind", func(b *bench) {
			b.asked("R-1", approvals.Release, "5")
			card, r := b.take(long)
			b.do("R-1", vote)
			b.must(b.Store.PutCard(b.ctx, "R-1", drawn(card, r), 0))
			b.behind(true)
			card, r = b.take(long)
			b.must(b.Store.PutCard(b.ctx, "R-1", drawn(card, r), 0))
			b.behind(false)
		}},
		{"every change leaves it behind", func(b *bench) {
			b.asked("R-1", approvals.Release, "5")
			for _, e := range []approvals.Event{vote, claim, mark, answer(approvals.AnswerLost), again, claim, mark, answer(approvals.AnswerDone)} {
				card, r := b.take(long)
				b.must(b.Store.PutCard(b.ctx, "R-1", drawn(card, r), 0))
				b.behind(false)
				b.do("R-1", e)
				b.behind(true)
			}
		}},
		{"an outcome the thread was not told leaves it behind", func(b *bench) {
			b.asked("R-1", approvals.Release, "5")
			b.do("R-1", deny)
			card, r := b.take(long)
			silent := drawn(card, r)
			silent.Told = 0
			b.must(b.Store.PutCard(b.ctx, "R-1", silent, 0))
			b.behind(true)
			card, r = b.take(long)
			b.must(b.Store.PutCard(b.ctx, "R-1", drawn(card, r), 0))
			b.behind(false)
		}},
		{"a drawing that may still arrive late leaves it behind", func(b *bench) {
			b.asked("R-1", approvals.Release, "5")
			card, r := b.take(long)
			doubtful := drawn(card, r)
			doubtful.Again, doubtful.Tries = true, 3
			b.must(b.Store.PutCard(b.ctx, "R-1", doubtful, 0))
			b.behind(true)
			if card, _ = b.take(long); !card.Again || card.Tries != 3 {
				b.t.Fatalf("took %+v", card)
			}
		}},
		{"what is put off is behind when it is due", func(b *bench) {
			b.asked("R-1", approvals.Release, "5")
			card, r := b.take(long)
			b.must(b.Store.PutCard(b.ctx, "R-1", drawn(card, r), b.units(10)))
			b.behind(false)
			b.Advance(b.units(10))
			b.behind(true)
		}},
		{"a card that will be looked at is watched, a settled one is not", func(b *bench) {
			b.asked("R-1", approvals.Release, "5")
			for _, due := range []time.Duration{b.units(10), 0} {
				card, r := b.take(long)
				b.must(b.Store.PutCard(b.ctx, "R-1", drawn(card, r), due))
				ids, err := b.Store.Watched(b.ctx, 10)
				if b.must(err); slices.Contains(ids, "R-1") != (due > 0) {
					b.t.Fatalf("watched with due %s: %v", due, ids)
				}
			}
		}},
		{"a drawer that died is found and followed", deadDrawer},
		{"what was shown stays shown", func(b *bench) {
			b.asked("R-1", approvals.Release, "5")
			b.do("R-1", deny)
			card, r := b.take(long)
			b.must(b.Store.PutCard(b.ctx, "R-1", drawn(card, r), 0))
			card, r = b.take(long)
			older := drawn(card, r)
			older.Shown, older.Told = 1, 0
			b.must(b.Store.PutCard(b.ctx, "R-1", older, 0))
			if got, err := b.Store.Card(b.ctx, "R-1"); err != nil || got.Shown != 2 || got.Told != 1 {
				b.t.Fatalf("the card is %+v, %v", got, err)
			}
		}},
		{"an unknown request is not found", func(b *bench) {
			_, err := b.Store.Card(b.ctx, "R-1")
			b.want(err, approvals.ErrNotFound)
			_, _, _, err = b.Store.TakeCard(b.ctx, "R-1", "p1", long)
			b.want(err, approvals.ErrNotFound)
			b.want(b.Store.PutCard(b.ctx, "R-1", approvals.Card{}, 0), approvals.ErrNotFound)
		}},
	}
}

func deadDrawer(b *bench) {
	b.asked("R-1", approvals.Release, "5")
	dead, r := b.take(b.units(5))
	b.behind(false)
	b.Advance(b.units(5))
	b.behind(true)
	card, _ := b.take(long)
	if !card.Resumed || card.Fence <= dead.Fence {
		b.t.Fatalf("took %+v after %+v", card, dead)
	}
	b.want(b.Store.PutCard(b.ctx, "R-1", drawn(dead, r), 0), approvals.ErrLeaseLost) // it was only slow
	b.must(b.Store.PutCard(b.ctx, "R-1", drawn(card, r), 0))
	if card, _ = b.take(b.units(5)); card.Resumed {
		b.t.Fatalf("resumed although the card was given back: %+v", card)
	}
	// Late, but nobody took the card meanwhile: what was drawn was drawn.
	b.Advance(b.units(5))
	b.must(b.Store.PutCard(b.ctx, "R-1", drawn(card, r), 0))
	b.behind(false)
}

package approvalstest

import (
	"crypto/rand"
	"slices"
	"time"

	"senhasegura-bot/approvals"
)

func freezing() []scenario {
	return []scenario{
		{"nothing that acts is written while it lasts", func(b *bench) {
			b.asked("R-1", approvals.Deactivate, "1")
			b.asked("R-2", approvals.Deactivate, "2")
			b.do("R-2", vote)
			b.running("R-3", approvals.Deactivate, "3", "4")
			b.do("R-3", mark)
			b.unknown("R-4", "5")
			was := b.allOf("R-1", "R-2", "R-3", "R-4")
			b.freeze(true)
			renewed, same := mark, mark
			renewed.Renew, renewed.Timeout = true, long/2
			same.Renew = true // its call ends with the run, as before
			for _, refused := range []struct {
				id string
				e  approvals.Event
			}{{"R-1", vote}, {"R-2", claim}, {"R-3", at(mark, 1)}, {"R-3", renewed}, {"R-3", same}, {"R-4", again}} {
				b.want(b.try(refused.id, refused.e), approvals.ErrFrozen)
			}
			for _, r := range was {
				b.untouched(r, 13)
			}
			b.unfreeze(true)
			b.do("R-1", vote)
			b.do("R-2", claim)
			b.do("R-3", at(mark, 1), renewed)
			b.do("R-4", again)
		}},
		{"a change that was refused may be written afterwards", func(b *bench) {
			b.running("R-1", approvals.Release, "5")
			c, err := b.change("R-1", mark)
			b.must(err)
			b.freeze(true)
			b.want(b.Store.Commit(b.ctx, c), approvals.ErrFrozen)
			b.unfreeze(true)
			b.must(b.Store.Commit(b.ctx, c))
		}},
		{"what was written before it stays so when it is sent again", func(b *bench) {
			b.running("R-1", approvals.Release, "5")
			c, err := b.change("R-1", mark)
			b.must(err)
			b.must(b.Store.Commit(b.ctx, c))
			b.freeze(true)
			b.must(b.Store.Commit(b.ctx, c))
		}},
		{"what ends or settles a request passes", func(b *bench) {
			for _, id := range []string{"R-1", "R-2", "R-3"} {
				b.asked(id, approvals.Release, id)
			}
			b.running("R-5", approvals.Release, "5", "6")
			b.do("R-5", mark)
			b.freeze(true)
			b.do("R-1", deny)
			b.do("R-2", cancel)
			b.do("R-3", approvals.Event{Kind: approvals.EventWithdraw, Cause: approvals.CausePolicy})
			b.do("R-5", answer(approvals.AnswerDone))
			b.asked("R-6", approvals.Release, "7")
			b.entries(13)
		}},
		{"a frozen run ends at its deadline with nothing sent", func(b *bench) {
			b.asked("R-1", approvals.Deactivate, "5")
			short := claim
			short.Limit = b.units(5)
			b.do("R-1", vote, short)
			b.freeze(true)
			b.want(b.try("R-1", mark), approvals.ErrFrozen)
			b.Advance(b.units(5))
			if r := b.do("R-1", deadline); r.Targets[0].Result != approvals.ResultNotSent {
				b.t.Fatalf("ended as %+v", r.Targets[0])
			}
		}},
		{"a second freeze changes nothing, and neither does a second end", secondFreeze},
		{"sent again it answers the same and writes nothing", resentFreeze},
		{"every open request is behind until its card shows it", frozenCards},
	}
}

// entryOf is the audit entry of a freeze or its end.
func entryOf(k approvals.EventKind) approvals.Entry {
	return approvals.Entry{Event: k, Team: "T1", By: davi, Channel: "C1", Reason: "key stolen", Process: "p1"}
}

func (b *bench) freeze(changes bool) approvals.Freeze {
	b.t.Helper()
	f, changed, err := b.Store.Freeze(b.ctx, rand.Text(), approvals.Freeze{By: davi, Reason: "key stolen"}, entryOf(approvals.EventFreeze))
	b.must(err)
	if changed != changes || !f.On() {
		b.t.Fatalf("frozen: %v, want %v: %+v", changed, changes, f)
	}
	return f
}

func (b *bench) unfreeze(changes bool) approvals.Freeze {
	b.t.Helper()
	f, changed, err := b.Store.Unfreeze(b.ctx, rand.Text(), entryOf(approvals.EventUnfreeze))
	b.must(err)
	if changed != changes || f.On() != changes {
		b.t.Fatalf("no longer frozen: %v, want %v: %+v", changed, changes, f)
	}
	return f
}

func (b *bench) frozen(want approvals.Freeze) {
	b.t.Helper()
	got, err := b.Store.Frozen(b.ctx)
	b.must(err)
	if got != want {
		b.t.Fatalf("in force is %+v, want %+v", got, want)
	}
}

func (b *bench) allOf(ids ...string) []approvals.Request {
	b.t.Helper()
	var all []approvals.Request
	for _, id := range ids {
		r, _ := b.load(id)
		all = append(all, r)
	}
	return all
}

func secondFreeze(b *bench) {
	b.unfreeze(false)
	b.frozen(approvals.Freeze{})
	before := b.now()
	first := b.freeze(true)
	if first.By != davi || first.Reason != "key stolen" || first.At.Before(before) {
		b.t.Fatalf("froze as %+v at %v", first, before)
	}
	b.frozen(first)
	b.Advance(b.Unit)
	got, changed, err := b.Store.Freeze(b.ctx, rand.Text(), approvals.Freeze{By: carla, Reason: "me too"}, entryOf(approvals.EventFreeze))
	b.must(err)
	if changed || got != first {
		b.t.Fatalf("a second freeze answered %+v, %v", got, changed)
	}
	b.frozen(first)
	if lifted := b.unfreeze(true); lifted != first {
		b.t.Fatalf("ended %+v, want %+v", lifted, first)
	}
	b.unfreeze(false)
	b.frozen(approvals.Freeze{})
	var kinds []approvals.EventKind
	for _, e := range b.entries(2) {
		if kinds = append(kinds, e.Event); e.By != davi || e.Reason != "key stolen" || e.Channel != "C1" {
			b.t.Fatalf("the audit says %+v", e)
		}
	}
	if !slices.Equal(kinds, []approvals.EventKind{approvals.EventFreeze, approvals.EventUnfreeze}) {
		b.t.Fatalf("the audit has %v", kinds)
	}
	b.freeze(true)
}

func resentFreeze(b *bench) {
	put := func() (approvals.Freeze, bool, error) {
		return b.Store.Freeze(b.ctx, "op-1", approvals.Freeze{By: davi}, entryOf(approvals.EventFreeze))
	}
	end := func() (approvals.Freeze, bool, error) {
		return b.Store.Unfreeze(b.ctx, "op-2", entryOf(approvals.EventUnfreeze))
	}
	for i, send := range []func() (approvals.Freeze, bool, error){put, end} {
		first, changed, err := send()
		b.must(err)
		b.Advance(b.Unit)
		second, still, err := send()
		b.must(err)
		if !changed || !still || first != second || !first.On() {
			b.t.Fatalf("answered %+v, %v and then %+v, %v", first, changed, second, still)
		}
		b.entries(i + 1)
	}
}

func frozenCards(b *bench) {
	show := func() (approvals.Card, approvals.Request) {
		card, r := b.take(long)
		card = drawn(card, r)
		card.Frozen = card.Freeze.At
		return card, r
	}
	b.asked("R-1", approvals.Release, "5")
	card, _ := show()
	f := b.freeze(true) // while it is being drawn
	b.must(b.Store.PutCard(b.ctx, "R-1", card, 0))
	b.behind(true)
	card, _ = show()
	if card.Freeze != f {
		b.t.Fatalf("took the card with %+v, want %+v", card.Freeze, f)
	}
	b.must(b.Store.PutCard(b.ctx, "R-1", card, 0))
	b.behind(false)
	if got, err := b.Store.Card(b.ctx, "R-1"); err != nil || !got.Frozen.Equal(f.At) {
		b.t.Fatalf("the card shows the freeze of %v, %v", got.Frozen, err)
	}
	b.unfreeze(true)
	b.behind(true)
	card, _ = show()
	b.must(b.Store.PutCard(b.ctx, "R-1", card, 0))
	b.behind(false)
	b.do("R-1", vote)
	card, _ = show()
	b.must(b.Store.PutCard(b.ctx, "R-1", card, 0))
	b.Advance(b.Unit + time.Millisecond)
	b.freeze(true)
	b.behind(true) // approved ones too
	b.unfreeze(true)
	b.do("R-1", claim, mark, answer(approvals.AnswerDone))
	card, _ = show()
	b.must(b.Store.PutCard(b.ctx, "R-1", card, 0))
	b.freeze(true)
	b.behind(false) // it is done
}

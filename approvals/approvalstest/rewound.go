package approvalstest

import (
	"pgregory.net/rapid"

	"senhasegura-bot/approvals"
)

// above sets a record back that is older than the version shown.
func above(shown int) approvals.Event {
	return approvals.Event{Kind: approvals.EventRewound, Shown: shown}
}

func rewinding() []scenario {
	return []scenario{
		{"a record that went back goes above what was shown, and waits for nothing but a person", func(b *bench) {
			b.asked("R-1", approvals.Release, "5")
			r := b.do("R-1", vote, above(9))
			if r.Version != 10 || r.State != approvals.Unknown || r.Rewound.IsZero() {
				b.t.Fatalf("it is %+v", r)
			}
			b.runnable()
			b.undecided(10)
			b.behind(true)
			if e := b.entries(3)[2]; e.Event != approvals.EventRewound || e.Version != 10 {
				b.t.Fatalf("the entry is %+v", e)
			}
			b.want(b.try("R-1", again), approvals.ErrRewound)
			if r = b.do("R-1", approvals.Event{Kind: approvals.EventResolve, By: bruno, Done: true}); r.State != approvals.Done || r.Version != 11 {
				b.t.Fatalf("resolved, it is %+v", r)
			}
		}},
		{"whoever still runs it is fenced out, although the lease is held", func(b *bench) {
			b.running("R-1", approvals.Release, "5")
			mine, err := b.change("R-1", mark)
			b.must(err)
			b.do("R-1", above(9))
			b.want(b.Store.Commit(b.ctx, mine), approvals.ErrStale)
		}},
		{"its targets are held against calls for a while, its verb is not", func(b *bench) {
			b.running("R-1", approvals.Release, "5")
			b.do("R-1", above(9))
			b.running("R-2", approvals.Release, "5")
			b.want(b.try("R-2", mark), approvals.ErrBusy)
		}},
		{"a freeze does not keep it open", func(b *bench) {
			b.asked("R-1", approvals.Release, "5")
			b.do("R-1", vote)
			b.freeze(true)
			b.do("R-1", above(2))
		}},
		{"no other event goes further than one version, and this one never to a run", func(b *bench) {
			was := b.asked("R-1", approvals.Release, "5")
			for _, e := range []approvals.Event{vote, above(7)} {
				c, err := b.change("R-1", e)
				b.must(err)
				c.After.Version = 8
				if e.Kind == approvals.EventRewound {
					c.After.State = approvals.Running
				}
				if err := b.Store.Commit(b.ctx, c); err == nil {
					b.t.Fatalf("a %s went from version 1 to 8, %s", e.Kind, c.After.State)
				}
			}
			b.untouched(was, 1)
		}},
	}
}

// setBack has a process find, now and then, a record older than it knows; the
// model does not ask whether it is.
func (w *world) setBack(t *rapid.T) {
	if rapid.IntRange(0, 5).Draw(t, "seldom") > 0 {
		w.mark(t)
		return
	}
	before := w.view(t, w.process(t))
	_, _ = w.step(t, before, above(before.Version+rapid.IntRange(0, 3).Draw(t, "lost"))) // stale, if it is an old view
}

// goesOn reports whether a request may go from one version to the next by the
// event: one further, and from no end, but for a record that went back.
func goesOn(was, is approvals.Request, e approvals.Event) bool {
	if e.Kind == approvals.EventRewound {
		return is.Version > was.Version && (is.State == approvals.Unknown || is.State == was.State && is.State.Final())
	}
	return is.Version == was.Version+1 && !was.State.Final() && (was.Rewound.IsZero() || !is.State.Open())
}

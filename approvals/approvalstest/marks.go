package approvalstest

import (
	"senhasegura-bot/approvals"
)

func marking() []scenario {
	return []scenario{
		{"no more calls at once than allowed", func(b *bench) {
			b.calls = 2
			b.running("R-1", approvals.Release, "1", "2", "3")
			was := b.running("R-2", approvals.Release, "4")
			b.do("R-1", mark, at(mark, 1))
			b.want(b.try("R-1", at(mark, 2)), approvals.ErrBusy)
			b.want(b.try("R-2", mark), approvals.ErrBusy)
			b.untouched(was, 8)
			b.do("R-1", answer(approvals.AnswerDone))
			b.do("R-2", mark)
			b.want(b.try("R-1", at(mark, 2)), approvals.ErrBusy)
		}},
		{"a mark made again takes no second place", func(b *bench) {
			b.calls = 1
			b.running("R-1", approvals.Release, "1", "2")
			first, renewed := mark, mark
			first.Timeout, renewed.Timeout, renewed.Renew = long/2, long/2, true
			b.do("R-1", first)
			b.Advance(b.Unit) // its end is another one now
			b.do("R-1", renewed)
			b.want(b.try("R-1", at(mark, 1)), approvals.ErrBusy)
			b.do("R-1", answer(approvals.AnswerDone), at(mark, 1))
		}},
		{"the place of a process that died is free after its call's last instant", func(b *bench) {
			b.calls = 1
			b.running("R-1", approvals.Release, "1")
			b.running("R-2", approvals.Release, "2")
			short := mark
			short.Timeout = 5 * b.Unit
			b.do("R-1", short)
			b.want(b.try("R-2", mark), approvals.ErrBusy)
			b.Advance(5 * b.Unit)
			b.do("R-2", mark)
		}},
		{"two runs never touch one target at once, whatever the verb", func(b *bench) {
			byName := b.ask("R-1", approvals.Deactivate, "root@db1")
			byName.Request.Targets[0].ID = "5"
			_, err := b.submit(byName)
			b.must(err)
			b.do("R-1", vote, claim)
			b.running("R-2", approvals.Release, "6", "5")
			b.do("R-1", mark)
			b.want(b.try("R-2", at(mark, 1)), approvals.ErrBusy)
			b.do("R-2", mark) // the other target is nobody else's
			b.do("R-1", answer(approvals.AnswerNotSent))
			b.want(b.try("R-2", at(mark, 1)), approvals.ErrBusy) // between two attempts
		}},
		{"a target is free for another run once its result is in", func(b *bench) {
			b.running("R-1", approvals.Deactivate, "5", "6")
			b.running("R-2", approvals.Release, "5")
			b.do("R-1", mark)
			b.want(b.try("R-2", mark), approvals.ErrBusy)
			b.do("R-1", answer(approvals.AnswerRefused))
			b.do("R-2", mark)
		}},
		{"targets are free after the run's deadline", func(b *bench) {
			b.asked("R-1", approvals.Deactivate, "5")
			short := claim
			short.Limit = 5 * b.Unit
			b.do("R-1", vote, short, mark)
			b.running("R-2", approvals.Release, "5")
			b.want(b.try("R-2", mark), approvals.ErrBusy)
			b.Advance(5 * b.Unit)
			b.do("R-1", deadline)
			b.do("R-2", mark)
		}},
	}
}

func rerunning() []scenario {
	return []scenario{
		{"an unknown outcome is run again and holds its target again", func(b *bench) {
			b.unknown("R-1", "5")
			b.asked("R-2", approvals.Activate, "5") // waiting, not calling
			r := b.do("R-1", again)
			if r.State != approvals.Running || r.Lease.Holder != "" {
				b.t.Fatalf("run again as %s held by %q", r.State, r.Lease.Holder)
			}
			if due := b.due(); len(due.Runnable) != 1 || due.Runnable[0] != "R-1" {
				b.t.Fatalf("runnable is %v", due.Runnable)
			}
			_, err := b.submit(b.ask("R-3", approvals.Release, "5"))
			b.wantTaken(err, "R-1")
			b.do("R-1", claim, mark, answer(approvals.AnswerDone))
			b.asked("R-3", approvals.Release, "5")
		}},
		{"not once an open request holds the target", func(b *bench) {
			was := b.unknown("R-1", "5")
			b.asked("R-2", approvals.Release, "5")
			b.wantTaken(b.try("R-1", again), "R-2")
			b.untouched(was, was.Version+1)
			b.do("R-2", deny)
			b.do("R-1", again)
		}},
		{"not once a later request touched the target", func(b *bench) {
			was := b.unknown("R-1", "5")
			b.running("R-2", approvals.Activate, "5")
			b.do("R-2", mark, answer(approvals.AnswerDone))
			b.want(b.try("R-1", again), approvals.ErrTouched)
			b.untouched(was, was.Version+5)
		}},
		{"whoever touched the target before the run does not matter", func(b *bench) {
			b.running("R-0", approvals.Activate, "5")
			b.do("R-0", mark, answer(approvals.AnswerDone))
			b.Advance(b.Unit)
			b.unknown("R-1", "5")
			b.do("R-1", again)
		}},
		{"nor whether this run had touched it", func(b *bench) {
			b.running("R-0", approvals.Activate, "5")
			b.do("R-0", mark, answer(approvals.AnswerDone))
			b.Advance(b.Unit)
			b.notSent("R-1", "5", "6")
			b.do("R-1", again)
		}},
		{"not even when this run never touched it", func(b *bench) {
			b.notSent("R-1", "5", "6")
			b.running("R-2", approvals.Activate, "5")
			b.do("R-2", mark, answer(approvals.AnswerDone))
			b.want(b.try("R-1", again), approvals.ErrTouched)
		}},
		{"only the targets that are run again count", func(b *bench) {
			b.running("R-1", approvals.Release, "5", "6")
			b.do("R-1", mark, answer(approvals.AnswerDone), at(mark, 1), at(answer(approvals.AnswerLost), 1))
			b.running("R-2", approvals.Activate, "5")
			b.do("R-2", mark, answer(approvals.AnswerDone))
			b.asked("R-3", approvals.Release, "5")
			b.do("R-1", again)
		}},
		{"the second run needs the approvals too", func(b *bench) {
			b.unknown("R-1", "5")
			c, err := b.change("R-1", again)
			b.must(err)
			c.After.Votes = nil
			b.want(b.Store.Commit(b.ctx, c), approvals.ErrFourEyes)
		}},
	}
}

// unknown brings a release to an unknown outcome.
func (b *bench) unknown(id, ref string) approvals.Request {
	b.t.Helper()
	b.running(id, approvals.Release, ref)
	return b.do(id, mark, answer(approvals.AnswerLost))
}

// notSent brings a release of two targets to its deadline with no call made for
// the first and none answered for the second.
func (b *bench) notSent(id string, refs ...string) {
	b.t.Helper()
	b.asked(id, approvals.Release, refs...)
	short := claim
	short.Limit = b.units(5)
	b.do(id, vote, short, at(mark, 1))
	b.Advance(b.units(5))
	b.do(id, deadline)
}

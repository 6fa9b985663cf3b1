package approvalstest

import (
	"time"

	"senhasegura-bot/approvals"
)

// The rules of a run: what may begin it, who may write in it, what ends it.

// holder holds a step of a run to the process that has the lease: nobody else
// writes, however late what it sent arrives.
func (l *ledger) holder(was approvals.Request, c approvals.Change) {
	l.hold(c.Before.Lease.Fence == was.Lease.Fence && c.Before.Lease.Fence > 0, "%s of %s was written under fence %d, it is %d", c.Entry.Event, was.ID, c.Before.Lease.Fence, was.Lease.Fence)
	l.hold(c.Before.Lease.Holder == c.Entry.Process, "%s of %s was written by %s under the lease of %s", c.Entry.Event, was.ID, c.Entry.Process, c.Before.Lease.Holder)
}

func (l *ledger) claimed(was approvals.Request, c approvals.Change, at time.Time) {
	is := c.After
	l.hold(is.Lease.Fence > was.Lease.Fence && is.Lease.Holder == c.Entry.Process, "%s claimed %s as %+v after %+v", c.Entry.Process, was.ID, is.Lease, was.Lease)
	if was.State == approvals.Approved {
		l.thawed(was, "claim")
		l.hold(!at.After(was.Run.StartBy.Add(time.Millisecond)), "%s began at %v, after %v", was.ID, at, was.Run.StartBy)
		return
	}
	for here, m := range l.marks {
		if here.id == was.ID && m.by != c.Entry.Process {
			m.passed = true
			l.marks[here] = m
		}
	}
	l.hold(was.Lease.Holder == "" || !l.early(was.Lease.Until), "%s took %s over while it was held: %+v", c.Entry.Process, was.ID, was.Lease)
	if was.Lease.Fence > 0 && was.Lease.Holder != "" {
		l.o.met["taken over"]++
	}
}

func (l *ledger) mark(was approvals.Request, c approvals.Change, at time.Time) {
	l.thawed(was, "mark")
	l.holder(was, c)
	l.hold(!at.After(was.Lease.Until), "%s marked %s after its lease was over", c.Entry.Process, was.ID)
	l.hold(at.Before(was.Run.Deadline), "%s was marked after its deadline", was.ID)
	for i, t := range c.After.Targets {
		if t.CallUntil.Equal(was.Targets[i].CallUntil) && t.Attempts == was.Targets[i].Attempts && t.Ref != c.Entry.Target {
			continue
		}
		here := place{was.ID, i}
		l.hold(t.Ref == c.Entry.Target && t.Result == "", "a mark of %s changed %s", was.ID, t.Ref)
		l.hold(!t.CallUntil.After(was.Run.Deadline), "a call of %s may last until %v, its deadline is %v", was.ID, t.CallUntil, was.Run.Deadline)
		if t.Attempts != was.Targets[i].Attempts {
			l.hold(l.o.pam.given(c.Entry.Process) > 0, "%s marked %s of %s without leave to call", c.Entry.Process, t.Ref, was.ID)
			l.o.pam.marked(here)
		}
		l.marks[here] = marked{by: c.Entry.Process, at: time.Now()}
		for _, k := range t.Keys(was.Kind) {
			l.touched[k] = touch{at: l.clock(), by: was.ID}
		}
	}
}

// answered holds what is stored of a call to what senhasegura said: success is
// never recorded before it said so.
func (l *ledger) answered(was approvals.Request, c approvals.Change, at time.Time) {
	l.holder(was, c)
	for i, t := range c.After.Targets {
		if was.Targets[i].CallUntil.IsZero() || !t.CallUntil.IsZero() {
			continue
		}
		here, kind := place{was.ID, i}, c.Entry.Answer.Kind
		l.hold(kind == t.Answer.Kind, "the answer %q to %s was stored as %q", kind, was.ID, t.Answer.Kind)
		if t.Result == approvals.ResultDone || t.Result == approvals.ResultAlready {
			l.hold(l.o.pam.said(here), "%s of %s is %s, which senhasegura never said", t.Ref, was.ID, t.Result)
		}
		// Whoever heard the answer and still holds the run has stored it.
		heard := l.o.pam.heard(here)
		l.hold(heard == "" || heard == kind || l.marks[here].by != c.Entry.Process || l.marks[here].passed, "%s of %s is %q, and %s heard %q", t.Ref, was.ID, kind, c.Entry.Process, heard)
		last, _ := l.o.pam.unknown(here)
		l.hold(!last || kind == approvals.AnswerLost, "%s of %s is %q, and nobody knows", t.Ref, was.ID, kind)
		l.hold(was.Verb != approvals.Release || kind != approvals.AnswerLost || t.Result == approvals.ResultUnknown,
			"a release of %s whose answer was lost became %q", was.ID, t.Result)
		l.settled[here] = l.marks[here]
		delete(l.marks, here)
	}
}

func (l *ledger) deadline(was approvals.Request, c approvals.Change, _ time.Time) {
	due := was.Run.Deadline
	if was.State == approvals.Approved {
		due = was.Run.StartBy
	}
	l.hold(!l.early(due), "%s ended before its deadline", was.ID)
	for i, t := range c.After.Targets {
		if was.Targets[i].Result == "" {
			l.hold(t.Result == approvals.ResultUnknown || t.Result == approvals.ResultNotSent, "%s of %s became %s at its deadline", t.Ref, was.ID, t.Result)
			_, ever := l.o.pam.unknown(place{was.ID, i})
			l.hold(t.Result != approvals.ResultNotSent || !ever, "%s of %s was sent, and is %s", t.Ref, was.ID, t.Result)
		}
		here := place{was.ID, i}
		l.settled[here] = l.marks[here]
		delete(l.marks, here)
	}
}

func (l *ledger) again(was approvals.Request, c approvals.Change, at time.Time) {
	l.o.met["run again"]++
	l.thawed(was, "run_again")
	is, by := c.After, c.Entry.By.User
	l.hold(l.may(was, by, approvals.AgeActor, approvals.AgeActor), "%s, who may not, ran %s of %s again", by, was.ID, was.Requester.User)
	l.hold(!at.After(was.Ended.Add(30*time.Minute)) && is.Run.Number == was.Run.Number+1 && is.Run.Number <= 4, "%s ran again at %v, ended %v, as run %d", was.ID, at, was.Ended, is.Run.Number)
	l.reruns[is.ID] = nil
	for i, t := range is.Targets {
		settled := was.Targets[i].Result
		rerun := settled == approvals.ResultUnknown || settled == approvals.ResultNotSent
		l.hold(rerun && t.Result == "" || !rerun && t.Result == settled, "%s of %s was %s and runs again as %q", t.Ref, was.ID, settled, t.Result)
		if rerun {
			l.hold(l.untouched(was, t), "%s of %s runs again, and another request touched it", t.Ref, was.ID)
			l.reruns[is.ID] = append(l.reruns[is.ID], t.Keys(is.Kind)...)
			l.o.pam.forget(place{was.ID, i})
		}
	}
	l.hold(is.State == approvals.Running && is.Lease.Holder == "", "%s runs again as %s, held by %q", was.ID, is.State, is.Lease.Holder)
}

// untouched reports whether no other request touched the target since the run began.
func (l *ledger) untouched(r approvals.Request, t approvals.Target) bool {
	for _, k := range t.Keys(r.Kind) {
		if by := l.touched[k]; by.by != "" && by.by != r.ID && !by.at.Before(r.Run.Began) {
			return false
		}
	}
	return true
}

func (l *ledger) resolved(was approvals.Request, c approvals.Change, _ time.Time) {
	l.o.met["resolved"]++
	by := c.Entry.By.User
	l.hold(l.may(was, by, approvals.AgeActor, approvals.AgeActor), "%s, who may not, resolved %s of %s", by, was.ID, was.Requester.User)
	l.hold(c.After.Checked.By.User == by, "%s resolved %s, which says %s", by, was.ID, c.After.Checked.By.User)
}

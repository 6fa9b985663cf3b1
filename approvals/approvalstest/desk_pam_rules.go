package approvalstest

import (
	"slices"
	"time"

	"senhasegura-bot/approvals"
)

// write is the instant at which the first byte of a call leaves: nothing that
// follows can take it back. Here every wall must have held.
func (p *pam) write(call *phoned, v approvals.Verb, k approvals.Kind, ref string) {
	l := p.o.ledger
	defer l.use()()
	p.mu.Lock()
	defer p.mu.Unlock()
	here, found := p.place(call, v, k, ref)
	if !found && l.outrun(call.by.name, v, k, ref) {
		return
	}
	if !found {
		l.wrong("%s calls %s %s %s, which it did not mark, or not last", call.by.name, v, k, ref)
		return
	}
	r := l.truth[here.id]
	t := r.Targets[here.target]
	call.at, call.keys, call.begun, call.until = here, t.Keys(k), true, t.CallUntil
	p.allowed(r, t, here)
	p.alone(call)
	p.once(r, here)
	s := p.state[here]
	s.now, call.turn = begun, s.turn
	p.state[here] = s
	l.o.met["called"]++
	if p.mood != "" {
		p.respond(call, p.mood)
	}
}

// outrun reports whether the process marked the target less than a second ago,
// and another settled it since. With durations of production that cannot be; in
// real time a call lasts a few milliseconds, less than a busy machine may take
// from the check to the write, which the product allows a second.
func (l *ledger) outrun(by string, v approvals.Verb, k approvals.Kind, ref string) bool {
	if l.o.Still {
		return false
	}
	for here, m := range l.settled {
		r := l.truth[here.id]
		if m.by == by && r.Verb == v && r.Kind == k && r.Targets[here.target].Ref == ref && time.Since(m.at) <= approvals.MarkAge {
			return true
		}
	}
	return false
}

// place finds the target whose last mark this process made for such a call.
func (p *pam) place(call *phoned, v approvals.Verb, k approvals.Kind, ref string) (place, bool) {
	l := p.o.ledger
	for here, m := range l.marks {
		r := l.truth[here.id]
		if t := r.Targets[here.target]; m.by == call.by.name && r.Verb == v && r.Kind == k && t.Ref == ref && p.state[here].now == "" {
			return here, true
		}
	}
	return place{}, false
}

// allowed holds a call to the decision and to its time. The mark is what other
// processes, a freeze and the lease are checked at: it is never older than a
// second.
func (p *pam) allowed(r approvals.Request, t approvals.Target, here place) {
	l, now, late := p.o.ledger, p.o.ledger.clock(), p.o.ledger.slack()
	if !l.o.Still {
		late = approvals.MarkAge // what is between the last look at the clock and the write, see outrun
	}
	l.hold(r.State == approvals.Running, "%s is called while it is %s", r.ID, r.State)
	l.hold(now.Before(r.Run.Deadline.Add(late)) && now.Before(t.CallUntil.Add(late)), "%s is called at %v: its deadline is %v, the call's end %v", r.ID, now, r.Run.Deadline, t.CallUntil)
	old := time.Since(l.marks[here].at)
	l.hold(old <= approvals.MarkAge+l.slack(), "%s is called %v after its mark", r.ID, old)
	if l.glass[r.ID] {
		l.hold(r.Glass.On() && len(r.Votes) == 0, "%s began as a break-glass and is called as %+v by %v", r.ID, r.Glass, r.Votes)
		return
	}
	l.hold(!r.Glass.On(), "%s, which began as a request, is called as a break-glass", r.ID)
	people := map[string]bool{}
	for _, vote := range r.Votes {
		people[vote.Person.User] = true
	}
	l.hold(!r.Approved.IsZero() && len(people) >= stored(r).needed && !people[r.Requester.User], "%s of %s is called with the votes of %v", r.ID, r.Requester.User, people)
}

// alone holds that calls to one target never overlap, and that there are never
// more at once than may be.
func (p *pam) alone(call *phoned) {
	l, under := p.o.ledger, 0
	for _, c := range p.calls {
		if c.over || !c.begun || !l.clock().Before(c.until) {
			continue
		}
		under++
		shares := slices.ContainsFunc(c.keys, func(k string) bool { return slices.Contains(call.keys, k) })
		l.hold(c == call || !shares, "%s calls %v for %s while %s does for %s", call.by.name, call.keys, call.at.id, c.by.name, c.at.id)
		if c.by != call.by {
			l.o.met["two processes"]++
		}
	}
	l.hold(under <= deskCalls, "%d calls are under way", under)
}

// once holds that a release is never sent again after its answer was lost.
func (p *pam) once(r approvals.Request, here place) {
	p.o.ledger.hold(r.Verb != approvals.Release || !p.state[here].spent, "a release of %s is sent again although its answer was lost", r.ID)
}

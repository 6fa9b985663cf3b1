package approvalstest

import (
	"slices"

	"pgregory.net/rapid"

	"senhasegura-bot/approvals"
)

// What processes and senhasegura do, and what befalls them.

// sweep has a process do what is due.
func (o *office) sweep(t *rapid.T) { o.due(o.somewhere(t)) }

func (o *office) due(p *process) {
	p.working.Go(func() {
		due, err := p.wire.Due(p.ctx, 100)
		if err != nil {
			return // dead
		}
		for _, id := range due.Expired {
			_ = p.desk.Expire(p.ctx, id) // whatever fails is due again
		}
		for _, id := range due.Runnable {
			p.execute(id)
		}
		for _, id := range o.ledger.unsigned() {
			_ = p.desk.Overdue(p.ctx, id)
		}
	})
	o.settle()
}

// execute works on a request once at a time, as the Sweeper does.
func (p *process) execute(id string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.busy[id] {
		return
	}
	p.busy[id] = true
	p.working.Go(func() {
		_ = p.desk.Execute(p.ctx, id, p.stop) // what fails is due again
		p.mu.Lock()
		defer p.mu.Unlock()
		delete(p.busy, id)
	})
}

var replies = []approvals.AnswerKind{approvals.AnswerDone, approvals.AnswerDone, approvals.AnswerRefused, approvals.AnswerLost, approvals.AnswerWait, approvals.AnswerNotSent}

// answer has senhasegura answer a call.
func (o *office) answer(t *rapid.T) {
	if waiting := o.pam.waiting(true); len(waiting) > 0 {
		o.pam.reply(rapid.SampledFrom(waiting).Draw(t, "call"), rapid.SampledFrom(replies).Draw(t, "answer"))
		return
	}
	o.connect(t)
}

// connect lets a call through that waits for its connection.
func (o *office) connect(t *rapid.T) {
	if waiting := o.pam.waiting(false); len(waiting) > 0 {
		o.pam.let(rapid.SampledFrom(waiting).Draw(t, "call"))
		return
	}
	o.sweep(t)
}

// mood changes how senhasegura takes the calls to come.
func (o *office) mood(t *rapid.T) {
	kind := rapid.SampledFrom(append([]approvals.AnswerKind{"", "", ""}, replies...)).Draw(t, "mood")
	slow := rapid.IntRange(1, 3).Draw(t, "slow") == 1
	admit := rapid.SampledFrom([]admission{everyone, everyone, oneEach, nobody}).Draw(t, "admitted")
	other := rapid.IntRange(1, 6).Draw(t, "another thing") == 1
	o.pam.mu.Lock()
	defer o.pam.mu.Unlock()
	o.pam.other = other
	o.pam.mood, o.pam.slow, o.pam.admit = kind, slow, admit
}

// outlive stalls a process that holds a run until its lease is over and another
// one has looked for what is due.
func (o *office) outlive(t *rapid.T) {
	held := slices.DeleteFunc(o.ledger.which(approvals.Running), func(r approvals.Request) bool { return r.Lease.Holder == "" })
	if len(held) == 0 {
		o.sweep(t)
		return
	}
	holder := one(t, held).Lease.Holder
	for _, p := range o.desks {
		if p.name == holder {
			p.wire.stall()
		}
	}
	o.let(o.units(leaseUnits + 1))
	for _, p := range o.desks {
		if !p.wire.asleep() {
			o.due(p)
		}
	}
	o.wake(t)
}

func (o *office) stall(t *rapid.T) { o.somewhere(t).wire.stall() }

// wake ends every stall.
func (o *office) wake(*rapid.T) {
	for _, p := range slices.Concat(o.desks, o.gone) {
		p.wire.wake()
	}
	o.settle()
}

// end kills a process, or has it stop in its own time, and starts another.
func (o *office) end(t *rapid.T) {
	i := rapid.IntRange(0, len(o.desks)-1).Draw(t, "process")
	p := o.desks[i]
	if rapid.Bool().Draw(t, "killed") {
		p.kill()
	} else {
		close(p.stop)
	}
	o.gone = append(o.gone, p)
	o.desks[i] = o.start()
}

// fail has the next write of a process fail.
func (o *office) fail(t *rapid.T) {
	how := rapid.SampledFrom([]Failure{Before, After}).Draw(t, "failure")
	o.somewhere(t).wire.Store.(*Flaky).Fail(how)
}

// pass lets a little time pass, nap more.
func (o *office) pass(t *rapid.T) { o.let(o.units(rapid.IntRange(1, 6).Draw(t, "units"))) }

func (o *office) nap(t *rapid.T) {
	naps := []int{15, 30, 130, 700, 1900}
	if !o.Still {
		naps = []int{12} // they really pass
	}
	o.let(o.units(rapid.SampledFrom(naps).Draw(t, "units")))
}

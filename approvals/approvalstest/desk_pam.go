package approvalstest

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"senhasegura-bot/approvals"
)

// pam stands in for senhasegura: it keeps a journal of the calls, and holds
// each to the rules at the instant its first byte is written.
type pam struct {
	o *office

	mu    sync.Mutex
	calls []*phoned
	state map[place]attempt
	turns int                  // attempts marked so far
	mood  approvals.AnswerKind // answers at once with this; empty: when the model says so
	slow  bool                 // connections wait for the model too
	other bool                 // the list shows another thing under every name
	admit admission            // whom it gives leave to call
	leave map[string]int       // given to each process, and not ended
}

// admission is how many calls a process may have under way.
type admission int

const (
	everyone admission = iota
	oneEach            // to find out whether senhasegura is back
	nobody
)

// phoned is one call.
type phoned struct {
	by       *process
	at       place
	keys     []string
	connect  chan struct{} // closed when the connection is there
	answer   chan approvals.Answer
	open     bool // connected
	begun    bool // written
	answered bool
	turn     int       // of the attempt it was written for
	until    time.Time // of the store's clock
	over     bool
}

// GoString is how a failing walk names it.
func (c *phoned) GoString() string { return fmt.Sprint(c.by.name, " for ", c.at) }

// attempt is what the model knows of a target in a run.
type attempt struct {
	turn  int
	now   approvals.AnswerKind // the last attempt's: empty until it is written, begun until it is answered
	lost  bool                 // the answer of an attempt before that never came
	spent bool                 // an attempt before that may have reached senhasegura
	done  bool                 // senhasegura said so
}

func newPAM(o *office) *pam { return &pam{o: o, state: map[place]attempt{}, leave: map[string]int{}} }

// forget begins a new run of a target.
func (p *pam) forget(here place) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.state, here)
}

// marked begins another attempt.
func (p *pam) marked(here place) {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.state[here]
	s.lost = s.lost || s.now == begun || s.now == approvals.AnswerLost
	s.spent = s.spent || s.now != "" && s.now != approvals.AnswerNotSent && s.now != approvals.AnswerWait
	p.turns++
	s.now, s.turn = "", p.turns
	p.state[here] = s
}

// said reports whether senhasegura said in this run that the target is done.
func (p *pam) said(here place) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.state[here].done
}

// heard is what the last attempt was answered with; empty while nobody knows.
func (p *pam) heard(here place) approvals.AnswerKind {
	p.mu.Lock()
	defer p.mu.Unlock()
	if now := p.state[here].now; now != begun {
		return now
	}
	return ""
}

// unknown reports whether what the last attempt came to is not known; ever,
// whether that holds for any attempt of the run.
func (p *pam) unknown(here place) (last, ever bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.state[here]
	last = s.now == begun || s.now == approvals.AnswerLost
	return last, last || s.lost
}

// caller is one process's client.
type caller struct {
	*pam
	by *process
}

// Changed reports whether the list shows another thing.
func (c caller) Changed(approvals.Kind, approvals.Target) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.other
}

// Admit gives leave for a call, or holds it back.
func (c caller) Admit(approvals.Kind) approvals.Permit {
	if !c.give(c.by) {
		c.o.count("held back")
		return nil
	}
	return &permit{caller: c}
}

func (p *pam) give(by *process) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.admit == nobody || p.admit == oneEach && p.leave[by.name] > 0 {
		return false
	}
	p.leave[by.name]++
	return true
}

// given is how many calls a process has leave for.
func (p *pam) given(by string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.leave[by]
}

// permit is leave for one call.
type permit struct {
	caller
	once sync.Once
}

// Return gives it back.
func (c *permit) Return() {
	c.once.Do(func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.leave[c.by.name]--
	})
}

// Call makes a call: it connects, asks the gate, writes, and waits for the answer.
func (c *permit) Call(ctx context.Context, v approvals.Verb, k approvals.Kind, ref string, gate func(context.Context) error) approvals.Answer {
	defer c.Return()
	call := c.dial(c.by)
	select {
	case <-call.connect:
	case <-ctx.Done():
		c.hangUp(call)
		return approvals.Answer{Kind: approvals.AnswerNotSent, After: c.o.Unit}
	}
	_ = c.by.wire.awake()
	if err := gate(ctx); err != nil {
		c.hangUp(call)
		c.o.count("gate refused")
		return approvals.Answer{Kind: approvals.AnswerNotSent, After: c.o.Unit}
	}
	c.write(call, v, k, ref)
	var a approvals.Answer
	select {
	case a = <-call.answer:
	case <-ctx.Done():
		a = approvals.Answer{Kind: approvals.AnswerLost}
	}
	c.end(call, a)
	return a
}

func (p *pam) dial(by *process) *phoned {
	p.mu.Lock()
	defer p.mu.Unlock()
	call := &phoned{by: by, connect: make(chan struct{}), answer: make(chan approvals.Answer, 1)}
	if !p.slow {
		close(call.connect)
		call.open = true
	}
	p.calls = append(p.calls, call)
	return call
}

// hangUp ends a call that was not written.
func (p *pam) hangUp(call *phoned) {
	p.mu.Lock()
	defer p.mu.Unlock()
	call.over = true
}

// end keeps what a call came to. A call of a dead process goes on in
// senhasegura until its time is up.
func (p *pam) end(call *phoned, a approvals.Answer) {
	dead := call.by.wire.awake() != nil
	p.mu.Lock()
	defer p.mu.Unlock()
	if dead {
		return
	}
	call.over = true
	s := p.state[call.at]
	if s.turn == call.turn { // else another process began anew while this one stalled
		s.now = a.Kind
	}
	s.done = s.done || a.Kind == approvals.AnswerDone
	p.state[call.at] = s
}

// waiting are the calls that wait for the model: for their connection, or for
// their answer.
func (p *pam) waiting(written bool) []*phoned {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(p.calls), func(c *phoned) bool {
		return c.over || c.begun != written || c.answered || !written && c.open
	})
}

func (p *pam) let(call *phoned) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !call.open {
		call.open = true
		close(call.connect)
	}
}

func (p *pam) reply(call *phoned, kind approvals.AnswerKind) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.respond(call, kind)
}

func (p *pam) respond(call *phoned, kind approvals.AnswerKind) {
	call.answered = true
	call.answer <- approvals.Answer{Kind: kind, After: p.o.units(10)}
}

package senhasegura

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"
)

const (
	// breakAfter is how many calls in a row must find the appliance away before calls are held back.
	breakAfter = 5
	// The first probe follows probeFirst after that, each further one after twice the pause, up to
	// probeLast: a run lasts two minutes, and an appliance that came back is still of use to it.
	probeFirst = time.Second
	probeLast  = 15 * time.Second
	// untoldWait is how long a module rests after a 429 without Retry-After; mostWait, how long at most
	// after any: a header that says a day would keep everybody out without a call that says why.
	untoldWait = 2 * time.Second
	mostWait   = time.Minute
)

// errHeldBack is the error of a list that was not asked for.
var errHeldBack = errors.New("senhasegura did not answer before: it is not asked at the moment")

// breaker holds calls back while the appliance, or the way to it, is down. One call at a time then asks
// whether it is back: a probe.
type breaker struct {
	log  *slog.Logger
	most int // calls with leave at once: what may still go out when it opens

	mu       sync.Mutex
	under    int       // calls with leave
	failures int       // in a row
	opened   time.Time // zero: closed, every call may go
	pause    time.Duration
	next     time.Time            // no probe before
	probe    *Permit              // under way
	told     map[Module]time.Time // by a 429: no call of the module before
}

// Permit is leave to make one call. It must end, with Done or with Return.
type Permit struct {
	b      *breaker
	module Module
	over   bool // under b.mu
}

// Admit gives leave for one call to the module, or nil while the appliance is known not to answer, the
// module was told to wait (429), or Config.Calls have leave: then nothing should be sent, and the caller asks
// again shortly.
func (c *Client) Admit(m Module) *Permit { return c.breaker.admit(m) }

// Away reports whether the appliance is known not to answer. Where nobody had anything to ask for a
// minute it is not known any more.
func (c *Client) Away() bool {
	c.breaker.mu.Lock()
	defer c.breaker.mu.Unlock()
	return !c.breaker.opened.IsZero() && time.Now().Before(c.breaker.next.Add(mostWait))
}

func (b *breaker) admit(m Module) *Permit {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.heldBack(m) || b.under >= b.most {
		return nil
	}
	b.under++
	p := &Permit{b: b, module: m}
	if !b.opened.IsZero() {
		b.probe = p
	}
	return p
}

// holds reports whether not even a list should be asked for now. A 429 on a write does not hold lists:
// what is called next is compared with them.
func (b *breaker) holds() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.away(time.Now())
}

func (b *breaker) heldBack(m Module) bool {
	now := time.Now()
	return now.Before(b.told[m]) || b.away(now)
}

// away reports whether it is too early to ask whether the appliance is back, or somebody does.
func (b *breaker) away(now time.Time) bool {
	return !b.opened.IsZero() && (b.probe != nil || now.Before(b.next))
}

// Return gives leave back that was not used. After Done it does nothing.
func (p *Permit) Return() { p.end(func() {}) }

// Done says what the call came to: err is what the Client returned. What does not speak of the appliance
// (our own gate, a caller who broke off) counts for nothing.
func (p *Permit) Done(err error) {
	p.end(func() {
		fault, _ := errors.AsType[*Error](err)
		switch {
		case err == nil, fault != nil && fault.answered():
			p.b.answers()
		case fault != nil && fault.away():
			p.b.fails(p, err)
		}
		if fault != nil && fault.Kind == KindRateLimited {
			p.b.tell(p.module, fault.RetryAfter)
		}
	})
}

// end lets the permit count once. A probe that is over makes room for the next.
func (p *Permit) end(count func()) {
	p.b.mu.Lock()
	defer p.b.mu.Unlock()
	if p.over {
		return
	}
	p.over = true
	p.b.under--
	count()
	if p.b.probe == p {
		p.b.probe = nil
	}
}

// answers: whoever answers is there, whenever the call began.
func (b *breaker) answers() {
	if !b.opened.IsZero() {
		b.log.Info("senhasegura answers again: calls go on", "away", time.Since(b.opened).Round(time.Millisecond))
	}
	b.failures, b.opened, b.pause = 0, time.Time{}, 0
}

// fails counts a failure. Of the calls that were under way when the breaker opened the rest says nothing new.
func (b *breaker) fails(p *Permit, err error) {
	now := time.Now()
	switch {
	case b.opened.IsZero():
		if b.failures++; b.failures < breakAfter {
			return
		}
		b.opened = now
		b.log.Warn("senhasegura does not answer: calls wait, and one at a time asks whether it is back", "failures", b.failures, "error", err)
	case b.probe != p:
		return
	}
	b.pause = min(max(2*b.pause, probeFirst), probeLast)
	b.next = now.Add(b.pause)
}

func (b *breaker) tell(m Module, wait time.Duration) {
	if wait <= 0 {
		wait = untoldWait
	}
	if until := time.Now().Add(min(wait, mostWait)); until.After(b.told[m]) {
		b.told[m] = until
	}
}

// answered reports that senhasegura, or what stands in front of it, answered.
func (e *Error) answered() bool {
	return e.Definite() && e.Kind != KindNotConfigured || e.Kind == KindRateLimited
}

// away reports that the appliance, or the way to it, is down.
func (e *Error) away() bool {
	return (e.Kind == KindNotSent || e.Kind == KindLost) && !e.ours && !errors.Is(e.Err, context.Canceled)
}

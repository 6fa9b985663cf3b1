package approvalstest

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"senhasegura-bot/approvals"
)

// ledger stands in front of the store, where all processes meet. It carries out
// one operation at a time, so that it knows their order; it keeps the truth,
// and holds each change that was written to the rules. What breaks one is kept
// for the next check: it may have come from any goroutine.
type ledger struct {
	approvals.Store
	o *office

	mu     sync.Mutex
	ticked time.Time     // when the store's clock was last moved
	ahead  time.Duration // of the store's clock before ours
	ids    []string
	truth  map[string]approvals.Request
	ops    map[string]bool
	marks  map[place]marked
	// settled are the last marks of targets that have their answer.
	settled map[place]marked
	// touched is the last mark of a target: when, and by which request.
	touched map[string]touch
	// reruns are the target keys that the last run_again of a request runs again.
	reruns  map[string][]string
	glass   map[string]bool // born as a break-glass, by somebody who could
	icy     bool
	changed map[string]bool // since the last check
	story   []string        // what the audit must say
	faults  []string
}

// marked is the last mark of a target.
type marked struct {
	by string // process
	at time.Time
	// passed says that another process took the run since.
	passed bool
}

type touch struct {
	at time.Time
	by string // request
}

func newLedger(o *office) *ledger {
	l := &ledger{Store: o.Store, o: o, ticked: time.Now(), truth: map[string]approvals.Request{}, ops: map[string]bool{},
		marks: map[place]marked{}, settled: map[place]marked{}, touched: map[string]touch{}, reruns: map[string][]string{}, glass: map[string]bool{}, changed: map[string]bool{}}
	for i := range 5 {
		now, err := l.Store.Now(o.ctx)
		o.must(err)
		if ahead := time.Until(now); i == 0 || ahead > l.ahead { // what comes late is behind
			l.ahead = ahead
		}
	}
	return l
}

// clock is the store's clock, to the millisecond.
func (l *ledger) clock() time.Time { return time.Now().Add(l.ahead).Truncate(time.Millisecond) }

// early reports whether an instant of the store's clock has surely not come yet;
// over a real server its clock and ours are read apart.
func (l *ledger) early(at time.Time) bool { return l.clock().Add(l.slack()).Before(at) }

func (l *ledger) slack() time.Duration {
	if l.o.Still {
		return 0
	}
	return 50 * time.Millisecond // a busy machine
}

// use locks the ledger and brings a clock that stands still up to date.
func (l *ledger) use() (unlock func()) {
	l.mu.Lock()
	if past := time.Since(l.ticked); l.o.Still && past > 0 {
		l.o.Advance(past)
		l.ticked = time.Now()
	}
	return l.mu.Unlock
}

// wrong keeps a broken rule for the next check. The ledger must be in use.
func (l *ledger) wrong(format string, args ...any) {
	l.faults = append(l.faults, fmt.Sprintf(format, args...))
}

// hold reports a broken rule unless it holds.
func (l *ledger) hold(holds bool, format string, args ...any) {
	if !holds {
		l.wrong(format, args...)
	}
}

func (l *ledger) tell(id string, version int, kind approvals.EventKind, by approvals.Person) {
	l.story = append(l.story, fmt.Sprint(id, " ", version, " ", kind, " ", by.User))
}

// of is the truth about a request.
func (l *ledger) of(id string) approvals.Request {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.truth[id]
}

// which lists the requests in one of the states, in the order of their making.
func (l *ledger) which(states ...approvals.State) []approvals.Request {
	l.mu.Lock()
	defer l.mu.Unlock()
	var all []approvals.Request
	for _, id := range l.ids {
		if r := l.truth[id]; slices.Contains(states, r.State) {
			all = append(all, r)
		}
	}
	return all
}

func (l *ledger) frozen() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.icy
}

// Load implements approvals.Store, as the others do.
func (l *ledger) Load(ctx context.Context, id string) (approvals.Request, time.Time, error) {
	defer l.use()()
	return l.Store.Load(ctx, id)
}

// Due asks the store.
func (l *ledger) Due(ctx context.Context, limit int) (approvals.Due, error) {
	defer l.use()()
	return l.Store.Due(ctx, limit)
}

// Submit keeps what was stored.
func (l *ledger) Submit(ctx context.Context, s approvals.Submission) (approvals.Request, error) {
	defer l.use()()
	r, err := l.Store.Submit(ctx, s)
	if _, known := l.truth[r.ID]; err == nil && !known {
		l.ids = append(l.ids, r.ID)
		l.truth[r.ID], l.changed[r.ID] = r, true
		l.tell(r.ID, 1, s.Entry.Event, r.Requester)
		l.born(r, s.Entry)
	}
	return r, err
}

// Commit judges what was written.
func (l *ledger) Commit(ctx context.Context, c approvals.Change) error {
	defer l.use()()
	before := l.clock()
	err := l.Store.Commit(ctx, c)
	was := l.truth[c.Before.ID]
	switch {
	case err != nil && c.Before.Version < was.Version && c.Entry.Event == approvals.EventMark:
		l.o.met["fenced"]++
	case err == nil && !l.ops[c.Op]:
		l.ops[c.Op] = true
		l.judge(was, c, before)
		is := c.After
		if c.Before.Lease == c.After.Lease { // a renewal is no change
			is.Lease = was.Lease
		}
		l.truth[is.ID], l.changed[is.ID] = is, true
		l.tell(is.ID, is.Version, c.Entry.Event, c.Entry.By)
	}
	return err
}

// Renew keeps the new end of the lease.
func (l *ledger) Renew(ctx context.Context, id string, fence int64, d time.Duration) (time.Time, error) {
	defer l.use()()
	until, err := l.Store.Renew(ctx, id, fence, d)
	if err == nil {
		r := l.truth[id]
		l.hold(r.Lease.Fence == fence && r.State == approvals.Running, "the lease of %s, which is %s, was renewed under fence %d of %d", id, r.State, fence, r.Lease.Fence)
		r.Lease.Until = until
		l.truth[id] = r
	}
	return until, err
}

// Unlease keeps the end of the lease.
func (l *ledger) Unlease(ctx context.Context, id string, fence int64) error {
	defer l.use()()
	err := l.Store.Unlease(ctx, id, fence)
	if err == nil {
		r := l.truth[id]
		l.hold(r.Lease.Fence == fence, "the lease of %s was given back under fence %d of %d", id, fence, r.Lease.Fence)
		r.Lease.Holder, r.Lease.Until = "", time.Time{}
		l.truth[id] = r
	}
	return err
}

// Freeze keeps that everything is frozen.
func (l *ledger) Freeze(ctx context.Context, op string, f approvals.Freeze, e approvals.Entry) (approvals.Freeze, bool, error) {
	defer l.use()()
	f, changed, err := l.Store.Freeze(ctx, op, f, e)
	if err == nil && changed {
		l.icy = true
		l.tell("", 0, e.Event, e.By)
	}
	return f, changed, err
}

// Unfreeze keeps that it is over.
func (l *ledger) Unfreeze(ctx context.Context, op string, e approvals.Entry) (approvals.Freeze, bool, error) {
	defer l.use()()
	f, changed, err := l.Store.Unfreeze(ctx, op, e)
	if err == nil && changed {
		l.icy = false
		l.tell("", 0, e.Event, e.By)
	}
	return f, changed, err
}

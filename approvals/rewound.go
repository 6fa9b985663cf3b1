package approvals

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
)

// A store can lose writes that it had confirmed: a failover that copies behind,
// a restart without its log, an old backup put back. A request's record is then
// older than what people saw, or what was called. It is closed as unknown, at a
// version above all that was shown, and nothing runs from it again.

// rewound closes a record that is older than version e.Shown, which the store
// held before. What was done since is not known, so every target that no answer
// settled is unknown; a request whose targets all have their answer, or which a
// person ended by their word, stays what it is.
func (r *Request) rewound(e Event, now time.Time) error {
	if e.Shown < r.Version {
		return ErrNotNow
	}
	r.Version = e.Shown // Apply goes one further
	if r.State.Final() && (!r.Checked.At.IsZero() || !slices.ContainsFunc(r.Targets, Target.unproven)) {
		return nil
	}
	for i := range r.Targets {
		if t := &r.Targets[i]; t.unproven() {
			t.Result, t.Lost, t.CallUntil, t.NextAt = ResultUnknown, true, time.Time{}, time.Time{}
		}
	}
	r.Rewound, r.Decision = now, Decision{}
	r.Lease.Holder, r.Lease.Until = "", time.Time{}
	r.finish(Unknown, now)
	return nil
}

// unproven reports whether a later run may have called the target: no answer
// says what became of it.
func (t Target) unproven() bool {
	return t.Result == "" || t.Result == ResultUnknown || t.Result == ResultNotSent
}

// decided is why nothing can be decided any more.
func (r Request) decided() Why {
	if r.State == Unknown && !r.Rewound.IsZero() {
		return WhyRewound
	}
	return WhyDecided
}

// Known is what a process remembers of a request: the latest version that the
// store told it, or took from it, and the card as this process last drew it.
type Known struct {
	Version int
	Card    Card
	// Live says that the card, as it was drawn, showed a request that may still
	// change.
	Live bool
}

// live reports whether people may still be waiting for the request.
func live(r Request) bool { return r.State.Open() || r.State == Unknown || r.Glass.Unsigned() }

// memoryLimit is how many requests a process remembers at least.
const memoryLimit = 4096

// doubtFor is how long a run is in doubt: longer than the time in which it may
// begin and end.
const doubtFor = StartWithin + 5*time.Minute

// memory is what this process knows of requests, whatever the store says later.
// It holds the last memoryLimit of them, and up to as many older ones.
type memory struct {
	mu         sync.Mutex
	young, old map[string]Known
	doubts     map[string]time.Time // runs, until when
}

func (m *memory) of(id string) Known {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.find(id)
}

func (m *memory) find(id string) Known {
	if k, ok := m.young[id]; ok {
		return k
	}
	return m.old[id]
}

// note takes over what change makes of what is known.
func (m *memory) note(id string, change func(*Known)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	k := m.find(id)
	change(&k)
	if _, there := m.young[id]; m.young == nil || !there && len(m.young) >= memoryLimit {
		m.young, m.old = map[string]Known{}, m.young
	}
	m.young[id] = k
}

func (m *memory) forget(id string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.young, id)
	delete(m.old, id)
}

func (m *memory) ids() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	var all []string
	for id := range m.young {
		all = append(all, id)
	}
	for id := range m.old {
		if _, there := m.young[id]; !there {
			all = append(all, id)
		}
	}
	return all
}

// doubt remembers runs whose record may be older than what was called.
func (m *memory) doubt(ids []string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.doubts == nil {
		m.doubts = map[string]time.Time{}
	}
	for id, until := range m.doubts {
		if time.Now().After(until) {
			delete(m.doubts, id)
		}
	}
	for _, id := range ids {
		m.doubts[id] = time.Now().Add(doubtFor)
	}
}

func (m *memory) doubtful(id string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return time.Now().Before(m.doubts[id])
}

// Known returns what this process remembers of a request. To compare it with
// the store, ask before the store is asked: what comes later may be newer.
func (d *Desk) Known(id string) Known { return d.memory.of(id) }

// Drew remembers a card that this process drew.
func (d *Desk) Drew(r Request, c Card) {
	d.memory.note(r.ID, func(k *Known) {
		k.Version, k.Card = max(k.Version, r.Version), c
		k.Live = live(r) || c.Shown < r.Version // it shows what was before
	})
}

// saw remembers a version that the store is sure to have held.
func (d *Desk) saw(r Request) {
	d.memory.note(r.ID, func(k *Known) { k.Version = max(k.Version, r.Version) })
}

// Doubt has the runs of these requests closed as unknown, once nobody holds
// them, instead of begun: the store went back, and they may have been run.
func (d *Desk) Doubt(ids []string) { d.memory.doubt(ids) }

// Remembered lists the requests that this process remembers.
func (d *Desk) Remembered() []string { return d.memory.ids() }

// Forgotten drops what is remembered of a request.
func (d *Desk) Forgotten(id string) { d.memory.forget(id) }

// Recheck reads a request, and closes it if its record is older than what this
// process remembers. ErrNotFound when there is no record at all.
func (d *Desk) Recheck(ctx context.Context, id string) error {
	_, err := d.load(ctx, id)
	return err
}

// atLeast returns the request as it was read, or closed as unknown if a version
// is known that is above it: from memory, or from a card that user pressed.
func (d *Desk) atLeast(ctx context.Context, o opened, shown int, user string) (opened, error) {
	if o.Version >= shown {
		return o, nil
	}
	return d.setBack(ctx, o, shown, user)
}

// setBack closes a request whose record went back. Of two who find that at once
// one is stale; it reads again, and finds it closed. The bot closes it; whoever
// pressed what it goes by is on record.
func (d *Desk) setBack(ctx context.Context, o opened, shown int, user string) (opened, error) {
	d.Logger.Error("the record of a request went back: the store lost what it had confirmed",
		"request", o.ID, "state", o.State, "version", o.Version, "known", shown, "pressed_by", user)
	e := Event{Kind: EventRewound, Shown: shown, Reason: fmt.Sprintf("the record is of version %d, version %d was known", o.Version, shown)}
	if user != "" {
		e.Reason = fmt.Sprintf("the record is of version %d, the card that %s pressed shows version %d", o.Version, user, shown)
	}
	after, err := d.commit(ctx, o, e, o.now(), time.Time{})
	if errors.Is(err, ErrStale) {
		if o, err = d.load(ctx, o.ID); err != nil {
			return o, err
		}
		return d.atLeast(ctx, o, shown, user)
	}
	if err != nil {
		return opened{}, &Refusal{Why: WhyStore, ID: o.ID, Err: err}
	}
	o.Request = after
	return o, nil
}

package approvalstest

import (
	"context"
	"crypto/rand"
	"errors"
	"slices"
	"time"

	"senhasegura-bot/approvals"
)

// long is a duration that never passes within a scenario.
const long = time.Hour

// bench is a store with the handles that scenarios turn.
type bench struct {
	Harness
	t   tb
	ctx context.Context
	// calls is how many calls may be under way.
	calls int
}

func newBench(t tb, h Harness) *bench {
	return &bench{Harness: h, t: t, ctx: context.Background(), calls: 100}
}

func (b *bench) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatalf("unexpected error: %v", err)
	}
}

// want checks that err is target.
func (b *bench) want(err, target error) {
	b.t.Helper()
	if !errors.Is(err, target) {
		b.t.Fatalf("got error %v, want %v", err, target)
	}
}

// wantTaken checks that err says which requests hold the targets.
func (b *bench) wantTaken(err error, ids ...string) {
	b.t.Helper()
	var taken *approvals.Taken
	if !errors.As(err, &taken) || !slices.Equal(taken.By, ids) {
		b.t.Fatalf("got error %v, want taken by %s", err, ids)
	}
}

// ask is a submission by Ana for one approval, to be changed at will.
func (b *bench) ask(id string, v approvals.Verb, refs ...string) approvals.Submission {
	r := approvals.Request{
		ID: id, Nonce: "n-" + id, Key: "key-" + id, Team: "T1", Requester: ana, Channel: "C1",
		Verb: v, Kind: approvals.Credential, Reason: "leaked", Rule: approvals.Rule{Approvals: 1, Expires: long}, Eligible: 3,
	}
	for _, ref := range refs {
		r.Targets = append(r.Targets, approvals.Target{Ref: ref})
	}
	return approvals.Submission{Request: r, Lifetime: long}
}

func (b *bench) submit(s approvals.Submission) (approvals.Request, error) {
	first := s.Request
	first.Version, first.State = 1, approvals.Pending
	born := approvals.EventSubmit
	if first.Glass.On() {
		first.State, born = approvals.Approved, approvals.EventGlass
	}
	s.Entry = approvals.Record(approvals.Request{}, first, approvals.Event{Kind: born, By: first.Requester}, "p1")
	return b.Store.Submit(b.ctx, s)
}

// asked submits and must succeed.
func (b *bench) asked(id string, v approvals.Verb, refs ...string) approvals.Request {
	b.t.Helper()
	r, err := b.submit(b.ask(id, v, refs...))
	b.must(err)
	return r
}

func (b *bench) load(id string) (approvals.Request, time.Time) {
	b.t.Helper()
	r, now, err := b.Store.Load(b.ctx, id)
	b.must(err)
	return r, now
}

func (b *bench) now() time.Time {
	b.t.Helper()
	now, err := b.Store.Now(b.ctx)
	b.must(err)
	return now
}

// change applies an event to what the store holds. What the event leaves out
// (lease, fence, bounds) is filled in so that it succeeds.
func (b *bench) change(id string, e approvals.Event) (approvals.Change, error) {
	b.t.Helper()
	before, now := b.load(id)
	return b.from(before, now, e)
}

func (b *bench) from(before approvals.Request, now time.Time, e approvals.Event) (approvals.Change, error) {
	if e.Kind == approvals.EventClaim {
		if e.Lease.Holder == "" {
			e.Lease.Holder = "p1"
		}
		if e.Lease.Until.IsZero() {
			e.Lease.Until = now.Add(long)
		}
	} else if e.Lease.Fence == 0 {
		e.Lease.Fence = before.Lease.Fence
	}
	if e.Limit == 0 {
		e.Limit = long
	}
	if e.Timeout == 0 {
		e.Timeout = long
	}
	after, err := before.Apply(e, now)
	return approvals.Change{
		Op: rand.Text(), Before: before, After: after, Calls: b.calls, Entry: approvals.Record(before, after, e, "p1"),
	}, err
}

// try loads, applies and commits.
func (b *bench) try(id string, e approvals.Event) error {
	b.t.Helper()
	c, err := b.change(id, e)
	if err != nil {
		return err
	}
	return b.Store.Commit(b.ctx, c)
}

// do is try that must succeed, for each event in turn.
func (b *bench) do(id string, events ...approvals.Event) approvals.Request {
	b.t.Helper()
	for _, e := range events {
		if err := b.try(id, e); err != nil {
			b.t.Fatalf("%s of %s: %v", e.Kind, id, err)
		}
	}
	r, _ := b.load(id)
	return r
}

// The events that scenarios are made of.
var (
	vote     = approvals.Event{Kind: approvals.EventVote, By: bruno}
	claim    = approvals.Event{Kind: approvals.EventClaim}
	mark     = approvals.Event{Kind: approvals.EventMark}
	again    = approvals.Event{Kind: approvals.EventAgain, By: carla}
	cancel   = approvals.Event{Kind: approvals.EventCancel, By: ana}
	deny     = approvals.Event{Kind: approvals.EventDeny, By: bruno, Reason: "no"}
	expire   = approvals.Event{Kind: approvals.EventExpire}
	deadline = approvals.Event{Kind: approvals.EventDeadline}
)

func answer(k approvals.AnswerKind) approvals.Event {
	return approvals.Event{Kind: approvals.EventAnswer, Answer: approvals.Answer{Kind: k}}
}

// at moves an event to another target of the request.
func at(e approvals.Event, target int) approvals.Event {
	e.Target = target
	return e
}

// running submits a request and brings it to where calls may begin.
func (b *bench) running(id string, v approvals.Verb, refs ...string) approvals.Request {
	b.t.Helper()
	b.asked(id, v, refs...)
	return b.do(id, vote, claim)
}

// untouched checks that the request and the audit are as they were.
func (b *bench) untouched(was approvals.Request, entries int) {
	b.t.Helper()
	if is, _ := b.load(was.ID); is.Version != was.Version || is.State != was.State {
		b.t.Fatalf("%s is %s version %d after a refusal, was %s version %d", was.ID, is.State, is.Version, was.State, was.Version)
	}
	b.entries(entries)
}

// entries checks how many entries the audit has, and that none is missing.
func (b *bench) entries(want int) []approvals.Logged {
	b.t.Helper()
	all, err := b.Audit(b.ctx)
	b.must(err)
	if len(all) != want {
		b.t.Fatalf("the audit has %d entries, want %d", len(all), want)
	}
	for i, e := range all {
		if e.Seq != int64(i+1) {
			b.t.Fatalf("audit entry %d has sequence number %d", i+1, e.Seq)
		}
	}
	return all
}

func (b *bench) due() approvals.Due {
	b.t.Helper()
	due, err := b.Store.Due(b.ctx, 100)
	b.must(err)
	return due
}

func (b *bench) units(n int) time.Duration { return time.Duration(n) * b.Unit }

package approvals

import (
	"fmt"
	"maps"
	"time"
)

// State is where a request stands. Its values are the names that cards carry
// in their metadata.
type State string

// The states of product.md §3.
const (
	Pending   State = "pending"
	Approved  State = "approved"
	Running   State = "running"
	Unknown   State = "unknown"
	Done      State = "done"
	Failed    State = "failed"
	Partial   State = "partial"
	Denied    State = "denied"
	Cancelled State = "cancelled"
	Expired   State = "expired"
)

// States lists every state, in the order a request meets them.
func States() []State {
	return []State{Pending, Approved, Running, Unknown, Done, Failed, Partial, Denied, Cancelled, Expired}
}

// Open reports whether a request in this state holds its targets against a
// second request with the same verb.
func (s State) Open() bool { return s == Pending || s == Approved || s == Running }

// Final reports whether nothing can follow this state.
func (s State) Final() bool { return !s.Open() && s != Unknown }

// EventKind is what happens to a request.
type EventKind string

// The events of the transition table, and those that a run is made of.
const (
	EventVote     EventKind = "vote"     // somebody pressed Approve
	EventLapse    EventKind = "lapse"    // a voter is no longer eligible
	EventDeny     EventKind = "deny"     // an eligible person denied
	EventCancel   EventKind = "cancel"   // the requester cancelled
	EventExpire   EventKind = "expire"   // time is up
	EventWithdraw EventKind = "withdraw" // the bot cancels
	EventClaim    EventKind = "claim"    // a process takes the run
	EventMark     EventKind = "mark"     // a call is about to begin
	EventAnswer   EventKind = "answer"   // a call ended
	EventDeadline EventKind = "deadline" // the time to begin, or to finish, is up
	EventAgain    EventKind = "run_again"
	EventResolve  EventKind = "resolve"
	EventReview   EventKind = "review"  // a break-glass was signed
	EventOverdue  EventKind = "overdue" // nobody signed it in time
	EventRewound  EventKind = "rewound" // the store lost what it had confirmed (rewound.go)
)

// EventKinds lists every kind of event.
func EventKinds() []EventKind {
	return []EventKind{EventVote, EventLapse, EventDeny, EventCancel, EventExpire, EventWithdraw,
		EventClaim, EventMark, EventAnswer, EventDeadline, EventAgain, EventResolve, EventReview, EventOverdue, EventRewound}
}

// Event is one thing that happens to a request. Which fields count depends on
// Kind.
type Event struct {
	Kind   EventKind
	By     Person // vote, lapse, deny, cancel, run_again, resolve, review
	Seal   string // vote, run_again
	Needed int    // vote: the approvals that today's policy asks for
	Reason string // deny, resolve (the note), withdraw
	Cause  Cause  // withdraw
	Lease  Lease  // claim; its Fence also on mark and answer
	Target int    // mark, answer: index into Targets
	Renew  bool   // mark: made again because the first grew too old; no new attempt
	Answer Answer // answer
	Done   bool   // resolve
	Shown  int    // rewound: the version that people saw, or the store had
	// Timeout bounds a call (mark); Limit bounds a run (claim, run_again).
	Timeout, Limit time.Duration
}

// Bounds of product.md §4.
const (
	// StartWithin is how long after the approval a run may still begin.
	StartWithin = 10 * time.Minute
	// AgainWithin is how long after an unknown outcome run_again is offered.
	AgainWithin = 30 * time.Minute
	// MaxAgain is how often run_again may be pressed on one request.
	MaxAgain = 3
	// MarkAge is how old a mark may be at the instant of the write.
	MarkAge = time.Second
)

// pauses are the waits after a lost answer, or after a call that never left:
// the last one repeats.
var pauses = [...]time.Duration{2 * time.Second, 5 * time.Second, 10 * time.Second, 20 * time.Second, 40 * time.Second}

// next is the transition table: which events a state knows at all. The
// conditions on an event are in its function.
var next = map[State]moves{
	Pending: stored(moves{
		EventVote: (*Request).vote, EventLapse: (*Request).lapse, EventDeny: (*Request).deny,
		EventCancel: (*Request).cancel, EventExpire: (*Request).expire, EventWithdraw: (*Request).withdraw,
	}),
	Approved: reviewed(moves{EventClaim: (*Request).claim, EventDeadline: (*Request).startedTooLate}),
	Running: reviewed(moves{
		EventClaim: (*Request).takeOver, EventMark: (*Request).mark,
		EventAnswer: (*Request).answer, EventDeadline: (*Request).deadline,
	}),
	Unknown: reviewed(moves{EventAgain: (*Request).again, EventResolve: (*Request).resolve}),
	Done:    reviewed(nil), Failed: reviewed(nil), Partial: reviewed(nil),
	Denied: stored(nil), Cancelled: stored(nil), Expired: stored(nil),
}

// moves are the events that a state knows, and what each does.
type moves = map[EventKind]func(*Request, Event, time.Time) error

// reviewed adds what happens to the review of a break-glass, beside whatever
// the request itself comes to.
func reviewed(m moves) moves {
	all := stored(moves{EventReview: (*Request).review, EventOverdue: (*Request).overdue})
	maps.Copy(all, m)
	return all
}

// stored adds what happens to every record that the store sets back.
func stored(m moves) moves {
	all := moves{EventRewound: (*Request).rewound}
	maps.Copy(all, m)
	return all
}

// Apply returns the request as it stands after the event at now, one version
// further (after EventRewound one above the version shown), or an error and the request unchanged. It decides nothing about
// eligibility (the Desk does) but never lets the requester approve, counts
// nobody twice and ends nothing twice.
func (r Request) Apply(e Event, now time.Time) (Request, error) {
	move, known := next[r.State][e.Kind]
	if !known {
		return r, fmt.Errorf("%s while %s: %w", e.Kind, r.State, ErrNotNow)
	}
	after := r.clone()
	if err := move(&after, e, now); err != nil {
		return r, fmt.Errorf("%s while %s: %w", e.Kind, r.State, err)
	}
	after.Version++
	return after, nil
}

func (r *Request) vote(e Event, now time.Time) error {
	switch {
	case !now.Before(r.Expires):
		return ErrExpired
	case e.By.Key == r.Requester.Key:
		return ErrOwnRequest
	case r.Voted(e.By.Key):
		return ErrAlreadyVoted
	}
	r.Votes = append(r.Votes, Vote{Person: e.By, At: now, Seal: e.Seal})
	if len(r.Votes) >= max(r.Needed(), e.Needed) {
		r.State = Approved
		r.Approved = now
		r.Run = Run{Number: 1, StartBy: now.Add(StartWithin)}
	}
	return nil
}

func (r *Request) lapse(e Event, _ time.Time) error {
	for i, v := range r.Votes {
		if v.Person.Key == e.By.Key {
			r.Votes = append(r.Votes[:i], r.Votes[i+1:]...)
			r.Lapsed = append(r.Lapsed, v.Person)
			return nil
		}
	}
	return ErrNotNow
}

func (r *Request) deny(e Event, now time.Time) error {
	if !now.Before(r.Expires) {
		return ErrExpired
	}
	if e.By.Key == r.Requester.Key {
		return ErrOwnRequest
	}
	r.Decision = Decision{By: e.By, At: now, Reason: e.Reason}
	r.finish(Denied, now)
	return nil
}

func (r *Request) cancel(e Event, now time.Time) error {
	if !now.Before(r.Expires) {
		return ErrExpired
	}
	if e.By.Key != r.Requester.Key {
		return ErrNotRequester
	}
	r.Decision = Decision{By: e.By, At: now}
	r.State, r.Ended = Cancelled, now
	return nil
}

func (r *Request) expire(_ Event, now time.Time) error {
	if now.Before(r.Expires) {
		return ErrNotNow
	}
	r.Decision = Decision{At: now}
	r.finish(Expired, now)
	return nil
}

func (r *Request) withdraw(e Event, now time.Time) error {
	r.Decision = Decision{At: now, Cause: e.Cause, Reason: e.Reason}
	r.finish(Cancelled, now)
	return nil
}

// finish ends the request, or leaves it unknown, and owes the thread a reply.
func (r *Request) finish(s State, now time.Time) {
	r.State, r.Ended = s, now
	r.Notices++
}

// again starts another run over what is not known to be done. The wait for a
// holder is bounded by the run's own deadline.
func (r *Request) again(e Event, now time.Time) error {
	if err := r.CanRunAgain(now); err != nil {
		return err
	}
	if e.By.Key == r.Requester.Key {
		return ErrOwnRequest
	}
	for i := range r.Targets {
		t := &r.Targets[i]
		if t.Result == ResultUnknown || t.Result == ResultNotSent {
			// Lost stays: what an earlier run may have done is still unknown.
			t.Result, t.Attempts, t.CallUntil, t.NextAt = "", 0, time.Time{}, time.Time{}
		}
	}
	r.Run = Run{Number: r.Run.Number + 1, By: e.By, Seal: e.Seal, Began: now, Deadline: now.Add(e.Limit)}
	r.State, r.Ended = Running, time.Time{}
	r.Lease = Lease{Fence: r.Lease.Fence}
	return nil
}

// CanRunAgain reports, as an error, why run_again is not offered at now.
func (r Request) CanRunAgain(now time.Time) error {
	switch {
	case r.State != Unknown:
		return ErrNotNow
	case !r.Rewound.IsZero():
		return ErrRewound
	case now.After(r.Ended.Add(AgainWithin)):
		return ErrTooLate
	case r.Run.Number > MaxAgain:
		return ErrTooOften
	}
	return nil
}

func (r *Request) resolve(e Event, now time.Time) error {
	if e.By.Key == r.Requester.Key {
		return ErrOwnRequest
	}
	result, state := ResultFailed, Failed
	if e.Done {
		result, state = ResultDone, Done
	}
	for i := range r.Targets {
		if r.Targets[i].Result == ResultUnknown {
			r.Targets[i].Result = result
			r.Targets[i].Answer.Kind = AnswerChecked
		}
	}
	r.Checked = Checked{By: e.By, At: now, Done: e.Done, Note: e.Reason}
	r.finish(state, now)
	return nil
}

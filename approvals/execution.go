package approvals

import "time"

// The events of a run. A run belongs to the process that holds its lease; the
// request's version, which grows with every one of them, fences out a holder
// that lost it.

func (r *Request) claim(e Event, now time.Time) error {
	if now.After(r.Run.StartBy) {
		return ErrTooLate
	}
	r.Run.Began, r.Run.Deadline = now, now.Add(e.Limit)
	r.State = Running
	r.lease(e, now)
	return nil
}

// takeOver gives a run that nobody holds to another process.
func (r *Request) takeOver(e Event, now time.Time) error {
	if r.Lease.Held(now) {
		return ErrLeaseHeld
	}
	r.lease(e, now)
	return nil
}

// lease gives the run to a holder, under a fence that no other had: a number that
// only counted would be given twice where the store went back.
func (r *Request) lease(e Event, now time.Time) {
	r.Lease = Lease{Holder: e.Lease.Holder, Fence: max(r.Lease.Fence+1, now.UnixMilli()), Until: e.Lease.Until}
}

// mark records that a call is about to begin. A mark that its maker never
// cleared (it died) counts as an attempt whose answer was lost.
func (r *Request) mark(e Event, now time.Time) error {
	t, err := r.unsettled(e)
	switch {
	case err != nil:
		return err
	case !r.Lease.Held(now):
		return ErrLeaseLost
	case !now.Before(r.Run.Deadline):
		return ErrTooLate
	case e.Renew && t.CallUntil.IsZero():
		return ErrNotNow
	case !e.Renew && (now.Before(t.NextAt) || !t.CallUntil.IsZero()):
		return ErrNotNow
	}
	if !e.Renew {
		t.Attempts++
	}
	t.CallUntil = earlier(now.Add(e.Timeout), r.Run.Deadline)
	return nil
}

// answer stores what a call came to: a result, or the time of another attempt.
func (r *Request) answer(e Event, now time.Time) error {
	t, err := r.unsettled(e)
	if err != nil {
		return err
	}
	if t.CallUntil.IsZero() {
		return ErrNotNow
	}
	t.CallUntil, t.Answer = time.Time{}, e.Answer
	switch e.Answer.Kind {
	case AnswerDone:
		t.Result = ResultDone
	case AnswerAlready:
		t.Result = ResultAlready
	case AnswerRefused:
		t.Result = ResultFailed
	case AnswerLost:
		t.Lost = true
		if r.Verb == Release {
			t.Result = ResultUnknown // a custody is never given back twice
			break
		}
		r.retry(t, now, 0)
	case AnswerNotSent, AnswerWait:
		r.retry(t, now, e.Answer.After)
	default:
		return ErrNotNow
	}
	r.conclude(now)
	return nil
}

// retry plans the next attempt, or settles the target when there is no time
// for one before the deadline.
func (r *Request) retry(t *Target, now time.Time, wait time.Duration) {
	if wait <= 0 {
		wait = pauses[min(max(t.Attempts, 1), len(pauses))-1]
	}
	t.NextAt = now.Add(wait)
	if !t.NextAt.Before(r.Run.Deadline) {
		t.giveUp()
	}
}

// giveUp settles a target that will not be called again in this run.
func (t *Target) giveUp() {
	t.Result = ResultNotSent
	if t.Lost || !t.CallUntil.IsZero() {
		t.Result = ResultUnknown
	}
	t.Lost, t.CallUntil = t.Lost || !t.CallUntil.IsZero(), time.Time{}
}

// Abandoned reports whether the target carries the mark of a process that
// died, and whose call can no longer be under way at now.
func (t Target) Abandoned(now time.Time) bool {
	return t.Result == "" && !t.CallUntil.IsZero() && !now.Before(t.CallUntil)
}

// deadline ends a run: what was begun and never answered is unknown.
func (r *Request) deadline(_ Event, now time.Time) error {
	if now.Before(r.Run.Deadline) {
		return ErrNotNow
	}
	for i := range r.Targets {
		if r.Targets[i].Result == "" {
			r.Targets[i].giveUp()
		}
	}
	r.conclude(now)
	return nil
}

// startedTooLate ends an approved request that no process began in time.
func (r *Request) startedTooLate(_ Event, now time.Time) error {
	if !now.After(r.Run.StartBy) {
		return ErrNotNow
	}
	for i := range r.Targets {
		r.Targets[i].Result = ResultNotSent
	}
	r.Run.Ended = now
	r.finish(Failed, now)
	return nil
}

// conclude gives the request its outcome once every target has a result.
func (r *Request) conclude(now time.Time) {
	if s, ended := outcome(r.Targets); ended {
		r.Run.Ended = now
		r.Lease.Holder, r.Lease.Until = "", time.Time{}
		r.finish(s, now)
	}
}

// outcome sums up the targets: any unknown makes it unknown, all good done,
// none good failed, else partial.
func outcome(targets []Target) (State, bool) {
	good, unknown := 0, false
	for _, t := range targets {
		switch t.Result {
		case "":
			return "", false
		case ResultUnknown:
			unknown = true
		case ResultDone, ResultAlready:
			good++
		}
	}
	switch {
	case unknown:
		return Unknown, true
	case good == len(targets):
		return Done, true
	case good == 0:
		return Failed, true
	}
	return Partial, true
}

// unsettled finds the event's target, if the event's holder still has the run.
func (r *Request) unsettled(e Event) (*Target, error) {
	if e.Lease.Fence != r.Lease.Fence {
		return nil, ErrLeaseLost
	}
	if e.Target < 0 || e.Target >= len(r.Targets) || r.Targets[e.Target].Result != "" {
		return nil, ErrNotNow
	}
	return &r.Targets[e.Target], nil
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

package redisstore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"senhasegura-bot/approvals"
)

// window is how late a request may still be stored when the caller does not say.
const window = 5 * time.Second

// Submit stores a new request, pending or a break-glass; see approvals.Store. Its op, which
// version 1 carries, is its idempotency key.
//
// The window is counted on the process's monotonic clock and handed to the
// script as an instant of Redis's clock. A script that found itself late
// although the window is still open shows that the estimate was wrong (Redis
// moved to another machine, its clock was set): it is sent once more with the
// clock that this answer brought.
func (s *Store) Submit(ctx context.Context, sub approvals.Submission) (approvals.Request, error) {
	begin := time.Now()
	if sub.Window <= 0 {
		sub.Window = window
	}
	r := sub.Request
	r.Version, r.State = 1, approvals.Pending
	if r.Glass.On() {
		r.State = approvals.Approved
	}
	record, err := encode(r)
	if err != nil {
		return approvals.Request{}, err
	}
	entry, err := s.signed(sub.Entry)
	if err != nil {
		return approvals.Request{}, err
	}
	for range 2 {
		now, err := s.estimate(ctx)
		if err != nil {
			return approvals.Request{}, err
		}
		left := sub.Window - time.Since(begin)
		if left <= 0 {
			break
		}
		before, _, turn := s.newest.get()
		answer, err := s.run(ctx, submitScript, s.submission(sub, r, record, entry, now.Add(left)))
		if err != nil {
			return approvals.Request{}, err
		}
		s.newest.wrote(before, turn, answer, answer.number(1), entry)
		if answer.verdict != "late" {
			return s.submitted(ctx, record, answer)
		}
	}
	return approvals.Request{}, approvals.ErrLate
}

// estimate is Redis's clock as far as known, without asking when it can.
func (s *Store) estimate(ctx context.Context) (time.Time, error) {
	if now, known := s.clock.estimate(); known {
		return now, nil
	}
	return s.Now(ctx)
}

// submission writes the arguments in the order of lua/submit.lua.
func (s *Store) submission(sub approvals.Submission, r approvals.Request, record, entry string, notAfter time.Time) *call {
	c, k := &call{}, s.keys
	c.key(k.request(r.ID), k.submitted(r.Key), k.seq(), k.audit(), k.pending(), k.runnable(), k.behind(),
		k.minute(r.Requester.Key), k.undecided(r.Requester.Key), k.freeze())
	c.keyList(k.open(r.Verb, r.Keys()))
	c.keyList(k.unreviewed(r.Requester))
	c.keyList(k.unreviewedOf(sub.Accounts...))
	c.arg(r.ID, record, entry, r.Key, sub.Lifetime, notAfter)
	c.arg(r.Requester.Key, r.Requester.User, r.Needed(), r.Notices, r.Glass.On())
	c.arg(sub.Limits.PerPersonMinute, sub.Limits.PendingPerPerson, sub.Limits.Pending)
	return c
}

// submitted is what the caller gets: the request as Load would return it.
func (s *Store) submitted(ctx context.Context, record string, a reply) (approvals.Request, error) {
	switch a.verdict {
	case "ok":
		created, expires := fmt.Sprint(millis(a.now)), fmt.Sprint(a.number(0))
		return decode([]any{record, created, expires, "", "0", "0"})
	case "again":
		r, _, err := s.Load(ctx, a.text(0))
		if errors.Is(err, approvals.ErrUnavailable) { // this reading did nothing, but the request is there
			err = fmt.Errorf("%w: %s is stored, and cannot be read: %v", approvals.ErrUnconfirmed, a.text(0), err)
		}
		return r, err
	}
	return approvals.Request{}, verdict(a)
}

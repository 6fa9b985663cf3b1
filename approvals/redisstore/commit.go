package redisstore

import (
	"context"
	"fmt"
	"time"

	"senhasegura-bot/approvals"
)

// Commit replaces Before by After; see approvals.Store.
func (s *Store) Commit(ctx context.Context, c approvals.Change) error {
	if !c.Follows() || c.Op == "" {
		return fmt.Errorf("committing %s version %d over %s version %d, op %q: not one step of one request",
			c.After.ID, c.After.Version, c.Before.ID, c.Before.Version, c.Op)
	}
	record, err := encode(c.After)
	if err != nil {
		return err
	}
	entry, err := s.signed(c.Entry)
	if err != nil {
		return err
	}
	before, _, turn := s.newest.get()
	r, err := s.run(ctx, commitScript, s.change(c, record, entry))
	if err != nil {
		return err
	}
	s.newest.wrote(before, turn, r, r.number(0), entry)
	return verdict(r)
}

// change writes the arguments in the order of lua/commit.lua.
func (s *Store) change(c approvals.Change, record, entry string) *call {
	b, k, after := &call{}, s.keys, c.After
	b.key(k.request(after.ID), k.seq(), k.audit(), k.pending(), k.runnable(), k.behind(), k.ended(),
		k.calls(), k.undecided(after.Requester.Key))
	b.key(k.unreviewed(after.Requester)...)
	b.key(k.freeze())
	b.arg(after.ID, c.Op, c.Before.Version, after.Version, string(after.State), record, after.Notices, entry, c.NotAfter)
	var voters, accounts []string
	for _, v := range after.Votes {
		voters, accounts = append(voters, v.Person.Key), append(accounts, v.Person.User)
	}
	b.arg(c.Acts())
	b.argList(voters)
	b.argList(accounts)
	signer := approvals.Person{}
	if c.Before.Glass.Unsigned() {
		signer = after.Glass.Signed
	}
	b.arg(after.Glass.Unsigned(), signer.Key, signer.User)
	b.arg(c.Before.Lease.Fence, leased(c), after.Lease.Holder, after.Lease.Fence, after.Lease.Until)
	d, deadline := compare(c.Before, after), after.Run.Deadline
	if c.Entry.Event == approvals.EventRewound {
		d.unknown(after)
		deadline = after.Ended.Add(callLongest)
	}
	b.arg(string(d.open))
	b.keyList(k.open(after.Verb, d.openKeys))
	b.arg(c.Before.Run.Began)
	b.keyList(k.touched(d.rerun))
	b.arg(deadline)
	b.keyList(k.lock(d.marked))
	b.keyList(k.touched(d.marked))
	b.argList(d.slots)
	b.argList(d.slotsUntil)
	b.arg(c.Calls)
	b.argList(d.freed)
	b.keyList(k.lock(d.settled))
	return b
}

// callLongest is how long a call may still be under way for a record that went
// back, whoever made it: CALL_TIMEOUT is a minute at most. The script adds half a
// minute.
const callLongest = 30 * time.Second

// leased says whether the change gives the lease to somebody, or ends it. A
// change that leaves it alone must not write it: it may have been renewed since.
func leased(c approvals.Change) string {
	a, b := c.Before.Lease, c.After.Lease
	if a.Holder == b.Holder && a.Fence == b.Fence && a.Until.Equal(b.Until) {
		return ""
	}
	return "set"
}

package redisstore

import (
	"context"
	"fmt"
)

// Invited returns, for each of users, what Invite added up to: it is kept with
// the card of the request and goes with it.
func (s *Store) Invited(ctx context.Context, id string, users []string) ([]int, error) {
	sums := make([]int, len(users))
	if len(users) == 0 {
		return sums, nil
	}
	names := make([]string, len(users))
	for i, user := range users {
		names[i] = inviteField(user)
	}
	values, err := s.client.HMGet(ctx, s.keys.card(id), names...).Result()
	if err != nil {
		return nil, fmt.Errorf("asking who was told of %s: %w", id, s.fault(err))
	}
	for i := range sums {
		text, _ := values[i].(string)
		sums[i] = int(integer(text))
	}
	return sums, nil
}

// Invite adds n to what is on record for a user; ErrNotFound without a request.
// A resent call may count twice.
func (s *Store) Invite(ctx context.Context, id, user string, n int) error {
	c := &call{}
	c.key(s.keys.request(id), s.keys.card(id))
	c.arg(inviteField(user), n)
	r, err := s.run(ctx, inviteScript, c)
	if err == nil {
		err = verdict(r)
	}
	if err != nil {
		return fmt.Errorf("recording who was told of %s: %w", id, err)
	}
	return nil
}

func inviteField(user string) string { return "invited:" + user }

package redisstore

import (
	"context"
	"time"
)

// Trim removes requests that ended more than age ago, at most limit of them.
func (s *Store) Trim(ctx context.Context, age time.Duration, limit int) (int, error) {
	ids, err := s.first(ctx, s.keys.ended(), limit)
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	var requests, cards []string
	for _, id := range ids {
		requests, cards = append(requests, s.keys.request(id)), append(cards, s.keys.card(id))
	}
	c := &call{}
	c.key(s.keys.ended(), s.keys.pending(), s.keys.runnable(), s.keys.behind())
	c.keyList(requests)
	c.keyList(cards)
	c.arg(age)
	c.argList(ids)
	r, err := s.run(ctx, trimScript, c)
	return int(r.number(0)), err
}

// TrimAudit removes audit entries older than age, the oldest first and at most
// limit of them, and returns how many.
func (s *Store) TrimAudit(ctx context.Context, age time.Duration, limit int) (int, error) {
	if limit <= 0 {
		return 0, nil
	}
	c := &call{}
	c.key(s.keys.audit())
	c.arg(age, limit)
	r, err := s.run(ctx, trimAuditScript, c)
	return int(r.number(0)), err
}

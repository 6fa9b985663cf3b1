package redisstore

import (
	"context"
	"time"
)

// Renew extends a lease that is still held under its fence to Redis's now + d.
func (s *Store) Renew(ctx context.Context, id string, fence int64, d time.Duration) (time.Time, error) {
	c := &call{}
	c.key(s.keys.request(id), s.keys.runnable())
	c.arg(id, fence, d)
	r, err := s.run(ctx, renewScript, c)
	if err != nil {
		return time.Time{}, err
	}
	if err := verdict(r); err != nil {
		return time.Time{}, err
	}
	return instant(r.number(0)), nil
}

// Unlease ends a lease under its fence. Again, it does nothing.
func (s *Store) Unlease(ctx context.Context, id string, fence int64) error {
	c := &call{}
	c.key(s.keys.request(id), s.keys.runnable())
	c.arg(id, fence)
	r, err := s.run(ctx, unleaseScript, c)
	if err != nil {
		return err
	}
	return verdict(r)
}

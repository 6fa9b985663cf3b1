package redisstore

import (
	"context"
	"crypto/rand"
	"fmt"
	"time"
)

// First reports whether key was not seen within ttl by any process. The
// caller's mark is its own, so that a resend after a lost answer still says
// first.
func (s *Store) First(ctx context.Context, key string, ttl time.Duration) (bool, error) {
	name, mark := s.keys.seen(key), rand.Text()
	first, err := s.client.SetNX(ctx, name, mark, ttl).Result()
	if err == nil && !first {
		var stored string
		stored, err = s.client.Get(ctx, name).Result()
		first = stored == mark
	}
	if err != nil {
		return false, fmt.Errorf("remembering a delivery: %w", s.fault(err))
	}
	return first, nil
}

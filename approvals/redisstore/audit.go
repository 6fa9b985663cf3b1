package redisstore

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/redis/go-redis/v9"

	"senhasegura-bot/approvals"
)

// Audit reads up to limit entries with a sequence number above after, in order.
// Start with 0, go on with the last Seq.
func (s *Store) Audit(ctx context.Context, after int64, limit int) ([]approvals.Logged, error) {
	if limit <= 0 {
		return nil, nil
	}
	found, err := s.client.XRangeN(ctx, s.keys.audit(), fmt.Sprintf("%d-0", after+1), "+", int64(limit)).Result()
	if err != nil {
		return nil, fmt.Errorf("reading the audit: %w", s.fault(err))
	}
	var entries []approvals.Logged
	for _, m := range found {
		e, err := logged(m)
		if err != nil {
			return nil, err
		}
		entries = append(entries, e)
	}
	return entries, nil
}

func logged(m redis.XMessage) (approvals.Logged, error) {
	seq, _, _ := strings.Cut(m.ID, "-")
	at, _ := m.Values["at"].(string)
	entry, _ := m.Values["entry"].(string)
	l := approvals.Logged{Seq: integer(seq), At: instant(integer(at))}
	if err := json.Unmarshal([]byte(entry), &l.Entry); err != nil {
		return l, fmt.Errorf("reading audit entry %s: %w", m.ID, err)
	}
	return l, nil
}

package redisstore

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"time"

	"github.com/redis/go-redis/v9"

	"senhasegura-bot/approvals/audit"
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
	messages, err := s.messagesOf(ctx, ids)
	if err != nil {
		return 0, err
	}
	c := &call{}
	c.key(s.keys.ended(), s.keys.pending(), s.keys.runnable(), s.keys.behind(), s.keys.calls())
	c.keyList(requests)
	c.keyList(cards)
	for _, text := range messages {
		c.keyList(s.keys.messages(text))
	}
	c.arg(age)
	c.argList(ids)
	c.argList(messages)
	r, err := s.run(ctx, trimScript, c)
	return int(r.number(0)), err
}

// messagesOf returns, for each request, the messages that are or were its card,
// as lua/card_put.lua keeps them.
func (s *Store) messagesOf(ctx context.Context, ids []string) ([]string, error) {
	found := make([]*redis.StringCmd, len(ids))
	_, err := s.client.Pipelined(ctx, func(p redis.Pipeliner) error {
		for i, id := range ids {
			found[i] = p.HGet(ctx, s.keys.card(id), "messages")
		}
		return nil
	})
	if err != nil && !errors.Is(err, redis.Nil) { // no card, or none posted
		return nil, fmt.Errorf("reading the messages of old cards: %w", s.fault(err))
	}
	messages := make([]string, len(ids))
	for i, f := range found {
		messages[i] = f.Val()
	}
	return messages, nil
}

// TrimAudit removes audit entries older than age, the oldest first and at most
// limit of them, and returns how many. With an audit key it first verifies
// them (ErrBent, and nothing is removed: what was tampered with stays to be
// found), and a checkpoint takes their place.
func (s *Store) TrimAudit(ctx context.Context, age time.Duration, limit int) (int, error) {
	if limit <= 0 {
		return 0, nil
	}
	c := &call{}
	c.key(s.keys.audit(), s.keys.chain(), s.keys.checkpoint())
	if s.seals == nil {
		c.arg(age, limit, 0, "", "")
	} else {
		last, err := s.trimmable(ctx, age, limit)
		if err != nil || last.Seq == 0 {
			return 0, err
		}
		c.arg(age, limit, last.Seq, last.Hash, last.Seal)
	}
	r, err := s.run(ctx, trimAuditScript, c)
	return int(r.number(0)), err
}

// trimmable is the checkpoint for up to limit entries that are sealed, older
// than age, and as they should be; zero when there are none.
func (s *Store) trimmable(ctx context.Context, age time.Duration, limit int) (audit.Link, error) {
	begin, err := s.beginning(ctx)
	if err != nil {
		return audit.Link{}, err
	}
	if !s.seals.Begins(begin) {
		return audit.Link{}, fmt.Errorf("%w: the checkpoint %s is not ours", ErrBent, begin.Head())
	}
	now, err := s.Now(ctx)
	if err != nil {
		return audit.Link{}, err
	}
	var old []audit.Record
	var last audit.Link
	for r, err := range s.records(ctx, begin.Seq, math.MaxInt64) {
		if err != nil {
			return audit.Link{}, err
		}
		if len(old) == limit || r.At >= millis(now.Add(-age)) || r.Link == (audit.Link{}) {
			break
		}
		old, last = append(old, r), r.Link
	}
	report, err := s.seals.Verify(audit.Claim{After: begin, Sealed: last.Seq}, all(old))
	switch {
	case err != nil || last.Seq == 0:
		return audit.Link{}, err
	case !report.Good():
		return audit.Link{}, fmt.Errorf("%w: %s", ErrBent, report.Faults[0])
	}
	return s.seals.Checkpoint(last), nil
}

func all(records []audit.Record) iter.Seq2[audit.Record, error] {
	return func(yield func(audit.Record, error) bool) {
		for _, r := range records {
			if !yield(r, nil) {
				return
			}
		}
	}
}

package redisstore

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"strings"

	"senhasegura-bot/approvals"
)

// listedPerMinute is how many refusals of one person are listed in a minute.
const listedPerMinute = 10

// Note appends an entry that changes nothing; see approvals.Store.
func (s *Store) Note(ctx context.Context, e approvals.Entry) error {
	entry, err := s.signed(e)
	if err != nil {
		return err
	}
	who, err := json.Marshal(e.By)
	if err != nil {
		return fmt.Errorf("encoding a person: %w", err)
	}
	c, k := &call{}, s.keys
	c.key(k.seq(), k.audit(), k.refused(e.By.User), k.more(), k.noted(rand.Text()))
	c.arg(entry, e.By.User, string(who), listedPerMinute)
	_, err = s.run(ctx, noteScript, c)
	return err
}

// Tally appends an entry for each person whose refusals were only counted,
// once the minute is over in which they were.
func (s *Store) Tally(ctx context.Context, process string) error {
	waiting, err := s.client.HGetAll(ctx, s.keys.more()).Result()
	if err != nil || len(waiting) == 0 {
		return s.reading("counts", err)
	}
	now, err := s.Now(ctx)
	if err != nil {
		return err
	}
	for person, count := range waiting {
		due, rest, _ := strings.Cut(count, " ")
		if millis(now) < integer(due) {
			continue
		}
		n, who, _ := strings.Cut(rest, " ")
		e := approvals.Entry{Event: approvals.EventRefuse, Team: s.team, Count: int(integer(n)), Process: process}
		if json.Unmarshal([]byte(who), &e.By) != nil {
			e.By = approvals.Person{User: person}
		}
		entry, err := s.signed(e)
		if err != nil {
			return err
		}
		c := &call{}
		c.key(s.keys.seq(), s.keys.audit(), s.keys.more())
		c.arg(entry, person, count)
		if _, err := s.run(ctx, tallyScript, c); err != nil {
			return err
		}
	}
	return nil
}

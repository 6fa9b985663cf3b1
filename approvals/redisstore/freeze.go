package redisstore

import (
	"context"
	"encoding/json"
	"fmt"

	"senhasegura-bot/approvals"
)

// Freeze puts a freeze into force; see approvals.Store.
func (s *Store) Freeze(ctx context.Context, op string, f approvals.Freeze, entry approvals.Entry) (approvals.Freeze, bool, error) {
	record, err := json.Marshal(f)
	if err != nil {
		return approvals.Freeze{}, false, fmt.Errorf("encoding a freeze: %w", err)
	}
	return s.freeze(ctx, op, 1, string(record), entry)
}

// Unfreeze ends the freeze; see approvals.Store.
func (s *Store) Unfreeze(ctx context.Context, op string, entry approvals.Entry) (approvals.Freeze, bool, error) {
	return s.freeze(ctx, op, 0, "", entry)
}

func (s *Store) freeze(ctx context.Context, op string, on int, record string, entry approvals.Entry) (approvals.Freeze, bool, error) {
	e, err := s.signed(entry)
	if err != nil {
		return approvals.Freeze{}, false, err
	}
	c, k := &call{}, s.keys
	c.key(k.freeze(), k.seq(), k.audit(), k.pending(), k.runnable(), k.behind())
	c.arg(op, on, record, e)
	r, err := s.run(ctx, freezeScript, c)
	if err != nil {
		return approvals.Freeze{}, false, err
	}
	return readFreeze(r.text(0), r.number(1)), r.verdict == "ok", nil
}

// Frozen returns the freeze in force; zero when there is none.
func (s *Store) Frozen(ctx context.Context) (approvals.Freeze, error) {
	values, err := s.client.HMGet(ctx, s.keys.freeze(), freezeFields...).Result()
	if err != nil {
		return approvals.Freeze{}, fmt.Errorf("asking whether everything is frozen: %w", s.fault(err))
	}
	return inForce(values), nil
}

// freezeFields are read in this order here and in lua/card_take.lua.
var freezeFields = []string{"on", "record", "at"}

func inForce(values []any) approvals.Freeze {
	text := make([]string, len(freezeFields))
	for i := range min(len(values), len(text)) {
		text[i], _ = values[i].(string)
	}
	if text[0] != "1" {
		return approvals.Freeze{}
	}
	return readFreeze(text[1], integer(text[2]))
}

// readFreeze reads what the script returned; zero when at is. A record that
// cannot be read says nothing of who and why, and the freeze is in force.
func readFreeze(record string, at int64) approvals.Freeze {
	f := approvals.Freeze{}
	if at != 0 {
		_ = json.Unmarshal([]byte(record), &f)
	}
	f.At = instant(at)
	return f
}

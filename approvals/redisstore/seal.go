package redisstore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"senhasegura-bot/approvals"
	"senhasegura-bot/approvals/audit"
)

// ErrBent: the audit in Redis is not what was written there. Its text says
// where; audit.Verify finds the rest.
var ErrBent = errors.New("the audit was tampered with")

// errNoKey: the store was made without an audit key.
var errNoKey = errors.New("sealing the audit: the store has no audit key")

// head remembers the last link that this process saw, so that a chain which
// was cut back meanwhile is noticed.
type head struct {
	mu   sync.Mutex
	last audit.Link
}

// signed is an entry as the scripts take it (lua/prelude.lua, log): its HMAC, a
// space, its JSON.
func (s *Store) signed(e approvals.Entry) (string, error) {
	b, err := json.Marshal(e)
	if err != nil {
		return "", fmt.Errorf("encoding an audit entry: %w", err)
	}
	if s.seals == nil {
		return string(b), nil
	}
	return s.seals.Sign(string(b)) + " " + string(b), nil
}

// Seal chains up to limit entries that are not sealed yet, in order, and
// returns how many. Any number of processes may call it at once. It seals what
// it finds: whether that is right is for verification. ErrBent when the end of
// the chain is not ours, or was cut back since this process last saw it.
func (s *Store) Seal(ctx context.Context, limit int) (int, error) {
	if s.seals == nil {
		return 0, errNoKey
	}
	last, err := s.lastLink(ctx)
	if err != nil {
		return 0, err
	}
	if err := s.remember(last); err != nil {
		return 0, err
	}
	found, err := s.client.XRangeN(ctx, s.keys.audit(), fmt.Sprintf("(%d-0", last.Seq), "+", int64(limit)).Result()
	if err != nil || len(found) == 0 {
		return 0, s.reading("audit", err)
	}
	links := s.links(last, found)
	if len(links) == 0 {
		return 0, nil
	}
	r, err := s.run(ctx, sealScript, s.sealing(last, links))
	if err != nil || r.verdict != "ok" { // stale: another process was first
		return 0, err
	}
	return len(links), s.remember(links[len(links)-1])
}

// sealing writes the arguments in the order of lua/seal.lua.
func (s *Store) sealing(last audit.Link, links []audit.Link) *call {
	c := &call{}
	c.key(s.keys.chain(), s.keys.checkpoint())
	var numbers, hashes, seals []string
	for _, l := range links {
		numbers, hashes, seals = append(numbers, fmt.Sprint(l.Seq)), append(hashes, l.Hash), append(seals, l.Seal)
	}
	c.arg(last.Seq)
	c.argList(numbers)
	c.argList(hashes)
	c.argList(seals)
	return c
}

// links chains entries after last.
func (s *Store) links(last audit.Link, found []redis.XMessage) []audit.Link {
	var links []audit.Link
	for _, m := range found {
		if r := record(m); r.Seq > last.Seq {
			last = s.seals.Next(last, r)
			links = append(links, last)
		}
	}
	return links
}

// remember takes note of the chain's end. It complains once of one that was
// cut: sealing then goes on from what there is, because a Redis that lost
// writes must not end it, and the complaint names the head that was lost.
func (s *Store) remember(last audit.Link) error {
	s.head.mu.Lock()
	defer s.head.mu.Unlock()
	known := s.head.last
	s.head.last = last
	if last.Seq < known.Seq || last.Seq == known.Seq && known.Hash != "" && known.Hash != last.Hash {
		return fmt.Errorf("%w: the chain ended with %s and now ends with %s", ErrBent, known.Head(), last.Head())
	}
	return nil
}

// lastLink is where the chain ends: its last link, or what stands for those
// that were trimmed, or the beginning of all.
func (s *Store) lastLink(ctx context.Context) (audit.Link, error) {
	found, err := s.client.XRevRangeN(ctx, s.keys.chain(), "+", "-", 1).Result()
	if err != nil {
		return audit.Link{}, s.reading("chain", err)
	}
	if len(found) == 0 {
		begin, err := s.beginning(ctx)
		if err == nil && !s.seals.Begins(begin) {
			err = fmt.Errorf("%w: the checkpoint %s is not ours", ErrBent, begin.Head())
		}
		return begin, err
	}
	last := link(found[0])
	if !s.seals.Sealed(last) {
		return last, fmt.Errorf("%w: the end of the chain, %s, is not ours", ErrBent, last.Head())
	}
	return last, nil
}

// beginning is the link before the oldest entry.
func (s *Store) beginning(ctx context.Context) (audit.Link, error) {
	m, err := s.client.HGetAll(ctx, s.keys.checkpoint()).Result()
	if err != nil {
		return audit.Link{}, s.reading("checkpoint", err)
	}
	if len(m) == 0 {
		return s.seals.Genesis(), nil
	}
	return audit.Link{Seq: integer(m["seq"]), Hash: m["hash"], Seal: m["seal"]}, nil
}

// reading names what could not be read.
func (s *Store) reading(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("reading the audit's %s: %w", what, s.fault(err))
}

// Published is a head that was told outside.
type Published struct {
	audit.Link
	At      time.Time
	Channel string
}

// Head is the last link of the chain; without a Hash when nothing is sealed.
func (s *Store) Head(ctx context.Context) (audit.Link, error) {
	if s.seals == nil {
		return audit.Link{}, errNoKey
	}
	return s.lastLink(ctx)
}

// Published is the head that was told last; zero when none was. When and where
// are zero unless it was noted by Publish: who writes to Redis cannot put the
// next telling off.
func (s *Store) Published(ctx context.Context) (Published, error) {
	m, err := s.client.HGetAll(ctx, s.keys.published()).Result()
	if err != nil || len(m) == 0 {
		return Published{}, s.reading("published head", err)
	}
	p := Published{Link: audit.Link{Seq: integer(m["seq"]), Hash: m["hash"], Seal: m["seal"]}}
	if s.noted(m["mac"], "head", m["channel"], m["at"], m["seq"], m["hash"]) {
		p.At, p.Channel = instant(integer(m["at"])), m["channel"]
	}
	return p, nil
}

// note is the HMAC of something that was told.
func (s *Store) note(what ...string) string {
	if s.seals == nil {
		return ""
	}
	return s.seals.Told(what...)
}

func (s *Store) noted(mac string, what ...string) bool {
	return s.seals != nil && s.seals.WasTold(mac, what...)
}

// Publish takes note that a head was told.
func (s *Store) Publish(ctx context.Context, p Published) error {
	at, seq := fmt.Sprint(millis(p.At)), fmt.Sprint(p.Seq)
	err := s.client.HSet(ctx, s.keys.published(), "seq", seq, "hash", p.Hash, "seal", p.Seal,
		"at", at, "channel", p.Channel, "mac", s.note("head", p.Channel, at, seq, p.Hash)).Err()
	if err != nil {
		return fmt.Errorf("noting that a head was told: %w", s.fault(err))
	}
	return nil
}

// Complained is when a channel was last told that the audit does not verify;
// zero when it was not, or when somebody else says so.
func (s *Store) Complained(ctx context.Context, channel string) (time.Time, error) {
	note, err := s.client.HGet(ctx, s.keys.published(), "bent:"+channel).Result()
	at, mac, _ := strings.Cut(note, " ")
	if errors.Is(err, redis.Nil) || err == nil && !s.noted(mac, "bent", channel, at) {
		return time.Time{}, nil
	}
	return instant(integer(at)), s.reading("last complaint", err)
}

// Complain takes note that a channel was told so.
func (s *Store) Complain(ctx context.Context, channel string, at time.Time) error {
	ms := fmt.Sprint(millis(at))
	note := ms + " " + s.note("bent", channel, ms)
	if err := s.client.HSet(ctx, s.keys.published(), "bent:"+channel, note).Err(); err != nil {
		return fmt.Errorf("noting a complaint about the audit: %w", s.fault(err))
	}
	return nil
}

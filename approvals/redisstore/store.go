package redisstore

import (
	"context"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"senhasegura-bot/approvals"
	"senhasegura-bot/approvals/audit"
)

// Config is what a Store needs.
type Config struct {
	// Client is required. It should not resend by itself (MaxRetries -1, as
	// Open makes it): the Store does, and knows what an earlier attempt may
	// have written. With another client it says ErrUnconfirmed where it cannot tell.
	Client redis.UniversalClient
	// Team is the workspace; required, without braces.
	Team string
	// AuditKey is what the audit's own key is derived from. Without it entries
	// carry no HMAC and the audit is not sealed.
	AuditKey []byte
	// Prefix starts every key; empty is senhasegura-bot. Without braces.
	Prefix string
}

// Store keeps the requests of one workspace in Redis. It is safe for
// concurrent use by any number of goroutines and processes.
type Store struct {
	client  redis.UniversalClient
	keys    keys
	clock   clock
	resends bool // the client may send a command twice by itself
	team    string
	seals   *audit.Keys // nil without an audit key
	head    head
	newest  newest
}

var _ approvals.Store = (*Store)(nil)

// New makes a Store. It reads and writes nothing, and does not own the client.
func New(c Config) *Store {
	if c.Prefix == "" {
		c.Prefix = "senhasegura-bot"
	}
	s := &Store{client: c.Client, keys: newKeys(c.Prefix, c.Team), team: c.Team, resends: resends(c.Client)}
	if len(c.AuditKey) > 0 {
		k := audit.NewKeys(c.AuditKey, c.Team)
		s.seals = &k
	}
	return s
}

// resends reports whether the client may repeat a command without saying so. A
// cluster's does whenever a node fails.
func resends(c redis.UniversalClient) bool {
	single, ok := c.(*redis.Client)
	return !ok || single.Options().MaxRetries > 0
}

// Now is Redis's clock, in milliseconds, UTC.
func (s *Store) Now(ctx context.Context) (time.Time, error) {
	c := &call{}
	c.key(s.keys.seq())
	r, err := s.run(ctx, nowScript, c)
	return r.now, err
}

// Ping reports whether the workspace's node takes writes. It leaves nothing behind.
func (s *Store) Ping(ctx context.Context) error {
	c := &call{}
	c.key(s.keys.probe())
	_, err := s.run(ctx, probeScript, c)
	return err
}

// Load returns a request and Redis's clock.
func (s *Store) Load(ctx context.Context, id string) (approvals.Request, time.Time, error) {
	c := &call{}
	c.key(s.keys.request(id))
	c.argList(fields)
	r, err := s.run(ctx, loadScript, c)
	if err != nil {
		return approvals.Request{}, time.Time{}, err
	}
	if r.verdict != "ok" {
		return approvals.Request{}, r.now, verdict(r)
	}
	request, err := decode(r.list(0))
	return request, r.now, err
}

// Due lists up to limit ids of each index whose time has come, and says whether
// the store went back; see approvals.Store.
func (s *Store) Due(ctx context.Context, limit int) (approvals.Due, error) {
	if limit <= 0 {
		return approvals.Due{}, nil
	}
	c := &call{}
	c.key(s.keys.pending(), s.keys.runnable(), s.keys.behind(), s.keys.seq(), s.keys.audit())
	seq, mark, _ := s.newest.get()
	c.arg(limit, seq, mark)
	r, err := s.run(ctx, dueScript, c)
	if err != nil {
		return approvals.Due{}, err
	}
	back := r.number(5) == 1
	s.newest.saw(r.number(3), r.text(4), back)
	return approvals.Due{Expired: r.texts(0), Runnable: r.texts(1), Behind: r.texts(2), Back: back, Doubtful: r.texts(6)}, nil
}

// Undecided lists up to limit ids of pending requests by the time they expire.
func (s *Store) Undecided(ctx context.Context, limit int) ([]string, error) {
	return s.first(ctx, s.keys.pending(), limit)
}

// Watched lists up to limit ids of requests whose cards are drawn sooner or later.
func (s *Store) Watched(ctx context.Context, limit int) ([]string, error) {
	return s.first(ctx, s.keys.behind(), limit)
}

// first lists the members of an index with the lowest scores.
func (s *Store) first(ctx context.Context, index string, limit int) ([]string, error) {
	if limit <= 0 {
		return nil, nil
	}
	ids, err := s.client.ZRange(ctx, index, 0, int64(limit-1)).Result()
	if err != nil {
		return nil, fmt.Errorf("listing requests: %w", s.fault(err))
	}
	return ids, nil
}

// attempts is how often a script is sent when its connection broke. Every
// script answers a repetition as it answered the first time.
const attempts = 3

// run sends a script and reads its answer. Its error wraps ErrUnavailable or
// ErrUnconfirmed.
func (s *Store) run(ctx context.Context, script *redis.Script, c *call) (reply, error) {
	if err := ctx.Err(); err != nil {
		return reply{}, fmt.Errorf("%w: %w", approvals.ErrUnavailable, err)
	}
	unsure := false
	for attempt := 1; ; attempt++ {
		raw, err := script.Run(ctx, s.client, c.keys, c.args...).Slice()
		if err == nil {
			return s.read(raw)
		}
		if unsure {
			err = fmt.Errorf("%w: %w", approvals.ErrUnconfirmed, err)
		} else {
			err = s.fault(err)
			unsure = isUnconfirmed(err)
		}
		if attempt == attempts || !broken(err) || ctx.Err() != nil {
			return reply{}, err
		}
	}
}

// read takes an answer apart and sets the clock by it.
func (s *Store) read(raw []any) (reply, error) {
	if len(raw) < 2 {
		return reply{}, fmt.Errorf("%w: a script answered %d values", approvals.ErrUnconfirmed, len(raw))
	}
	r := reply{rest: raw[2:]}
	r.verdict, _ = raw[0].(string)
	ms, _ := raw[1].(int64)
	r.now = instant(ms)
	s.clock.observe(r.now)
	return r, nil
}

package bot

import (
	"context"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

// Bounds of a cache: how long one question to Slack may take, and how many
// answers are kept before all are forgotten.
const (
	askWithin  = 3 * time.Second
	cacheLimit = 50_000
)

// cache keeps answers of Slack with the time each was asked for, so that every
// caller can say how old an answer may be. Concurrent questions about one key
// share one call.
type cache[V any] struct {
	mu      sync.Mutex
	known   map[string]aged[V]
	asking  singleflight.Group
	forgets int // grows with each forget: an answer asked for before is not kept
}

type aged[V any] struct {
	value V
	asked time.Time
}

// get returns the value asked for at most maxAge ago, or asks. A maxAge of
// zero always asks (or joins a question that is under way).
func (c *cache[V]) get(ctx context.Context, key string, maxAge time.Duration, ask func(context.Context) (V, error)) (V, error) {
	if v, ok := c.fresh(key, maxAge); ok {
		return v, nil
	}
	var none V
	answer := c.asking.DoChan(key, func() (any, error) {
		c.mu.Lock()
		forgets := c.forgets
		c.mu.Unlock()
		asked := time.Now()
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), askWithin)
		defer cancel()
		v, err := ask(ctx)
		if err != nil {
			return none, err
		}
		c.put(key, v, asked, forgets)
		return v, nil
	})
	select {
	case <-ctx.Done():
		c.asking.Forget(key) // whoever asks next does not wait for a call that hangs
		return none, context.Cause(ctx)
	case r := <-answer:
		if r.Err != nil {
			return none, r.Err
		}
		return r.Val.(V), nil
	}
}

func (c *cache[V]) fresh(key string, maxAge time.Duration) (V, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	a, ok := c.known[key]
	return a.value, ok && time.Since(a.asked) < maxAge
}

// last returns what is known, however old.
func (c *cache[V]) last(key string) (V, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	a, ok := c.known[key]
	return a.value, ok
}

func (c *cache[V]) put(key string, v V, asked time.Time, forgets int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if forgets != c.forgets {
		return
	}
	if c.known == nil || len(c.known) >= cacheLimit {
		c.known = map[string]aged[V]{}
	}
	c.known[key] = aged[V]{value: v, asked: asked}
}

// forget drops one answer, and those being asked for.
func (c *cache[V]) forget(key string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.forgets++
	delete(c.known, key)
	c.asking.Forget(key)
}

package main

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// pingAge is how long an answer of Redis is believed: readiness may be asked for
// by anybody, and each question is a write.
const pingAge = 500 * time.Millisecond

// storeHealth knows whether Redis can be written: full, or read-only after a
// failover, it still answers reads.
type storeHealth struct {
	ping  func(context.Context) error
	mu    sync.Mutex
	asked time.Time
	why   string
}

// unwritable is why nothing can be stored now; empty when it can.
func (h *storeHealth) unwritable(ctx context.Context) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	if time.Since(h.asked) < pingAge {
		return h.why
	}
	err := h.ping(ctx)
	var refused redis.Error
	h.asked, h.why = time.Now(), ""
	switch {
	case errors.As(err, &refused):
		code, _, _ := strings.Cut(refused.Error(), " ")
		h.why = "redis takes no writes: " + code
	case err != nil:
		h.why = "redis does not answer"
	}
	return h.why
}

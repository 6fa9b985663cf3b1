package redisstore

import (
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"
	"time"

	"github.com/redis/go-redis/v9"

	"senhasegura-bot/approvals"
)

// verdict turns a script's refusal into the error of the domain.
func verdict(r reply) error {
	switch r.verdict {
	case "ok", "same":
		return nil
	case "missing":
		return approvals.ErrNotFound
	case "stale":
		return approvals.ErrStale
	case "late":
		return approvals.ErrLate
	case "used":
		return approvals.ErrTaken
	case "four_eyes":
		return approvals.ErrFourEyes
	case "frozen":
		return approvals.ErrFrozen
	case "busy":
		return approvals.ErrBusy
	case "touched":
		return approvals.ErrTouched
	case "lost":
		return approvals.ErrLeaseLost
	case "held":
		return approvals.ErrLeaseHeld
	case "taken":
		return &approvals.Taken{By: r.texts(0)}
	case "unreviewed":
		return &approvals.Unreviewed{ID: r.text(0)}
	case "limit":
		return overLimit(r)
	}
	return fmt.Errorf("%w: a script answered %q", approvals.ErrUnconfirmed, r.verdict)
}

func overLimit(r reply) error {
	why := map[string]approvals.Why{
		"minute": approvals.WhyPersonMinute,
		"person": approvals.WhyPersonPending,
		"all":    approvals.WhyPending,
	}[r.text(0)]
	return &approvals.OverLimit{Why: why, Have: int(r.number(1)), Wait: time.Duration(r.number(2)) * time.Millisecond}
}

// refused are the starts of replies by which Redis says that it did not write.
// A script whose first write is refused so has written nothing (lua/prelude.lua, log).
var refused = []string{
	"LOADING", "READONLY", "OOM", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "MISCONF", "NOREPLICAS",
	"BUSY", "NOAUTH", "WRONGPASS", "NOPERM", "max number of clients reached",
}

// fault says of an error of the client whether anything can have been written.
func (s *Store) fault(err error) error {
	if !s.resends && certain(err) {
		return fmt.Errorf("%w: %w", approvals.ErrUnavailable, err)
	}
	return fmt.Errorf("%w: %w", approvals.ErrUnconfirmed, err)
}

// certain reports whether the error means that nothing was written by the
// attempt it ended: no connection was made, or Redis refused.
func certain(err error) bool {
	for _, prefix := range refused {
		if redis.HasErrorPrefix(err, prefix) {
			return true
		}
	}
	var op *net.OpError
	if errors.As(err, &op) && op.Op == "dial" {
		return true
	}
	return errors.Is(err, redis.ErrPoolTimeout) || errors.Is(err, redis.ErrPoolExhausted) || errors.Is(err, redis.ErrClosed)
}

func isUnconfirmed(err error) bool { return errors.Is(err, approvals.ErrUnconfirmed) }

// broken reports whether the connection ended before the answer: worth sending
// again at once, unlike an answer that is slow to come.
func broken(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}

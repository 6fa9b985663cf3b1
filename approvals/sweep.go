package approvals

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"
)

// sweepLimit bounds what one sweep takes from each index.
const sweepLimit = 200

// Sweeper does what the store says is due, whoever began it: requests expire,
// runs start or go on, cards catch up. Every process sweeps, so that a crash
// costs a second and not a request.
type Sweeper struct {
	Desk *Desk
	// Draw brings the request's card up to date; called from many goroutines,
	// never twice at once for one request.
	Draw func(ctx context.Context, id string) error
	// Every is the pause between sweeps (1s).
	Every time.Duration
	// Retention is how long ended requests are kept (90 days).
	Retention time.Duration

	once    sync.Once
	nudged  chan string
	working sync.WaitGroup
	mu      sync.Mutex
	busy    map[string]bool
	again   map[string]bool
	stop    chan struct{}
}

func (s *Sweeper) init() {
	s.once.Do(func() {
		s.nudged = make(chan string, 1024)
		s.busy, s.again = map[string]bool{}, map[string]bool{}
		s.stop = make(chan struct{})
	})
}

// Nudge asks for a request's follow-up at once. It never blocks: what does not
// fit is found by the next sweep.
func (s *Sweeper) Nudge(id string) {
	s.init()
	select {
	case s.nudged <- id:
	default:
	}
}

// Run sweeps until ctx ends; then no new work is taken, calls under way are
// finished within grace, and Run returns.
func (s *Sweeper) Run(ctx context.Context, grace time.Duration) error {
	s.init()
	work, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	tick := time.NewTicker(s.Every)
	defer tick.Stop()
	for trim := 0; ctx.Err() == nil; trim++ {
		s.sweep(work, trim%60 == 0)
		for waiting := true; waiting; {
			select {
			case id := <-s.nudged:
				s.follow(work, id)
			case <-tick.C:
				waiting = false
			case <-ctx.Done():
				waiting = false
			}
		}
	}
	close(s.stop)
	done := make(chan struct{})
	go func() { s.working.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(grace):
		cancel()
		<-done
	}
	return nil
}

func (s *Sweeper) sweep(ctx context.Context, trim bool) {
	asked, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	due, err := s.Desk.Store.Due(asked, sweepLimit)
	if err != nil {
		s.Desk.Logger.Warn("looking for due requests failed", "error", err)
		return
	}
	for _, ids := range [][]string{due.Expired, due.Runnable, due.Behind} {
		for _, id := range ids {
			s.follow(ctx, id)
		}
	}
	if trim {
		if _, err := s.Desk.Store.Trim(asked, s.Retention, sweepLimit); err != nil {
			s.Desk.Logger.Warn("removing old requests failed", "error", err)
		}
	}
}

// follow works on one request in the background: its card and its run apart,
// each once at a time. What is asked for meanwhile is done right after.
func (s *Sweeper) follow(ctx context.Context, id string) {
	s.only(ctx, "run "+id, func(ctx context.Context) error { return s.advance(ctx, id) })
	s.only(ctx, "draw "+id, func(ctx context.Context) error { return s.Draw(ctx, id) })
}

// only starts work under a name unless it is under way; then it runs once more.
func (s *Sweeper) only(ctx context.Context, name string, work func(context.Context) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.busy[name] {
		s.again[name] = true
		return
	}
	s.busy[name] = true
	s.working.Go(func() {
		for more := true; more; {
			if err := guarded(ctx, work); err != nil && ctx.Err() == nil {
				s.Desk.Logger.Warn("following up a request failed", "work", name, "error", err)
			}
			s.mu.Lock()
			more = s.again[name] && ctx.Err() == nil
			delete(s.again, name)
			if !more {
				delete(s.busy, name)
			}
			s.mu.Unlock()
		}
	})
}

// guarded turns a panic into an error: one bad record must not end every
// process that meets it.
func guarded(ctx context.Context, work func(context.Context) error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v\n%s", r, debug.Stack())
		}
	}()
	return work(ctx)
}

// advance does what is due for a request by itself: it expires, or its run
// starts or goes on.
func (s *Sweeper) advance(ctx context.Context, id string) error {
	r, now, err := s.Desk.Store.Load(ctx, id)
	switch {
	case errors.Is(err, ErrNotFound):
		return s.Desk.Store.Forget(ctx, id)
	case err != nil:
		return err
	case r.State == Pending && !now.Before(r.Expires):
		return s.Desk.Expire(ctx, id)
	case r.State == Approved, r.State == Running && !r.Lease.Held(now):
		select {
		case <-s.stop:
			return nil
		default:
			return s.Desk.Execute(ctx, id, s.stop)
		}
	}
	return nil
}

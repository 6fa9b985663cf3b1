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

// newcomer is for how many looks a process leaves runs alone that it finds: it
// cannot know that the store went back, and whoever can is to close them first.
const newcomer = 3

// Sweeper does what the store says is due, whoever began it: requests expire,
// runs start or go on, cards catch up. Every process sweeps, so that a crash
// costs a second and not a request.
type Sweeper struct {
	Desk *Desk
	// Draw brings the request's card up to date; called from many goroutines,
	// never twice at once for one request. After an ErrNotFound, which says that
	// there is no record and the card does not show it yet, Lost is called until it
	// works: the store knows nothing that would bring the card back here.
	Draw func(ctx context.Context, id string) error
	// Lost closes the card of a request of which there is no record any more, as
	// this process remembers it. May be nil.
	Lost func(ctx context.Context, id string) error
	// Every is the pause between sweeps (1s).
	Every time.Duration
	// Retention is how long ended requests are kept (90 days).
	Retention time.Duration

	once   sync.Once
	nudged chan string
	ended  chan struct{}   // told, without blocking, when work ends
	stop   <-chan struct{} // closed when no run may begin any more
	mu     sync.Mutex
	busy   map[string]bool
	again  map[string]bool
	back   []string // requests to look at, since the store went back or lost them
	looks  int      // how often this process found out what is due
}

func (s *Sweeper) init() {
	s.once.Do(func() {
		s.nudged = make(chan string, 1024)
		s.ended = make(chan struct{}, 1)
		s.busy, s.again = map[string]bool{}, map[string]bool{}
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

// Run sweeps until ctx ends. From then on no run begins here; calls under way
// are finished, and the cards of what still changes are drawn, within grace.
// What is left is broken off, for others to go on with, and Run returns.
func (s *Sweeper) Run(ctx context.Context, grace time.Duration) error {
	s.init()
	s.stop = ctx.Done()
	work, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(grace, cancel) })()
	tick := time.NewTicker(s.Every)
	defer tick.Stop()
	for trim := 0; ctx.Err() == nil; trim++ {
		s.sweep(ctx, work, trim%60 == 0)
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
	s.finish(work)
	return nil
}

// finish waits for the end of what is under way, and draws what it changes: the
// next process may be long in coming.
func (s *Sweeper) finish(work context.Context) {
	for !s.idle() {
		select {
		case id := <-s.nudged:
			s.draw(work, id)
		case <-s.ended:
		}
	}
}

// idle reports whether nothing is under way or asked for. Work asks before it
// ends, so nothing falls between the two.
func (s *Sweeper) idle() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.busy) == 0 && len(s.nudged) == 0
}

// sweep asks within ctx and starts what is due within work.
func (s *Sweeper) sweep(ctx, work context.Context, trim bool) {
	asked, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	due, err := s.Desk.Store.Due(asked, sweepLimit)
	if err != nil {
		if ctx.Err() == nil {
			s.Desk.Logger.Warn("looking for due requests failed", "error", err)
		}
		return
	}
	if due.Back { // before anything of what is due is begun
		s.Desk.Logger.Error("the store went back: it lost changes that it had confirmed", "runs_in_doubt", len(due.Doubtful))
		s.Desk.Doubt(due.Doubtful)
		s.wentBack(s.Desk.Remembered())
	}
	s.only(work, "look back", s.lookBack)
	begin := s.follow
	if s.looks++; s.looks <= newcomer {
		begin = s.draw
	}
	for _, ids := range [][]string{due.Expired, due.Runnable, due.Behind} {
		for _, id := range ids {
			begin(work, id)
		}
	}
	if trim {
		s.trim(ctx)
	}
}

// trim removes what ended long ago, all of it: a bound on each time would be
// one on how many requests may end between two.
func (s *Sweeper) trim(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	for {
		n, err := s.Desk.Store.Trim(ctx, s.Retention, sweepLimit)
		if err != nil && ctx.Err() == nil {
			s.Desk.Logger.Warn("removing old requests failed", "error", err)
		}
		if err != nil || n < sweepLimit {
			return
		}
	}
}

// follow works on one request in the background: its card and its run apart,
// each once at a time. What is asked for meanwhile is done right after.
func (s *Sweeper) follow(ctx context.Context, id string) {
	s.only(ctx, "run "+id, func(ctx context.Context) error { return s.advance(ctx, id) })
	s.draw(ctx, id)
}

func (s *Sweeper) draw(ctx context.Context, id string) {
	s.only(ctx, "draw "+id, func(ctx context.Context) error {
		err := s.Draw(ctx, id)
		if errors.Is(err, ErrNotFound) {
			s.wentBack([]string{id})
		}
		return err
	})
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
	go func() {
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
		select {
		case s.ended <- struct{}{}:
		default:
		}
	}()
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

// wentBack puts requests on the list of those that lookBack looks at.
func (s *Sweeper) wentBack(ids []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.back = append(s.back, ids...)
}

// lookBack looks at every request that this process remembers, after the store
// went back: one whose record is older than that is closed by being read, and
// of one without a record the card is closed. One at a time is taken off the
// list, so that what fails, however it fails, leaves the rest for the next sweep.
func (s *Sweeper) lookBack(ctx context.Context) error {
	for {
		id, more := s.nextBack()
		if !more {
			return nil
		}
		err := s.Desk.Recheck(ctx, id)
		if errors.Is(err, ErrNotFound) {
			if err = nil; s.Lost != nil {
				err = s.Lost(ctx, id)
			}
		}
		if err != nil {
			s.wentBack([]string{id})
			return err
		}
	}
}

func (s *Sweeper) nextBack() (id string, more bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.back) == 0 {
		return "", false
	}
	id, s.back = s.back[0], s.back[1:]
	return id, true
}

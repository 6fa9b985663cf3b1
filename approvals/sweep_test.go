package approvals

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// emptyStore has approved requests under every id, of which none can be
// claimed, and so many to trim.
type emptyStore struct {
	Store // what is not asked for

	mu      sync.Mutex
	ended   int
	loaded  []string
	claimed int
	gone    bool // there is no record of any
}

func (s *emptyStore) Due(context.Context, int) (Due, error) { return Due{}, nil }

func (s *emptyStore) Load(_ context.Context, id string) (Request, time.Time, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.loaded = append(s.loaded, id)
	if s.gone {
		return Request{}, time.Time{}, ErrNotFound
	}
	return Request{ID: id, State: Approved, Run: Run{StartBy: time.Now().Add(time.Minute)}}, time.Now(), nil
}

func (s *emptyStore) Forget(context.Context, string) error { return nil }

func (s *emptyStore) Commit(context.Context, Change) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.claimed++
	return ErrLeaseHeld
}

func (s *emptyStore) Trim(_ context.Context, _ time.Duration, limit int) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := min(limit, s.ended)
	s.ended -= n
	return n, nil
}

// sweeping runs a Sweeper over s until stop; done is closed when it ended.
func sweeping(s *emptyStore, draw func(context.Context, string) error) (w *Sweeper, stop context.CancelFunc, done chan struct{}) {
	w = &Sweeper{Desk: NewDesk(Config{Store: s, Logger: slog.New(slog.DiscardHandler)}), Draw: draw, Every: time.Second, Retention: time.Hour}
	ctx, stop := context.WithCancel(context.Background())
	done = make(chan struct{})
	go func() { _ = w.Run(ctx, 10*time.Second); close(done) }()
	return w, stop, done
}

// TestATrimRemovesAllThatEnded, however many ended since the last.
func TestATrimRemovesAllThatEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &emptyStore{ended: 5 * sweepLimit / 2}
		_, stop, done := sweeping(s, nil)
		synctest.Wait()
		if s.ended != 0 {
			t.Errorf("%d are left", s.ended)
		}
		stop()
		<-done
	})
}

// TestAStoppedSweeperDrawsAndRunsNothing: what changes while the last work ends
// is still shown; no run begins, of what was approved meanwhile either.
func TestAStoppedSweeperDrawsAndRunsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, drawn := &emptyStore{}, make(chan string, 10)
		var w *Sweeper
		w, stop, done := sweeping(s, func(ctx context.Context, id string) error {
			if id == "first" {
				time.Sleep(3 * time.Second) // as senhasegura or Slack may take
				w.Nudge("second")
			}
			if ctx.Err() == nil {
				drawn <- id
			}
			return ctx.Err()
		})
		w.Nudge("first")
		synctest.Wait()
		claimed := s.claimed
		stop()
		began := time.Now()
		<-done
		close(drawn)
		var cards []string
		for id := range drawn {
			cards = append(cards, id)
		}
		slices.Sort(cards) // both end in the same moment
		if !slices.Equal(cards, []string{"first", "second"}) {
			t.Errorf("drawn are %q", cards)
		}
		if claimed != 1 || s.claimed != 1 {
			t.Errorf("%d runs were begun before it was told to stop, %d in all", claimed, s.claimed)
		}
		if took := time.Since(began); took != 3*time.Second {
			t.Errorf("it took %s", took)
		}
	})
}

// TestNoRunIsClaimedByAProcessThatStops, however far it was on the way to it.
func TestNoRunIsClaimedByAProcessThatStops(t *testing.T) {
	s, stop := &emptyStore{}, make(chan struct{})
	close(stop)
	if err := NewDesk(Config{Store: s, CallTimeout: time.Second}).Execute(t.Context(), "R-1", stop); err != nil || s.claimed != 0 {
		t.Errorf("%d claims, %v", s.claimed, err)
	}
}

// TestAStoppedSweeperBreaksOff what does not end within the grace.
func TestAStoppedSweeperBreaksOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, stop, done := sweeping(&emptyStore{}, func(ctx context.Context, _ string) error {
			<-ctx.Done()
			return ctx.Err()
		})
		w.Nudge("first")
		synctest.Wait()
		stop()
		began := time.Now()
		<-done
		if took := time.Since(began); took != 10*time.Second {
			t.Errorf("it took %s", took)
		}
	})
}

// TestACardWithoutARecordIsTriedUntilItIsClosed: the store knows nothing that
// would bring it back, so the process that found it goes on.
func TestACardWithoutARecordIsTriedUntilItIsClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var tries atomic.Int64
		lost := func(context.Context, string) error {
			if tries.Add(1) < 4 {
				return errors.New("Slack is in trouble")
			}
			return nil
		}
		w, stop, done := sweeping(&emptyStore{gone: true}, func(ctx context.Context, id string) error {
			if err := lost(ctx, id); err != nil {
				return fmt.Errorf("%w: %w", ErrNotFound, err)
			}
			return nil
		})
		w.Lost = lost
		w.Nudge("R-1")
		time.Sleep(10 * time.Second)
		stop()
		<-done
		if n := tries.Load(); n != 4 {
			t.Errorf("it was tried %d times, want 4", n)
		}
	})
}

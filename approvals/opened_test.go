package approvals

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// slow is a store whose first answers take long.
type slow struct {
	Store
	answers []time.Duration
}

func (s *slow) Load(_ context.Context, id string) (Request, time.Time, error) {
	took := s.answers[0]
	if len(s.answers) > 1 {
		s.answers = s.answers[1:]
	}
	time.Sleep(took)
	return Request{ID: id, State: Approved, Run: Run{StartBy: time.Now().Add(-time.Hour)}}, time.Now(), nil
}

func (s *slow) Commit(_ context.Context, c Change) error {
	if c.After.State != Failed {
		return errors.New("not what a run that begins too late comes to")
	}
	return nil
}

// TestSlowStore: a run begins from an answer that came soon, for the whole of it
// goes by that answer's clock; without one it does not begin.
func TestSlowStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		once := &slow{answers: []time.Duration{20 * time.Second, time.Millisecond}}
		d := NewDesk(Config{Store: once, CallTimeout: 15 * time.Second})
		if o, err := d.timely(t.Context(), "R-1"); err != nil || o.latest().Sub(o.now()) > time.Second {
			t.Errorf("the store's clock is known to within %s, %v", o.latest().Sub(o.now()), err)
		}
		d.Store = &slow{answers: []time.Duration{20 * time.Second}}
		if err := d.Execute(t.Context(), "R-1", nil); !errors.Is(err, errSlow) {
			t.Errorf("it ran: %v", err)
		}
	})
}

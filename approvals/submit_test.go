package approvals

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"
)

// gone is a store that went away.
type gone struct{ Store }

func (gone) Load(context.Context, string) (Request, time.Time, error) {
	return Request{}, time.Time{}, fmt.Errorf("reading: %w", ErrUnavailable)
}

// TestDuplicateThatCannotBeRead: whoever asked for the same in their own channel
// is not told that somebody did in a channel they cannot see.
func TestDuplicateThatCannotBeRead(t *testing.T) {
	d := NewDesk(Config{Store: gone{}})
	err := d.refuseSubmit(t.Context(), Request{ID: "R-2"}, &Taken{By: []string{"R-1"}})
	if r := new(Refusal); !errors.As(err, &r) || r.Why != WhyStore {
		t.Errorf("refused: %v", err)
	}
}

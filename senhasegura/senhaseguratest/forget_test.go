package senhaseguratest

import (
	"testing"
	"time"
)

// TestForget: the oldest calls go, one that runs stays, and what is noted later
// finds its own.
func TestForget(t *testing.T) {
	now := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	a := New(Config{Now: func() time.Time { return now }})
	j := &a.journal
	j.end(j.begin(Call{Method: "PUT", Path: "/1"}))
	running := j.begin(Call{Method: "PUT", Path: "/2"})
	j.end(j.begin(Call{Method: "PUT", Path: "/3"}))
	now = now.Add(time.Minute)
	j.end(j.begin(Call{Method: "PUT", Path: "/4"}))
	a.Forget(now)
	j.note(running, reply{status: 200})
	j.end(running)
	if calls := a.Calls(); len(calls) != 3 || calls[0].Path != "/2" || calls[0].Status != 200 || calls[0].Finished.IsZero() {
		t.Errorf("the journal is %+v", calls)
	}
	if a.Forget(now); len(a.Calls()) != 1 || a.MostWritesAtOnce() != 2 || j.running != 0 {
		t.Errorf("the journal is %+v, %d run", a.Calls(), j.running)
	}
}

package approvals

import (
	"testing"
	"time"
)

// TestUntil: the store, whose clock has milliseconds, writes no decision in the
// very one in which the request expires.
func TestUntil(t *testing.T) {
	now := time.Now()
	o := opened{Request: Request{Expires: t0}, read: t0.Add(-time.Second), since: now, asked: now}
	if last := o.until(t.Context()); last.UnixMilli() != t0.UnixMilli()-1 {
		t.Errorf("a decision may be written until %s, and the request expires at %s", last, t0)
	}
	o.Expires = t0.Add(time.Hour)
	if last := o.until(t.Context()); last.After(t0.Add(time.Minute)) {
		t.Errorf("nobody waits until %s", last)
	}
}

package bot

import (
	"context"
	"net/http"
)

// Punctual sends nothing whose time is up. net/http looks at a context before
// and after it writes, but what a process that was stopped finds first when it
// goes on is the rest of its work, and only then the clock: a card that others
// have drawn meanwhile would be drawn over, or posted again.
type Punctual struct{ Next http.RoundTripper }

// RoundTrip passes the request on, or fails with context.DeadlineExceeded.
func (p Punctual) RoundTrip(r *http.Request) (*http.Response, error) {
	if until, bounded := r.Context().Deadline(); bounded && since(until) >= 0 {
		return nil, context.DeadlineExceeded
	}
	return p.Next.RoundTrip(r)
}

package senhasegura

import (
	"context"
	"net/http/httptrace"
	"sync"
)

type gateKey struct{}

// WithGate returns a context whose API requests ask gate before their first byte: after the token is in
// hand and a connection is ready, right before the request is written, and again before any repetition.
// If gate returns an error nothing is written and the call fails with KindNotSent, wrapping that error.
// The context gate receives ends with the call. Token requests are not gated: they change nothing.
func WithGate(ctx context.Context, gate func(context.Context) error) context.Context {
	return context.WithValue(ctx, gateKey{}, gate)
}

// watch follows one request through net/http: which connection it got, what the gate said, and whether
// any byte of it was written.
type watch struct {
	gate   func(context.Context) error
	cancel context.CancelCauseFunc

	mu      sync.Mutex
	conn    *conn
	refused error
}

// attach returns the context to send the request with.
func (w *watch) attach(ctx context.Context) context.Context {
	w.gate, _ = ctx.Value(gateKey{}).(func(context.Context) error)
	ctx, w.cancel = context.WithCancelCause(ctx)
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(info httptrace.GotConnInfo) { w.gotConn(ctx, info) },
	})
}

// gotConn runs in the goroutine that asked for the request, before net/http hands the request to the
// connection: a connection shut here carries nothing.
func (w *watch) gotConn(ctx context.Context, info httptrace.GotConnInfo) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.conn = info.Conn.(*conn)
	if w.gate != nil {
		w.refused = w.gate(ctx)
	}
	if w.refused == nil {
		w.refused = context.Cause(ctx) // time ran out meanwhile: net/http might still write first
	}
	if w.refused != nil {
		w.cancel(w.refused)
		w.conn.shut()
	}
}

// settle is called after a failure: it closes the connection and says whether anything was written.
func (w *watch) settle() (wrote bool, refused error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.conn != nil && w.conn.shut() > 0, w.refused
}

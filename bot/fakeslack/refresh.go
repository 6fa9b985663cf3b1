package fakeslack

import (
	"context"
	"time"

	"github.com/gorilla/websocket"
)

// FewestSockets returns how few connections were open at a time since it was
// called last, and how many are open now.
func (w *Workspace) FewestSockets() (fewest, now int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	fewest, now = w.sockets.fewest, len(w.sockets.open)
	w.sockets.fewest = now
	return fewest, now
}

// Crowd counts n more connections of the same app, as somebody else's would be;
// they get nothing. Slack refuses the eleventh only once it is connected, in the
// place of the hello.
func (w *Workspace) Crowd(n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sockets.others = n
}

// CountsLate makes Slack count a connection that left for some time yet, when it
// judges whether the app has too many.
func (w *Workspace) CountsLate(lag time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sockets.lag = lag
}

// Refresh replaces every connection that is open, all at once, as Slack does
// every few hours: it warns each, and after ahead (ten seconds, with Slack) hangs
// up those that are still open. A connection gets no more envelopes for the
// moment before that, and what it was given is waited for as long as Slack
// waits. Refresh returns when they are closed.
func (w *Workspace) Refresh(ahead time.Duration) {
	w.mu.Lock()
	open := append([]*socketConn{}, w.sockets.open...)
	w.mu.Unlock()
	for _, s := range open {
		_ = s.send(disconnect("warning"))
	}
	select {
	case <-time.After(ahead):
	case <-w.done:
		return
	}
	for _, s := range open {
		w.drop(s)
	}
	for _, s := range open {
		w.emptied(s)
		_ = s.send(disconnect("refresh_requested"))
		_ = s.conn.WriteControl(websocket.CloseMessage,
			websocket.FormatCloseMessage(websocket.CloseNormalClosure, ""), time.Now().Add(time.Second))
		_ = s.conn.Close()
	}
}

// emptied waits until a connection has acknowledged what it was given.
func (w *Workspace) emptied(s *socketConn) {
	ctx, cancel := context.WithTimeout(context.Background(), w.cfg.Timeout)
	defer cancel()
	_ = w.WaitFor(ctx, func() bool {
		w.mu.Lock()
		defer w.mu.Unlock()
		return len(s.unacked) == 0
	})
}

func disconnect(reason string) map[string]any {
	return map[string]any{"type": "disconnect", "reason": reason, "debug_info": map[string]any{"host": "fakeslack"}}
}

// Everywhere sends one envelope over every connection at once, as a Slack would
// that lost count, and returns how many acknowledgements came in time.
func (w *Workspace) Everywhere(d Delivery) (acks int) {
	w.mu.Lock()
	open := append([]*socketConn{}, w.sockets.open...)
	d.Envelope = w.next("envelope-")
	answered := make(chan Ack, len(open))
	w.sockets.waiting[d.Envelope] = answered
	w.mu.Unlock()
	defer w.forget(d.Envelope)
	for _, s := range open {
		go w.hand(s, &d)
	}
	for late := time.After(w.cfg.Timeout); acks < len(open); acks++ {
		select {
		case <-answered:
		case <-late:
			return acks
		}
	}
	return acks
}

package fakeslack

import (
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// maxSockets is how many connections one app may have.
const maxSockets = 10

// pingEvery is how often a connection is pinged; clients give up after about
// thirty seconds without.
const pingEvery = 5 * time.Second

// sockets is the Socket Mode side of a workspace. Workspace.mu guards it.
type sockets struct {
	tickets map[string]bool // false once used
	open    []*socketConn
	turn    int
	fewest  int                 // since FewestSockets was called
	others  int                 // connections of the app that are not shown here
	lag     time.Duration       // how long one that left is counted yet
	waiting map[string]chan Ack // by envelope id
}

func newSockets() sockets {
	return sockets{tickets: map[string]bool{}, waiting: map[string]chan Ack{}}
}

// socketConn is one connection; gorilla allows one writer at a time.
type socketConn struct {
	conn    *websocket.Conn
	writing sync.Mutex
	unacked map[string]bool // envelopes; guarded by Workspace.mu
}

func (s *socketConn) send(v any) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	_ = s.conn.SetWriteDeadline(time.Now().Add(time.Second))
	return s.conn.WriteJSON(v)
}

func (w *Workspace) connectionsOpen(args) (answer, error) {
	ticket := w.next("ticket-")
	w.sockets.tickets[ticket] = true
	link := "ws" + w.url[len("http"):] + "/link/?ticket=" + ticket + "&app_id=" + w.cfg.AppID
	return answer{"url": link}, nil
}

// serveSocket takes one connection for each ticket.
func (w *Workspace) serveSocket(rw http.ResponseWriter, r *http.Request) {
	ticket := r.URL.Query().Get("ticket")
	w.mu.Lock()
	good := w.sockets.tickets[ticket]
	delete(w.sockets.tickets, ticket)
	w.mu.Unlock()
	if !good {
		http.Error(rw, "no such ticket", http.StatusForbidden)
		return
	}
	// The ticket is the permission, whatever origin a client claims.
	up := websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}
	conn, err := up.Upgrade(rw, r, nil)
	if err != nil {
		return
	}
	s := &socketConn{conn: conn, unacked: map[string]bool{}}
	defer conn.Close()
	if w.admit(s, r.Host) != nil {
		return
	}
	defer w.drop(s)
	stop := make(chan struct{})
	defer close(stop)
	go s.ping(stop)
	w.readAcks(s)
}

// admit greets a connection and gives it its share of the envelopes.
func (w *Workspace) admit(s *socketConn, host string) error {
	w.mu.Lock()
	n := len(w.sockets.open) + w.sockets.others + 1
	w.mu.Unlock()
	if n > maxSockets {
		_ = s.send(disconnect("too_many_websockets"))
		return refuse("too_many_websockets")
	}
	// Whoever is greeted may let another connection go at once, so it is counted in the same step.
	w.mu.Lock()
	defer w.mu.Unlock()
	err := s.send(map[string]any{
		"type": "hello", "num_connections": n,
		"debug_info":      map[string]any{"host": host, "build_number": 1, "approximate_connection_time": 18060},
		"connection_info": map[string]any{"app_id": w.cfg.AppID},
	})
	if err != nil {
		return err
	}
	w.sockets.open = append(w.sockets.open, s)
	w.touch()
	return nil
}

func (w *Workspace) drop(s *socketConn) {
	w.mu.Lock()
	defer w.mu.Unlock()
	kept := w.sockets.open[:0:0]
	for _, other := range w.sockets.open {
		if other != s {
			kept = append(kept, other)
		}
	}
	if w.sockets.lag > 0 && len(kept) < len(w.sockets.open) {
		w.sockets.others++
		time.AfterFunc(w.sockets.lag, func() {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.sockets.others--
		})
	}
	w.sockets.open = kept
	w.sockets.fewest = min(w.sockets.fewest, len(kept))
	w.touch()
}

func (s *socketConn) ping(stop <-chan struct{}) {
	tick := time.NewTicker(pingEvery)
	defer tick.Stop()
	for {
		err := s.conn.WriteControl(websocket.PingMessage, []byte("Ping from fakeslack"), time.Now().Add(time.Second))
		if err != nil {
			return
		}
		select {
		case <-tick.C:
		case <-stop:
			return
		}
	}
}

// readAcks hands acknowledgements to those who wait, until the connection ends.
func (w *Workspace) readAcks(s *socketConn) {
	for {
		var ack struct {
			EnvelopeID string          `json:"envelope_id"`
			Payload    json.RawMessage `json:"payload"`
		}
		if s.conn.ReadJSON(&ack) != nil {
			return
		}
		w.mu.Lock()
		delete(s.unacked, ack.EnvelopeID)
		w.touch()
		select { // nobody may be waiting
		case w.sockets.waiting[ack.EnvelopeID] <- Ack{Status: http.StatusOK, Type: "application/json", Body: ack.Payload}:
		default:
		}
		w.mu.Unlock()
	}
}

// deliverEnvelope sends to the next connection in turn; one that is broken is
// passed over.
func (w *Workspace) deliverEnvelope(d *Delivery) (Ack, error) {
	w.mu.Lock()
	if d.Envelope == "" {
		d.Envelope = w.next("envelope-")
	}
	answered := make(chan Ack, 1)
	w.sockets.waiting[d.Envelope] = answered // the first acknowledgement
	order := w.inTurn()
	w.mu.Unlock()
	defer w.forget(d.Envelope)
	start := time.Now()
	if err := w.sendFirst(order, d); err != nil {
		return Ack{}, err
	}
	select {
	case ack := <-answered:
		ack.Took = time.Since(start)
		return ack, nil
	case <-time.After(w.cfg.Timeout):
		return Ack{Took: time.Since(start)}, ErrTimeout
	}
}

// forget stops waiting; a late acknowledgement is nobody's.
func (w *Workspace) forget(envelope string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.sockets.waiting, envelope)
}

// inTurn returns the connections, the one whose turn it is first. w.mu is held.
func (w *Workspace) inTurn() []*socketConn {
	n := len(w.sockets.open)
	if n == 0 {
		return nil
	}
	w.sockets.turn++
	first := w.sockets.turn % n
	return append(append([]*socketConn{}, w.sockets.open[first:]...), w.sockets.open[:first]...)
}

func (w *Workspace) sendFirst(order []*socketConn, d *Delivery) error {
	for _, s := range order {
		if w.hand(s, d) == nil {
			return nil
		}
	}
	return fmt.Errorf("%w: no socket is open", ErrDispatch)
}

// hand gives an envelope to one connection, to be acknowledged there.
func (w *Workspace) hand(s *socketConn, d *Delivery) error {
	w.mu.Lock()
	s.unacked[d.Envelope] = true
	w.mu.Unlock()
	err := s.send(d.envelope())
	if err != nil {
		w.mu.Lock()
		delete(s.unacked, d.Envelope)
		w.mu.Unlock()
	}
	return err
}

func (d Delivery) envelope() map[string]any {
	out := map[string]any{
		"envelope_id": d.Envelope, "type": d.Kind, "payload": d.Payload,
		"accepts_response_payload": d.Kind != "events_api",
	}
	if d.Kind == "events_api" {
		out["retry_attempt"], out["retry_reason"] = d.Retry, d.Reason
	}
	return out
}

// Sockets returns how many connections the bot has open.
func (w *Workspace) Sockets() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.sockets.open)
}

// Disconnect asks every connection to reconnect. "warning" announces it and
// leaves the connection open; "refresh_requested" and "link_disabled" hang up
// right after.
func (w *Workspace) Disconnect(reason string) {
	w.mu.Lock()
	open := append([]*socketConn{}, w.sockets.open...)
	w.mu.Unlock()
	for _, s := range open {
		_ = s.send(disconnect(reason))
		if reason != "warning" {
			w.drop(s)
			_ = s.conn.WriteControl(websocket.CloseMessage,
				websocket.FormatCloseMessage(websocket.CloseNormalClosure, ""), time.Now().Add(time.Second))
			_ = s.conn.Close()
		}
	}
}

// BreakSockets cuts every connection without a word.
func (w *Workspace) BreakSockets() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.hangUp()
}

// hangUp closes all connections. w.mu is held.
func (w *Workspace) hangUp() {
	for _, s := range w.sockets.open {
		_ = s.conn.Close()
	}
	w.sockets.open, w.sockets.fewest = nil, 0
}

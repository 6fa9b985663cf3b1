package socket

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"
	"github.com/slack-go/slack"
)

// Bounds of one connection.
const (
	// openWithin bounds each step of opening: the address, the handshake, the hello.
	openWithin = 10 * time.Second
	// silence is how long a connection may say nothing, no ping either, before it
	// is taken for dead. Slack pings every few seconds.
	silence = 30 * time.Second
	// writeWithin bounds one write; an acknowledgement that takes longer is late anyway.
	writeWithin = 2 * time.Second
	// moment is how long nothing comes before a connection that we leave is closed,
	// if that comes soon.
	moment = 50 * time.Millisecond
	// largest bounds what is read as one message.
	largest = 4 << 20
	// largestAck is from where on Slack drops an acknowledgement without a word
	// (found out by slack-go's authors and undocumented).
	largestAck = 20 << 10
	// oneFrame holds a whole acknowledgement: Slack does not put frames together.
	oneFrame = 32 << 10
)

// errCrowded says that the app has as many connections as Slack allows it.
var errCrowded = errors.New("the app has too many connections: Slack allows ten, and each process keeps two")

// envelope is one message of Slack's (docs.slack.dev/apis/events-api/using-socket-mode).
type envelope struct {
	Type    string          `json:"type"`
	ID      string          `json:"envelope_id"`
	Payload json.RawMessage `json:"payload"`
	Reason  string          `json:"reason"` // of a disconnect
}

// connection is one open WebSocket.
type connection struct {
	ws *websocket.Conn
	// asked is closed when Slack asks for a successor, ended when nothing more
	// comes; failed says why, then.
	asked, ended chan struct{}
	failed       error
	opened       time.Time
	answering    sync.WaitGroup // deliveries that are not acknowledged yet

	asking  sync.Once
	writing sync.Mutex // the library takes one writer at a time
	mu      sync.Mutex
	leaving time.Time // until when it is read at most, once we leave
}

// open makes a connection by which Slack delivers: it has said hello.
func open(ctx context.Context, api *slack.Client) (*connection, error) {
	asking, cancel := context.WithTimeout(ctx, openWithin)
	defer cancel()
	_, address, err := api.StartSocketModeContext(asking)
	if err != nil {
		return nil, fmt.Errorf("asking where to connect: %w", err)
	}
	dialer := websocket.Dialer{Proxy: http.ProxyFromEnvironment, HandshakeTimeout: openWithin, WriteBufferSize: oneFrame}
	ws, answer, err := dialer.DialContext(ctx, address, nil)
	if err != nil {
		if answer != nil {
			return nil, fmt.Errorf("connecting: %w (HTTP status %d)", err, answer.StatusCode)
		}
		return nil, fmt.Errorf("connecting: %w", err)
	}
	ws.SetReadLimit(largest)
	if err := greeted(ws); err != nil {
		ws.Close()
		return nil, err
	}
	c := &connection{ws: ws, asked: make(chan struct{}), ended: make(chan struct{}), opened: time.Now()}
	ws.SetPingHandler(c.pinged)
	return c, nil
}

// greeted waits for the hello. Slack takes a connection too many and says so then.
func greeted(ws *websocket.Conn) error {
	var first envelope
	_ = ws.SetReadDeadline(time.Now().Add(openWithin))
	if err := ws.ReadJSON(&first); err != nil {
		return fmt.Errorf("waiting for the hello: %w", err)
	}
	switch {
	case first.Type == "hello":
		return nil
	case first.Reason == crowded:
		return errCrowded
	}
	return fmt.Errorf("waiting for the hello: Slack said %q, reason %q", first.Type, first.Reason)
}

// read hands out each message until the connection ends.
func (c *connection) read(handle func([]byte)) {
	defer close(c.ended)
	for {
		c.alive()
		_, message, err := c.ws.ReadMessage()
		if err != nil {
			c.failed = err
			return
		}
		handle(message)
	}
}

// alive gives the connection its time anew: little, once we leave.
func (c *connection) alive() {
	c.mu.Lock()
	defer c.mu.Unlock()
	until := time.Now().Add(silence)
	if !c.leaving.IsZero() {
		until = time.Now().Add(moment)
		if c.leaving.Before(until) {
			until = c.leaving
		}
	}
	_ = c.ws.SetReadDeadline(until)
}

func (c *connection) pinged(data string) error {
	c.alive()
	err := c.ws.WriteControl(websocket.PongMessage, []byte(data), time.Now().Add(writeWithin))
	if errors.Is(err, websocket.ErrCloseSent) {
		return nil
	}
	return err
}

// ask notes that Slack wants this connection replaced.
func (c *connection) ask() { c.asking.Do(func() { close(c.asked) }) }

// acknowledge sends the answer to one envelope. One that Slack would drop goes
// out without its body, and is an error.
func (c *connection) acknowledge(id string, body any) error {
	ack := struct {
		ID      string `json:"envelope_id"`
		Payload any    `json:"payload,omitempty"`
	}{id, body}
	text, err := json.Marshal(ack)
	if err == nil && len(text) >= largestAck {
		err = fmt.Errorf("the answer has %d bytes, and Slack takes less than %d", len(text), largestAck)
	}
	if err != nil {
		ack.Payload = nil
		text, _ = json.Marshal(ack) // one text: cannot fail
	}
	return errors.Join(err, c.write(text))
}

func (c *connection) write(text []byte) error {
	c.writing.Lock()
	defer c.writing.Unlock()
	_ = c.ws.SetWriteDeadline(time.Now().Add(writeWithin))
	return c.ws.WriteMessage(websocket.TextMessage, text)
}

// leave ends the connection from our side: it is read until nothing comes for a
// moment, what came is acknowledged, and Slack is told, so that it does not keep
// delivering to nobody.
func (c *connection) leave() {
	c.mu.Lock()
	c.leaving = time.Now().Add(within)
	c.mu.Unlock()
	c.alive()
	<-c.ended
	c.answering.Wait()
	_ = c.ws.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(websocket.CloseNormalClosure, ""), time.Now().Add(writeWithin))
	_ = c.ws.Close()
}

package fakeslack

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// Delivery is one payload as it went to the bot, ready to go again.
type Delivery struct {
	Kind    string          // slash_commands, interactive or events_api
	Payload json.RawMessage // what a socket envelope carries
	Path    string          // HTTP: below BotURL
	Body    []byte          // HTTP: form, or JSON for events
	Header  http.Header     // HTTP: signature, timestamp and content type
	// Envelope is set once it went over the socket.
	Envelope string
	Retry    int // how often Slack tried before; events only
	Reason   string
}

// Ack is the bot's acknowledgement.
type Ack struct {
	Status   int // HTTP status; 200 over the socket
	Type     string
	Body     []byte // response body, or the payload of the socket's ack
	Took     time.Duration
	Delivery Delivery
}

// Signature computes X-Slack-Signature for a body sent at a Unix time.
func Signature(secret string, at int64, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	fmt.Fprintf(mac, "v0:%d:%s", at, body)
	return "v0=" + hex.EncodeToString(mac.Sum(nil))
}

// Sign returns the headers that make a body Slack's, as of at.
func (w *Workspace) Sign(body []byte, at time.Time) http.Header {
	h := http.Header{}
	h.Set("X-Slack-Request-Timestamp", strconv.FormatInt(at.Unix(), 10))
	h.Set("X-Slack-Signature", Signature(w.cfg.SigningSecret, at.Unix(), body))
	return h
}

// Raw posts any body with any headers to the bot over HTTP, whatever the
// transport: forged, stale, unsigned, oversized. The content type is a form
// unless the headers say otherwise.
func (w *Workspace) Raw(path string, body []byte, header http.Header) (Ack, error) {
	base := w.Config().BotURL
	ctx, cancel := context.WithTimeout(context.Background(), w.cfg.Timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, base+path, bytes.NewReader(body))
	if err != nil {
		return Ack{}, fmt.Errorf("building the request: %w", err)
	}
	req.Header.Set("Content-Type", formType)
	req.Header.Set("User-Agent", "Slackbot 1.0 (+https://api.slack.com/robots)")
	for name, values := range header {
		req.Header[name] = values
	}
	start := time.Now()
	res, err := w.client.Do(req)
	if err != nil {
		return Ack{Took: time.Since(start)}, deliveryError(err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(res.Body, maxBody))
	ack := Ack{Status: res.StatusCode, Type: res.Header.Get("Content-Type"), Body: answer, Took: time.Since(start)}
	if err != nil {
		return ack, deliveryError(err)
	}
	return ack, nil
}

const formType = "application/x-www-form-urlencoded"

func deliveryError(err error) error {
	if errors.Is(err, context.DeadlineExceeded) {
		return ErrTimeout
	}
	return fmt.Errorf("%w: %w", ErrDispatch, err)
}

// deliver sends a payload by the transport that is switched on and waits for
// the acknowledgement. Any status but 200 is ErrDispatch, as for people.
func (w *Workspace) deliver(d Delivery) (Ack, error) {
	w.mu.Lock()
	socket, ready := w.cfg.Socket, w.url != ""
	w.mu.Unlock()
	if !ready {
		return Ack{}, errors.New("fakeslack: SetURL was not called")
	}
	var ack Ack
	var err error
	if socket {
		ack, err = w.deliverEnvelope(&d)
	} else {
		ack, err = w.deliverHTTP(&d)
	}
	ack.Delivery = d
	w.mu.Lock()
	w.deliveries = append(w.deliveries, d)
	w.touch()
	w.mu.Unlock()
	if err == nil && ack.Status != http.StatusOK {
		err = fmt.Errorf("%w: status %d", ErrDispatch, ack.Status)
	}
	return ack, err
}

func (w *Workspace) deliverHTTP(d *Delivery) (Ack, error) {
	if d.Header == nil {
		d.Header = w.Sign(d.Body, w.cfg.Now())
		d.Header.Set("Content-Type", formType)
		if d.Kind == "events_api" {
			d.Header.Set("Content-Type", "application/json")
		}
		if d.Retry > 0 {
			d.Header.Set("X-Slack-Retry-Num", strconv.Itoa(d.Retry))
			d.Header.Set("X-Slack-Retry-Reason", d.Reason)
		}
	}
	return w.Raw(d.Path, d.Body, d.Header)
}

// Deliveries returns everything sent to the bot so far, oldest first.
func (w *Workspace) Deliveries() []Delivery {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]Delivery{}, w.deliveries...)
}

// Redeliver sends the very same thing again: the same bytes and signature, or
// the same envelope id.
func (w *Workspace) Redeliver(d Delivery) (Ack, error) { return w.deliver(d) }

// RetryEvent sends an event again as Slack does when it got no answer: with a
// fresh signature or envelope, and the retry's number and reason.
func (w *Workspace) RetryEvent(d Delivery, num int, reason string) (Ack, error) {
	d.Header, d.Envelope, d.Retry, d.Reason = nil, "", num, reason
	return w.deliver(d)
}

// Event delivers an Events API event; fields are the event's own, beside its
// type. The event_id is new each time.
func (w *Workspace) Event(eventType string, fields map[string]any) (Ack, error) {
	event := map[string]any{"type": eventType}
	for name, v := range fields {
		event[name] = v
	}
	w.mu.Lock()
	if event["event_ts"] == nil {
		event["event_ts"] = w.stamp()
	}
	payload := encode(map[string]any{
		"token": "fake", "team_id": w.cfg.TeamID, "api_app_id": w.cfg.AppID, "type": "event_callback",
		"event": event, "event_id": w.next("Ev"), "event_time": w.cfg.Now().Unix(), "is_ext_shared_channel": false,
		"authorizations": []any{map[string]any{
			"enterprise_id": nilIfEmpty(w.cfg.EnterpriseID), "team_id": w.cfg.TeamID, "user_id": w.cfg.BotUserID,
			"is_bot": true, "is_enterprise_install": false,
		}},
	})
	w.mu.Unlock()
	return w.deliver(Delivery{Kind: "events_api", Path: "/slack/events", Payload: payload, Body: payload})
}

// URLVerification does Slack's check of the events URL, over HTTP, and reports
// whether the challenge came back.
func (w *Workspace) URLVerification() (Ack, error) {
	challenge := "challenge-" + strconv.FormatInt(w.cfg.Now().UnixNano(), 36)
	body := encode(map[string]any{"token": "fake", "challenge": challenge, "type": "url_verification"})
	header := w.Sign(body, w.cfg.Now())
	header.Set("Content-Type", "application/json")
	ack, err := w.Raw("/slack/events", body, header)
	if err == nil && !bytes.Contains(ack.Body, []byte(challenge)) {
		err = fmt.Errorf("%w: the challenge did not come back", ErrDispatch)
	}
	return ack, err
}

// SendInteraction delivers an interactive payload as it is: as ClickPayload and
// SubmitPayload built it, or changed by a test into one nobody could send.
func (w *Workspace) SendInteraction(payload map[string]any) (Ack, error) {
	raw := encode(payload)
	body := url.Values{"payload": {string(raw)}}.Encode()
	return w.deliver(Delivery{Kind: "interactive", Path: "/slack/interactivity", Payload: raw, Body: []byte(body)})
}

func nilIfEmpty(s string) any {
	if s == "" {
		return nil
	}
	return s
}

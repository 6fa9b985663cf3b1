package fakeslack

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"strconv"
	"time"
)

// Fault is one way a call can go wrong. The zero Fault answers 500.
type Fault struct {
	// Times is how many calls are hit; 0 is one, negative is all until Heal.
	Times int
	// Status is the HTTP status; 0 is 200 with Error, 429 with RetryAfter,
	// 500 otherwise.
	Status int
	// Error is Slack's error code, in a body with ok false.
	Error string
	// RetryAfter goes out as Retry-After, in whole seconds, rounded up.
	RetryAfter time.Duration
	// Delay passes before the answer. A Fault that says nothing else is only
	// slow: the answer is the true one.
	Delay time.Duration
	// Until, where there is one, ends the Delay before its time by being closed.
	Until <-chan struct{}
	// Late has a call that is only slow act after Delay whether or not its caller
	// still waits: what was given up arrives after what was sent later.
	Late bool
	// Hang gives no answer until the caller hangs up or Close.
	Hang bool
	// Reset breaks the connection without an answer.
	Reset bool
	// AfterActing lets the method do its work first: the answer is lost.
	AfterActing bool
	// When narrows the fault to some calls; nil is all.
	When func(Call) bool
}

// Call is one entry of the journal. Tokens are not kept.
type Call struct {
	Method string
	Args   map[string]string // structured values as JSON
	At     time.Time         // by the workspace's clock
	Status int               // 0: no answer was given
	Error  string            // Slack's error code; empty when ok
}

// Fail makes calls of a Web API method go wrong. "*" is every Web API method,
// "response_url" the response URLs. Faults of one method queue up.
func (w *Workspace) Fail(method string, f Fault) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if f.Times == 0 {
		f.Times = 1
	}
	w.faults[method] = append(w.faults[method], &f)
}

// Heal drops the faults of a method.
func (w *Workspace) Heal(method string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.faults, method)
}

// Calls returns the journal of one method, or of all for "", oldest first.
func (w *Workspace) Calls(method string) []Call {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []Call
	for _, c := range w.calls {
		if method == "" || c.Method == method {
			out = append(out, c)
		}
	}
	return out
}

// takeFault returns the fault that hits this call and uses it up.
func (w *Workspace) takeFault(c Call) *Fault {
	w.mu.Lock()
	defer w.mu.Unlock()
	names := []string{c.Method}
	if c.Method != "response_url" {
		names = append(names, "*")
	}
	for _, name := range names {
		for _, f := range w.faults[name] {
			if f.Times == 0 || (f.When != nil && !f.When(c)) {
				continue
			}
			if f.Times > 0 {
				f.Times--
			}
			return f
		}
	}
	return nil
}

// act does what a call asks for and enters it into the journal, both or neither
// to be seen. Where a fault then gives the answer, the journal gets that one.
func (w *Workspace) act(c Call, f *Fault, work func(*Call)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	work(&c)
	if f == nil || !f.AfterActing || !f.answers() {
		w.calls = append(w.calls, c)
		w.touch()
	}
}

func (w *Workspace) record(c Call) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls = append(w.calls, c)
	w.touch()
}

// hit lets a fault happen, before the method acts or after. It reports whether
// that was the answer; a fault that is only slow gives none.
func (w *Workspace) hit(rw http.ResponseWriter, r *http.Request, f *Fault, c Call, after bool) bool {
	if f == nil || f.AfterActing != after {
		return false
	}
	if f.Delay > 0 {
		if f.Late {
			r = r.WithContext(context.WithoutCancel(r.Context()))
		}
		w.hang(r, time.After(f.Delay), f.Until)
		if !f.answers() {
			return false
		}
	}
	w.serveFault(rw, r, f, c)
	return true
}

// answers reports whether the fault gives the answer, and is not only slow.
func (f *Fault) answers() bool {
	return f.Delay == 0 || f.Hang || f.Reset || f.Status != 0 || f.Error != "" || f.RetryAfter > 0
}

func (f *Fault) status() int {
	switch {
	case f.Status != 0:
		return f.Status
	case f.RetryAfter > 0:
		return http.StatusTooManyRequests
	case f.Error != "":
		return http.StatusOK
	}
	return http.StatusInternalServerError
}

// serveFault gives the faulty answer. The call is in the journal before its
// caller learns of it.
func (w *Workspace) serveFault(rw http.ResponseWriter, r *http.Request, f *Fault, c Call) {
	if f.Hang || f.Reset {
		w.record(c)
		if f.Hang {
			w.hang(r, nil, nil)
		}
		breakOff(rw)
		return
	}
	c.Status, c.Error = f.status(), f.Error
	if c.Status == http.StatusTooManyRequests {
		seconds := int64((f.RetryAfter + time.Second - 1) / time.Second)
		rw.Header().Set("Retry-After", strconv.FormatInt(seconds, 10))
		c.Error = "ratelimited"
	}
	w.record(c)
	if c.Error == "" {
		http.Error(rw, http.StatusText(c.Status), c.Status)
		return
	}
	writeJSON(rw, c.Status, map[string]any{"ok": false, "error": c.Error})
}

// hang waits until the caller hangs up, Close, or enough, which may be nil.
func (w *Workspace) hang(r *http.Request, enough <-chan time.Time, until <-chan struct{}) {
	select {
	case <-enough:
	case <-until:
	case <-r.Context().Done():
	case <-w.done:
	}
}

// breakOff resets the connection: no answer, not even a proper end.
func breakOff(rw http.ResponseWriter) {
	conn, _, err := http.NewResponseController(rw).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}

func writeJSON(rw http.ResponseWriter, status int, v any) {
	rw.Header().Set("Content-Type", "application/json; charset=utf-8")
	rw.WriteHeader(status)
	_ = json.NewEncoder(rw).Encode(v)
}

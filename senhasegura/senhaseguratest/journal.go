package senhaseguratest

import (
	"slices"
	"strings"
	"sync"
	"time"
)

// Call is one request the appliance received.
type Call struct {
	Method    string    `json:"method"`
	Path      string    `json:"path"`             // escaped, as received
	Client    string    `json:"client"`           // whose valid token (or client_id) it carried: PAMCore, MySafe or ""
	Status    int       `json:"status,omitempty"` // answered; 0 while it runs or where no answer was given
	Answer    string    `json:"answer,omitempty"` // envelope, list, item, token, oauth, gateway, or the fault's kind
	Acted     bool      `json:"acted"`            // it changed state
	Violation string    `json:"violation,omitempty"`
	Started   time.Time `json:"started"`
	Finished  time.Time `json:"finished"` // zero while it runs
}

// Token reports whether the call asked for a token.
func (c Call) Token() bool { return strings.HasSuffix(c.Path, "/oauth2/token") }

// Write reports whether the call asked for a change.
func (c Call) Write() bool { return c.Method != "GET" && !c.Token() }

// String is "DELETE /api/pam/credential/5".
func (c Call) String() string { return c.Method + " " + c.Path }

type journal struct {
	now func() time.Time

	mu      sync.Mutex
	calls   []Call
	before  int // how many calls were forgotten
	running int // writes
	most    int
}

func (j *journal) begin(c Call) int {
	j.mu.Lock()
	defer j.mu.Unlock()
	c.Started = j.now()
	j.calls = append(j.calls, c)
	if c.Write() {
		j.running++
		j.most = max(j.most, j.running)
	}
	return j.before + len(j.calls) - 1
}

// of is the entry of a call; a spare one if it was forgotten. mu is held.
func (j *journal) of(call int) *Call {
	if call < j.before {
		return &Call{Method: "GET"}
	}
	return &j.calls[call-j.before]
}

func (j *journal) note(call int, r reply) {
	j.mu.Lock()
	defer j.mu.Unlock()
	c := j.of(call)
	c.Status, c.Answer, c.Acted = r.status, r.class, c.Acted || r.acted
}

func (j *journal) end(call int) {
	j.mu.Lock()
	defer j.mu.Unlock()
	c := j.of(call)
	c.Finished = j.now()
	if c.Write() {
		j.running--
	}
}

// Forget drops the oldest requests from the journal, up to the first that began at at or later, or still
// runs. An appliance that lives for hours would else keep them all.
func (a *Appliance) Forget(at time.Time) {
	j := &a.journal
	j.mu.Lock()
	defer j.mu.Unlock()
	for len(j.calls) > 0 && j.calls[0].Started.Before(at) && !j.calls[0].Finished.IsZero() {
		j.calls, j.before = j.calls[1:], j.before+1
	}
}

// Calls returns every request so far, in the order of arrival.
func (a *Appliance) Calls() []Call {
	a.journal.mu.Lock()
	defer a.journal.mu.Unlock()
	return append([]Call{}, a.journal.calls...) // never nil: [] in JSON
}

// Writes returns the requests that asked for a change, in the order of arrival.
func (a *Appliance) Writes() []Call {
	return slices.DeleteFunc(a.Calls(), func(c Call) bool { return !c.Write() })
}

// MostWritesAtOnce is how many writes were under way at the same time at most.
func (a *Appliance) MostWritesAtOnce() int {
	a.journal.mu.Lock()
	defer a.journal.mu.Unlock()
	return a.journal.most
}

// Violations returns the requests that must never be made: reads of a single item, and writes of a
// credential's data. A test that does not expect one fails on any.
func (a *Appliance) Violations() []Call {
	return slices.DeleteFunc(a.Calls(), func(c Call) bool { return c.Violation == "" })
}

package senhaseguratest

import (
	"fmt"
	"slices"
	"strings"
)

// FaultKind says how a request is treated badly.
type FaultKind string

// The kinds of faults.
const (
	Status        FaultKind = "status"         // Fault.Status, Body and Header as given
	Refusal       FaultKind = "refusal"        // HTTP 400 with Fault.Code and Message in the envelope
	Delay         FaultKind = "delay"          // the normal answer, Fault.DelayMS later
	Hang          FaultKind = "hang"           // no answer until the caller leaves or ClearFaults
	Reset         FaultKind = "reset"          // the connection is reset instead of an answer
	HTML          FaultKind = "html"           // a proxy's page, under Fault.Status (zero: 502)
	Empty         FaultKind = "empty"          // no body, under Fault.Status (zero: 200)
	Truncated     FaultKind = "truncated"      // half of the normal answer, then the end
	Huge          FaultKind = "huge"           // more than 2 MiB
	Drip          FaultKind = "drip"           // the normal answer, a byte every Fault.DelayMS
	Redirect      FaultKind = "redirect"       // Fault.Status (zero: 302) to Fault.Location (zero: the same path)
	RateLimited   FaultKind = "rate_limited"   // 429 with Retry-After Fault.RetryAfter
	TokenRejected FaultKind = "token_rejected" // as a token that is no longer valid
	NotAuthorized FaultKind = "not_authorized" // HTTP 500 "You are not authorized to access this resource."
	Unexpected    FaultKind = "unexpected"     // HTTP 500 "Unexpected error."
	Upstream      FaultKind = "upstream"       // HTTP 504 "The upstream server is timing out"
)

var faultKinds = []FaultKind{Status, Refusal, Delay, Hang, Reset, HTML, Empty, Truncated, Huge, Drip, Redirect,
	RateLimited, TokenRejected, NotAuthorized, Unexpected, Upstream}

// UnmarshalText refuses a kind there is not.
func (k *FaultKind) UnmarshalText(text []byte) error {
	if !slices.Contains(faultKinds, FaultKind(text)) {
		return fmt.Errorf("no fault of kind %q; there are %v", text, faultKinds)
	}
	*k = FaultKind(text)
	return nil
}

// Fault waits for requests that match and treats them badly. The first fault that matches is taken.
type Fault struct {
	Method string `json:"method,omitempty"` // "" for any
	Path   string `json:"path,omitempty"`   // "" for any; * stands for anything, slashes too
	Skip   int    `json:"skip,omitempty"`   // that many matching requests pass first
	Times  int    `json:"times,omitempty"`  // 0: until cleared

	Kind       FaultKind         `json:"kind"`
	Act        bool              `json:"act,omitempty"` // the request is carried out before it is treated badly
	Status     int               `json:"status,omitempty"`
	Body       string            `json:"body,omitempty"`
	Header     map[string]string `json:"header,omitempty"`
	Code       int               `json:"code,omitempty"`
	Message    string            `json:"message,omitempty"`
	Location   string            `json:"location,omitempty"`
	RetryAfter string            `json:"retry_after,omitempty"`
	DelayMS    int               `json:"delay_ms,omitempty"`
}

// armed is a fault with what is left of it.
type armed struct {
	Fault
	skip, left int
	cleared    chan struct{}
}

// Inject arms a fault.
func (a *Appliance) Inject(f Fault) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.faults = append(a.faults, &armed{Fault: f, skip: f.Skip, left: f.Times, cleared: make(chan struct{})})
}

// ClearFaults disarms all faults and lets hanging requests go without an answer.
func (a *Appliance) ClearFaults() {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, f := range a.faults {
		close(f.cleared)
	}
	a.faults = nil
}

func (a *Appliance) takeFault(method, path string) *armed {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, f := range a.faults {
		if !f.matches(method, path) || f.Times > 0 && f.left == 0 {
			continue
		}
		if f.skip > 0 {
			f.skip--
			continue
		}
		if f.Times > 0 {
			f.left-- // it stays in the list, so that ClearFaults reaches those that hang
		}
		return f
	}
	return nil
}

func (f *armed) matches(method, path string) bool {
	return (f.Method == "" || strings.EqualFold(f.Method, method)) && (f.Path == "" || glob(f.Path, path))
}

// glob matches the whole of s; * stands for any run of characters.
func glob(pattern, s string) bool {
	parts := strings.Split(pattern, "*")
	if len(parts) == 1 {
		return pattern == s
	}
	rest, ok := strings.CutPrefix(s, parts[0])
	if !ok {
		return false
	}
	for _, part := range parts[1 : len(parts)-1] {
		_, rest, ok = strings.Cut(rest, part)
		if !ok {
			return false
		}
	}
	return strings.HasSuffix(rest, parts[len(parts)-1])
}

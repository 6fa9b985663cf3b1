package senhaseguratest

import (
	"errors"
	"fmt"
	"strings"
)

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
	Name       string            `json:"name,omitempty"` // of Documented, or of Irregularities
	Set        map[string]any    `json:"set,omitempty"`  // of Edited: "response.error_code" and the like; nil leaves the key out
}

// mostDelayMS is a day: what overflows would be no delay at all.
const mostDelayMS = 24 * 60 * 60 * 1000

// Check says what is wrong with a fault: one that is misspelt would otherwise be no fault at all.
func (f Fault) Check() error {
	if err := new(FaultKind).UnmarshalText([]byte(f.Kind)); err != nil {
		return err
	}
	if f.Skip < 0 || f.Times < 0 || f.DelayMS < 0 {
		return errors.New("skip, times and delay_ms must not be negative")
	}
	if f.DelayMS > mostDelayMS {
		return fmt.Errorf("delay_ms must be at most %d, a day", mostDelayMS)
	}
	least, most := 200, 599
	if f.Kind == Hints {
		least, most = 102, 199 // 101 would hand the connection over
	}
	if f.Status != 0 && (f.Status < least || f.Status > most) {
		return fmt.Errorf("a fault of kind %q needs a status from %d to %d, not %d", f.Kind, least, most, f.Status)
	}
	_, documented := documentedAnswer(f.Name)
	_, irregular := irregularity(f.Name)
	switch {
	case f.Kind == DocumentedAnswer && !documented, f.Kind == IrregularAnswer && !irregular:
		return fmt.Errorf("nothing %s is called %q", f.Kind, f.Name)
	case f.Kind == Edited && len(f.Set) == 0:
		return errors.New(`a fault of kind "edited" needs set, such as {"response.error": "1"}`)
	}
	return nil
}

// armed is a fault with what became of it.
type armed struct {
	Fault
	passed, taken int // how many matching requests it let pass, and treated
	cleared       chan struct{}
}

// Inject arms a fault. It panics if Fault.Check finds something.
func (a *Appliance) Inject(f Fault) {
	if err := f.Check(); err != nil {
		panic("senhaseguratest: " + err.Error())
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.faults = append(a.faults, &armed{Fault: f, cleared: make(chan struct{})})
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
		if !f.matches(method, path) || f.Times > 0 && f.taken == f.Times {
			continue
		}
		if f.passed < f.Skip {
			f.passed++
			continue
		}
		f.taken++ // what is used up stays in the list, so that ClearFaults reaches those that hang
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

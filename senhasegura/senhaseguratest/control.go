package senhaseguratest

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"time"
)

// controlLimit bounds the body of a control request: a state of 100,000 items fits.
const controlLimit = 64 << 20

// controlHelp is what GET / says.
const controlHelp = `The control surface of a simulated senhasegura. JSON in and out; what is set is answered 204, without a body.

GET    /calls             every request so far, and what was answered
DELETE /calls             forget them, up to the first that still runs
GET    /violations        the requests that must never be made: reads of a single item, ...
GET    /faults            the faults that are armed, and how often each was taken
POST   /faults            arm one:
                          {"method": "DELETE", "path": "/api/pam/*", "times": 1, "kind": "reset", "act": true}
DELETE /faults            disarm all of them, and let go of what they hold
GET    /kinds             the kinds of faults, explained
GET    /documented        what the manuals print, for {"kind": "documented", "name": "pam.1018"}
GET    /irregularities    what differs from page to page, for {"kind": "irregular", "name": "no_code"}
GET    /items             the credentials, passwords and API secrets
PUT    /items             replace them
DELETE /tokens            every token issued so far becomes invalid

A fault takes the requests of its method and path (absent: any, token requests too; * stands for anything, slashes
too), after the first "skip" of them, "times" times (absent: until it is disarmed). The first fault that matches is
taken. With "act" the request is carried out before it is treated badly. More fields, by kind: status, body, header,
code, message, location, retry_after, delay_ms, name, set.
`

// Control is the control surface over HTTP, to be served apart from the API, for an appliance in another
// process. GET / lists its requests. What is changed is answered with 204, what is not understood with 400.
func (a *Appliance) Control() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		io.WriteString(w, controlHelp)
	})
	mux.HandleFunc("GET /calls", show(a.Calls))
	mux.HandleFunc("GET /violations", show(a.Violations))
	mux.HandleFunc("GET /faults", show(a.Faults))
	mux.HandleFunc("GET /kinds", show(Kinds))
	mux.HandleFunc("GET /documented", show(Documented))
	mux.HandleFunc("GET /irregularities", show(Irregularities))
	mux.HandleFunc("GET /items", show(a.Items))
	mux.HandleFunc("POST /faults", take(a.Inject))
	mux.HandleFunc("PUT /items", take(a.SetItems))
	mux.HandleFunc("DELETE /calls", do(func() { a.Forget(a.config.Now().Add(time.Nanosecond)) }))
	mux.HandleFunc("DELETE /faults", do(a.ClearFaults))
	mux.HandleFunc("DELETE /tokens", do(a.RevokeTokens))
	return mux
}

// show answers with what read returns; a list of nothing is [].
func show[T any](read func() T) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		enc := json.NewEncoder(w)
		enc.SetIndent("", "  ")
		enc.SetEscapeHTML(false) // people read it in a terminal
		enc.Encode(read())
	}
}

func do(change func()) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		change()
		w.WriteHeader(http.StatusNoContent)
	}
}

// take decodes strictly: a misspelt fault would otherwise be no fault at all.
func take[T interface{ Check() error }](accept func(T)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		v, err := decode[T](http.MaxBytesReader(w, r.Body, controlLimit))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		accept(v)
		w.WriteHeader(http.StatusNoContent)
	}
}

// decode reads one JSON value and checks it.
func decode[T interface{ Check() error }](r io.Reader) (T, error) {
	var v T
	dec := json.NewDecoder(r)
	dec.DisallowUnknownFields()
	switch err := dec.Decode(&v); {
	case errors.Is(err, io.EOF):
		return v, errors.New("it is empty")
	case errors.Is(err, io.ErrUnexpectedEOF):
		return v, errors.New("it is cut off")
	case err != nil:
		return v, err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return v, errors.New("something follows the JSON value")
	}
	return v, v.Check()
}

// ArmedFault is a fault that waits, or has waited.
type ArmedFault struct {
	Fault
	Taken int `json:"taken"` // how many requests it has treated
}

// Faults returns the faults that ClearFaults has not disarmed, in the order in which they are tried.
func (a *Appliance) Faults() []ArmedFault {
	a.mu.Lock()
	defer a.mu.Unlock()
	faults := make([]ArmedFault, len(a.faults))
	for i, f := range a.faults {
		faults[i] = ArmedFault{f.Fault, f.taken}
	}
	return faults
}

package senhaseguratest

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"net/http"
	"strconv"
	"time"
)

// misbehave does what a fault says instead of, or after, what was asked.
func (a *Appliance) misbehave(w http.ResponseWriter, r *http.Request, q request, call int, f *armed) {
	if f.Kind == Delay {
		f.wait(r)
	}
	var normal reply
	if f.Kind.usual() || f.Act && f.Kind != DropNext {
		normal = a.alter(f, a.handle(q))
	}
	a.journal.note(call, reply{status: a.faultStatus(f, normal), class: string(f.Kind), acted: normal.acted})
	if answer, ok := a.faultReply(f); ok {
		f.headers(w)
		answer.write(w)
		return
	}
	if f.Kind.wired() {
		a.overTheWire(w, f, normal)
		return
	}
	f.perform(w, r, normal)
}

// alter changes the normal answer where the kind says how.
func (a *Appliance) alter(f *armed, normal reply) reply {
	switch f.Kind {
	case IrregularAnswer:
		known, _ := irregularity(f.Name)
		known.edit(&normal)
	case Edited:
		normal.set(f.Set)
	case TokenLapses:
		token, _ := normal.body["access_token"].(string)
		a.lapse(token, time.Duration(f.DelayMS)*time.Millisecond)
	}
	return normal
}

// faultReply is the answer of faults that answer in JSON.
func (a *Appliance) faultReply(f *armed) (reply, bool) {
	switch f.Kind {
	case DocumentedAnswer:
		known, _ := documentedAnswer(f.Name)
		return known.reply, true
	case Refusal:
		return a.fail(http.StatusBadRequest, f.Code, f.Message), true
	case NotAuthorized:
		return a.fail(http.StatusInternalServerError, 0, "You are not authorized to access this resource."), true
	case Unexpected:
		return a.fail(http.StatusInternalServerError, 0, "Unexpected error."), true
	case TokenRejected:
		return a.refuseToken(), true
	case RateLimited:
		return gatewayReply(http.StatusTooManyRequests, "API rate limit exceeded"), true
	case Upstream:
		return gatewayReply(http.StatusGatewayTimeout, "The upstream server is timing out"), true
	}
	return reply{}, false
}

func (a *Appliance) faultStatus(f *armed, normal reply) int {
	if answer, ok := a.faultReply(f); ok {
		return answer.status
	}
	switch f.Kind {
	case Hang, Reset, Drop, Cut:
		return 0
	case Early:
		return cmp.Or(f.Status, http.StatusRequestEntityTooLarge)
	case HTML:
		return cmp.Or(f.Status, http.StatusBadGateway)
	case Redirect:
		return cmp.Or(f.Status, http.StatusFound)
	case Empty, Huge, Status:
		return cmp.Or(f.Status, http.StatusOK)
	}
	return normal.status
}

func (f *armed) headers(w http.ResponseWriter) {
	for k, v := range f.Header {
		w.Header().Set(k, v)
	}
	if f.RetryAfter != "" {
		w.Header().Set("Retry-After", f.RetryAfter)
	}
}

// perform gives the answers that are no proper JSON, or none.
func (f *armed) perform(w http.ResponseWriter, r *http.Request, normal reply) {
	f.headers(w)
	switch f.Kind {
	case Hang:
		select {
		case <-r.Context().Done():
		case <-f.cleared:
		}
		panic(http.ErrAbortHandler)
	case HTML:
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(cmp.Or(f.Status, http.StatusBadGateway))
		w.Write([]byte("<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"))
	case Redirect:
		w.Header().Set("Location", cmp.Or(f.Location, r.URL.RequestURI()))
		w.WriteHeader(cmp.Or(f.Status, http.StatusFound))
	case Huge:
		w.WriteHeader(cmp.Or(f.Status, http.StatusOK))
		w.Write(bytes.Repeat([]byte(" "), 2<<20+1))
	case Truncated:
		body := normal.encode()
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		w.WriteHeader(normal.status)
		w.Write(body[:len(body)/2])
	case Drip:
		f.drip(w, r, normal)
	case Gzip:
		normal.compress(w)
	case Hints:
		w.WriteHeader(cmp.Or(f.Status, http.StatusEarlyHints))
		normal.write(w)
	case Status, Empty:
		w.WriteHeader(cmp.Or(f.Status, http.StatusOK))
		w.Write([]byte(f.Body))
	default: // Delay, and what alter changed
		normal.write(w)
	}
}

func (r reply) compress(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Encoding", "gzip")
	w.WriteHeader(r.status)
	z := gzip.NewWriter(w)
	z.Write(r.encode())
	z.Close()
}

func (f *armed) drip(w http.ResponseWriter, r *http.Request, normal reply) {
	w.WriteHeader(normal.status)
	for _, b := range normal.encode() {
		w.Write([]byte{b})
		http.NewResponseController(w).Flush()
		if !f.wait(r) {
			return
		}
	}
}

// wait sleeps as long as the fault says; false means that the caller has left.
func (f *armed) wait(r *http.Request) bool {
	select {
	case <-r.Context().Done():
		return false
	case <-f.cleared:
	case <-time.After(f.delay()):
	}
	return true
}

// delay is how long the fault says to wait; zero means 50 ms.
func (f *armed) delay() time.Duration { return time.Duration(cmp.Or(f.DelayMS, 50)) * time.Millisecond }

package senhaseguratest

import (
	"bytes"
	"cmp"
	"net"
	"net/http"
	"strconv"
	"time"
)

// misbehave does what a fault says instead of, or after, what was asked.
func (a *Appliance) misbehave(w http.ResponseWriter, r *http.Request, q request, call int, f *armed) {
	var normal reply
	switch f.Kind {
	case Delay:
		f.wait(r)
		normal = a.handle(q)
	case Truncated, Drip:
		normal = a.handle(q)
	default:
		if f.Act {
			normal = a.handle(q)
		}
	}
	a.journal.note(call, reply{status: a.faultStatus(f, normal), class: string(f.Kind), acted: normal.acted})
	if answer, ok := a.faultReply(f); ok {
		f.headers(w)
		answer.write(w)
		return
	}
	f.perform(w, r, normal)
}

// faultReply is the answer of faults that answer in JSON.
func (a *Appliance) faultReply(f *armed) (reply, bool) {
	switch f.Kind {
	case Refusal:
		return a.fail(http.StatusBadRequest, f.Code, f.Message), true
	case NotAuthorized:
		return a.fail(http.StatusInternalServerError, 0, "You are not authorized to access this resource."), true
	case Unexpected:
		return a.fail(http.StatusInternalServerError, 0, "Unexpected error."), true
	case TokenRejected:
		return a.refuseToken(), true
	case RateLimited:
		return reply{status: http.StatusTooManyRequests, body: map[string]any{"message": "API rate limit exceeded"}}, true
	case Upstream:
		return reply{status: http.StatusGatewayTimeout, body: map[string]any{"message": "The upstream server is timing out"}}, true
	}
	return reply{}, false
}

func (a *Appliance) faultStatus(f *armed, normal reply) int {
	if answer, ok := a.faultReply(f); ok {
		return answer.status
	}
	switch f.Kind {
	case Hang, Reset:
		return 0
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
	case Reset:
		reset(w)
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
	case Delay:
		normal.write(w)
	default: // Status, Empty
		w.WriteHeader(cmp.Or(f.Status, http.StatusOK))
		w.Write([]byte(f.Body))
	}
}

// reset ends the connection with a TCP reset.
func reset(w http.ResponseWriter) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if secure, ok := conn.(interface{ NetConn() net.Conn }); ok {
		conn = secure.NetConn()
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		tcp.SetLinger(0)
	}
	conn.Close()
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
	case <-time.After(time.Duration(cmp.Or(f.DelayMS, 50)) * time.Millisecond):
	}
	return true
}

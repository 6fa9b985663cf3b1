package senhaseguratest

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"
)

// overTheWire gives the answers that net/http would not write: it takes the connection and ends it.
func (a *Appliance) overTheWire(w http.ResponseWriter, f *armed, normal reply) {
	conn, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if f.Kind == DropNext {
		conn.Write(f.raw(normal))
		go a.dropNext(conn, buffered.Reader, f) // the request itself is over
		return
	}
	defer conn.Close()
	switch f.Kind {
	case Reset:
		reset(conn)
	case DripHeaders:
		f.dripHeaders(conn, normal)
	case TooShort:
		conn.Write(f.raw(normal))
		f.untilLeft(conn)
	case TLSCut:
		conn.Write(f.raw(normal))
		if secure, ok := conn.(interface{ NetConn() net.Conn }); ok {
			secure.NetConn().Write([]byte{23, 3, 3, 1, 0, 42}) // application data of 256 bytes, one of which comes
			secure.NetConn().Close()
		}
	default:
		conn.Write(f.raw(normal))
	}
}

// raw is what the kind sends, the whole of it.
func (f *armed) raw(normal reply) []byte {
	body := normal.encode()
	half := body[:len(body)/2]
	length := fmt.Sprint("Content-Length: ", len(body))
	whole := slices.Concat(head("HTTP/1.1", normal.status, length), body)
	chunked := head("HTTP/1.1", normal.status, "Transfer-Encoding: chunked")
	switch f.Kind {
	case Drop:
		return nil
	case Early:
		status := cmp.Or(f.Status, http.StatusRequestEntityTooLarge)
		return append(head("HTTP/1.1", status, fmt.Sprint("Content-Length: ", len(f.Body)), "Connection: close"), f.Body...)
	case Twice:
		return slices.Concat(whole, whole)
	case Cut:
		return whole[:len(whole)-len(body)-len("\r\n\r\n")-1]
	case TLSCut:
		return append(head("HTTP/1.1", normal.status, length), half...)
	case TooShort:
		return append(head("HTTP/1.1", normal.status, fmt.Sprint("Content-Length: ", len(body)+1)), body...)
	case TooLong:
		return append(head("HTTP/1.1", normal.status, fmt.Sprint("Content-Length: ", len(body)-1)), body...)
	case BadChunk:
		return slices.Concat(chunked, chunk(half), []byte("no size\r\n"), body[len(half):])
	case OpenChunk:
		return slices.Concat(chunked, chunk(body))
	case HTTP10:
		return append(head("HTTP/1.0", normal.status), body...)
	}
	return whole // DripHeaders, DropIdle, DropNext
}

func head(protocol string, status int, lines ...string) []byte {
	first := fmt.Sprintf("%s %d %s", protocol, status, http.StatusText(status))
	return []byte(strings.Join(append([]string{first, "Content-Type: application/json"}, lines...), "\r\n") + "\r\n\r\n")
}

func chunk(b []byte) []byte { return fmt.Appendf(nil, "%x\r\n%s\r\n", len(b), b) }

// dropNext waits for the next request and closes the connection on it.
func (a *Appliance) dropNext(conn net.Conn, sent *bufio.Reader, f *armed) {
	defer conn.Close()
	defer f.whenCleared(conn)()
	r, err := http.ReadRequest(sent)
	if err != nil { // the caller has left, or the fault is cleared
		return
	}
	r.ParseForm()
	q, call := a.receive(r)
	defer a.journal.end(call)
	dropped := reply{class: string(f.Kind)}
	if f.Act {
		dropped.acted = a.handle(q).acted
	}
	a.journal.note(call, dropped)
}

func (f *armed) dripHeaders(conn net.Conn, normal reply) {
	raw := f.raw(normal)
	end := len(raw) - len(normal.encode())
	for _, b := range raw[:end] {
		if _, err := conn.Write([]byte{b}); err != nil {
			return
		}
		f.pause()
	}
	conn.Write(raw[end:])
}

// pause sleeps as long as the fault says, or until it is cleared.
func (f *armed) pause() {
	select {
	case <-f.cleared:
	case <-time.After(f.delay()):
	}
}

// untilLeft holds the connection open until the caller leaves it or the fault is cleared.
func (f *armed) untilLeft(conn net.Conn) {
	defer f.whenCleared(conn)()
	io.Copy(io.Discard, conn)
}

// whenCleared ends reads from the connection once the fault is cleared. The caller must call stop.
func (f *armed) whenCleared(conn net.Conn) (stop func()) {
	over := make(chan struct{})
	go func() {
		select {
		case <-f.cleared:
			conn.SetReadDeadline(time.Now())
		case <-over:
		}
	}()
	return func() { close(over) }
}

// reset ends the connection with a TCP reset.
func reset(conn net.Conn) {
	if secure, ok := conn.(interface{ NetConn() net.Conn }); ok {
		conn = secure.NetConn()
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		tcp.SetLinger(0)
	}
	conn.Close()
}

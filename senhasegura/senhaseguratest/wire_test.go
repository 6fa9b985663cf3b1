package senhaseguratest_test

import (
	"bufio"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"

	"senhasegura-bot/senhasegura/senhaseguratest"
)

// line is a bare connection to the appliance: what comes over it is seen byte by byte.
type line struct {
	*testing.T
	net.Conn
}

func (b *bench) dial() *line {
	b.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(b.url, "http://"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(10 * time.Second)) // a test that hangs fails
	return &line{b.T, conn}
}

func (l *line) send(token, request string) {
	l.Helper()
	if _, err := fmt.Fprintf(l, "%s HTTP/1.1\r\nHost: appliance\r\nAuthorization: Bearer %s\r\n\r\n", request, token); err != nil {
		l.Fatal(err)
	}
}

// read waits for n bytes.
func (l *line) read(n int) string {
	l.Helper()
	got := make([]byte, n)
	if n, err := io.ReadFull(l, got); err != nil {
		l.Fatalf("%v after %q", err, got[:n])
	}
	return string(got)
}

// rest is everything until the end of the connection, and how it ended.
func (l *line) rest() (string, error) {
	got, err := io.ReadAll(l)
	return string(got), err
}

func documented(t *testing.T, name string) senhaseguratest.Answer {
	t.Helper()
	for _, a := range senhaseguratest.Documented() {
		if a.Name == name {
			return a
		}
	}
	t.Fatalf("nothing documented is called %s", name)
	return senhaseguratest.Answer{}
}

// TestOnTheWire: each fault of the connection, as the bytes that come and how the connection ends.
func TestOnTheWire(t *testing.T) {
	body := documented(t, "pam.deactivated").Body
	n := len(body)
	const ok, plain = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n", "\r\n\r\n"
	whole := fmt.Sprint(ok, "Content-Length: ", n, plain, body)
	for kind, c := range map[senhaseguratest.FaultKind]struct {
		sent   string
		end    error
		silent bool // not carried out
	}{
		senhaseguratest.Reset:       {"", syscall.ECONNRESET, true},
		senhaseguratest.Drop:        {"", nil, true},
		senhaseguratest.Cut:         {fmt.Sprint(ok, "Content-Length: ", n/10), nil, false},
		senhaseguratest.DripHeaders: {whole, nil, false},
		senhaseguratest.DropIdle:    {whole, nil, false},
		senhaseguratest.Twice:       {whole + whole, nil, false},
		senhaseguratest.TooLong:     {fmt.Sprint(ok, "Content-Length: ", n-1, plain, body), nil, false},
		senhaseguratest.TLSCut:      {fmt.Sprint(ok, "Content-Length: ", n, plain, body[:n/2]), nil, false},
		senhaseguratest.BadChunk:    {fmt.Sprintf("%sTransfer-Encoding: chunked%s%x\r\n%s\r\nno size\r\n%s", ok, plain, n/2, body[:n/2], body[n/2:]), nil, false},
		senhaseguratest.OpenChunk:   {fmt.Sprintf("%sTransfer-Encoding: chunked%s%x\r\n%s\r\n", ok, plain, n, body), nil, false},
		senhaseguratest.HTTP10:      {strings.Replace(ok, "1.1", "1.0", 1) + "\r\n" + body, nil, false},
		senhaseguratest.Early:       {"HTTP/1.1 413 Request Entity Too Large\r\nContent-Type: application/json\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", nil, true},
	} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			b := start(t, nil)
			b.login("pam", "p")
			b.Inject(senhaseguratest.Fault{Method: "DELETE", Kind: kind, Times: 1, DelayMS: 1})
			l := b.dial()
			l.send(b.token["pam"], "DELETE /api/pam/credential/5")
			if sent, err := l.rest(); sent != c.sent || !errors.Is(err, c.end) {
				t.Errorf("got %q and the end %v, want %q and %v", sent, err, c.sent, c.end)
			}
			item, _ := b.Items().Credential(5)
			if call := b.Writes()[0]; item.Inactive == c.silent || call.Acted == c.silent || call.Answer != string(kind) {
				t.Errorf("inactive %v, journal %+v", item.Inactive, call)
			}
			b.expect("pam", "DELETE /api/pam/credential/6", 200, "Credential successfully deactivated") // Times is over
		})
	}
}

// TestHeldOpen: what takes its time waits for its time, for the caller, or for ClearFaults.
func TestHeldOpen(t *testing.T) {
	body := documented(t, "pam.deactivated").Body
	for kind, first := range map[senhaseguratest.FaultKind]string{
		senhaseguratest.DripHeaders: "H",
		senhaseguratest.Drip:        "HTTP/1.1 200 OK\r\n",
		senhaseguratest.TooShort:    fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(body)+1, body),
	} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			b := start(t, nil)
			b.login("pam", "p")
			b.Inject(senhaseguratest.Fault{Method: "DELETE", Kind: kind, DelayMS: int(time.Hour / time.Millisecond)})
			l := b.dial()
			l.send(b.token["pam"], "DELETE /api/pam/credential/5")
			if got := l.read(len(first)); got != first {
				t.Fatalf("got %q, want %q", got, first)
			}
			if w := b.Writes(); !w[0].Finished.IsZero() {
				t.Errorf("over already: %+v", w)
			}
			b.ClearFaults()
			if kind == senhaseguratest.Drip { // net/http keeps the connection
				l.read(len(body))
				return
			}
			if rest, err := l.rest(); err != nil || kind == senhaseguratest.DripHeaders && !strings.HasSuffix(rest, body) {
				t.Errorf("got %q, %v", rest, err)
			}
		})
	}
}

// TestDroppedAtTheNextRequest: the first answer is good, and nothing says that the connection ends. The next
// request on it is received, perhaps carried out, and never answered.
func TestDroppedAtTheNextRequest(t *testing.T) {
	for _, act := range []bool{false, true} {
		b := start(t, nil)
		b.login("pam", "p")
		b.Inject(senhaseguratest.Fault{Path: "*/credential/5", Kind: senhaseguratest.DropNext, Act: act})
		l := b.dial()
		l.send(b.token["pam"], "DELETE /api/pam/credential/5")
		resp, err := http.ReadResponse(bufio.NewReader(l), nil)
		if err != nil || resp.StatusCode != 200 || resp.Close {
			t.Fatalf("got %+v, %v", resp, err)
		}
		if got, err := io.ReadAll(resp.Body); err != nil || string(got) != documented(t, "pam.deactivated").Body {
			t.Errorf("got %q, %v", got, err)
		}
		l.send(b.token["pam"], "DELETE /api/pam/credential/6")
		if got, err := l.rest(); got != "" || err != nil {
			t.Errorf("answered %q, %v", got, err)
		}
		next, _ := b.Items().Credential(6)
		w := b.Writes()
		if len(w) != 2 || w[1].Answer != "drop_next" || w[1].Status != 0 || w[1].Acted != act || next.Inactive != act {
			t.Errorf("inactive %v, journal %+v", next.Inactive, w)
		}
	}
}

// TestAnEarlyAnswerDoesNotWaitForTheBody: it comes although the body never does.
func TestAnEarlyAnswerDoesNotWaitForTheBody(t *testing.T) {
	b := start(t, nil)
	b.Inject(senhaseguratest.Fault{Path: "*/oauth2/token", Kind: senhaseguratest.Early, Status: 401, Body: "no"})
	l := b.dial()
	fmt.Fprint(l, "POST /api/oauth2/token HTTP/1.1\r\nHost: appliance\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\n")
	if got, err := l.rest(); !strings.HasPrefix(got, "HTTP/1.1 401 ") || !strings.HasSuffix(got, "\r\n\r\nno") || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestHintsComeBeforeTheAnswer(t *testing.T) {
	b := start(t, nil)
	b.login("pam", "p")
	for status, want := range map[int]int{0: 103, 102: 102, 103: 103} {
		b.Inject(senhaseguratest.Fault{Kind: senhaseguratest.Hints, Status: status})
		l := b.dial()
		l.send(b.token["pam"], "GET /api/pam/credential")
		in := bufio.NewReader(l)
		if resp, err := http.ReadResponse(in, nil); err != nil || resp.StatusCode != want {
			t.Errorf("got %+v, %v", resp, err)
		}
		if resp, err := http.ReadResponse(in, nil); err != nil || resp.StatusCode != 200 {
			t.Errorf("got %+v, %v", resp, err)
		}
		b.ClearFaults()
	}
}

// TestTLSEndsWithinARecord: half of the answer is there, and then no end that TLS would accept.
func TestTLSEndsWithinARecord(t *testing.T) {
	appliance := senhaseguratest.New(senhaseguratest.Config{})
	server := httptest.NewTLSServer(appliance)
	defer server.Close()
	appliance.Inject(senhaseguratest.Fault{Kind: senhaseguratest.TLSCut})
	conn, err := tls.Dial("tcp", server.Listener.Addr().String(), server.Client().Transport.(*http.Transport).TLSClientConfig)
	if err != nil {
		t.Fatal(err)
	}
	l := &line{t, conn}
	defer l.Close()
	l.SetDeadline(time.Now().Add(10 * time.Second))
	l.send("", "GET /api/pam/credential")
	if got, err := l.rest(); !strings.HasPrefix(got, "HTTP/1.1 401 ") || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("got %q, %v", got, err)
	}
}

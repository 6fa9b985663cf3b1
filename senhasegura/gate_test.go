package senhasegura_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"senhasegura-bot/senhasegura"
	"senhasegura-bot/senhasegura/senhaseguratest"
)

var errGate = errors.New("the mark is too old")

// gate counts how often it was asked and refuses while shut.
type gate struct {
	asked atomic.Int64
	shut  atomic.Bool
}

func (g *gate) on(ctx context.Context) context.Context {
	return senhasegura.WithGate(ctx, func(context.Context) error {
		g.asked.Add(1)
		if g.shut.Load() {
			return errGate
		}
		return nil
	})
}

// wire is an appliance, its client, and the connections between them.
type wire struct {
	*senhaseguratest.Appliance
	*senhasegura.Client
	open atomic.Int64
}

// settled waits until the appliance has read every connection to its end, so that a request that slipped
// out is certainly in the journal, and returns the writes there.
func (w *wire) settled(t *testing.T) []senhaseguratest.Call {
	t.Helper()
	eventually(t, "all connections are closed", func() bool { return w.open.Load() == 0 })
	return w.Writes()
}

// servers runs a scenario over both ways to reach an appliance.
func servers(t *testing.T, run func(*testing.T, *wire)) {
	for name, start := range map[string]func(*httptest.Server){"http": (*httptest.Server).Start, "https": (*httptest.Server).StartTLS} {
		t.Run(name, func(t *testing.T) {
			w := &wire{Appliance: senhaseguratest.New(senhaseguratest.Config{
				PAM: senhaseguratest.Client{ID: "pam-client", Secret: pamSecret}, Data: senhaseguratest.Sample()})}
			server := httptest.NewUnstartedServer(w.Appliance)
			server.Config.ConnState = func(_ net.Conn, s http.ConnState) {
				switch s {
				case http.StateNew:
					w.open.Add(1)
				case http.StateClosed, http.StateHijacked:
					w.open.Add(-1)
				}
			}
			start(server)
			w.Client = clientOf(t, server)
			t.Cleanup(func() { w.ClearFaults(); server.Close() })
			run(t, w)
		})
	}
}

func TestGateRefusalSendsNothing(t *testing.T) {
	servers(t, func(t *testing.T, w *wire) {
		g := &gate{}
		g.shut.Store(true)
		for range 20 { // a race between writing and closing would show
			_, err := w.DeactivateCredential(g.on(t.Context()), "5")
			e := mustFail(t, err, senhasegura.KindNotSent)
			if e.Sent || !errors.Is(err, errGate) || !e.Unchanged() {
				t.Fatalf("got %+v", e)
			}
		}
		if sent := w.settled(t); len(sent) != 0 {
			t.Errorf("written all the same: %v", sent)
		}
		if g.asked.Load() != 20 {
			t.Errorf("asked %d times, want once per call: token requests are not gated", g.asked.Load())
		}
	})
}

func TestGateRefusalAfterACall(t *testing.T) {
	servers(t, func(t *testing.T, w *wire) {
		g := &gate{}
		for i := range 20 {
			g.shut.Store(false)
			if _, err := w.DeactivateCredential(g.on(t.Context()), "5"); err != nil {
				t.Fatal(err)
			}
			g.shut.Store(true)
			_, err := w.ActivateCredential(g.on(t.Context()), "5")
			if e := mustFail(t, err, senhasegura.KindNotSent); e.Sent || !errors.Is(err, errGate) {
				t.Fatalf("got %+v", e)
			}
			if sent := w.settled(t); len(sent) != i+1 || sent[i].Method != http.MethodDelete {
				t.Fatalf("got %v", sent)
			}
		}
		if g.asked.Load() != 40 {
			t.Errorf("asked %d times, want 40: a refusal is not asked about twice", g.asked.Load())
		}
	})
}

func TestGateRunsAfterTokenAndConnection(t *testing.T) {
	servers(t, func(t *testing.T, w *wire) {
		ctx := senhasegura.WithGate(t.Context(), func(context.Context) error {
			if calls := w.Calls(); len(calls) != 1 || !calls[0].Token() || calls[0].Finished.IsZero() {
				t.Errorf("when the gate is asked, the appliance has seen %v", calls)
			}
			return nil
		})
		if _, err := w.DeactivateCredential(ctx, "5"); err != nil {
			t.Fatal(err)
		}
	})
}

func TestTimeRunsOutAtTheGate(t *testing.T) {
	servers(t, func(t *testing.T, w *wire) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		ctx = senhasegura.WithGate(ctx, func(context.Context) error { cancel(); return nil })
		_, err := w.DeactivateCredential(ctx, "5")
		if e := mustFail(t, err, senhasegura.KindNotSent); e.Sent || !errors.Is(err, context.Canceled) {
			t.Errorf("got %+v", e)
		}
		if sent := w.settled(t); len(sent) != 0 {
			t.Errorf("written all the same: %v", sent)
		}
	})
}

// The server closes the connection just after the gate passed: nothing was written, so nothing was sent, and
// nobody but the caller decides to ask again.
func TestAConnectionClosedBeforeTheFirstByteIsNotALostAnswer(t *testing.T) {
	for _, start := range []func(*httptest.Server){(*httptest.Server).Start, (*httptest.Server).StartTLS} {
		var writes atomic.Int64
		server := httptest.NewUnstartedServer(withTokens(func(http.ResponseWriter, *http.Request) { writes.Add(1) }))
		start(server)
		client := clientOf(t, server)
		if _, err := client.ListCredentials(t.Context()); err == nil { // there is a token now
			t.Fatal("an empty answer is a list")
		}
		writes.Store(0)
		for range 30 { // the race inside net/http has two outcomes; both must end well
			asked := 0
			ctx := senhasegura.WithGate(t.Context(), func(context.Context) error { asked++; return nil })
			ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(info httptrace.GotConnInfo) {
				eventually(t, "net/http sees the end of the connection", func() bool {
					server.CloseClientConnections()                      // again, where the server had not accepted it yet
					return info.Conn.SetReadDeadline(time.Time{}) != nil // fails once it is closed on our side too
				})
			}})
			_, err := client.ReleaseCustody(ctx, "12")
			if e := mustFail(t, err, senhasegura.KindNotSent); e.Sent || asked != 1 || writes.Load() != 0 {
				t.Fatalf("got %+v, %d writes, gate asked %d times", e, writes.Load(), asked)
			}
		}
		server.Close()
	}
}

func clientOf(t *testing.T, server *httptest.Server) *senhasegura.Client {
	t.Helper()
	c := bothModules()
	c.URL = mustURL(t, server.URL)
	if server.Certificate() != nil {
		roots := x509.NewCertPool()
		roots.AddCert(server.Certificate())
		c.TLS = &tls.Config{RootCAs: roots}
	}
	return newClient(t, c)
}

func TestLostAnswerAfterTheGate(t *testing.T) {
	servers(t, func(t *testing.T, w *wire) {
		for _, acted := range []bool{false, true} {
			before := len(w.Writes())
			w.Inject(senhaseguratest.Fault{Path: "*/credential/*", Times: 1, Kind: senhaseguratest.Reset, Act: acted})
			_, err := w.ReleaseCustody(t.Context(), "12")
			if e := mustFail(t, err, senhasegura.KindLost); !e.Sent || e.Unchanged() {
				t.Errorf("got %+v", e)
			}
			if n := len(w.settled(t)) - before; n != 1 {
				t.Errorf("sent %d times, want once", n)
			}
		}
	})
}

func TestTheGateIsAskedAgainBeforeTheRepetitionAfterARefusedToken(t *testing.T) {
	l := newLab(t, nil)
	l.appliance.Inject(senhaseguratest.Fault{Path: "*/credential/5", Times: 1, Kind: senhaseguratest.TokenRejected})
	var asked int
	ctx := senhasegura.WithGate(t.Context(), func(context.Context) error {
		if asked++; asked == 2 {
			return errGate
		}
		return nil
	})
	_, err := l.client.DeactivateCredential(ctx, "5")
	if mustFail(t, err, senhasegura.KindNotSent); !errors.Is(err, errGate) || asked != 2 {
		t.Errorf("asked %d times, got %v", asked, err)
	}
	if w := l.appliance.Writes(); len(w) != 1 || w[0].Acted {
		t.Errorf("got %v", w)
	}
}

func TestNothingListensMeansNotSent(t *testing.T) {
	c := bothModules()
	c.URL = mustURL(t, closed)
	_, err := newClient(t, c).ReleaseCustody(t.Context(), "12")
	e := mustFail(t, err, senhasegura.KindNotSent)
	if e.Sent || !strings.Contains(err.Error(), "refused") {
		t.Errorf("got %v", err)
	}
}

func TestTimeouts(t *testing.T) {
	for name, c := range map[string]struct {
		path string
		kind senhasegura.Kind
		sent bool
	}{
		"the API hangs":            {"*/credential/5", senhasegura.KindLost, true},
		"the token endpoint hangs": {"*/oauth2/token", senhasegura.KindNotSent, false},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t, func(_ *senhaseguratest.Config, sc *senhasegura.Config) { sc.CallTimeout = 2 * time.Second })
			l.appliance.Inject(senhaseguratest.Fault{Path: c.path, Kind: senhaseguratest.Hang})
			_, err := l.client.DeactivateCredential(t.Context(), "5")
			if e := mustFail(t, err, c.kind); e.Sent != c.sent || !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %+v", e)
			}
		})
	}
}

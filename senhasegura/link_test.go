package senhasegura_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"senhasegura-bot/senhasegura"
)

// TestConnect: a connection shows who answers, and asks for nothing.
func TestConnect(t *testing.T) {
	var requests atomic.Int64
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { requests.Add(1) }))
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // of a handshake that is meant to fail
	server.StartTLS()
	defer server.Close()
	l, err := clientOf(t, server).Connect(t.Context())
	if err != nil || l.TLS == nil || len(l.TLS.VerifiedChains) == 0 || l.CertAsked || "https://"+l.Address != server.URL {
		t.Errorf("got %+v, %v", l, err)
	}
	plain := httptest.NewServer(http.NotFoundHandler())
	defer plain.Close()
	if l, err := clientOf(t, plain).Connect(t.Context()); err != nil || l.TLS != nil || "http://"+l.Address != plain.URL {
		t.Errorf("over http: got %+v, %v", l, err)
	}
	c := bothModules()
	c.URL = mustURL(t, server.URL)
	unknown, err := newClient(t, c).Connect(t.Context())
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); !ok || unknown.Address == "" || unknown.TLS != nil {
		t.Errorf("with an unknown authority: got %+v, %v", unknown, err)
	}
	if n := requests.Load(); n != 0 {
		t.Errorf("%d requests were made", n)
	}
}

// TestConnectNobody: no address means that nobody took the connection.
func TestConnectNobody(t *testing.T) {
	c := bothModules()
	c.URL = mustURL(t, "https://127.0.0.1:1")
	if l, err := newClient(t, c).Connect(t.Context()); err == nil || l.Address != "" {
		t.Errorf("got %+v, %v", l, err)
	}
	c.URL = mustURL(t, "https://[::1]")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := newClient(t, c).Connect(ctx); err == nil || !strings.Contains(err.Error(), "operation was canceled") {
		t.Errorf("got %v", err)
	}
}

// TestConnectWithClientCertificate: what the appliance makes of it is known
// before anything is asked, although TLS 1.3 says so after the handshake only.
func TestConnectWithClientCertificate(t *testing.T) {
	t.Parallel() // a refusal is waited for
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		server := httptest.NewUnstartedServer(http.NotFoundHandler())
		server.Config.ErrorLog = log.New(io.Discard, "", 0) // of handshakes that are meant to fail
		server.TLS = &tls.Config{ClientAuth: tls.RequireAnyClientCert, MinVersion: version, MaxVersion: version}
		server.StartTLS()
		defer server.Close()
		l, err := clientOf(t, server).Connect(t.Context())
		if refused, ok := errors.AsType[*net.OpError](err); !ok || refused.Op != "remote error" || !l.CertAsked || l.CertSent {
			t.Errorf("TLS %x, none sent: got %+v, %v", version, l, err)
		}
		c := bothModules()
		c.URL, c.TLS = mustURL(t, server.URL), &tls.Config{RootCAs: x509.NewCertPool(), Certificates: server.TLS.Certificates[:1]}
		c.TLS.RootCAs.AddCert(server.Certificate())
		if l, err := newClient(t, c).Connect(t.Context()); err != nil || !l.CertAsked || !l.CertSent || l.TLS == nil {
			t.Errorf("TLS %x, sent: got %+v, %v", version, l, err)
		}
	}
}

// TestAskToken tells how long a token lives and keeps none.
func TestAskToken(t *testing.T) {
	l := newLab(t, nil)
	for _, m := range []senhasegura.Module{senhasegura.PAMCore, senhasegura.MySafe} {
		if g, err := l.client.AskToken(t.Context(), m); err != nil || g.Life != time.Hour {
			t.Errorf("%s: got %+v, %v", m, g, err)
		}
	}
	if calls := l.appliance.Calls(); len(calls) != 2 || l.tokenRequests() != 2 {
		t.Errorf("the requests were %v", calls)
	}
	c := bothModules()
	c.URL, c.MySafe = mustURL(t, l.server.URL), senhasegura.Credentials{}
	c.PAM.Secret = func() string { return "another" }
	client := newClient(t, c)
	_, err := client.AskToken(t.Context(), senhasegura.PAMCore)
	if e := mustFail(t, err, senhasegura.KindAuth); e.Op != senhasegura.OpToken || e.Message != "Client authentication failed" {
		t.Errorf("got %+v", e)
	}
	_, err = client.AskToken(t.Context(), senhasegura.MySafe)
	mustFail(t, err, senhasegura.KindNotConfigured)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = client.AskToken(ctx, senhasegura.PAMCore)
	mustFail(t, err, senhasegura.KindNotSent)
}

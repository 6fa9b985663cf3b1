package main

import (
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"senhasegura-bot/senhasegura"
	"senhasegura-bot/senhasegura/senhaseguratest"
)

// overTLS puts an appliance behind TLS, with a certificate and what it sends
// beside it.
func overTLS(t *testing.T, appliance http.Handler, change func(*tls.Config), chain ...*issued) string {
	t.Helper()
	server := httptest.NewUnstartedServer(appliance)
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // of handshakes that are meant to fail
	shown := tls.Certificate{PrivateKey: chain[0].key}
	for _, c := range chain {
		shown.Certificate = append(shown.Certificate, c.Raw)
	}
	server.TLS = &tls.Config{Certificates: []tls.Certificate{shown}}
	if change != nil {
		change(server.TLS)
	}
	server.StartTLS()
	t.Cleanup(server.Close)
	return server.URL
}

// lasting issues a certificate that ends after so many days.
func lasting(t *testing.T, by *issued, name string, days int, bend func(*x509.Certificate)) *issued {
	t.Helper()
	return issueBent(t, by, func(c *x509.Certificate) {
		c.Subject = pkix.Name{CommonName: name}
		c.NotAfter = time.Now().Add(time.Duration(days)*24*time.Hour + time.Hour)
		if c.NotAfter.Before(c.NotBefore) {
			c.NotBefore = c.NotAfter.Add(-time.Hour)
		}
		if bend != nil {
			bend(c)
		}
	})
}

// TestDoctorTLS: whether senhasegura is who it should be, for how long, and what
// to change where it is not.
func TestDoctorTLS(t *testing.T) {
	t.Parallel()
	const name = "senhasegura_tls"
	authority, other := lasting(t, nil, "Our CA", 900, nil), lasting(t, nil, "Another CA", 900, nil)
	lateCA := lasting(t, nil, "Old CA", 20, nil)
	between := lasting(t, authority, "Between CA", 40, func(c *x509.Certificate) { c.IsCA = true })
	server := lasting(t, authority, "pam.example", 200, nil)
	for _, c := range []struct {
		name  string
		chain []*issued
		ca    *issued
		tls   func(*tls.Config)
		want  []finding
	}{
		{"all is well", []*issued{server}, authority, nil,
			[]finding{expect(fine, name, "TLS 1.3, with a certificate of pam.example, issued by Our CA, valid until "+utc(server.NotAfter))}},
		{"TLS 1.2", []*issued{server}, authority, func(c *tls.Config) { c.MaxVersion = tls.VersionTLS12 }, []finding{expect(fine, name, "TLS 1.2, with")}},
		{"soon", []*issued{lasting(t, authority, "pam.example", 29, nil)}, authority, nil,
			[]finding{expect(warned, name, "the certificate of senhasegura ends on ", "every call fails after that; renew it")}},
		{"not so soon", []*issued{lasting(t, authority, "pam.example", 31, nil)}, authority, nil, []finding{expect(fine, name, "pam.example")}},
		{"the authority ends soon", []*issued{lasting(t, lateCA, "pam.example", 200, nil)}, lateCA, nil,
			[]finding{expect(warned, name, "the authority Old CA ends on "+utc(lateCA.NotAfter), "SENHASEGURA_CA_FILE")}},
		{"an authority between ends first", []*issued{lasting(t, between, "pam.example", 200, nil), between}, authority, nil,
			[]finding{expect(fine, name, "of its authorities Between CA ends first, on "+utc(between.NotAfter))}},
		{"another authority", []*issued{server}, other, nil,
			[]finding{expect(faulty, name, "authority that is not known here", "issued by Our CA", "the file that SENHASEGURA_CA_FILE names lacks it")}},
		{"no authority of its own", []*issued{server}, nil, nil, []finding{expect(faulty, name, "issued by Our CA", "set SENHASEGURA_CA_FILE to the certificate of that authority")}},
		{"signed by itself", []*issued{lasting(t, nil, "pam.example", 200, nil)}, nil, nil,
			[]finding{expect(faulty, name, "pam.example signed it itself; set SENHASEGURA_CA_FILE to that certificate (PEM)\n")}},
		{"the one between is not sent", []*issued{lasting(t, between, "pam.example", 200, nil)}, authority, nil,
			[]finding{expect(faulty, name, "issued by Between CA", "have senhasegura send the certificates between")}},
		{"another host", []*issued{lasting(t, authority, "pam.example", 200, func(c *x509.Certificate) {
			c.IPAddresses, c.DNSNames = nil, []string{"pam.example", "pam2.example"}
		})}, authority, nil,
			[]finding{expect(faulty, name, "is not for 127.0.0.1", "it is for pam.example, pam2.example", "SENHASEGURA_URL")}},
		{"no host", []*issued{lasting(t, authority, "pam.example", 200, func(c *x509.Certificate) { c.IPAddresses = nil })}, authority, nil,
			[]finding{expect(faulty, name, "is not for 127.0.0.1", "its common name, pam.example, does not count")}},
		{"ended", []*issued{lasting(t, authority, "pam.example", -3, nil)}, authority, nil,
			[]finding{expect(faulty, name, "the certificate of senhasegura cannot be used", "pam.example ended on", "renew it", "this machine's clock")}},
		{"not yet", []*issued{lasting(t, authority, "pam.example", 200, func(c *x509.Certificate) { c.NotBefore = time.Now().Add(time.Hour) })}, authority, nil,
			[]finding{expect(faulty, name, "pam.example is valid only from", "this machine's clock")}},
		{"an ended one between", func() []*issued {
			ended := lasting(t, authority, "Ended CA", -3, func(c *x509.Certificate) { c.IsCA = true })
			return []*issued{lasting(t, ended, "pam.example", 200, nil), ended}
		}(), authority, nil, []finding{expect(faulty, name, "Ended CA ended on")}},
		{"another host, and an ended one that is not needed", []*issued{lasting(t, authority, "pam.example", 200, func(c *x509.Certificate) {
			c.IPAddresses, c.DNSNames = nil, []string{"pam.example"}
		}), lasting(t, nil, "Ended CA", -3, nil)}, authority, nil,
			[]finding{expect(faulty, name, "is not for 127.0.0.1")}},
		{"an ended one that is not needed", []*issued{server, lasting(t, nil, "Ended CA", -3, nil)}, authority, nil, []finding{expect(fine, name, "pam.example")}},
		{"TLS 1.1", []*issued{server}, authority, func(c *tls.Config) { c.MinVersion, c.MaxVersion = tls.VersionTLS10, tls.VersionTLS11 },
			[]finding{expect(faulty, name, "speaks only TLS before 1.2", "allow TLS 1.2")}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWard(t, nil, nil)
			w.url = overTLS(t, w.appliance, c.tls, c.chain...)
			var env []string
			if c.ca != nil {
				env = append(env, "SENHASEGURA_CA_FILE="+c.ca.certFile)
			}
			checks := w.examined(env...)
			finds(t, checks, c.want...)
			if faulted := c.want[0].status == faulty; faulted != (len(w.appliance.Calls()) == 0) {
				t.Errorf("the appliance was asked %v, after %s", w.appliance.Calls(), lines(checks))
			}
		})
	}
}

// TestDoctorClientCertificate: what is demanded, shown and taken.
func TestDoctorClientCertificate(t *testing.T) {
	t.Parallel()
	const name = "senhasegura_client_cert"
	authority, other := lasting(t, nil, "Our CA", 900, nil), lasting(t, nil, "Another CA", 900, nil)
	server := lasting(t, authority, "pam.example", 200, nil)
	known := x509.NewCertPool()
	known.AddCert(authority.Certificate)
	demands := func(c *tls.Config) { c.ClientAuth, c.ClientCAs = tls.RequireAndVerifyClientCert, known }
	demands12 := func(c *tls.Config) { demands(c); c.MaxVersion = tls.VersionTLS12 }
	unnamed := func(c *tls.Config) { // whichever authority: the appliance itself refuses
		c.ClientAuth = tls.RequireAnyClientCert
		c.VerifyPeerCertificate = func([][]byte, [][]*x509.Certificate) error { return errors.New("not this one") }
	}
	for _, c := range []struct {
		name string
		tls  func(*tls.Config)
		own  *issued
		want []finding
	}{
		{"taken", demands, lasting(t, authority, "the bot", 200, nil), []finding{expect(fine, name, "the bot, is valid until "), expect(fine, "senhasegura_token", "for 1h")}},
		{"not wanted", nil, lasting(t, authority, "the bot", 200, nil), []finding{expect(fine, name, "the bot, is valid until ")}},
		{"wished for, and none there", func(c *tls.Config) { c.ClientAuth = tls.RequestClientCert }, nil,
			[]finding{expect(fine, name, "takes connections without one")}},
		{"ends soon", demands, lasting(t, authority, "the bot", 10, nil), []finding{expect(warned, name, "SENHASEGURA_CLIENT_CERT_FILE ends on", "renew it, with its key")}},
		{"demanded, and none there", demands, nil,
			[]finding{expect(faulty, "senhasegura_tls", "senhasegura demands a client certificate", "certificate required", "set SENHASEGURA_CLIENT_CERT_FILE and SENHASEGURA_CLIENT_KEY_FILE")}},
		{"demanded in TLS 1.2", demands12, nil, []finding{expect(faulty, "senhasegura_tls", "senhasegura demands a client certificate", "set SENHASEGURA_CLIENT_CERT_FILE")}},
		{"of another authority", demands, lasting(t, other, "the bot", 200, nil),
			[]finding{expect(faulty, "senhasegura_tls", "asks for a client certificate of another authority", "SENHASEGURA_CLIENT_CERT_FILE")}},
		{"refused", unnamed, lasting(t, other, "the bot", 200, nil),
			[]finding{expect(faulty, "senhasegura_tls", "senhasegura refuses the client certificate", "bad certificate", "SENHASEGURA_CLIENT_CERT_FILE")}},
		{"ended", demands, lasting(t, authority, "the bot", -3, nil),
			[]finding{expect(faulty, name, "the certificate of SENHASEGURA_CLIENT_CERT_FILE cannot be used", "the bot ended on"),
				expect(faulty, "senhasegura_tls", "senhasegura refuses the client certificate")}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWard(t, nil, nil)
			w.url = overTLS(t, w.appliance, c.tls, server)
			env := []string{"SENHASEGURA_CA_FILE=" + authority.certFile}
			if c.own != nil {
				env = append(env, "SENHASEGURA_CLIENT_CERT_FILE="+c.own.certFile, "SENHASEGURA_CLIENT_KEY_FILE="+c.own.keyFile)
			}
			finds(t, w.examined(env...), c.want...)
		})
	}
}

// listening is an address where take treats each connection.
func listening(t *testing.T, take func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			take(c)
		}
	}()
	return "https://" + l.Addr().String()
}

// TestDoctorUnreached: who is at the other end is no appliance, or nobody.
func TestDoctorUnreached(t *testing.T) {
	t.Parallel()
	plain := newWard(t, nil, nil)
	for _, c := range []struct{ name, url, check, says, change string }{
		{"nobody", "https://" + closed, "senhasegura_url", "nothing takes connections there", "correct host and port"},
		{"HTTP without TLS", strings.Replace(plain.url, "http", "https", 1), "senhasegura_tls", "speaks HTTP without TLS", "correct the port in SENHASEGURA_URL"},
		{"something else", listening(t, func(c net.Conn) { io.WriteString(c, "SSH-2.0-OpenSSH_9.2\r\n"); c.Close() }), "senhasegura_tls", "does not speak TLS", "SENHASEGURA_URL"},
		{"one who hangs up", listening(t, func(c net.Conn) { io.ReadFull(c, make([]byte, 5)); c.Close() }), "senhasegura_tls", "ends the connection during the TLS handshake", "firewall"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := &ward{t: t, appliance: senhaseguratest.New(senhaseguratest.Config{}), url: c.url}
			checks := w.examined()
			finds(t, checks, expect(faulty, c.check, c.says, c.change))
			if !strings.Contains(lines(checks), "(1018)") {
				t.Error("what release cannot do is said always")
			}
		})
	}
}

// TestDoctorNoWay: what cannot be brought about on one machine.
func TestDoctorNoWay(t *testing.T) {
	t.Parallel()
	dial := func(err error) error { return &net.OpError{Op: "dial", Net: "tcp", Err: err} }
	for _, c := range []struct {
		err           error
		means, change string
	}{
		{dial(&net.DNSError{Err: "no such host", Name: "pam.example", IsNotFound: true}), "the name pam.example is not known here", "DNS"},
		{dial(&net.DNSError{Err: "server misbehaving", Name: "pam.example"}), "the DNS does not say where pam.example is: server misbehaving", "DNS"},
		{dial(os.NewSyscallError("connect", syscall.EHOSTUNREACH)), "there is no way there from here", "VPN"},
		{dial(os.NewSyscallError("connect", syscall.ENETUNREACH)), "there is no way there from here", "no proxy"},
		{dial(os.ErrDeadlineExceeded), "nobody answers within 5 s", "firewalls"},
		{dial(os.NewSyscallError("connect", syscall.EACCES)), "permission denied", "check the way"},
	} {
		means, change := unreached(c.err, "pam.example")
		contains(t, means, c.means)
		contains(t, change, c.change)
	}
	x := &examination{}
	x.config.SenhaseguraURL, _ = url.Parse("https://pam.example")
	for err, want := range map[error]string{os.ErrDeadlineExceeded: "does not finish the TLS handshake within 5 s", syscall.ECONNRESET: "ends the connection",
		errors.New("tls: server selected unsupported protocol version 301"):         "speaks only TLS before 1.2",
		&net.OpError{Op: "remote error", Err: errors.New("tls: handshake failure")}: "no TLS with pam.example"} {
		what, _, change := x.untrusted(senhasegura.Link{}, err)
		contains(t, what, want)
		if change == "" {
			t.Errorf("%v: nothing to change", err)
		}
	}
}

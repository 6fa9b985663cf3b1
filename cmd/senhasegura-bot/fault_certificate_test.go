package main

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"net"
	"net/http/httptest"
	"testing"
	"time"
)

// TestFaultApplianceCertificate: an appliance whose certificate is not right gets
// nothing, no token request and no write; what was asked for is not sent, and the
// log says why.
func TestFaultApplianceCertificate(t *testing.T) {
	t.Parallel()
	authority, other := issue(t, nil), issue(t, nil)
	for name, c := range map[string]struct {
		server *issued
		log    string
	}{
		"by another authority": {issue(t, other), "unknown authority"},
		"expired": {issueBent(t, authority, func(c *x509.Certificate) {
			c.NotBefore, c.NotAfter = time.Now().Add(-48*time.Hour), time.Now().Add(-24*time.Hour)
		}), "certificate has expired or is not yet valid"},
		"not yet valid": {issueBent(t, authority, func(c *x509.Certificate) {
			c.NotBefore, c.NotAfter = time.Now().Add(24*time.Hour), time.Now().Add(48*time.Hour)
		}), "certificate has expired or is not yet valid"},
		"of another host": {issueBent(t, authority, func(c *x509.Certificate) { c.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 2)} }), "not 127.0.0.1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, setup{stays: true, env: map[string]string{"RUN_DEADLINE": "3s", "CALL_TIMEOUT": "1s", "SENHASEGURA_CA_FILE": authority.certFile}})
			https := httptest.NewUnstartedServer(w.appliance)
			https.Config.ErrorLog = log.New(io.Discard, "", 0) // of handshakes, which are meant to fail
			https.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{c.server.Raw}, PrivateKey: c.server.key}}}
			https.StartTLS()
			t.Cleanup(https.Close)
			w.env["SENHASEGURA_URL"] = https.URL
			w.start()
			calls := []*treated{badly()[0], badly()[2]}
			w.approves(calls)
			for _, call := range calls {
				w.endsAs(call, "failed", 0)
				contains(t, w.told(call.card), "nothing was sent to senhasegura")
			}
			if got := w.appliance.Calls(); len(got) > 0 {
				t.Errorf("an appliance that cannot be trusted received %v", got)
			}
			w.logs(w.processes[0], `"a call to senhasegura failed"`, c.log)
		})
	}
}

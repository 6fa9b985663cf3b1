package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"senhasegura-bot/senhasegura/senhaseguratest"
)

// issued is a certificate with its key, in memory and in files.
type issued struct {
	*x509.Certificate
	key               *ecdsa.PrivateKey
	certFile, keyFile string
}

// issue makes a certificate for 127.0.0.1 signed by an authority; nil makes
// one.
func issue(t *testing.T, by *issued) *issued {
	t.Helper()
	return issueBent(t, by, func(*x509.Certificate) {})
}

// issueBent is issue of a certificate that is not as it should be.
func issueBent(t *testing.T, by *issued, bend func(*x509.Certificate)) *issued {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: "a test"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: by == nil, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}}
	bend(template)
	dir := t.TempDir()
	made := &issued{key: key, certFile: filepath.Join(dir, "cert.pem"), keyFile: filepath.Join(dir, "key.pem")}
	parent, signer := template, key
	if by != nil {
		parent, signer = by.Certificate, by.key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	if err == nil {
		made.Certificate, err = x509.ParseCertificate(der)
	}
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	writePEM(t, made.certFile, "CERTIFICATE", der)
	writePEM(t, made.keyFile, "PRIVATE KEY", private)
	return made
}

func writePEM(t *testing.T, path, kind string, der []byte) {
	t.Helper()
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestAppliancesOwnAuthority: an appliance with a certificate of its own, which
// asks for the bot's certificate and for the tenant. What is missing keeps the
// call from being sent, and the log says why.
func TestAppliancesOwnAuthority(t *testing.T) {
	authority, other := issue(t, nil), issue(t, nil)
	server, client := issue(t, authority), issue(t, authority)
	appliance := senhaseguratest.New(senhaseguratest.Config{Tenant: "acme", Data: senhaseguratest.Sample(),
		PAM: senhaseguratest.Client{ID: "pam-client", Secret: "pam-secret-value"}})
	https := httptest.NewUnstartedServer(appliance)
	known := x509.NewCertPool()
	known.AddCert(authority.Certificate)
	https.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{server.Raw}, PrivateKey: server.key}},
		ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: known}
	https.StartTLS()
	defer https.Close()
	for _, c := range []struct{ name, ca, cert, key, tenant, state, log string }{
		{"all given", authority.certFile, client.certFile, client.keyFile, "acme", "done", ""},
		{"another authority", other.certFile, client.certFile, client.keyFile, "acme", "failed", "unknown authority"},
		{"no client certificate", authority.certFile, "", "", "acme", "failed", "certificate required"},
		{"another tenant", authority.certFile, client.certFile, client.keyFile, "other", "failed", "the token endpoint refused"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, setup{env: map[string]string{"SENHASEGURA_URL": https.URL, "SENHASEGURA_CA_FILE": c.ca,
				"SENHASEGURA_CLIENT_CERT_FILE": c.cert, "SENHASEGURA_CLIENT_KEY_FILE": c.key, "SENHASEGURA_TENANT": c.tenant,
				"MYSAFE_CLIENT_ID": "", "MYSAFE_CLIENT_SECRET": "", "RUN_DEADLINE": "2s", "CALL_TIMEOUT": "1s"}})
			card := w.asks(ana, "deactivate 5 leaked")
			w.clicks(bruno, card, "approve")
			w.becomes(card, c.state)
			if c.log != "" {
				w.logs(w.processes[0], `"a call to senhasegura failed"`, c.log)
			}
		})
	}
	if n := len(appliance.Writes()); n != 1 {
		t.Errorf("%d writes, want the one with everything given", n)
	}
}

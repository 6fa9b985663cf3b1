package senhasegura_test

import (
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"senhasegura-bot/senhasegura"
)

func TestURL(t *testing.T) {
	for s, ok := range map[string]bool{
		"https://pam.example": true, "https://pam.example:8443/": true, "https://10.0.0.1": true,
		"http://127.0.0.1:8080": true, "http://localhost:1": true, "http://[::1]:1": true,
		"": false, "pam.example": false, "ftp://pam.example": false, "http://pam.example": false, "http://10.0.0.1": false,
		"https://": false, "https://user:geheim@pam.example": false, "https://pam.example/api": false,
		"https://pam.example/?x=1": false, "https://pam.example/#x": false, "https:pam.example": false, "https://pam example": false,
		"http://localhost.evil.example": false, "https://pam.example?": false,
	} {
		c := bothModules()
		u, err := url.Parse(s)
		if c.URL = u; err == nil {
			_, err = senhasegura.New(c)
		}
		if (err == nil) != ok {
			t.Errorf("%q: got %v", s, err)
		}
		if u != nil && err != nil && (strings.Contains(err.Error(), "geheim") || strings.Contains(err.Error(), "\n")) {
			t.Errorf("%q: the error is %q", s, err)
		}
	}
}

func TestNewReportsAllFaultsAtOnce(t *testing.T) {
	_, err := senhasegura.New(senhasegura.Config{
		URL: &url.URL{Scheme: "http", Host: "pam.example"}, Prefix: "/v2", TokenPath: "token?x=1", CallTimeout: -1,
		PAM: senhasegura.Credentials{ID: "only"}, TLS: &tls.Config{InsecureSkipVerify: true},
	})
	if err == nil {
		t.Fatal("no error")
	}
	for _, part := range []string{"https://", "prefix", "token path", "only one of client id and secret", "timeout", "TLS checks"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("nothing about %q in %v", part, err)
		}
	}
	if _, err := senhasegura.New(senhasegura.Config{URL: &url.URL{Scheme: "https", Host: "pam.example"}}); err == nil {
		t.Error("no module configured, and no error")
	}
}

func TestAuthorities(t *testing.T) {
	server := httptest.NewTLSServer(withTokens(answerWith(200, `{"response":{"error":false}}`)))
	defer server.Close()
	c := bothModules()
	c.URL, c.TLS = mustURL(t, server.URL), &tls.Config{RootCAs: x509.NewCertPool()}
	c.TLS.RootCAs.AddCert(server.Certificate())
	client := newClient(t, c)
	if _, err := client.ReleaseCustody(t.Context(), "12"); err != nil {
		t.Errorf("with its CA: %v", err)
	}
	c.TLS = nil
	_, err := newClient(t, c).ReleaseCustody(t.Context(), "12")
	if e := mustFail(t, err, senhasegura.KindNotSent); !strings.Contains(e.Error(), "certificate") {
		t.Errorf("with the system's CAs: %v", err)
	}
}

func TestOldTLSIsRefused(t *testing.T) {
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.TLS = &tls.Config{MaxVersion: tls.VersionTLS11, MinVersion: tls.VersionTLS10}
	server.StartTLS()
	defer server.Close()
	_, err := clientOf(t, server).ReleaseCustody(t.Context(), "12")
	mustFail(t, err, senhasegura.KindNotSent)
}

func TestProxyOfTheEnvironmentIsNotUsed(t *testing.T) {
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:1")
	t.Setenv("HTTPS_PROXY", "http://127.0.0.1:1")
	t.Setenv("NO_PROXY", "none.example")
	client := rawClient(t, answerWith(200, `{"response":{"error":false}}`), nil)
	if _, err := client.ReleaseCustody(t.Context(), "12"); err != nil {
		t.Error(err)
	}
}

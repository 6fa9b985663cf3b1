package main

import (
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"senhasegura-bot/senhasegura/senhaseguratest"
)

// TestDoctorTokenHangs: a token is waited for as long as serve would wait.
func TestDoctorTokenHangs(t *testing.T) {
	t.Parallel()
	w := newWard(t, nil, nil)
	w.appliance.Inject(senhaseguratest.Fault{Path: "*/oauth2/token", Kind: senhaseguratest.Hang})
	began := time.Now()
	checks := w.examined("CALL_TIMEOUT=200ms")
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("it took %s", took)
	}
	finds(t, checks, expect(faulty, "senhasegura_token", "no whole answer within 200ms", "busy"), expect(faulty, "mysafe_token", "no whole answer within 200ms"))
}

// TestDoctorSidesApart: where both ask at one path, neither is told what the
// other heard.
func TestDoctorSidesApart(t *testing.T) {
	t.Parallel()
	heard, once := make(chan struct{}), sync.Once{}
	w := newWard(t, nil, func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			switch {
			case !strings.HasSuffix(r.URL.Path, "/token"):
			case r.FormValue("client_id") == "pam":
				<-heard
				panic(http.ErrAbortHandler)
			default:
				defer once.Do(func() { time.AfterFunc(200*time.Millisecond, func() { close(heard) }) })
			}
			next.ServeHTTP(w, r)
		})
	})
	finds(t, w.examined(), expect(faulty, "senhasegura_token", "EOF", "something on the way ends connections"), expect(fine, "mysafe_token", "for 1h"))
}

// TestDoctorPagesOfPHP: what is called a page and is none is read as data, and a
// token in it is not shown.
func TestDoctorPagesOfPHP(t *testing.T) {
	t.Parallel()
	php := func(status int, body string) *ward {
		return newWard(t, nil, func(http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "text/html")
				w.WriteHeader(status)
				io.WriteString(w, body)
			})
		})
	}
	only := []string{"MYSAFE_CLIENT_ID", "MYSAFE_CLIENT_SECRET", "SENHASEGURA_TENANT=acme"}
	finds(t, php(401, `{"error":"invalid_client","message":"Client authentication failed"}`).examined(only...),
		expect(faulty, "senhasegura_token", "HTTP 401, “Client authentication failed”; correct SENHASEGURA_CLIENT_ID"))
	finds(t, php(200, `{"access_token":"token-x","expires_in":"1 hour"}`).examined(only...),
		expect(faulty, "senhasegura_token", "HTTP 200, of type text/html, and no token in it that can be used"))
	finds(t, php(200, `<b>Notice</b>: {"access_token":"token-x","expires_in":"1 hour"}`).examined(only...),
		expect(faulty, "senhasegura_token", "a page comes instead of data: HTTP 200; correct SENHASEGURA_URL"))
}

// TestDoctorTokenFaults: why a token is not issued, and which setting it is.
func TestDoctorTokenFaults(t *testing.T) {
	t.Parallel()
	const token, safe = "senhasegura_token", "mysafe_token"
	// Under /iso, the endpoint of PAM Core is not MySafe's, and can misbehave alone.
	for _, c := range []struct {
		name  string
		fault senhaseguratest.Fault
		env   []string
		want  []finding
	}{
		{"a wrong secret", senhaseguratest.Fault{}, []string{"SENHASEGURA_CLIENT_SECRET=hush-wrong", "SENHASEGURA_TENANT=acme"},
			[]finding{expect(faulty, token, "HTTP 401, “Client authentication failed”", "correct SENHASEGURA_CLIENT_ID and SENHASEGURA_CLIENT_SECRET, or SENHASEGURA_TOKEN_PATH, or SENHASEGURA_TENANT")}},
		{"a wrong access key", senhaseguratest.Fault{}, []string{"MYSAFE_CLIENT_ID=pam", "SENHASEGURA_TENANT=acme"},
			[]finding{expect(faulty, safe, "MySafe issues no token at /api/oauth2/token", "correct MYSAFE_CLIENT_ID and MYSAFE_CLIENT_SECRET, or SENHASEGURA_TENANT")}},
		{"an IP address, and no tenant", senhaseguratest.Fault{}, []string{"SENHASEGURA_CLIENT_SECRET=hush-wrong"},
			[]finding{expect(faulty, token, "called by its IP address: set SENHASEGURA_TENANT", "else correct SENHASEGURA_CLIENT_ID")}},
		{"OAuth 1.0", senhaseguratest.Fault{Kind: senhaseguratest.Status, Status: 400, Body: `{"message":"Invalid signature"}`}, nil,
			[]finding{expect(faulty, token, "HTTP 400, “Invalid signature”", "set it to OAuth 2.0", "A2A")}},
		{"an address that is not allowed", senhaseguratest.Fault{Kind: senhaseguratest.Status, Status: 403, Body: "10.1.2.3\x1b[31m may\nnot"}, nil,
			[]finding{expect(faulty, token, "HTTP 403, “10.1.2.3[31m may not”", "allow this machine's IP address", "expired")}},
		{"the secret handed back", senhaseguratest.Fault{Kind: senhaseguratest.Status, Status: 403, Body: `{"message":"no access with hush-pam"}`}, nil,
			[]finding{expect(faulty, token, "no access with …")}},
		{"a redirect to another host", senhaseguratest.Fault{Kind: senhaseguratest.Redirect, Location: "https://pam2.example/iso?state=hush"}, nil,
			[]finding{expect(faulty, token, "it redirects to https://pam2.example (HTTP 302), which is never followed", "set SENHASEGURA_URL=https://pam2.example")}},
		{"a proxy's page", senhaseguratest.Fault{Kind: senhaseguratest.HTML}, nil,
			[]finding{expect(faulty, token, "a page comes instead of data: HTTP 502, “502 Bad Gateway”", "load balancer")}},
		{"a login page", senhaseguratest.Fault{Kind: senhaseguratest.HTML, Status: 200}, nil,
			[]finding{expect(faulty, token, "a page comes instead of data: HTTP 200", "correct SENHASEGURA_URL")}},
		{"a redirect to another host without TLS", senhaseguratest.Fault{Kind: senhaseguratest.Redirect, Location: "http://pam2.example/login"}, nil,
			[]finding{expect(faulty, token, "it redirects to http://pam2.example", "set SENHASEGURA_URL to its address with https://\n")}},
		{"a redirect by who does not know of TLS", senhaseguratest.Fault{Kind: senhaseguratest.Redirect, Location: "https://127.0.0.1/login"}, nil,
			[]finding{expect(faulty, token, "it redirects to https://127.0.0.1 ", "; correct SENHASEGURA_URL, SENHASEGURA_API_PREFIX or SENHASEGURA_TOKEN_PATH\n")}},
		{"a page for strangers", senhaseguratest.Fault{Kind: senhaseguratest.HTML, Status: 403}, nil,
			[]finding{expect(faulty, token, "a page comes instead of data: HTTP 403", "let this machine's IP address through")}},
		{"nothing in the answer", senhaseguratest.Fault{Kind: senhaseguratest.Empty}, nil,
			[]finding{expect(faulty, token, "HTTP 200, of type application/json, and no token in it that can be used", "SENHASEGURA_URL leads to senhasegura's API")}},
		{"too often", senhaseguratest.Fault{Kind: senhaseguratest.RateLimited, RetryAfter: "30"}, nil,
			[]finding{expect(faulty, token, "HTTP 429", "try again later")}},
		{"trouble", senhaseguratest.Fault{Kind: senhaseguratest.Unexpected}, nil,
			[]finding{expect(faulty, token, "HTTP 500, “Unexpected error.”", "in trouble")}},
		{"a reset", senhaseguratest.Fault{Kind: senhaseguratest.Reset}, nil,
			[]finding{expect(faulty, token, "connection reset", "ends connections")}},
		{"no end of life", senhaseguratest.Fault{Kind: senhaseguratest.Status, Body: `{"token_type":"Bearer","access_token":"token-x"}`}, nil,
			[]finding{expect(warned, token, "does not say how long it lives"), expect(faulty, "senhasegura_list", "the token just issued is refused: HTTP 401", "SENHASEGURA_CLIENT_ID and SENHASEGURA_CLIENT_SECRET were mixed up with MYSAFE_CLIENT_ID")}},
		{"dead already", senhaseguratest.Fault{Kind: senhaseguratest.Status, Times: 1, Body: `{"expires_in":-5,"access_token":"token-x"}`}, nil,
			[]finding{expect(warned, token, "does not say how long it lives")}},
		{"short", senhaseguratest.Fault{Kind: senhaseguratest.Status, Times: 1, Body: `{"expires_in":"20","access_token":"token-x"}`}, nil,
			[]finding{expect(warned, token, "issues a token, for 20s only", "nearly every call")}},
		{"a week", senhaseguratest.Fault{Kind: senhaseguratest.Status, Times: 1, Body: `{"expires_in":604800,"access_token":"token-x"}`}, nil,
			[]finding{expect(warned, token, "issues a token, for 7d")}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWard(t, nil, nil)
			if c.fault.Kind != "" {
				c.fault.Path, c.fault.Header = "/iso/oauth2/token", map[string]string{"Content-Type": "application/json"}
				w.appliance.Inject(c.fault)
				if c.fault.Kind == senhaseguratest.HTML || c.fault.Kind == senhaseguratest.Redirect { // or the other path is taken
					c.fault.Path = "/api/oauth2/token"
					w.appliance.Inject(c.fault)
					c.env = append(c.env, "MYSAFE_CLIENT_ID", "MYSAFE_CLIENT_SECRET")
				}
			}
			finds(t, w.examined(append(c.env, "SENHASEGURA_API_PREFIX=/iso")...), c.want...)
		})
	}
}

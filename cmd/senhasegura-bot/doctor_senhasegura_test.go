package main

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"senhasegura-bot/approvals/redisstore"
	"senhasegura-bot/senhasegura/senhaseguratest"
)

// The secrets of the two clients; neither may ever be printed.
const hushPAM, hushMySafe = "hush-pam", "hush-mysafe"

// checkNames are the checks of senhasegura, as scripts know them.
var checkNames = []string{"senhasegura_url", "senhasegura_tls", "senhasegura_client_cert", "senhasegura_token", "senhasegura_prefix",
	"senhasegura_list", "senhasegura_release", "senhasegura_write", "mysafe_token", "mysafe_list", "mysafe_write", "clock"}

// ward is an appliance to be examined, and the settings that lead to it.
type ward struct {
	t         *testing.T
	appliance *senhaseguratest.Appliance
	url       string
	env       []string
}

// newWard starts an appliance over plain HTTP; around, where given, stands before
// it.
func newWard(t *testing.T, change func(*senhaseguratest.Config), around func(http.Handler) http.Handler) *ward {
	t.Helper()
	config := senhaseguratest.Config{PAM: senhaseguratest.Client{ID: "pam", Secret: hushPAM},
		MySafe: senhaseguratest.Client{ID: "safe", Secret: hushMySafe}, Data: senhaseguratest.Sample()}
	if change != nil {
		change(&config)
	}
	w := &ward{t: t, appliance: senhaseguratest.New(config)}
	var handler http.Handler = w.appliance
	if around != nil {
		handler = around(handler)
	}
	server := httptest.NewServer(handler)
	w.url = server.URL
	t.Cleanup(func() { w.appliance.ClearFaults(); server.Close() })
	return w
}

// examined runs doctor's checks of senhasegura with the settings, besides those
// that lead to the appliance, and holds that it only looked.
func (w *ward) examined(env ...string) []check {
	w.t.Helper()
	settings := append([]string{"SENHASEGURA_URL=" + w.url, "SENHASEGURA_CLIENT_ID=pam", "SENHASEGURA_CLIENT_SECRET=" + hushPAM,
		"MYSAFE_CLIENT_ID=safe", "MYSAFE_CLIENT_SECRET=" + hushMySafe}, env...)
	config, faults := Load(with(settings...), os.ReadFile, Flags{})
	if len(faults) > 0 {
		w.t.Fatalf("faults %v", faults)
	}
	x := &examination{config: config}
	x.senhasegura(w.t.Context())
	x.clock()
	w.onlyLooked()
	for _, c := range x.checks {
		if !slices.Contains(checkNames, c.Check) {
			w.t.Errorf("%q is no name that scripts know", c.Check)
		}
		if strings.Contains(c.String(), "hush") || strings.Contains(c.String(), "token-") {
			w.t.Errorf("a secret is shown: %s", c)
		}
	}
	return x.checks
}

// onlyLooked: nothing but token requests and the three lists.
func (w *ward) onlyLooked() {
	w.t.Helper()
	lists := []string{"GET /api/pam/credential", "GET /iso/pam/credential", "GET /api/mysafe/password", "GET /api/mysafe/secretapi"}
	for _, c := range w.appliance.Calls() {
		token := c.Method == http.MethodPost && strings.HasSuffix(c.Path, "/token")
		if !token && !slices.Contains(lists, c.String()) || c.Acted {
			w.t.Errorf("doctor asked for %s", c)
		}
	}
	if v := w.appliance.Violations(); len(v) > 0 {
		w.t.Errorf("doctor did what must never be done: %v", v)
	}
}

// finding is what a case expects: a line of this check and status with all
// parts; the line ends with a line break.
type finding struct {
	status redisstore.Severity
	check  string
	parts  []string
}

func expect(status redisstore.Severity, check string, parts ...string) finding {
	return finding{status, check, parts}
}

// finds holds that each expected line is there, and no fault or warning besides.
func finds(t *testing.T, checks []check, want ...finding) {
	t.Helper()
	for _, f := range want {
		if !slices.ContainsFunc(checks, f.is) {
			t.Errorf("no line of %s %s with %q in\n%s", f.status, f.check, f.parts, lines(checks))
		}
	}
	for _, c := range checks {
		loopback := c.Check == "senhasegura_tls" && strings.Contains(c.What, "http://") // most cases are over plain HTTP
		if c.Status != redisstore.OK && !loopback && !slices.ContainsFunc(want, func(f finding) bool { return f.is(c) }) {
			t.Errorf("besides: %s (%s)", c, c.Check)
		}
	}
}

func (f finding) is(c check) bool {
	return c.Status == f.status && c.Check == f.check && containsAll(c.String()+"\n", f.parts...)
}

func lines(checks []check) string {
	var b strings.Builder
	for _, c := range checks {
		b.WriteString(c.Check + ": " + c.String() + "\n")
	}
	return b.String()
}

// without is an appliance that knows nothing below a path.
func without(path string) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.HasPrefix(r.URL.Path, path) {
				w.WriteHeader(http.StatusNotFound)
				io.WriteString(w, `{"response":{"status":404,"message":"Resource sub not found","error":true}}`)
				return
			}
			next.ServeHTTP(w, r)
		})
	}
}

const faulty, warned, fine = redisstore.Fault, redisstore.Warning, redisstore.OK

// TestDoctorSenhaseguraGood: what is well is said too, with what people should
// know before two of them are woken.
func TestDoctorSenhaseguraGood(t *testing.T) {
	t.Parallel()
	w := newWard(t, nil, nil)
	finds(t, w.examined(),
		expect(fine, "senhasegura_url", "senhasegura takes connections: "+strings.TrimPrefix(w.url, "http://")),
		expect(fine, "senhasegura_token", "PAM Core issues a token, for 1h"),
		expect(fine, "mysafe_token", "MySafe issues a token, for 1h"),
		expect(fine, "senhasegura_prefix", "SENHASEGURA_API_PREFIX=/api answers; /iso does, too"),
		expect(fine, "senhasegura_list", "12 credentials in the list, read in "),
		expect(fine, "senhasegura_list", "1 SSH key among 12 credentials"),
		expect(fine, "senhasegura_release", "automatic change is on for 1 of 12 credentials: releasing custody rotates the password there"),
		expect(fine, "senhasegura_release", "custody that a person took in the web interface stays (1018)"),
		expect(fine, "senhasegura_write", "(1039)"),
		expect(fine, "mysafe_list", "4 passwords in the list, read in "),
		expect(fine, "mysafe_list", "3 API secrets in the list, read in "),
		expect(fine, "mysafe_write", "1 of 4 passwords may not be edited", "(1006)"),
		expect(fine, "mysafe_write", "1 of 3 API secrets may not be edited"),
		expect(fine, "clock", "agrees with senhasegura's"))
	none := func(c *senhaseguratest.Config) { c.Data.Credentials = c.Data.Credentials[:2] }
	finds(t, newWard(t, none, nil).examined(), expect(fine, "senhasegura_release", "on for none of 2 credentials"))
}

// TestDoctorModules: one module is enough; the other is told apart from a fault.
func TestDoctorModules(t *testing.T) {
	t.Parallel()
	w := newWard(t, nil, nil)
	only := w.examined("MYSAFE_CLIENT_ID", "MYSAFE_CLIENT_SECRET")
	finds(t, only, expect(fine, "mysafe_token", "MySafe is not configured", "cannot be switched", "set MYSAFE_CLIENT_ID and MYSAFE_CLIENT_SECRET"),
		expect(fine, "senhasegura_list", "12 credentials"))
	other := w.examined("SENHASEGURA_CLIENT_ID", "SENHASEGURA_CLIENT_SECRET")
	finds(t, other, expect(fine, "senhasegura_token", "PAM Core is not configured", "set SENHASEGURA_CLIENT_ID and SENHASEGURA_CLIENT_SECRET"),
		expect(fine, "mysafe_list", "4 passwords"))
	if strings.Contains(lines(other), "1018") {
		t.Error("it speaks of custody, which cannot be released without PAM Core")
	}
}

// TestDoctorPrefixes: the advice is the settings that would be right.
func TestDoctorPrefixes(t *testing.T) {
	t.Parallel()
	only := func(prefix string) func(*senhaseguratest.Config) {
		return func(c *senhaseguratest.Config) { c.Prefixes = []string{prefix} }
	}
	const safe = "mysafe_token" // is under /api always
	for _, c := range []struct {
		name   string
		change func(*senhaseguratest.Config)
		around func(http.Handler) http.Handler
		env    []string
		want   []finding
	}{
		{"/iso, as set", only("/iso"), nil, []string{"SENHASEGURA_API_PREFIX=/iso"},
			[]finding{expect(fine, "senhasegura_prefix", "SENHASEGURA_API_PREFIX=/iso answers; /api does not")}},
		{"/api, as set", only("/api"), nil, nil,
			[]finding{expect(fine, "senhasegura_prefix", "SENHASEGURA_API_PREFIX=/api answers; /iso does not")}},
		{"/iso instead of /api, tokens under both", only("/iso"), nil, nil,
			[]finding{expect(faulty, "senhasegura_prefix", "/api does not answer, and /iso does", "HTTP 404, “Resource sub not found”; set SENHASEGURA_API_PREFIX=/iso\n"),
				expect(fine, "senhasegura_list", "12 credentials")}},
		{"/iso instead of /api, tokens not", only("/iso"), without("/iso/oauth2"), nil,
			[]finding{expect(faulty, "senhasegura_prefix", "; set SENHASEGURA_API_PREFIX=/iso and SENHASEGURA_TOKEN_PATH=/api/oauth2/token")}},
		{"/iso instead of /api, nothing else", nil, without("/api"), nil,
			[]finding{expect(faulty, "senhasegura_token", "no token at /api/oauth2/token", "it does at /iso/oauth2/token; set SENHASEGURA_API_PREFIX=/iso\n"),
				expect(faulty, "senhasegura_prefix", "/api does not answer, and /iso does", "; set SENHASEGURA_API_PREFIX=/iso\n"),
				expect(faulty, safe, "HTTP 404", "correct SENHASEGURA_URL")}},
		{"/api instead of /iso, nothing else", nil, without("/iso"), []string{"SENHASEGURA_API_PREFIX=/iso"},
			[]finding{expect(faulty, "senhasegura_token", "it does at /api/oauth2/token; set SENHASEGURA_API_PREFIX=/api\n"),
				expect(faulty, "senhasegura_prefix", "; set SENHASEGURA_API_PREFIX=/api\n")}},
		{"tokens under the other prefix", nil, without("/iso/oauth2"), []string{"SENHASEGURA_API_PREFIX=/iso"},
			[]finding{expect(faulty, "senhasegura_token", "no token at /iso/oauth2/token", "it does at /api/oauth2/token; set SENHASEGURA_TOKEN_PATH=/api/oauth2/token")}},
		{"a token path of nobody's", nil, nil, []string{"SENHASEGURA_TOKEN_PATH=/api/oauth/token"},
			[]finding{expect(faulty, "senhasegura_token", "no token at /api/oauth/token", "set SENHASEGURA_TOKEN_PATH=/api/oauth2/token")}},
		{"tokens, and no list anywhere", only("/none"), nil, nil,
			[]finding{expect(faulty, "senhasegura_prefix", "neither /api nor /iso answers", "HTTP 404", "correct SENHASEGURA_URL, SENHASEGURA_API_PREFIX")}},
		{"tokens that no list takes", func(c *senhaseguratest.Config) {
			c.TokenRefusal, c.PAM, c.MySafe = http.StatusNotFound, senhaseguratest.Client{}, senhaseguratest.Client{ID: "pam", Secret: hushPAM}
		}, nil, []string{"MYSAFE_CLIENT_ID", "MYSAFE_CLIENT_SECRET"},
			[]finding{expect(faulty, "senhasegura_prefix", "neither /api nor /iso answers", "“No route matched with those values”", "a token that is not accepted is answered so, too")}},
		{"nothing anywhere", nil, without("/"), nil,
			[]finding{expect(faulty, "senhasegura_token", "HTTP 404", "correct SENHASEGURA_URL, SENHASEGURA_API_PREFIX or SENHASEGURA_TOKEN_PATH"), expect(faulty, safe, "HTTP 404")}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			finds(t, newWard(t, c.change, c.around).examined(c.env...), c.want...)
		})
	}
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

// TestDoctorListFaults: why a list cannot be read, and what to change.
func TestDoctorListFaults(t *testing.T) {
	t.Parallel()
	const list, safe = "senhasegura_list", "mysafe_list"
	credentials, passwords := "*/pam/credential", "*/mysafe/password"
	allow := "resource PAM Core with permission to read and write and its list of credentials"
	for _, c := range []struct {
		name  string
		fault senhaseguratest.Fault
		want  finding
	}{
		{"not authorized", senhaseguratest.Fault{Path: credentials, Kind: senhaseguratest.NotAuthorized},
			expect(faulty, list, "the list of credentials cannot be read", "HTTP 500, “You are not authorized to access this resource.”", allow, "A2A")},
		{"no permission", senhaseguratest.Fault{Path: credentials, Kind: senhaseguratest.Refusal, Code: 1039, Message: "Without PAM Configuration Access permission"},
			expect(faulty, list, "HTTP 400, “1039: Without PAM Configuration Access permission”", allow)},
		{"an address that is not allowed", senhaseguratest.Fault{Path: credentials, Kind: senhaseguratest.Status, Status: 403, Body: "Forbidden for 10.1.2.3"},
			expect(faulty, list, "HTTP 403, “Forbidden for 10.1.2.3”", "allow this machine's IP address")},
		{"a token that is refused", senhaseguratest.Fault{Path: credentials, Kind: senhaseguratest.TokenRejected},
			expect(faulty, list, "the token just issued is refused", "mixed up")},
		{"half of it", senhaseguratest.Fault{Path: credentials, Kind: senhaseguratest.Truncated},
			expect(faulty, list, "HTTP 200, unexpected EOF")},
		{"trouble", senhaseguratest.Fault{Path: credentials, Kind: senhaseguratest.Upstream},
			expect(faulty, list, "HTTP 504, “The upstream server is timing out”", "in trouble")},
		{"too often", senhaseguratest.Fault{Path: credentials, Kind: senhaseguratest.RateLimited}, expect(faulty, list, "HTTP 429", "try again later")},
		{"a page for passwords", senhaseguratest.Fault{Path: passwords, Kind: senhaseguratest.HTML, Status: 403},
			expect(faulty, safe, "the list of passwords cannot be read", "a page comes instead of data: HTTP 403", "correct SENHASEGURA_URL")},
		{"no access to passwords", senhaseguratest.Fault{Path: passwords, Kind: senhaseguratest.NotAuthorized},
			expect(faulty, safe, "the list of passwords cannot be read", "access key in MySafe")},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWard(t, nil, nil)
			w.appliance.Inject(c.fault)
			finds(t, w.examined(), c.want)
		})
	}
	empty := newWard(t, func(c *senhaseguratest.Config) { c.Data = senhaseguratest.Data{} }, nil)
	finds(t, empty.examined(), expect(warned, list, "the list of credentials is empty", "link some to the bot's authorization under A2A"),
		expect(warned, safe, "the list of passwords is empty"), expect(warned, safe, "the list of API secrets is empty"))
	locked := newWard(t, func(c *senhaseguratest.Config) { c.Data.Secrets = c.Data.Secrets[2:] }, nil)
	finds(t, locked.examined(), expect(warned, "mysafe_write", "no API secret in the list may be edited by the access key", "edit permission"))
}

// TestDoctorWaits: what hangs ends in time, and what is said is what was waited
// for.
func TestDoctorWaits(t *testing.T) {
	t.Parallel()
	w := newWard(t, nil, nil)
	w.appliance.Inject(senhaseguratest.Fault{Path: "*/pam/credential", Kind: senhaseguratest.Hang})
	ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	config, _ := Load(with("SENHASEGURA_URL="+w.url, "SENHASEGURA_CLIENT_ID=pam", "SENHASEGURA_CLIENT_SECRET="+hushPAM), os.ReadFile, Flags{})
	x := &examination{config: config}
	began := time.Now()
	x.senhasegura(ctx)
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("it took %s", took)
	}
	finds(t, x.checks, expect(faulty, "senhasegura_list", "the list of credentials cannot be read", "no whole answer within"))
}

// dated is an appliance whose clock is off.
func dated(by time.Duration) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Date", time.Now().Add(by).UTC().Format(http.TimeFormat))
			next.ServeHTTP(w, r)
		})
	}
}

// TestDoctorIsHarmless: what others said stays on its line, and takes no secret
// of ours along.
func TestDoctorIsHarmless(t *testing.T) {
	t.Parallel()
	x := &examination{config: mustLoad(t, with("SLACK_APP_TOKEN="+appToken, "MYSAFE_CLIENT_ID=safe", "MYSAFE_CLIENT_SECRET="+hushMySafe), nil, Flags{})}
	all := strings.Join([]string{botToken, signing, appToken, pamSecret, hushMySafe, longKey}, " ")
	x.warn("clock", all, "a\nb\x1b[31m\u202ec", all)
	if s := x.checks[0].String(); strings.Contains(s, "hush") || !strings.Contains(s, redacted) || x.checks[0].Means != "ab[31mc" {
		t.Errorf("it says %q", s)
	}
}

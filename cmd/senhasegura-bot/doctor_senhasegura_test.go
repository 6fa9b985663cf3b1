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

// TestDoctorWaits: what hangs ends in time, and what is said is what was waited
// for.
func TestDoctorWaits(t *testing.T) {
	t.Parallel()
	w := newWard(t, nil, nil)
	w.appliance.Inject(senhaseguratest.Fault{Path: "*/pam/credential", Kind: senhaseguratest.Hang})
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	config, _ := Load(with("SENHASEGURA_URL="+w.url, "SENHASEGURA_CLIENT_ID=pam", "SENHASEGURA_CLIENT_SECRET="+hushPAM), os.ReadFile, Flags{})
	x := &examination{config: config}
	began := time.Now()
	x.senhasegura(ctx)
	if took := time.Since(began); took > 10*time.Second {
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

package senhaseguratest_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"senhasegura-bot/senhasegura/senhaseguratest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// bench is an appliance, its server, and a plain HTTP client.
type bench struct {
	*testing.T
	*senhaseguratest.Appliance
	url    string
	client *http.Client
	token  map[string]string
}

func start(t *testing.T, change func(*senhaseguratest.Config)) *bench {
	t.Helper()
	config := senhaseguratest.Config{
		PAM:    senhaseguratest.Client{ID: "pam", Secret: "p"},
		MySafe: senhaseguratest.Client{ID: "safe", Secret: "s"},
		Data:   senhaseguratest.Sample(),
	}
	if change != nil {
		change(&config)
	}
	b := &bench{T: t, Appliance: senhaseguratest.New(config), client: &http.Client{Transport: &http.Transport{}}, token: map[string]string{}}
	server := httptest.NewServer(b)
	b.url = server.URL
	b.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	t.Cleanup(func() { b.ClearFaults(); b.client.CloseIdleConnections(); server.Close() })
	return b
}

// login asks for a token of the client "pam" or "safe".
func (b *bench) login(id, secret string, more ...string) (int, map[string]any) {
	b.Helper()
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {id}, "client_secret": {secret}}
	for i := 0; i+1 < len(more); i += 2 {
		form.Set(more[i], more[i+1])
	}
	resp, err := b.client.PostForm(b.url+"/api/oauth2/token", form)
	if err != nil {
		b.Fatal(err)
	}
	defer resp.Body.Close()
	var body map[string]any
	if err := json.NewDecoder(resp.Body).Decode(&body); err != nil {
		b.Fatal(err)
	}
	b.token[id], _ = body["access_token"].(string)
	return resp.StatusCode, body
}

func (b *bench) try(as, line string) (int, string, error) {
	method, path, _ := strings.Cut(line, " ")
	req, err := http.NewRequestWithContext(b.Context(), method, b.url+path, nil)
	if err != nil {
		return 0, "", err
	}
	if as != "" {
		req.Header.Set("Authorization", "Bearer "+b.token[as])
	}
	resp, err := b.client.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(body), err
}

// call makes one call and returns its status and the message of its envelope.
func (b *bench) call(as, line string) (int, string) {
	b.Helper()
	status, body, err := b.try(as, line)
	if err != nil {
		b.Fatal(err)
	}
	var e struct {
		Message  string
		Response struct{ Message string }
	}
	if err := json.Unmarshal([]byte(body), &e); err != nil {
		b.Fatalf("%s: %v in %q", line, err, body)
	}
	return status, e.Message + e.Response.Message
}

func (b *bench) expect(as, line string, status int, message string) {
	b.Helper()
	if s, m := b.call(as, line); s != status || m != message {
		b.Errorf("%s as %q: got %d %q, want %d %q", line, as, s, m, status, message)
	}
}

func TestDocumentedAnswers(t *testing.T) {
	b := start(t, nil)
	b.login("pam", "p")
	b.login("safe", "s")
	for _, c := range []struct {
		as, line string
		status   int
		message  string
	}{
		{"pam", "DELETE /api/pam/credential/5", 200, "Credential successfully deactivated"},
		{"pam", "DELETE /api/pam/credential/5", 400, "1008: Credential inactive"},
		{"pam", "PUT /iso/pam/credential/5", 200, "Credential successfully activated"},
		{"pam", "PUT /api/pam/credential/5", 400, "1043: Credential is already activated!"},
		{"pam", "DELETE /api/pam/credential/root@db01", 200, "Credential successfully deactivated"},
		{"pam", "DELETE /api/pam/credential/svc@corp.example@ad01", 400, "1007: Credential not found"},
		{"pam", "DELETE /api/pam/credential/999", 400, "1007: Credential not found"},
		{"pam", "DELETE /api/pam/credential/21", 400, "1010: The item is not a credential"},
		{"pam", "DELETE /api/pam/credential/120", 400, "1009: No access to credential"},
		{"pam", "DELETE /api/pam/credential/custody/94", 200, "Credential custody 94 released"},
		{"pam", "DELETE /api/pam/credential/custody/94", 400, "1018: The credential is not in the user custody"},
		{"pam", "DELETE /api/pam/credential/custody/18", 400, "1018: The credential is not in the user custody"},
		{"pam", "DELETE /api/pam/credential/custody/7", 400, "1008: Credential inactive"},
		{"pam", "DELETE /api/pam/other/7", 404, "Resource sub not found"},
		{"pam", "GET /api/v2/pam/credentials", 404, "Resource sub not found"},
		{"safe", "POST /api/mysafe/password/inactive/10", 200, "Password successfully deactivated"},
		{"safe", "POST /api/mysafe/password/inactive/10", 200, "Password has already been deactivated"},
		{"safe", "POST /api/mysafe/password/active/10", 200, "Password successfully activated"},
		{"safe", "POST /api/mysafe/password/active/10", 200, "Password has already been activated"},
		{"safe", "POST /api/mysafe/password/active/999", 400, "1005: Password not found"},
		{"safe", "POST /api/mysafe/password/active/312", 400, "1006: User does not have access"},
		{"safe", "POST /api/mysafe/password/active/x", 400, "1010: Unexpected identifier type"},
		{"safe", "POST /api/mysafe/secretapi/active/42", 200, "Api secret activated successfully"},
		{"safe", "POST /api/mysafe/secretapi/inactive/42", 200, "API secret successfully deactivated"},
		{"safe", "POST /api/mysafe/secretapi/inactive/42", 200, "Api secret has already been deactivated"},
		{"safe", "POST /api/mysafe/secretapi/active/999", 400, "1005: Api secret not found"},
		{"safe", "POST /iso/mysafe/secretapi/active/42", 404, "Resource sub not found"},
		{"safe", "DELETE /api/pam/credential/5", 401, "Unauthorized"},
		{"pam", "POST /api/mysafe/password/active/10", 401, "Unauthorized"},
		{"", "DELETE /api/pam/credential/5", 401, "Unauthorized"},
	} {
		b.expect(c.as, c.line, c.status, c.message)
	}
	if c, _ := b.Items().Credential(94); c.Rotations != 1 {
		t.Errorf("releasing with automatic change: %+v", c)
	}
	if v := b.Violations(); len(v) != 0 {
		t.Errorf("violations: %v", v)
	}
}

// The bodies are compared with the manuals', key by key and type by type.
func TestBodiesAreTheManuals(t *testing.T) {
	b := start(t, nil)
	b.login("pam", "p")
	b.login("safe", "s")
	printed, err := filepath.Glob("../testdata/*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ as, line, file string }{
		{"pam", "DELETE /iso/pam/credential/5", "credential_deactivated"},
		{"pam", "DELETE /iso/pam/credential/999", "credential_deactivate_not_found"},
		{"pam", "PUT /api/pam/credential/5", "credential_enabled"},
		{"pam", "PUT /iso/pam/credential/7", "credential_activated"},
		{"pam", "PUT /iso/pam/credential/999", "credential_not_found"},
		{"pam", "DELETE /iso/pam/credential/custody/94", "custody_released"},
		{"pam", "DELETE /iso/pam/credential/custody/94", "custody_not_held"},
		{"safe", "POST /api/mysafe/password/active/312", "password_activate_no_access"},
		{"safe", "POST /api/mysafe/password/active/999", "password_activate_not_found"},
		{"safe", "POST /api/mysafe/password/active/11", "password_activated"},
		{"safe", "POST /api/mysafe/password/inactive/312", "password_deactivate_no_access"},
		{"safe", "POST /api/mysafe/password/inactive/999", "password_deactivate_not_found"},
		{"safe", "POST /api/mysafe/password/inactive/10", "password_deactivated"},
		{"safe", "POST /api/mysafe/secretapi/active/43", "secret_activate_no_access"},
		{"safe", "POST /api/mysafe/secretapi/active/999", "secret_activate_not_found"},
		{"safe", "POST /api/mysafe/secretapi/active/42", "secret_activated"},
		{"safe", "POST /api/mysafe/secretapi/inactive/43", "secret_deactivate_no_access"},
		{"safe", "POST /api/mysafe/secretapi/inactive/999", "secret_deactivate_not_found"},
		{"safe", "POST /api/mysafe/secretapi/inactive/10", "secret_deactivated"},
	} {
		_, body, err := b.try(c.as, c.line)
		if err != nil {
			t.Fatal(err)
		}
		file := "../testdata/" + c.file + ".json"
		printed = slices.DeleteFunc(printed, func(f string) bool { return f == file })
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var g, w any
		if json.Unmarshal([]byte(body), &g) != nil || json.Unmarshal(want, &w) != nil || !reflect.DeepEqual(g, w) {
			t.Errorf("%s: got %s, want %s", c.line, body, want)
		}
	}
	if len(printed) > 0 {
		t.Errorf("printed, and never answered: %v", printed)
	}
}

func TestTokens(t *testing.T) {
	now := time.Now()
	b := start(t, func(c *senhaseguratest.Config) {
		c.Tenant, c.TokenRefusal, c.Now = "acme", http.StatusNotFound, func() time.Time { return now }
	})
	for _, bad := range [][]string{{"pam", "wrong", "tenant", "acme"}, {"pam", "p"}, {"pam", "p", "tenant", "other"},
		{"who", "p", "tenant", "acme"}, {"", "", "tenant", "acme"}, {"pam", "p", "tenant", "acme", "grant_type", "password"}} {
		if status, body := b.login(bad[0], bad[1], bad[2:]...); status != 401 || body["message"] != "Client authentication failed" {
			t.Errorf("%v: got %d %v", bad, status, body)
		}
	}
	if status, body := b.login("pam", "p", "tenant", "acme"); status != 200 || body["expires_in"] != 3600.0 || body["token_type"] != "Bearer" {
		t.Fatalf("got %d %v", status, body)
	}
	b.expect("pam", "DELETE /api/pam/credential/5", 200, "Credential successfully deactivated")
	now = now.Add(time.Hour)
	b.expect("pam", "PUT /api/pam/credential/5", 404, "No route matched with those values")
	b.login("pam", "p", "tenant", "acme")
	b.RevokeTokens()
	b.expect("pam", "PUT /api/pam/credential/5", 404, "No route matched with those values")
}

func TestReadOnlyAuthorization(t *testing.T) {
	b := start(t, func(c *senhaseguratest.Config) { c.ReadOnly = true })
	b.login("pam", "p")
	b.expect("pam", "DELETE /api/pam/credential/5", 400, "1039: Without PAM Configuration Access permission")
}

func TestSingleReadsAreAnsweredAndRememberedAsViolations(t *testing.T) {
	b := start(t, nil)
	b.login("pam", "p")
	b.login("safe", "s")
	_, body, _ := b.try("pam", "GET /api/pam/credential/5")
	if c, _ := b.Items().Credential(5); !strings.Contains(body, "clear-password") || c.Custody != senhaseguratest.HeldByAPI {
		t.Errorf("the read gave %s and left %+v", body, c)
	}
	b.expect("safe", "GET /api/mysafe/password/11", 400, "1009: Inactive password")
	for _, line := range []string{"GET /api/mysafe/secretapi/10", "GET /iso/pam/credential/root@db01", "POST /api/pam/credential"} {
		b.try("pam", line)
	}
	b.try("pam", "GET /api/pam/credential")
	if v := b.Violations(); len(v) != 5 {
		t.Errorf("got %v", v)
	}
}

func TestJournal(t *testing.T) {
	b := start(t, nil)
	b.login("pam", "p")
	b.Inject(senhaseguratest.Fault{Path: "*/credential/*", Kind: senhaseguratest.Delay, DelayMS: int(time.Hour.Milliseconds())})
	ended := make(chan error)
	for i := range 3 {
		go func() { _, _, err := b.try("pam", fmt.Sprintf("DELETE /api/pam/credential/%d", i+5)); ended <- err }()
	}
	for tick := time.Tick(time.Millisecond); len(b.Writes()) < 3; <-tick {
	}
	b.ClearFaults()
	for range 3 {
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
	if n := b.MostWritesAtOnce(); n != 3 {
		t.Errorf("at most %d at once, want 3", n)
	}
	for _, c := range b.Writes() {
		if c.Client != senhaseguratest.PAMCore || c.Started.IsZero() || c.Finished.Before(c.Started) || c.Status == 0 || c.Token() {
			t.Errorf("got %+v", c)
		}
	}
}

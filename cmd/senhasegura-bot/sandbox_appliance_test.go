package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"senhasegura-bot/senhasegura/senhaseguratest"
)

// ask makes one request to the appliance, as another tool would: nothing but
// what is printed is known.
func (p *process) ask(method, path, token, body string) (int, string) {
	p.t.Helper()
	req, err := http.NewRequestWithContext(p.t.Context(), method, p.url+path, strings.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	if strings.HasSuffix(path, "/oauth2/token") {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	client := http.Client{Timeout: patience, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(req)
	if err != nil {
		return 0, err.Error()
	}
	defer resp.Body.Close()
	answer, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, string(answer)
}

func (p *process) applianceToken(client senhaseguratest.Client) string {
	p.t.Helper()
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {client.ID}, "client_secret": {client.Secret}}
	status, body := p.ask("POST", "/api/oauth2/token", "", form.Encode())
	var token struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.Unmarshal([]byte(body), &token); err != nil || status != 200 || token.AccessToken == "" {
		p.t.Fatalf("no token: %d %s", status, body)
	}
	return token.AccessToken
}

// TestSandboxApplianceOnly: a token, the list, a call, a fault, and what the
// journal says of it, all over HTTP; then SIGTERM, although one request hangs.
func TestSandboxApplianceOnly(t *testing.T) {
	t.Parallel()
	p := runSandbox(t, "--appliance-only")
	pam, safe := p.applianceToken(sandboxPAM), p.applianceToken(sandboxMySafe)
	for _, step := range []struct {
		method, path, token, body string
		status                    int
		says                      string
	}{
		{"GET", "/api/pam/credential", pam, "", 200, `"hostname": "db01"`},
		{"GET", "/api/mysafe/password", safe, "", 200, `"password_on_list": [`},
		{"DELETE", "/iso/pam/credential/5", pam, "", 200, "Credential successfully deactivated"},
		{"DELETE", "/api/pam/credential/5", pam, "", 400, "1008: Credential inactive"},
		{"DELETE", "/api/pam/credential/5", "stolen", "", 401, "Unauthorized"},
		{"GET", "/api//nothing/../x", pam, "", 404, "Resource sub not found"}, // no redirect of ours

		{"POST", "/_control/faults", "", `{"kind": "documented", "name": "pam.1018", "path": "*/custody/*", "times": 1}`, 204, ""},
		{"DELETE", "/api/pam/credential/custody/94", pam, "", 400, "1018: The credential is not in the user custody"},
		{"DELETE", "/api/pam/credential/custody/94", pam, "", 200, "Credential custody 94 released"},
		{"POST", "/_control/faults", "", `{"kind": "reset", "act": true, "method": "PUT", "times": 1}`, 204, ""},
		{"PUT", "/api/pam/credential/5", pam, "", 0, "reset"},
		{"PUT", "/api/pam/credential/5", pam, "", 400, "1043: Credential is already activated!"},
		{"POST", "/_control/faults", "", `{"kind": "rest"}`, 400, `no fault of kind "rest"`},

		{"GET", "/_control/calls", "", "", 200, `"answer": "reset",`},
		{"GET", "/_control/violations", "", "", 200, "[]"},
		{"GET", "/_control/", "", "", 200, "POST   /faults"},
		{"GET", "/_control", "", "", 308, "/_control/"},
		{"DELETE", "/_control/tokens", "", "", 204, ""},
		{"GET", "/api/pam/credential", pam, "", 401, "Unauthorized"},
		{"GET", "/_control/nothing", "", "", 404, ""},
		{"POST", "/_control/faults", "", `{"kind": "hang"}`, 204, ""},
	} {
		if status, body := p.ask(step.method, step.path, step.token, step.body); status != step.status || !strings.Contains(body, step.says) {
			t.Errorf("%s %s: got %d %s, want %d and %q", step.method, step.path, status, body, step.status, step.says)
		}
	}
	req, _ := http.NewRequest(http.MethodPost, p.url+"/_control/faults", strings.NewReader(`{"kind": "hang"}`))
	req.Header.Set("Origin", "https://elsewhere.example")
	if resp, err := http.DefaultClient.Do(req); err != nil || resp.StatusCode != http.StatusForbidden {
		t.Errorf("a page elsewhere armed a fault: %v, %v", resp, err)
	}
	status, body := p.ask("GET", "/_control/calls", "", "")
	var calls []senhaseguratest.Call
	if err := json.Unmarshal([]byte(body), &calls); err != nil || status != 200 || strings.Contains(body, controlPath) {
		t.Errorf("the journal is %d %s", status, body)
	}
	hanging := make(chan struct{})
	go func() { defer close(hanging); http.Get(p.url + "/api/pam/credential") }()
	if !pollUntil(func() bool {
		_, now := p.ask("GET", "/_control/calls", "", "")
		var more []senhaseguratest.Call
		return json.Unmarshal([]byte(now), &more) == nil && len(more) == len(calls)+1
	}) {
		t.Error("no request hangs")
	}
	if status := p.stop(); status != exitGood {
		t.Errorf("exit status %d\n%s", status, p.log)
	}
	<-hanging
}

// TestSandboxApplianceLinesWork: what is printed can be pasted into a shell.
func TestSandboxApplianceLinesWork(t *testing.T) {
	t.Parallel()
	for _, tool := range []string{"sh", "curl", "sed"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skip(err)
		}
	}
	p := runSandbox(t, "--appliance-only")
	pollUntil(func() bool { return strings.HasSuffix(p.log.String(), "/_control/\n") })
	contains(t, p.log.String(), sandboxPAM.ID, sandboxPAM.Secret, sandboxMySafe.ID, sandboxMySafe.Secret, "Nothing here is\nreal", "Ctrl-C")
	script := "set -e\n"
	for line := range strings.Lines(p.log.String()) {
		if command, indented := strings.CutPrefix(line, "  "); indented {
			script += command + "echo '#'\n"
		}
	}
	out, err := exec.CommandContext(t.Context(), "sh", "-c", script).CombinedOutput()
	answers := strings.Split(string(out), "#\n")
	if err != nil || len(answers) != 7 {
		t.Fatalf("%v after\n%s", err, out)
	}
	for i, says := range []string{"", `"credentials": [`, "Credential successfully deactivated", "", `"path": "/api/pam/credential/5",`, "DELETE /faults"} {
		if (says == "") != (answers[i] == "") || !strings.Contains(answers[i], says) {
			t.Errorf("line %d answers %q, want %q", i+1, answers[i], says)
		}
	}
	if status, why := p.ask("DELETE", "/api/pam/credential/6", "", ""); status != 0 {
		t.Errorf("the fault of the lines is not armed: %d %s", status, why)
	}
	if !strings.HasSuffix(p.log.String(), "/_control/\n") {
		t.Errorf("the log is in the way:\n%s", p.log)
	}
}

func TestSandboxApplianceTakesData(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "data.json")
	if err := os.WriteFile(file, []byte(`{"credentials": [{"id": 7001, "username": "sa", "hostname": "sql01", "custody": "api"}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	p := runSandbox(t, "--appliance-only", "--data", file)
	token := p.applianceToken(sandboxPAM)
	if status, body := p.ask("GET", "/api/pam/credential", token, ""); status != 200 || !strings.Contains(body, "sql01") || strings.Contains(body, "db01") {
		t.Errorf("the list is %d %s", status, body)
	}
	if status, body := p.ask("DELETE", "/api/pam/credential/custody/7001", token, ""); status != 200 {
		t.Errorf("released: %d %s", status, body)
	}
	_, printed := p.ask("GET", "/_control/items", "", "")
	if err := os.WriteFile(file, []byte(printed), 0o600); err != nil {
		t.Fatal(err)
	}
	again := runSandbox(t, "--appliance-only", "--data", file) // what it prints it takes
	if _, same := again.ask("GET", "/_control/items", "", ""); same != printed {
		t.Errorf("got %s, want %s", same, printed)
	}
}

func TestSandboxRefusesDataInOneSentence(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for name, c := range map[string]struct {
		flags []string
		says  string
	}{
		"no such file":          {[]string{"--appliance-only", "--data", filepath.Join(dir, "missing.json")}, "no such file"},
		"a folder":              {[]string{"--appliance-only", "--data", dir}, "directory"},
		"empty":                 {[]string{"--appliance-only", "--data", write("empty", "")}, "empty"},
		"no JSON":               {[]string{"--appliance-only", "--data", write("yaml", "credentials: []\n")}, "invalid character"},
		"cut off":               {[]string{"--appliance-only", "--data", write("cut", `{"credentials": [`)}, "cut off"},
		"an unknown key":        {[]string{"--appliance-only", "--data", write("key", `{"credential": []}`)}, `"credential"`},
		"another type":          {[]string{"--appliance-only", "--data", write("type", `{"credentials": [{"id": "5"}]}`)}, "id"},
		"an id twice":           {[]string{"--appliance-only", "--data", write("twice", `{"secrets": [{"identifier": 5}, {"identifier": 5}]}`)}, "secret 5"},
		"an unknown custodian":  {[]string{"--appliance-only", "--data", write("custody", `{"credentials": [{"id": 5, "custody": "ana"}]}`)}, "ana"},
		"two values":            {[]string{"--appliance-only", "--data", write("two", `{} {}`)}, "follows"},
		"without the appliance": {[]string{"--data", write("good", `{}`)}, "--appliance-only"},
		"a bad address too":     {[]string{"--appliance-only", "--addr", "0.0.0.0:0"}, "loopback"},
	} {
		t.Run(name, func(t *testing.T) {
			var out, complaint bytes.Buffer
			if status := run(append([]string{"sandbox"}, c.flags...), console{out: &out, err: &complaint}); status != exitUsage {
				t.Errorf("status %d", status)
			}
			if said := complaint.String(); strings.Count(said, "\n") != 1 || !strings.HasPrefix(said, "--") || !strings.Contains(said, c.says) {
				t.Errorf("it said %q", said)
			}
			if out.Len() > 0 {
				t.Errorf("it printed %q", out.String())
			}
		})
	}
}

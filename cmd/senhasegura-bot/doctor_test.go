package main

import (
	"encoding/json"
	"maps"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"senhasegura-bot/approvals/redisstore"
	"senhasegura-bot/approvals/redisstore/redistest"
	"senhasegura-bot/bot/fakeslack"
	"senhasegura-bot/senhasegura/senhaseguratest"
)

// safeRedis is a Redis that loses nothing it confirmed.
func safeRedis(t *testing.T) *redistest.Machine {
	return redistest.NewMachine(t, "", "--appendonly", "yes", "--appendfsync", "always")
}

// doctor runs the check of the world's deployment, with some settings changed,
// and returns what it printed and its exit status.
func (w *world) doctor(env map[string]string, args ...string) (string, int) {
	w.t.Helper()
	settings := w.env
	w.env = maps.Clone(settings)
	maps.Copy(w.env, env)
	defer func() { w.env = settings }()
	p := w.launch(append([]string{"doctor"}, args...)...)
	<-p.done
	return p.log.String(), p.cmd.ProcessState.ExitCode()
}

// granting is a workspace whose bot token has these scopes.
func granting(t *testing.T, scopes []string) string {
	ws := fakeslack.New(fakeslack.Config{Scopes: scopes})
	server := httptest.NewServer(ws.Handler())
	ws.SetURL(server.URL)
	ws.AddGroup(fakeslack.Group{ID: "S0SRE", Handle: "sre", Name: "SRE"})
	t.Cleanup(func() { ws.Close(); server.Close() })
	return server.URL + "/api/"
}

// trusted puts the world's appliance behind TLS, as it is in earnest.
func (w *world) trusted() {
	w.t.Helper()
	authority := lasting(w.t, nil, "Our CA", 900, nil)
	w.env["SENHASEGURA_CA_FILE"] = authority.certFile
	w.env["SENHASEGURA_URL"] = overTLS(w.t, w.appliance, nil, lasting(w.t, authority, "pam.example", 200, nil))
}

func manifestScopes(t *testing.T) []string {
	m, _ := readManifest(t)
	return m.OAuthConfig.Scopes.Bot
}

// TestDoctorKnowsTheScopes: it asks for what the manifest asks for.
func TestDoctorKnowsTheScopes(t *testing.T) {
	var known []string
	for _, s := range scopes() {
		known = append(known, s.name)
	}
	want := manifestScopes(t)
	slices.Sort(known)
	slices.Sort(want)
	if !slices.Equal(known, want) {
		t.Errorf("the doctor looks for %v, the manifest asks for %v", known, want)
	}
}

// TestDoctorGood: a deployment that is as the README says is told so, and
// nothing is left behind.
func TestDoctorGood(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{stays: true, policy: "defaults:\n  approvers: [\"@sre\"]\n"})
	w.trusted()
	redis := safeRedis(t)
	out, status := w.doctor(map[string]string{"REDIS_URL": redis.URL, "SLACK_API_URL": granting(t, manifestScopes(t))})
	if status != exitGood {
		t.Errorf("status %d, want 0", status)
	}
	contains(t, out, "ok       the bot token is @", "ok       the bot token has every scope it needs", "ok       Slack knows the policy's handles",
		"ok       Redis answers", "ok       Redis takes writes", "ok       appendonly yes, appendfsync always  — what was confirmed outlives a crash",
		"no faults, no warnings\n")
	golden(t, "good", out)
	client, err := redisstore.Open(redis.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if n := client.DBSize(t.Context()).Val(); n != 0 {
		t.Errorf("it left %d keys", n)
	}
}

// TestDoctorFinds: each fault is named with what it means and what to change; a
// fault is status 1, a warning is none.
func TestDoctorFinds(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{stays: true, policy: "defaults:\n  approvers: [\"@sre\"]\n"})
	w.trusted()
	safe := safeRedis(t)
	everysec := redistest.NewMachine(t, "", "--appendonly", "yes", "--appendfsync", "everysec")
	full := redistest.NewMachine(t, "", "--appendonly", "yes", "--appendfsync", "always", "--maxmemory", "1")
	gone := redistest.NewMachine(t, "")
	gone.Kill()
	noGroups := slices.DeleteFunc(manifestScopes(t), func(s string) bool { return s == "usergroups:read" })
	w.env["REDIS_URL"] = safe.URL
	for _, c := range []struct {
		name   string
		env    map[string]string
		status int
		says   []string
	}{
		{"a token that Slack refuses", map[string]string{"SLACK_BOT_TOKEN": "xoxb-revoked"}, exitFailed,
			[]string{"fault    SLACK_BOT_TOKEN  — Slack refuses it: invalid_auth; set it to the bot token", "ok       Redis takes writes", "1 fault, no warnings"}},
		{"Slack is away", map[string]string{"SLACK_API_URL": "http://" + closed + "/api/"}, exitFailed, []string{"fault    Slack  — it cannot be asked", "ok       Redis takes writes"}},
		{"a scope is missing", map[string]string{"SLACK_API_URL": granting(t, noGroups)}, exitFailed,
			[]string{"fault    the bot token lacks the scope usergroups:read  — without it the policy's groups have no members; add it", "fault    the policy's handles"}},
		{"Redis is away", map[string]string{"REDIS_URL": gone.URL}, exitFailed, []string{"fault    Redis  — asking Redis how it is set: ", "check REDIS_URL"}},
		{"Redis is full", map[string]string{"REDIS_URL": full.URL}, exitFailed, []string{"fault    Redis takes no writes  — nothing can be requested: ", "OOM", "fault    used_memory beyond maxmemory"}},
		{"Redis keeps nothing", map[string]string{"REDIS_URL": w.redis.URL}, exitFailed,
			[]string{`fault    appendonly no, save ""  — nothing is on disk`, "; set appendonly yes and appendfsync always"}},
		{"Redis is late to the disk", map[string]string{"REDIS_URL": everysec.URL}, exitGood,
			[]string{"warning  appendonly yes, appendfsync everysec  — a crash of its machine loses about the last second", "; set appendfsync always", "no faults, 1 warning"}},
		{"memory", map[string]string{"REDIS_URL": memoryURL}, exitFailed, []string{"fault    memory://  — requests are kept in memory only"}},
	} {
		out, status := w.doctor(c.env)
		if status != c.status {
			t.Errorf("%s: status %d, want %d", c.name, status, c.status)
		}
		contains(t, out, c.says...)
	}
	w.writePolicy("defaults:\n  approvers: [\"@sre\", \"@srr\"]\n")
	out, status := w.doctor(nil)
	if status != exitFailed {
		t.Errorf("status %d with a handle that nobody has, want 1", status)
	}
	contains(t, out, `fault    `+w.policy+`:2:23: `, "serve does not start with it")
}

// TestDoctorUsage: faults of settings and policy are told together, as serve
// tells them, and nothing else is asked.
func TestDoctorUsage(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{stays: true, policy: "defaults:\n  aproovers: [S1]\n"})
	out, status := w.doctor(map[string]string{"REDIS_URL": "http://user:hunter2@h", "LEASE": "soon"})
	if status != exitUsage {
		t.Errorf("status %d, want 2", status)
	}
	contains(t, out, "REDIS_URL cannot be used", "LEASE must be a duration", `unknown key "aproovers"`)
	if strings.Contains(out, "hunter2") || len(w.ws.Calls("")) > 0 {
		t.Errorf("a password is shown, or Slack was asked: %s", out)
	}
}

// TestDoctorJSON is what scripts read.
func TestDoctorJSON(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{stays: true})
	out, status := w.doctor(map[string]string{"SENHASEGURA_CLIENT_SECRET": "of-another"}, "--json")
	var got struct {
		Good   bool    `json:"good"`
		Faults int     `json:"faults"`
		Checks []check `json:"checks"`
	}
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	i := slices.IndexFunc(got.Checks, func(c check) bool { return c.Check == "redis_persistence" })
	j := slices.IndexFunc(got.Checks, func(c check) bool { return c.Check == "senhasegura_token" })
	if j < 0 || got.Checks[j].Status != redisstore.Fault || !strings.Contains(got.Checks[j].Change, "SENHASEGURA_CLIENT_SECRET") {
		t.Errorf("nothing of the token that is refused:\n%s", out)
	}
	if status != exitFailed || got.Good || got.Faults != 2 || i < 0 || got.Checks[i].Status != redisstore.Fault || got.Checks[i].Change == "" {
		t.Errorf("status %d\n%s", status, out)
	}
}

// TestDoctorBad: everything at once, as somebody who starts finds it.
func TestDoctorBad(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{stays: true, policy: "defaults:\n  approvers: [\"@sre\"]\n"})
	authority := lasting(t, nil, "Our CA", 900, nil)
	w.appliance.SetItems(senhaseguratest.Data{Passwords: w.appliance.Items().Passwords[3:]})
	w.env["SENHASEGURA_URL"] = overTLS(t, dated(-2*time.Hour)(without("/api/pam")(w.appliance)), nil, lasting(t, authority, "pam.example", 10, nil))
	out, status := w.doctor(map[string]string{"SLACK_BOT_TOKEN": "xoxb-revoked", "REDIS_URL": memoryURL, "SENHASEGURA_CA_FILE": authority.certFile,
		"SENHASEGURA_CLIENT_SECRET": "pam-secret-value", "MYSAFE_CLIENT_ID": "mysafe-client"})
	if status != exitFailed {
		t.Errorf("status %d, want 1", status)
	}
	golden(t, "bad", out)
}

// golden compares what doctor printed with testdata/doctor, besides what differs
// from one run to the next.
func golden(t *testing.T, name, out string) {
	t.Helper()
	for _, v := range []struct{ what, with string }{
		{`127\.0\.0\.1:\d+`, "pam.example:443"},
		{`read in [0-9.]+m?s`, "read in 42ms"},
		{`\d{4}-\d\d-\d\d \d\d:\d\d UTC`, "2031-05-06 07:08 UTC"},
		{`1h59m5\ds|2h\ds`, "2h"},
		{`/\S*/policy.yml`, "policy.yml"},
	} {
		out = regexp.MustCompile(v.what).ReplaceAllString(out, v.with)
	}
	path := filepath.Join("testdata", "doctor", name+".txt")
	if *update {
		if err := os.WriteFile(path, []byte(out), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), out); diff != "" {
		t.Errorf("doctor prints something else (-want +got)\n%s", diff)
	}
}

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// Secrets of the tests: none of them may ever be printed.
const (
	botToken, appToken = "xoxb-hush-1", "xapp-hush-2"
	signing            = "hush-3"
	pamSecret          = "hush-4"
	longKey            = "hush-5-0123456789-0123456789-0123456789"
)

// files is a file system of the tests: path → content.
type files map[string]string

func (f files) read(path string) ([]byte, error) {
	if s, ok := f[path]; ok {
		return []byte(s), nil
	}
	return nil, &fs.PathError{Op: "open", Path: path, Err: fs.ErrNotExist}
}

// least is the smallest environment that is good.
func least() map[string]string {
	return map[string]string{
		"SLACK_BOT_TOKEN": botToken, "SLACK_SIGNING_SECRET": signing, "AUDIT_KEY": longKey,
		"REDIS_URL": "redis://localhost", "SENHASEGURA_URL": "https://pam.example",
		"SENHASEGURA_CLIENT_ID": "id", "SENHASEGURA_CLIENT_SECRET": pamSecret,
	}
}

// with changes the smallest environment: "NAME=value" sets, "NAME" unsets.
func with(changes ...string) []string {
	env := least()
	for _, change := range changes {
		name, value, set := strings.Cut(change, "=")
		if delete(env, name); set {
			env[name] = value
		}
	}
	var environ []string
	for name, value := range env {
		environ = append(environ, name+"="+value)
	}
	return environ
}

func mustLoad(t *testing.T, environ []string, f files, flags Flags) Config {
	t.Helper()
	c, faults := Load(environ, f.read, flags)
	if len(faults) > 0 {
		t.Fatalf("faults %v", faults)
	}
	return c
}

func TestSmallestSettingsHaveTheDefaultsOfTheTable(t *testing.T) {
	c := mustLoad(t, with(), nil, Flags{})
	got := map[string]any{
		"slack": c.SlackAPIURL, "redis": c.RedisURL(), "pam": c.SenhaseguraURL.String(),
		"prefix": c.APIPrefix, "token": c.TokenPath, "policy": c.PolicyFile, "listen": c.ListenAddr, "metrics": c.MetricsAddr,
		"times": []time.Duration{c.RunDeadline, c.CallTimeout, c.Lease, c.IdentityCache, c.Retention, c.AuditRetention},
		"calls": c.Concurrency, "tls": c.SenhaseguraTLS.MinVersion, "pair": c.PAM.ID + c.PAM.Secret(), "mysafe": c.MySafe.Set(),
		"bot": c.SlackBotToken(), "signing": c.SlackSigningSecret(), "socket": c.SocketMode(), "audit": c.AuditKey(), "warnings": len(c.Warnings),
	}
	want := map[string]any{
		"slack": "https://slack.com/api/", "redis": "redis://localhost", "pam": "https://pam.example",
		"prefix": "/api", "token": "/api/oauth2/token", "policy": "policy.yml", "listen": ":8080", "metrics": "",
		"times": []time.Duration{2 * time.Minute, 15 * time.Second, 10 * time.Second, time.Minute, 90 * 24 * time.Hour, 400 * 24 * time.Hour},
		"calls": 4, "tls": uint16(0x0303), "pair": "id" + pamSecret, "mysafe": false,
		"bot": botToken, "signing": signing, "socket": false, "audit": longKey, "warnings": 0,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestFlagsComeBeforeTheEnvironment(t *testing.T) {
	c := mustLoad(t, with("RUN_DEADLINE=1m", "LEASE=20s", "LISTEN_ADDR="), nil,
		Flags{RunDeadline: "3m", ListenAddr: "127.0.0.1:0", RedisURL: "memory://", SenhaseguraAPIPrefix: "/iso"})
	if c.RunDeadline != 3*time.Minute || c.Lease != 20*time.Second || c.ListenAddr != "127.0.0.1:0" ||
		c.RedisURL() != "memory://" || c.TokenPath != "/iso/oauth2/token" {
		t.Errorf("got %+v", c)
	}
}

func TestSecretsComeFromFiles(t *testing.T) {
	f := files{"/run/bot": botToken + "\n", "/run/app": appToken + "\r\n", "/run/key": longKey + "\n\n"}
	c := mustLoad(t, with("SLACK_BOT_TOKEN", "SLACK_BOT_TOKEN_FILE=/run/bot", "SLACK_SIGNING_SECRET", "SLACK_APP_TOKEN_FILE=/run/app",
		"AUDIT_KEY", "AUDIT_KEY_FILE=/run/key"), f, Flags{})
	if c.SlackBotToken() != botToken || c.SlackAppToken() != appToken || !c.SocketMode() {
		t.Error("the final line break is not the secret's")
	}
	if c.AuditKey() != longKey+"\n" {
		t.Error("only one line break is cut")
	}
}

func TestAuditKeyIsDerivedWithAWarning(t *testing.T) {
	signed := mustLoad(t, with("AUDIT_KEY"), nil, Flags{})
	both := mustLoad(t, with("AUDIT_KEY", "SLACK_APP_TOKEN="+appToken), nil, Flags{})
	socket := mustLoad(t, with("AUDIT_KEY", "SLACK_SIGNING_SECRET", "SLACK_APP_TOKEN="+appToken), nil, Flags{})
	if len(signed.AuditKey()) != 32 || signed.AuditKey() != both.AuditKey() || signed.AuditKey() == socket.AuditKey() {
		t.Error("not derived from the signing secret, or else the app token")
	}
	if strings.Contains(signed.AuditKey(), signing) || len(signed.Warnings) != 1 ||
		!strings.HasPrefix(signed.Warnings[0].String(), "AUDIT_KEY is not set and derived from SLACK_SIGNING_SECRET") ||
		!strings.HasPrefix(socket.Warnings[0].String(), "AUDIT_KEY is not set and derived from SLACK_APP_TOKEN") {
		t.Errorf("warnings %v, %v", signed.Warnings, socket.Warnings)
	}
}

func TestNamesThatLookLikeSettingsAreWarnedOf(t *testing.T) {
	c := mustLoad(t, with("SLACK_BOT_TOEKN=x", "MYSAFE_CLIENT_SECRT=hush-6", "SENHASEGURA_URL_FILE=/x", "SENHASEGURA_CONCURENCY=2",
		"SLACK_WEBHOOK_FOR_DEPLOYS=x", "REDIS_URLS=x", "HOME=/"), nil, Flags{})
	var got []string
	for _, w := range c.Warnings {
		got = append(got, w.String())
	}
	want := []string{
		"MYSAFE_CLIENT_SECRT is not a setting: did you mean MYSAFE_CLIENT_SECRET?",
		"SENHASEGURA_CONCURENCY is not a setting: did you mean SENHASEGURA_CONCURRENCY?",
		"SENHASEGURA_URL_FILE is not a setting: only secrets are read from files; set SENHASEGURA_URL",
		"SLACK_BOT_TOEKN is not a setting: did you mean SLACK_BOT_TOKEN?",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestNothingPrintsASecret(t *testing.T) {
	c := mustLoad(t, with("SLACK_APP_TOKEN="+appToken, "REDIS_URL=redis://bot:hush-7@h"), nil, Flags{})
	var out bytes.Buffer
	fmt.Fprintf(&out, "%v %+v %#v %s %q %x", c, c, c, c.PAM, c.SlackBotToken, c.SlackBotToken)
	for _, h := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
		slog.New(h).Info("x", "token", c.SlackBotToken, "pair", c.PAM, "redis", c.RedisURL)
	}
	encoded, err := json.Marshal(map[string]any{"pair": c.PAM, "redis": c.RedisURL, "key": c.AuditKey, "none": c.MySafe.Secret})
	if err != nil {
		t.Fatal(err)
	}
	out.Write(encoded)
	if s := out.String(); strings.Contains(s, "hush") || strings.Contains(s, fmt.Sprintf("%x", "hush")) || !strings.Contains(s, redacted) {
		t.Errorf("printed %s", s)
	}
}

func TestFlagsAndTableAgree(t *testing.T) {
	inTable, inFlags := map[string]string{}, map[string]string{}
	for _, s := range settings() {
		if s.Meaning == "" || s.InUse() == "" || (s.Secret && s.Flag != "" && s.Name != "REDIS_URL") || (!s.Secret && s.Flag == "") {
			t.Errorf("row %s is not complete", s.Name)
		}
		if s.Flag != "" {
			inTable[s.Flag] = "${" + s.Name + "}"
		}
	}
	for i := range reflect.TypeFor[Flags]().NumField() {
		tag := reflect.TypeFor[Flags]().Field(i).Tag
		inFlags[tag.Get("name")] = tag.Get("help")
	}
	if diff := cmp.Diff(inTable, inFlags); diff != "" {
		t.Errorf("(-table +flags)\n%s", diff)
	}
	if vars := flagVars(); vars["LEASE"] != "how long a dead process keeps a run, 500ms–60s (LEASE; 10s)" || len(maps.Collect(maps.All(vars))) != len(settings()) {
		t.Errorf("help texts %v", vars)
	}
}

// TestSettingsAsDeploymentsGiveThem: an empty variable is none, short times and
// a short key are good, each with a warning where it may be a mistake.
func TestSettingsAsDeploymentsGiveThem(t *testing.T) {
	c := mustLoad(t, with("SLACK_APP_TOKEN=", "SENHASEGURA_TENANT=", "RUN_DEADLINE=2500ms", "CALL_TIMEOUT=1s", "LEASE=500ms", "AUDIT_KEY=short"), nil, Flags{})
	if c.SocketMode() || c.RunDeadline != 2500*time.Millisecond || c.Lease != 500*time.Millisecond || c.AuditKey() != "short" {
		t.Errorf("%+v", c)
	}
	var warned []string
	for _, w := range c.Warnings {
		warned = append(warned, w.String())
	}
	for _, want := range []string{"SLACK_APP_TOKEN is empty", "SENHASEGURA_TENANT is empty", "AUDIT_KEY is short"} {
		if !strings.Contains(strings.Join(warned, "\n"), want) {
			t.Errorf("no warning %q in %v", want, warned)
		}
	}
}

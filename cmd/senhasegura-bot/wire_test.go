package main

import (
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"
)

// TestWhatSlackDidNotSend: forged, stale, early, unsigned, repeated, oversized
// and malformed requests are refused with a 4xx and change nothing.
func TestWhatSlackDidNotSend(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	form, err := w.ws.CommandForm(ana, incident, "/pam", "deactivate 5 leaked")
	if err != nil {
		t.Fatal(err)
	}
	body := []byte(form.Encode())
	signed := func(body []byte, at time.Time, contentType string) http.Header {
		h := w.ws.Sign(body, at)
		h.Set("Content-Type", contentType)
		return h
	}
	const formType, jsonType = "application/x-www-form-urlencoded", "application/json"
	forged := signed(body, time.Now(), formType)
	forged.Set("X-Slack-Signature", "v0="+strings.Repeat("0", 64))
	swapped := signed([]byte("text=other"), time.Now(), formType)
	unsigned := http.Header{"Content-Type": {formType}}
	huge := []byte("text=" + strings.Repeat("x", 2<<20))
	inQuery := "/slack/interactivity?payload=" + url.QueryEscape(`{"type":"block_actions","user":{"id":"UBRUNO"}}`)

	for _, c := range []struct {
		name, path string
		body       []byte
		header     http.Header
		status     int
	}{
		{"forged", "/slack/commands", body, forged, 401},
		{"signature of another body", "/slack/commands", body, swapped, 401},
		{"unsigned", "/slack/commands", body, unsigned, 401},
		{"stale", "/slack/commands", body, signed(body, time.Now().Add(-6*time.Minute), formType), 401},
		{"from the future", "/slack/commands", body, signed(body, time.Now().Add(6*time.Minute), formType), 401},
		{"oversized", "/slack/commands", huge, signed(huge, time.Now(), formType), 413},
		{"another content type", "/slack/commands", body, signed(body, time.Now(), jsonType), 415},
		{"empty form", "/slack/commands", nil, signed(nil, time.Now(), formType), 400},
		{"broken form", "/slack/commands", []byte("%zz"), signed([]byte("%zz"), time.Now(), formType), 400},
		{"no payload", "/slack/interactivity", []byte("x=1"), signed([]byte("x=1"), time.Now(), formType), 400},
		{"payload in the query, which nothing signs", inQuery, []byte("x=2"), signed([]byte("x=2"), time.Now(), formType), 400},
		{"payload that is no JSON", "/slack/interactivity", []byte("payload=%7B"), signed([]byte("payload=%7B"), time.Now(), formType), 400},
		{"event that is no JSON", "/slack/events", []byte("{"), signed([]byte("{"), time.Now(), jsonType), 400},
		{"unsigned challenge", "/slack/events", []byte(`{"type":"url_verification","challenge":"x"}`), http.Header{"Content-Type": {jsonType}}, 401},
		{"another method's address", "/slack/nothing", body, signed(body, time.Now(), formType), 404},
	} {
		ack, err := w.ws.Raw(c.path, c.body, c.header)
		if err != nil || ack.Status != c.status {
			t.Errorf("%s: %d, %v; want %d", c.name, ack.Status, err, c.status)
		}
	}

	header := signed(body, time.Now(), formType)
	if ack, err := w.ws.Raw("/slack/commands", body, header); err != nil || ack.Status != 200 {
		t.Fatalf("the good one: %d, %v", ack.Status, err)
	}
	if ack, _ := w.ws.Raw("/slack/commands", body, header); ack.Status != 409 {
		t.Errorf("the good one again: %d, want 409", ack.Status)
	}
	shouted := header.Clone() // the same signature, its hex in capitals
	shouted.Set("X-Slack-Signature", "v0="+strings.ToUpper(strings.TrimPrefix(header.Get("X-Slack-Signature"), "v0=")))
	if ack, _ := w.ws.Raw("/slack/commands", body, shouted); ack.Status != 409 {
		t.Errorf("the good one again, in capitals: %d, want 409", ack.Status)
	}
	w.eventually("one card", func() bool { return len(w.cards()) == 1 })
	if ack, err := w.ws.Raw("/slack/commands", []byte("ssl_check=1"), signed([]byte("ssl_check=1"), time.Now(), formType)); err != nil || ack.Status != 200 {
		t.Errorf("ssl_check: %d, %v", ack.Status, err)
	}
	if ack, err := w.ws.URLVerification(); err != nil || ack.Status != 200 {
		t.Errorf("the challenge: %d %s, %v", ack.Status, ack.Body, err)
	}
	resp, err := http.Get(w.processes[0].url + "/slack/commands")
	if err != nil || resp.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("GET /slack/commands: %v, %v", resp.StatusCode, err)
	}
	resp.Body.Close()
	if n := len(w.cards()); n != 1 {
		t.Errorf("%d cards, want 1", n)
	}
}

// TestDeliveredTwice: one envelope, or one command, delivered twice does one thing.
func TestDeliveredTwice(t *testing.T) {
	transports(t, func(t *testing.T, socket bool) {
		w := newWorld(t, setup{socket: socket})
		w.asks(ana, "deactivate 5 leaked")
		deliveries := w.ws.Deliveries()
		ack, err := w.ws.Redeliver(deliveries[len(deliveries)-1])
		if !socket && ack.Status != 409 {
			t.Errorf("the same request again: %d, %v; want 409", ack.Status, err)
		}
		if socket && err != nil {
			t.Errorf("the same envelope again is not acknowledged: %v", err)
		}
		form, err := w.ws.CommandForm(ana, incident, "/pam", "deactivate 6 leaked")
		if err != nil {
			t.Fatal(err)
		}
		for range 2 { // another signature or envelope, the same trigger
			if _, err := w.ws.SendCommand(form); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Until(time.Now().Truncate(time.Second).Add(time.Second))) // signatures differ by the second
		}
		w.eventually("two cards", func() bool { return len(w.cards()) == 2 })
		contains(t, w.types(bruno, "pending"), "2 requests")
	})
}

// TestHealth: alive, ready, and why not.
func TestHealth(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	p := w.processes[0]
	for path, want := range map[string]string{"/healthz": "alive", "/readyz": "ready", "/metrics": "go_goroutines"} {
		if status, body := p.get(path); status != 200 || !strings.Contains(body, want) {
			t.Errorf("%s: %d %.80s", path, status, body)
		}
	}
	w.redis.Stop()
	w.eventually("not ready", func() bool { status, body := p.get("/readyz"); return status == 503 && strings.Contains(body, "redis") })
	if status, _ := p.get("/healthz"); status != 200 {
		t.Errorf("not alive without Redis: %d", status)
	}
	began := time.Now()
	contains(t, w.types(ana, "deactivate 5 leaked"), "Nothing was requested")
	if took := time.Since(began); took > 3*time.Second {
		t.Errorf("answered after %s", took)
	}
	contains(t, w.types(ana, "help"), "form")
	if status := p.stop(); status != 0 {
		t.Errorf("SIGTERM without Redis: exit %d\n%s", status, p.log)
	}
}

// TestFaultySettings: all faults of settings and policy together, each by its
// name, exit status 2, and no secret in what is said.
func TestFaultySettings(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{stays: true, policy: "defaults:\n  aproovers: [S1]\n  approvals: 99\n", env: map[string]string{
		"SLACK_BOT_TOKEN": "xoxp-a-user-token", "REDIS_URL": "http://user:hunter2@h", "SENHASEGURA_URL": "http://pam.example", "MYSAFE_CLIENT_SECRET": "", "RUN_DEADLINE": "soon",
	}})
	p := w.launch("serve")
	<-p.done
	if code := p.cmd.ProcessState.ExitCode(); code != 2 {
		t.Errorf("exit %d, want 2", code)
	}
	out := p.log.String()
	contains(t, out, "SLACK_BOT_TOKEN", "xoxb-", "REDIS_URL", "SENHASEGURA_URL", "https", "MYSAFE_CLIENT_SECRET", "RUN_DEADLINE", `"soon"`,
		`2:3: unknown key "aproovers"`, "approvers", "3:14:")
	for _, secret := range []string{"a-user-token", "hunter2"} {
		if strings.Contains(out, secret) {
			t.Errorf("a secret is shown: %s", out)
		}
	}

	missing := w.launch("serve")
	<-missing.done
	w.env = map[string]string{}
	none := w.launch("serve", "--policy-file", w.policy)
	<-none.done
	contains(t, none.log.String(), "SLACK_BOT_TOKEN is required", "REDIS_URL is required", "SENHASEGURA_URL is required", "SENHASEGURA_CLIENT_ID is required")
}

// TestRefusedToken: a token that Slack does not accept ends the start with a reason.
func TestRefusedToken(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{stays: true, env: map[string]string{"SLACK_BOT_TOKEN": "xoxb-revoked"}})
	p := w.launch("serve")
	<-p.done
	if code := p.cmd.ProcessState.ExitCode(); code == 0 {
		t.Error("exit 0 with a refused token")
	}
	contains(t, p.log.String(), "SLACK_BOT_TOKEN", "invalid_auth")
}

// TestPolicyReload: SIGHUP takes a good policy and leaves a faulty one; what is
// denied from then on is cancelled.
func TestPolicyReload(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	p := w.processes[0]
	card := w.asks(ana, "deactivate 5 leaked")
	w.writePolicy("defaults:\n  approvers: []\n")
	p.cmd.Process.Signal(hangup)
	w.eventually("the fault is logged", func() bool { return strings.Contains(p.log.String(), "the one in force stays") })
	w.writePolicy(standardPolicy + "rules:\n  - name: nothing on db01\n    targets: [\"*@db01\"]\n    deny: true\n")
	p.cmd.Process.Signal(hangup)
	card = w.becomes(card, "cancelled")
	contains(t, plainText(card), "Cancelled by the bot", "policy")
	contains(t, w.types(ana, "deactivate 5 leaked"), "policy does not allow", "nothing on db01")
	if _, err := os.Stat(w.policy); err != nil {
		t.Fatal(err)
	}
}

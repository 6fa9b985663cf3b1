package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"senhasegura-bot/bot/fakeslack"
)

// tool runs the built binary with the world's settings and returns what it
// printed and its exit status.
func (w *world) tool(args ...string) (string, int) {
	w.t.Helper()
	path, err := binary()
	if err != nil {
		w.t.Fatal(err)
	}
	cmd := exec.Command(path, args...)
	cmd.Env = []string{"AUDIT_KEY=" + w.env["AUDIT_KEY"], "REDIS_URL=" + w.redis.URL}
	out, err := cmd.Output()
	if err != nil && cmd.ProcessState == nil {
		w.t.Fatal(err)
	}
	return string(out), cmd.ProcessState.ExitCode()
}

// verifies waits until everything is sealed and the audit is good.
func (w *world) verifies() string {
	w.t.Helper()
	var out string
	w.eventually("the audit is sealed", func() bool {
		var status int
		out, status = w.tool("audit", "verify", "redis")
		if status != exitGood {
			w.t.Fatalf("audit verify redis: status %d\n%s", status, out)
		}
		return !strings.Contains(out, "not sealed yet")
	})
	return out
}

// TestAuditOfADay: what people did and what they were refused is on record,
// sealed, exported in three formats, and verified with and without Redis.
func TestAuditOfADay(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{stays: true, policy: standardPolicy + "audit_channel: CAUDIT\n"})
	w.ws.AddChannel(fakeslack.Channel{ID: "CAUDIT", Name: "pam-audit", Creator: dora, Members: []string{"U0BOT", clara}})
	w.start()
	card := w.asks(ana, "deactivate 5 =cmd|' /C calc'!A0")
	id := meta(card).Request
	w.clicks(ana, card, "approve")
	w.whispered(ana, "somebody else must decide it")
	w.clicks(dora, card, "approve")
	w.clicks(bruno, card, "approve")
	w.becomes(card, "done")
	contains(t, w.typesIn(shared, ana, "deactivate 6 leaked"), "another organization")

	var export string
	w.eventually("both refused clicks and the command are on record", func() bool {
		export, _ = w.tool("audit", "export")
		return strings.Count(export, `"event":"refuse"`) == 3
	})
	contains(t, export, `"note":"own_request"`, `"note":"not_eligible"`, `"note":"shared_channel"`, `"about":"`+id+`"`, `"tried":"approve"`, `"name":"Dora Reis"`)
	contains(t, w.verifies(), "team T0FAKE: 8 entries, 1 to 8", "head 8:", "good")

	file := filepath.Join(t.TempDir(), "audit.jsonl")
	if err := os.WriteFile(file, []byte(export), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, status := w.tool("audit", "verify", file); status != exitGood || !strings.Contains(out, "8 entries") {
		t.Errorf("verifying the export: %d\n%s", status, out)
	}
	sheet, _ := w.tool("audit", "export", "--format", "csv")
	contains(t, sheet, `"'=cmd|' /C calc'!A0"`)
	cef, _ := w.tool("audit", "export", "--format", "cef")
	contains(t, cef, `reason=\=cmd|' /C calc'!A0`)
	if none, _ := w.tool("audit", "export", "--until", "2020-01-01"); strings.Contains(none, `"entry"`) {
		t.Errorf("before anything happened:\n%s", none)
	}

	// The head was told in the channel of the policy, and holds.
	var head string
	w.eventually("the head is told", func() bool {
		for _, m := range w.ws.Messages("CAUDIT") {
			if _, rest, found := strings.Cut(fakeslack.PlainText(m), "--head "); found {
				head, _, _ = strings.Cut(rest, "`")
				head, _, _ = strings.Cut(head, " ")
			}
		}
		return head != ""
	})
	if out, status := w.tool("audit", "verify", "redis", "--head", head); status != exitGood {
		t.Errorf("against the head %q: %d\n%s", head, status, out)
	}
	other := head[:len(head)-1] + map[bool]string{true: "0", false: "1"}[head[len(head)-1] == '1']
	if out, status := w.tool("audit", "verify", "redis", "--head", other); status != exitFailed {
		t.Errorf("against another head: %d\n%s", status, out)
	}
}

// TestAuditToolUsage: what cannot be read is told from what does not verify.
func TestAuditToolUsage(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	w.asks(ana, "deactivate 5 leaked")
	w.verifies()
	for _, args := range [][]string{{"verify", "no-such-file"}, {"verify", "audit_test.go"}, {"export", "--since", "yesterday"},
		{"verify", "redis", "--head", "12"}, {"export", "--format", "xml"}} {
		if out, status := w.tool(append([]string{"audit"}, args...)...); status != exitUsage {
			t.Errorf("audit %v: status %d, want %d\n%s", args, status, exitUsage, out)
		}
	}
	w.env["AUDIT_KEY"] = "another key of more than thirty-two characters"
	if out, status := w.tool("audit", "verify", "redis"); status != exitFailed || !strings.Contains(out, "is AUDIT_KEY the bot's?") {
		t.Errorf("with another key: %d\n%s", status, out)
	}
	w.env["AUDIT_KEY"] = ""
	if out, status := w.tool("audit", "verify", "redis"); status != exitUsage {
		t.Errorf("without a key: %d\n%s", status, out)
	}
}

func TestPolicyAuditChannel(t *testing.T) {
	checkStrict(t, "defaults: {approvers: [S0PAM]}\n", []strictCase{
		{"an id", "audit_channel: C0AUDIT\n", nil},
		{"a name", "audit_channel: \"#pam-audit\"\n", []string{`2:16: "audit_channel" must be the id of a channel (C…), not "#pam-audit"`}},
		{"a list", "audit_channel: [C0AUDIT]\n", []string{`2:16: "audit_channel" must be text, not a list`}},
		{"nothing", "audit_channel:\n", []string{`2:1: key "audit_channel" has no value`}},
	})
}

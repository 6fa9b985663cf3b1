package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"senhasegura-bot/approvals"
)

// accept reads a policy that must be good.
func accept(t *testing.T, src string) *PolicyFile {
	t.Helper()
	file, err := parsePolicy("p.yml", []byte(src))
	if err != nil {
		t.Fatalf("refused:\n%v", err)
	}
	return file
}

func TestPolicyWithEveryKey(t *testing.T) {
	file, err := LoadPolicy("testdata/policy_full.yml")
	if err != nil {
		t.Fatal(err)
	}
	leads := [][]approvals.Approver{{{Group: "S0PAMLEADS"}, {Handle: "pam-leads"}, {Person: "U0ANA"}, {Person: "W0BOB"}}}
	want := &approvals.Policy{
		Language: "pt-BR",
		Announce: approvals.AnnounceAll,
		Limits:   approvals.Limits{PerPersonMinute: 5, PendingPerPerson: 20, Pending: 0},
		Defaults: approvals.Rule{Approvers: leads, Approvals: 1, Expires: 90 * time.Minute, Remind: 10 * time.Minute, ReasonOptional: true, PostTo: "C0PAMAPPR"},
		Rules: []approvals.Rule{
			{
				Name: "custody in incident channels", Verbs: []approvals.Verb{approvals.Release},
				Kinds: []approvals.Kind{approvals.Credential}, Channels: []string{"inc-*", "C0INCIDENT"},
				Approvers: [][]approvals.Approver{{{Channel: true, In: []approvals.Approver{{Handle: "sre"}, {Handle: "security"}}}}},
				Approvals: 1, Expires: 15 * time.Minute, ReasonOptional: true, PostTo: "C0PAMAPPR",
			},
			{Name: "root in production", Targets: []string{"root@*", "41"}, Approvers: leads, Approvals: 2, Expires: 90 * time.Minute, Remind: 10 * time.Minute, PostTo: "G0ROOT"},
			{Name: "API secrets are not switched from chat", Kinds: []approvals.Kind{approvals.Secret}, Deny: true},
		},
		Requesters:   []approvals.Approver{{Handle: "sre"}, {Group: "S0SEC"}},
		AllowShared:  true,
		SamePerson:   [][]string{{"U1", "U2"}},
		AuditChannel: "C0AUDIT",
		Freezers:     []approvals.Approver{{Handle: "security"}},
		BreakGlass: &approvals.BreakGlass{
			People: []approvals.Approver{{Handle: "sre"}, {Channel: true, In: []approvals.Approver{{Person: "U0ANA"}}}},
			Verbs:  []approvals.Verb{approvals.Deactivate, approvals.Release}, ReviewWithin: 24 * time.Hour,
			Reviewers: []approvals.Approver{{Handle: "security"}, {Person: "W0BOB"}},
		},
	}
	if diff := cmp.Diff(want, file.Policy); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if len(file.Warnings) > 0 {
		t.Errorf("warnings %v", file.Warnings)
	}
}

func TestPolicyWithNothingButApprovers(t *testing.T) {
	want := &approvals.Policy{
		Language: "en", Announce: approvals.AnnounceFailures,
		Limits: approvals.Limits{PerPersonMinute: 10, PendingPerPerson: 20, Pending: 500},
		Defaults: approvals.Rule{Approvers: [][]approvals.Approver{{{Group: "S0PAM"}}},
			Approvals: 1, Expires: 30 * time.Minute},
	}
	for _, src := range []string{
		"defaults: {approvers: [S0PAM]}",
		"\ufeffdefaults:\r\n  approvers:\r\n  - S0PAM\r\n",
		"---\ndefaults: {approvers: ['S0PAM']}\n...\n",
		"# comment\n\"defaults\": {\"approvers\": [\"S0PAM\"]} # JSON is YAML\n",
	} {
		if diff := cmp.Diff(want, accept(t, src).Policy); diff != "" {
			t.Errorf("%q (-want +got)\n%s", src, diff)
		}
	}
}

func TestAllFaultsOfAPolicyTogetherInOrder(t *testing.T) {
	_, err := LoadPolicy("testdata/policy_faulty.yml")
	want, readErr := os.ReadFile("testdata/policy_faulty.golden")
	if readErr != nil {
		t.Fatal(readErr)
	}
	if err == nil {
		t.Fatal("accepted")
	}
	if diff := cmp.Diff(strings.TrimSuffix(string(want), "\n"), err.Error()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestPolicyFileThatCannotBeRead(t *testing.T) {
	dir := t.TempDir()
	big := filepath.Join(dir, "big.yml")
	if err := os.WriteFile(big, bytes.Repeat([]byte("# much\n"), maxPolicy/7+1), 0o600); err != nil {
		t.Fatal(err)
	}
	absent := filepath.Join(dir, "absent.yml")
	for path, want := range map[string]string{
		absent: absent + ": cannot be read: no such file or directory",
		dir:    dir + ": cannot be read: is a directory",
		big:    big + ": larger than 256 KiB",
	} {
		_, err := LoadPolicy(path)
		if _, ok := errors.AsType[*PolicyFaults](err); !ok || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func TestPolicyWarnings(t *testing.T) {
	file := accept(t, `defaults: {approvers: [channel]}
rules:
  - name: a
    verbs: [release]
    kinds: [secret, password]
    targets: [root, "5", "?5", "root@db"]
  - name: everything
    approvals: 2
  - name: late
    deny: true
`)
	const open = `every member of the channel approves, and whoever can join a channel can become one: {channel: ["@group"]} asks members of a group`
	want := []string{
		"p.yml:1:24: " + open,
		`p.yml:5:5: only a credential can be released: this rule matches nothing`,
		`p.yml:6:15: "root" matches no target: targets are ids and user@host`,
		`p.yml:9:5: never reached: rule "everything" before it matches everything`,
	}
	var got []string
	for _, w := range file.Warnings {
		got = append(got, w.line("p.yml"))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestPolicyCheckPrintsAndExits(t *testing.T) {
	dir := t.TempDir()
	write := func(name, src string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(src), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	good := write("good.yml", "defaults: {approvers: [S0PAM]}\nrules: [{name: a, kinds: [secret], deny: true}]\n")
	loose := write("loose.yml", "defaults: {approvers: [channel]}\n")
	bad := write("bad.yml", "defaults: {aproovers: [S0PAM]}\n")
	for _, c := range []struct {
		path, out string
		exit      int
	}{
		{good, good + ": good, 1 rule and the defaults\n", 0},
		{loose, loose + ":1:24: warning: every member of the channel approves, and whoever can join a channel can become one: {channel: [\"@group\"]} asks members of a group\n" +
			loose + ": good, 0 rules and the defaults\n", 0},
		{bad, bad + ":1:1: \"defaults\" has no \"approvers\": it says who approves what no rule matches\n" +
			bad + ":1:12: unknown key \"aproovers\": did you mean \"approvers\"?\n", 1},
	} {
		var out bytes.Buffer
		exit := runPolicyCheck(&out, c.path)
		if diff := cmp.Diff(c.out, out.String()); diff != "" || exit != c.exit {
			t.Errorf("exit %d, want %d (-want +got)\n%s", exit, c.exit, diff)
		}
	}
}

package main

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"senhasegura-bot/approvals"
)

const withHandles = `defaults: {approvers: [{channel: ["@sre"]}, "@leads"]}
rules:
  - {name: a, verbs: [release]}
  - {name: b, approvers: ["@sre"]}
requesters: ["@sre"]
freeze: {people: ["@leads"]}
break_glass: {people: ["@sre"], review_within: 1h, reviewers: [{channel: ["@leads"]}]}
`

func TestHandlesResolveToGroupsAndStay(t *testing.T) {
	file := accept(t, withHandles)
	ids := map[string]string{"sre": "S1", "leads": "S2"}
	if faults := file.ResolveHandles(func(h string) (string, bool) { id, ok := ids[h]; return id, ok }); faults != nil {
		t.Fatalf("faults %v", faults)
	}
	sre, leads := approvals.Approver{Group: "S1", Handle: "sre"}, approvals.Approver{Group: "S2", Handle: "leads"}
	base := [][]approvals.Approver{{{Channel: true, In: []approvals.Approver{sre}}, leads}}
	p := file.Policy
	for _, c := range []struct{ want, got any }{
		{base, p.Defaults.Approvers}, {base, p.Rules[0].Approvers},
		{[][]approvals.Approver{{sre}}, p.Rules[1].Approvers}, {[]approvals.Approver{sre}, p.Requesters}, {[]approvals.Approver{leads}, p.Freezers},
		{[]approvals.Approver{sre}, p.BreakGlass.People}, {[]approvals.Approver{{Channel: true, In: []approvals.Approver{leads}}}, p.BreakGlass.Reviewers},
	} {
		if diff := cmp.Diff(c.want, c.got); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	}
}

func TestUnknownHandlesAreFaultsWhereTheyStand(t *testing.T) {
	faults := accept(t, withHandles).ResolveHandles(func(h string) (string, bool) { return "S2", h == "leads" })
	var got []string
	for _, f := range faults {
		got = append(got, f.line("p.yml"))
	}
	want := []string{
		`p.yml:1:35: no user group has the handle "@sre"`,
		`p.yml:4:27: no user group has the handle "@sre"`,
		`p.yml:5:14: no user group has the handle "@sre"`,
		`p.yml:7:24: no user group has the handle "@sre"`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// live is a policy in force over a file that the test rewrites.
type live struct {
	*livePolicy
	t      *testing.T
	log    bytes.Buffer
	groups map[string]string
	down   error
}

func newLive(t *testing.T, src string) *live {
	t.Helper()
	l := &live{t: t, groups: map[string]string{"sre": "S1"}}
	path := filepath.Join(t.TempDir(), "policy.yml")
	l.livePolicy = &livePolicy{path: path}
	l.write(src)
	file, err := LoadPolicy(path)
	if err != nil {
		t.Fatal(err)
	}
	groups := func(context.Context) (map[string]string, error) { return l.groups, l.down }
	l.livePolicy, err = openLivePolicy(t.Context(), file, groups, slog.New(slog.NewTextHandler(&l.log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func (l *live) write(src string) {
	l.t.Helper()
	if err := os.WriteFile(l.path, []byte(src), 0o600); err != nil {
		l.t.Fatal(err)
	}
}

func TestReloadPutsAGoodPolicyIntoForce(t *testing.T) {
	l := newLive(t, "defaults: {approvers: [U1]}\n")
	l.write("defaults: {approvers: [\"@sre\"], approvals: 2}\n")
	if !l.Reload(t.Context()) {
		t.Fatalf("refused: %s", l.log.String())
	}
	want := approvals.Approver{Group: "S1", Handle: "sre"}
	if p := l.Current(); p.Defaults.Approvals != 2 || !cmp.Equal(p.Defaults.Approvers[0][0], want) {
		t.Errorf("in force: %+v", p.Defaults)
	}
}

func TestReloadNeverReplacesAGoodPolicyByAFaultyOne(t *testing.T) {
	for name, c := range map[string]struct {
		src, logged string
		down        error
	}{
		"fault":          {"defaults: {approvers: []}\n", `policy.yml:1:23: \"approvers\" is empty`, nil},
		"unknown handle": {"defaults: {approvers: [\"@gone\"]}\n", `policy.yml:1:24: no user group has the handle \"@gone\"`, nil},
		"Slack is down":  {"defaults: {approvers: [\"@sre\"]}\n", "resolving the policy's handles: no answer", errors.New("no answer")},
		"empty":          {"", "policy.yml:1:1: the policy is empty", nil},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLive(t, "defaults: {approvers: [U1]}\n")
			before := l.Current()
			l.down = c.down
			l.write(c.src)
			if l.Reload(t.Context()) || l.Current() != before {
				t.Error("replaced")
			}
			if !strings.Contains(l.log.String(), c.logged) {
				t.Errorf("logged %s, want %s", l.log.String(), c.logged)
			}
		})
	}
}

func TestPolicyDoesNotOpenWithAnUnknownHandle(t *testing.T) {
	none := func(context.Context) (map[string]string, error) { return nil, nil }
	_, err := openLivePolicy(t.Context(), accept(t, withHandles), none, slog.New(slog.DiscardHandler))
	if faults, ok := errors.AsType[*PolicyFaults](err); !ok || len(faults.Faults) != 7 {
		t.Errorf("got %v, want seven faults", err)
	}
}

func TestHandlesAreAskedForOnlyWhereThereAreSome(t *testing.T) {
	never := func(context.Context) (map[string]string, error) { return nil, errors.New("asked") }
	_, err := openLivePolicy(t.Context(), accept(t, "defaults: {approvers: [S1]}"), never, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Error(err)
	}
}

package main

import (
	"errors"
	"os"
	"testing"

	"senhasegura-bot/approvals"
)

// FuzzPolicy: whatever the file holds, the reader returns; what it accepts
// has approvers everywhere, and what it refuses has a fault.
func FuzzPolicy(f *testing.F) {
	for _, name := range []string{"testdata/policy_full.yml", "testdata/policy_faulty.yml"} {
		src, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(src)
	}
	for _, src := range []string{"", "defaults: {approvers: [{channel: []}]}", "defaults: {approvers: [*a]}", "? a", "- ",
		"defaults: {approvers: [U1], remind: 0}\nbreak_glass: {people: [U1], verbs: [release], review_within: 1m, reviewers: [channel]}", "break_glass: {people: [], reviewers: [{}]}", "defaults: {remind: -1}",
		"a: &a", "...", "--- !", "%"} {
		f.Add([]byte(src))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		file, err := parsePolicy("p.yml", src)
		if err == nil {
			checkAccepted(t, file.Policy)
			return
		}
		if faults, ok := errors.AsType[*PolicyFaults](err); !ok || len(faults.Faults) == 0 || file != nil {
			t.Errorf("refused without a fault: %v", err)
		}
	})
}

func checkAccepted(t *testing.T, p *approvals.Policy) {
	for _, rule := range append(p.Rules, p.Defaults) {
		if rule.Deny {
			continue
		}
		if rule.Approvals < 1 || rule.Expires <= 0 || len(rule.Approvers) != 1 || len(rule.Approvers[0]) == 0 {
			t.Errorf("accepted %+v", rule)
		}
		for _, a := range rule.Approvers[0] {
			if a.Person == "" && a.Group == "" && a.Handle == "" && !a.Channel {
				t.Errorf("accepted the approver %+v", a)
			}
		}
	}
	if bg := p.BreakGlass; bg != nil && (len(bg.People) == 0 || len(bg.Reviewers) == 0 || len(bg.Verbs) == 0 || bg.ReviewWithin <= 0) {
		t.Errorf("accepted %+v", bg)
	}
	if p.Requesters != nil && len(p.Requesters) == 0 {
		t.Error("accepted empty requesters")
	}
}

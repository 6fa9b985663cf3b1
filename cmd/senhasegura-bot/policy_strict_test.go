package main

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// faultsOf reads a policy and returns its faults, one line each.
func faultsOf(t *testing.T, src string) []string {
	t.Helper()
	_, err := parsePolicy("p.yml", []byte(src))
	if err == nil {
		return nil
	}
	faults, ok := errors.AsType[*PolicyFaults](err)
	if !ok {
		t.Fatalf("not *PolicyFaults: %v", err)
	}
	return faults.Lines()
}

type strictCase struct {
	name, src string
	want      []string // without the path
}

func checkStrict(t *testing.T, prefix string, cases []strictCase) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var want []string
			for _, w := range c.want {
				want = append(want, "p.yml:"+w)
			}
			if diff := cmp.Diff(want, faultsOf(t, prefix+c.src)); diff != "" {
				t.Errorf("faults of\n%s\n(-want +got)\n%s", prefix+c.src, diff)
			}
		})
	}
}

func TestPolicyFileMustBeOneYAMLMapping(t *testing.T) {
	const none = `1:1: "defaults" is missing: it says who approves what no rule matches`
	checkStrict(t, "", []strictCase{
		{"empty", "", []string{"1:1: the policy is empty"}},
		{"only comments", "# nothing\n", []string{"1:1: the policy is empty"}},
		{"list", "- a\n", []string{"1:1: the policy must be a mapping (key: value), not a list"}},
		{"text", "hello\n", []string{`1:1: the policy must be a mapping (key: value), not "hello"`}},
		{"no defaults", "language: en\n", []string{none}},
		{"second document", "defaults: {approvers: [U1]}\n---\nlanguage: en\n", []string{"2:1: a second document: a policy is one"}},
		{"second document after dots", "defaults: {approvers: [U1]}\n...\nlanguage: en\n", []string{"3:1: a second document: a policy is one"}},
		{"trailing mark", "defaults: {approvers: [U1]}\n---\n", []string{"2:1: a second document: a policy is one"}},
		{"directive", "%YAML 1.2\n---\ndefaults: {approvers: [U1]}\n", []string{"1:1: a directive (%): a policy starts with its first key"}},
		{"unclosed list", "defaults: {approvers: [U1}\n", []string{`1:26: not YAML: ',' or ']' must be specified`}},
		{"wrong indent", "defaults:\n  approvers: [U1]\n approvals: 2\n", []string{"3:2: not YAML: value is not allowed in this context"}},
		{"bare handle", "defaults:\n  approvers: [@sre]\n", []string{`2:15: a word that begins with @ must stand in quotes: "@…"`}},
		{"tab", "defaults:\n\tapprovers: [U1]\n", []string{"2:1: a tab: indent and separate with spaces"}},
		{"tab inside a word", "defaults: {approvers: [U1]}\nrules: [{name: a\tb}]\n", []string{"2:17: a tab: indent and separate with spaces"}},
		{"not UTF-8", "defaults: {approvers: [U1]}\n# caf\xe9\n", []string{"2:6: not UTF-8"}},
		{"control", "defaults: {approvers: [U1]} # \x00\n", []string{"1:31: a hidden character (U+0000)"}},
		{"bidi", "defaults: {approvers: [U1]} # \u202e\n", []string{"1:31: a hidden character (U+202E)"}},
	})
}

func TestPolicyTakesNothingButPlainValues(t *testing.T) {
	checkStrict(t, "defaults: {approvers: [S0PAM]}\n", []strictCase{
		{"anchor", "language: &l en\n", []string{"2:11: an anchor (&): write the value out where it is used"}},
		{"alias", "rules:\n  - name: a\n    targets: *x\n", []string{"4:14: an alias (*): write the value out, or in quotes if a glob is meant"}},
		{"tag", "allow_shared: !!str true\n", []string{`2:15: a tag (!): values have the type they are written in`}},
		{"merge", "<<: {language: en}\n", []string{"2:1: a merge key (<<): write the keys out"}},
		{"anchored key", "&k language: en\n", []string{"2:1: an anchor (&): write the value out where it is used"}},
		{"complex key", "? language\n: en\n", []string{"2:1: a key must be a plain word"}},
		{"number as key", "1: en\n", []string{"2:1: a key must be a plain word"}},
	})
}

package main

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"senhasegura-bot/approvals"
)

func TestPolicyBreakGlass(t *testing.T) {
	const within = `"review_within" must be a duration from 1s to 7d, such as 30m, not `
	checkStrict(t, "defaults: {approvers: [S0PAM]}\n", []strictCase{
		{"enough", "break_glass: {people: [U1, S2], review_within: 1h, reviewers: [\"@sec\", {channel: [U3]}]}\n", nil},
		{"empty", "break_glass: {}\n", []string{
			`2:1: "break_glass" has no "people": it says who may act before somebody approves`,
			`2:1: "break_glass" has no "review_within": it says how long the reviewers have to sign`,
			`2:1: "break_glass" has no "reviewers": it says who must sign it afterwards`}},
		{"no value", "break_glass:\n", []string{`2:1: key "break_glass" has no value`}},
		{"a list", "break_glass: [U1]\n", []string{`2:14: break_glass must be a mapping (key: value), not a list`}},
		{"nobody", "break_glass: {people: [], review_within: 1h, reviewers: []}\n", []string{
			`2:23: "people" is empty: name at least one, or leave the key out`,
			`2:57: "reviewers" is empty: name at least one, or leave the key out`}},
		{"no verb", "break_glass: {people: [U1], verbs: [], review_within: 1h, reviewers: [U2]}\n", []string{`2:36: "verbs" is empty: name at least one, or leave the key out`}},
		{"an unknown verb", "break_glass: {people: [U1], verbs: [delete], review_within: 1h, reviewers: [U2]}\n", []string{`2:37: unknown verb "delete": known here are activate, deactivate and release`}},
		{"a verb twice", "break_glass: {people: [U1], verbs: [release, release], review_within: 1h, reviewers: [U2]}\n", []string{`2:46: "release" is listed twice`}},
		{"too soon", "break_glass: {people: [U1], review_within: 0s, reviewers: [U2]}\n", []string{`2:44: ` + within + `"0s"`}},
		{"too late", "break_glass: {people: [U1], review_within: 8d, reviewers: [U2]}\n", []string{`2:44: ` + within + `"8d"`}},
		{"without a unit", "break_glass: {people: [U1], review_within: 24, reviewers: [U2]}\n", []string{`2:44: "review_within" has no unit: 24s, 24m, 24h or 24d`}},
		{"somebody twice", "break_glass: {people: [U1, U1], review_within: 1m, reviewers: [U2]}\n", []string{`2:28: "U1" is listed twice`}},
		{"more than it takes", "break_glass: {people: [U1], review_within: 7d, reviewers: [U2], approvals: 1}\n", []string{
			`2:65: unknown key "approvals": known here are people, review_within, reviewers and verbs`}},
	})
}

// TestPolicyBreakGlassByDefault: only what takes access away.
func TestPolicyBreakGlassByDefault(t *testing.T) {
	bg := accept(t, "defaults: {approvers: [S0PAM]}\nbreak_glass: {people: [U1], review_within: 1h, reviewers: [U2]}\n").Policy.BreakGlass
	if diff := cmp.Diff([]approvals.Verb{approvals.Deactivate}, bg.Verbs); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if accept(t, "defaults: {approvers: [S0PAM]}\n").Policy.BreakGlass != nil {
		t.Error("a policy without the key has break-glass")
	}
}

func TestPolicyRemind(t *testing.T) {
	const remind = `"remind" must be a duration from 1s to 7d, such as 30m, not `
	checkStrict(t, "defaults: {approvers: [S0PAM], ", []strictCase{
		{"never", "remind: 0}\n", nil},
		{"never, with a unit", "remind: 0s}\n", []string{`1:40: ` + remind + `"0s"`}},
		{"without a unit", "remind: 10}\n", []string{`1:40: "remind" has no unit: 10s, 10m, 10h or 10d`}},
		{"negative", "remind: -1}\n", []string{`1:40: ` + remind + `-1`}},
		{"too long", "remind: 8d}\n", []string{`1:40: ` + remind + `"8d"`}},
		{"a word", "remind: always}\n", []string{`1:40: ` + remind + `"always"`}},
		{"shortest", "remind: 1s}\n", nil},
		{"longest", "expires: 7d, remind: 7d}\n", nil},
	})
	p := accept(t, "defaults: {approvers: [S0PAM], remind: 10m}\nrules:\n"+
		"  - {verbs: [release]}\n  - {verbs: [activate], remind: 5m}\n  - {kinds: [password], remind: 0}\n  - {kinds: [secret], deny: true}\n").Policy
	for i, want := range []time.Duration{10 * time.Minute, 5 * time.Minute, 0, 0} {
		if got := p.Rules[i].Remind; got != want {
			t.Errorf("rule %d reminds after %s, want %s", i+1, got, want)
		}
	}
}

func TestPolicyWarnsOfBreakGlassAndRemind(t *testing.T) {
	file := accept(t, `defaults: {approvers: [S0PAM], expires: 10m, remind: 10m}
rules:
  - {name: inherits, verbs: [release], expires: 5m}
  - {name: fits, verbs: [activate], expires: 1h}
  - {name: too late, kinds: [secret], remind: 1h}
  - {name: denies, kinds: [password], deny: true}
break_glass: {people: [channel], review_within: 1h, reviewers: [channel]}
`)
	const open = `, and whoever can join a channel can become one: {channel: ["@group"]} asks members of a group`
	want := []string{
		`p.yml:1:46: "remind" (10m) is not shorter than "expires" (10m): only the reminder before the end is left`,
		`p.yml:3:40: "remind" (10m) is not shorter than "expires" (5m): only the reminder before the end is left`,
		`p.yml:5:39: "remind" (1h) is not shorter than "expires" (10m): only the reminder before the end is left`,
		`p.yml:7:24: every member of the channel breaks the glass` + open,
		`p.yml:7:65: every member of the channel signs` + open,
	}
	var got []string
	for _, w := range file.Warnings {
		got = append(got, w.line("p.yml"))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

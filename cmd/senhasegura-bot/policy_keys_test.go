package main

import "testing"

func TestPolicyKeys(t *testing.T) {
	checkStrict(t, "defaults: {approvers: [S0PAM]}\n", []strictCase{
		{"unknown", "langauge: en\n", []string{`2:1: unknown key "langauge": did you mean "language"?`}},
		{"unknown, far from all", "colour: red\n", []string{`2:1: unknown key "colour": known here are allow_shared, announce, audit_channel, break_glass, defaults, freeze, language, limits, requesters, rules and same_person`}},
		{"unknown in a rule", "rules:\n  - name: a\n    aproovers: [U1]\n", []string{`4:5: unknown key "aproovers": did you mean "approvers"?`}},
		{"unknown limit", "limits: {per_person_hour: 1}\n", []string{`2:10: unknown key "per_person_hour": known here are pending, pending_per_person and per_person_minute`}},
		{"keys are lower case", "Language: en\n", []string{`2:1: unknown key "Language": did you mean "language"?`}},
		{"repeated", "language: en\nlanguage: pt-BR\n", []string{`3:1: repeated key "language": it stands on line 2 already`}},
		{"repeated, once quoted", "language: en\n\"language\": en\n", []string{`3:1: repeated key "language": it stands on line 2 already`}},
		{"repeated in a rule", "rules: [{name: a, deny: true, name: b}]\n", []string{`2:31: repeated key "name": it stands on line 2 already`}},
		{"repeated defaults", "defaults: {approvers: [U1]}\n", []string{`2:1: repeated key "defaults": it stands on line 1 already`}},
		{"no value", "language:\nrules:\n  - name: a\n    verbs: ~\n    targets: null\n", []string{
			`2:1: key "language" has no value`, `5:5: key "verbs" has no value`, `6:5: key "targets" has no value`}},
		{"entry without a value", "rules:\n  -\n  - name: a\n", []string{`3:4: an entry of "rules" has no value`}},
	})
	checkStrict(t, "", []strictCase{
		{"defaults without approvers", "language: en\ndefaults: {approvals: 2}\n", []string{`2:1: "defaults" has no "approvers": it says who approves what no rule matches`}},
		{"defaults without value", "defaults:\n", []string{`1:1: key "defaults" has no value`}},
		{"defaults deny", "defaults: {approvers: [U1], deny: true}\n", []string{`1:29: unknown key "deny": known here are approvals, approvers, expires, post_to, reason and remind`}},
	})
}

func TestPolicyRulesAgreeWithThemselves(t *testing.T) {
	checkStrict(t, "defaults: {approvers: [S0PAM]}\n", []strictCase{
		{"deny beside demands", "rules:\n  - name: a\n    deny: true\n    approvers: [U1]\n    approvals: 2\n    expires: 1m\n    remind: 10s\n    reason: optional\n    post_to: C0PAMAPPR\n", []string{
			`5:5: "approvers" beside "deny": a rule that denies asks nobody`,
			`6:5: "approvals" beside "deny": a rule that denies asks nobody`,
			`7:5: "expires" beside "deny": a rule that denies asks nobody`,
			`8:5: "remind" beside "deny": a rule that denies asks nobody`,
			`9:5: "reason" beside "deny": a rule that denies asks nobody`,
			`10:5: "post_to" beside "deny": a rule that denies asks nobody`}},
		{"post_to is no id", "rules: [{name: a, post_to: approvals}, {name: b, post_to: [C1]}, {name: c, post_to: DANA}]\n", []string{
			`2:28: "post_to" must be the id of a channel (C…), not "approvals"`,
			`2:59: "post_to" must be text, not a list`,
			`2:85: "post_to" must be the id of a channel (C…), not "DANA"`}},
		{"deny: false denies nothing", "rules: [{name: a, deny: false, approvers: [U1]}]\n", nil},
		{"one name twice", "rules:\n  - name: a\n    verbs: [release]\n  - name: b\n    verbs: [release]\n  - {name: a}\n", []string{`7:6: two rules are called "a": the first is on line 3`}},
		{"empty name", "rules: [{name: \"\"}]\n", []string{`2:16: "name" holds an empty text`}},
		{"name of spaces", "rules: [{name: \" a\"}]\n", []string{`2:16: "name" holds a text with a space at its end`}},
		{"name with an escape", "rules: [{name: \"a\\u202e\"}]\n", []string{`2:16: "name" holds a hidden character or a line break`}},
		{"name is a number", "rules: [{name: 7}]\n", []string{`2:16: "name" must be text, not 7`}},
		{"name is a block", "rules:\n  - name: |\n      a\n", []string{`3:11: "name" must be text, not a block of text`}},
		{"rules is a mapping", "rules: {name: a}\n", []string{`2:8: "rules" must be a list ([a, b]), not a mapping`}},
		{"a rule is a word", "rules: [release]\n", []string{`2:9: a rule must be a mapping (key: value), not "release"`}},
	})
}

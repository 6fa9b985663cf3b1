package main

import "testing"

const forms = `a user group (S… or "@handle"), a person (U… or W…), channel, or {channel: [groups and people]}`

func TestPolicyWords(t *testing.T) {
	checkStrict(t, "defaults: {approvers: [S0PAM]}\n", []strictCase{
		{"language", "language: pt\n", []string{`2:11: unknown language "pt": known here are en and pt-BR`}},
		{"language, near", "language: pt-br\n", []string{`2:11: unknown language "pt-br": did you mean "pt-BR"?`}},
		{"announce", "announce: everything\n", []string{`2:11: unknown announce "everything": known here are failures, all and none`}},
		{"reason", "rules: [{name: a, reason: yes}]\n", []string{`2:27: unknown reason "yes": known here are required and optional`}},
		{"verb", "rules: [{name: a, verbs: [ativar, activat]}]\n", []string{
			`2:27: unknown verb "ativar": known here are activate, deactivate and release`,
			`2:35: unknown verb "activat": did you mean "activate"?`}},
		{"kind", "rules: [{name: a, kinds: [senha]}]\n", []string{`2:27: unknown kind "senha": known here are credential, password and secret`}},
		{"verb twice", "rules: [{name: a, verbs: [release, release]}]\n", []string{`2:36: "release" is listed twice`}},
		{"verbs as a word", "rules: [{name: a, verbs: release}]\n", []string{`2:26: "verbs" must be a list ([a, b]), not "release"`}},
		{"no verbs", "rules: [{name: a, verbs: []}]\n", []string{`2:26: "verbs" is empty: name at least one, or leave the key out`}},
		{"no kinds", "rules: [{name: a, kinds: []}]\n", []string{`2:26: "kinds" is empty: name at least one, or leave the key out`}},
		{"flag as a word", "allow_shared: yes\n", []string{`2:15: "allow_shared" must be true or false, not "yes"`}},
		{"deny as a number", "rules: [{name: a, deny: 1}]\n", []string{`2:25: "deny" must be true or false, not 1`}},
	})
}

func TestPolicyNumbersAndDurations(t *testing.T) {
	number := func(at, got string) []string {
		return []string{at + `: "approvals" must be a whole number from 1 to 10, not ` + got}
	}
	span := func(got string) []string {
		return []string{`1:38: "expires" must be a duration from 1s to 7d, such as 30m, not ` + got}
	}
	limit := func(key, got string) []string {
		return []string{`1:` + key + ` must be a whole number from 0 to 100000, not ` + got}
	}
	checkStrict(t, "defaults: {approvers: [U1], ", []strictCase{
		{"zero", "approvals: 0}", number("1:40", "0")},
		{"eleven", "approvals: 11}", number("1:40", "11")},
		{"ten", "approvals: 10}", nil},
		{"negative", "approvals: -1}", number("1:40", "-1")},
		{"float", "approvals: 2.0}", number("1:40", "2.0")},
		{"quoted", `approvals: "2"}`, number("1:40", `"2"`)},
		{"hexadecimal", "approvals: 0x2}", number("1:40", "0x2")},
		{"octal", "approvals: 02}", number("1:40", "02")},
		{"underscore", "approvals: 1_0}", number("1:40", "1_0")},
		{"infinite", "approvals: .inf}", number("1:40", ".inf")},
		{"huge", "approvals: 99999999999999999999}", number("1:40", `"99999999999999999999"`)},
		{"list", "approvals: [2]}", number("1:40", "a list")},
		{"no unit", "expires: 30}", []string{`1:38: "expires" has no unit: 30s, 30m, 30h or 30d`}},
		{"quoted without unit", `expires: "30"}`, span(`"30"`)},
		{"unknown unit", "expires: 30min}", span(`"30min"`)},
		{"weeks", "expires: 1w}", span(`"1w"`)},
		{"too long", "expires: 8d}", span(`"8d"`)},
		{"a second too long", "expires: 7d1s}", span(`"7d1s"`)},
		{"nothing", "expires: 0s}", span(`"0s"`)},
		{"milliseconds", "expires: 1000ms}", span(`"1000ms"`)},
		{"negative duration", "expires: -30m}", span(`"-30m"`)},
		{"fraction", "expires: 1.5h}", span(`"1.5h"`)},
		{"float duration", "expires: 1.5}", span("1.5")},
		{"capital unit", "expires: 30M}", span(`"30M"`)},
		{"longest", "expires: 7d}", nil},
		{"shortest", "expires: 1s}", nil},
		{"joined", "expires: 1h30m}", nil},
	})
	checkStrict(t, "limits: {", []strictCase{
		{"negative limit", "pending: -1}\ndefaults: {approvers: [U1]}", limit(`19: "pending"`, "-1")},
		{"limit too large", "per_person_minute: 100001}\ndefaults: {approvers: [U1]}", limit(`29: "per_person_minute"`, "100001")},
		{"limit as text", "pending_per_person: none}\ndefaults: {approvers: [U1]}", limit(`30: "pending_per_person"`, `"none"`)},
		{"zero is none", "pending: 0}\ndefaults: {approvers: [U1]}", nil},
	})
}

func TestPolicyApprovers(t *testing.T) {
	entry := func(at, got string) []string { return []string{at + ": " + got + " is none of: " + forms} }
	checkStrict(t, "defaults: {approvers: ", []strictCase{
		{"empty", "[]}", []string{`1:23: "approvers" is empty: name at least one, or leave the key out`}},
		{"one word", "U1}", []string{`1:23: "approvers" must be a list ([a, b]), not "U1"`}},
		{"no value", "}", []string{`1:12: key "approvers" has no value`}},
		{"every form", `[S0A, "@sre.on-call_1", U1, W1, channel, {channel: [S0B, U2, "@ops"]}]}`, nil},
		{"handle without @", "[pam-leads]}", []string{`1:24: "pam-leads" is none of: ` + forms + `; did you mean "@pam-leads"?`}},
		{"capital handle", `["@SRE"]}`, entry("1:24", `"@SRE"`)},
		{"two handles in one", `["@a, @b"]}`, entry("1:24", `"@a, @b"`)},
		{"at alone", `["@"]}`, entry("1:24", `"@"`)},
		{"mention of a channel", `["@channel", "@here"]}`, []string{
			`1:24: "@channel" is a mention, no user group`, `1:36: "@here" is a mention, no user group`}},
		{"small id", "[s0pam]}", []string{`1:24: "s0pam" is none of: ` + forms + `; did you mean "@s0pam"?`}},
		{"a channel's id", "[C0INC]}", entry("1:24", `"C0INC"`)},
		{"a number", "[7]}", entry("1:24", "7")},
		{"a list", "[[U1]]}", entry("1:24", "a list")},
		{"no entry", "[U1, ~]}", []string{`1:28: an entry of "approvers" has no value`}},
		{"twice", `[U1, "U1"]}`, []string{`1:28: "U1" is listed twice`}},
		{"channel of nobody", "[{channel: []}]}", []string{`1:34: "channel" is empty: name at least one, or leave the key out`}},
		{"channel without a list", "[{channel: U1}]}", []string{`1:34: "channel" must be a list ([a, b]), not "U1"`}},
		{"channel in a channel", "[{channel: [channel]}]}", []string{`1:35: "channel" inside "channel": name user groups and people`}},
		{"channel of a channel", "[{channel: [{channel: [U1]}]}]}", []string{`1:35: "channel" inside "channel": name user groups and people`}},
		{"twice in a channel", "[{channel: [U1, U1]}]}", []string{`1:39: "U1" is listed twice`}},
		{"empty mapping", "[{}]}", entry("1:24", "an empty mapping")},
		{"unknown mapping", "[{chanel: [U1]}]}", []string{`1:25: unknown key "chanel": did you mean "channel"?`}},
	})
	checkStrict(t, "defaults: {approvers: [S0PAM]}\n", []strictCase{
		{"rule with empty approvers", "rules: [{name: a, approvers: []}]\n", []string{`2:30: "approvers" is empty: name at least one, or leave the key out`}},
		{"empty requesters", "requesters: []\n", []string{`2:13: "requesters" is empty: name at least one, or leave the key out`}},
		{"channel as requesters", "requesters: [channel, {channel: [U1]}]\n", []string{
			`2:14: "requesters" takes no channel: name user groups and people`,
			`2:23: "requesters" takes no channel: name user groups and people`}},
	})
}

func TestPolicyGlobsAndAccounts(t *testing.T) {
	const bad = `* is any text, ? one character, [a-z] one of these, \ takes the next as it is`
	checkStrict(t, "defaults: {approvers: [S0PAM]}\n", []strictCase{
		{"target", "rules: [{name: a, targets: [\"root@[\", '\\', \"[]\"]}]\n", []string{
			`2:29: bad glob "root@[": ` + bad, `2:39: bad glob "\\": ` + bad, `2:44: bad glob "[]": ` + bad}},
		{"channel", "rules: [{name: a, channels: [\"inc-[\"]}]\n", []string{`2:30: bad glob "inc-[": ` + bad}},
		{"channel with #", "rules: [{name: a, channels: [\"#inc\"]}]\n", []string{`2:30: channel "#inc": names go without the #`}},
		{"channel as a number", "rules: [{name: a, channels: [7]}]\n", []string{`2:30: "channels" must be text, not 7`}},
		{"empty glob", "rules: [{name: a, targets: [\"\"]}]\n", []string{`2:29: "targets" holds an empty text`}},
		{"target twice", "rules: [{name: a, targets: [7, \"7\"]}]\n", []string{`2:32: "7" is listed twice`}},
		{"channel twice", "rules: [{name: a, channels: [C1, C1]}]\n", []string{`2:34: "C1" is listed twice`}},
		{"target as hexadecimal", "rules: [{name: a, targets: [0x7]}]\n", []string{`2:29: "targets" must be text, not 0x7`}},
		{"no targets", "rules: [{name: a, targets: []}]\n", []string{`2:28: "targets" is empty: name at least one, or leave the key out`}},
		{"no channels", "rules: [{name: a, channels: []}]\n", []string{`2:29: "channels" is empty: name at least one, or leave the key out`}},
		{"who may freeze", "freeze: {people: [U1, S2]}\n", nil},
		{"nobody may freeze", "freeze: {people: []}\n", []string{`2:18: "people" is empty: name at least one, or leave the key out`}},
		{"freeze without people", "freeze: {}\n", []string{`2:1: "freeze" has no "people": it says who may stop everything`}},
		{"freeze is a list", "freeze: [U1]\n", []string{`2:9: freeze must be a mapping (key: value), not a list`}},
		{"the channel may freeze", "freeze: {people: [channel]}\n", []string{`2:19: "people" takes no channel: name user groups and people`}},
		{"members of a channel may freeze", "freeze: {people: [{channel: [S2]}]}\n", []string{`2:19: "people" takes no channel: name user groups and people`}},
		{"somebody may freeze twice", "freeze: {people: [U1, U1]}\n", []string{`2:23: "U1" is listed twice`}},
		{"more of freeze", "freeze: {people: [U1], reason: x}\n", []string{`2:24: unknown key "reason": known here is people`}},
		{"one account", "same_person: [[U1]]\n", []string{`2:15: "same_person" needs at least two accounts in each list`}},
		{"no account", "same_person: [[]]\n", []string{`2:15: "same_person" is empty: name at least one, or leave the key out`}},
		{"flat accounts", "same_person: [U1, U2]\n", []string{
			`2:15: "same_person" must be a list ([a, b]), not "U1"`, `2:19: "same_person" must be a list ([a, b]), not "U2"`}},
		{"a group as a person", "same_person: [[U1, S2]]\n", []string{`2:20: "S2" is no account: accounts begin with U or W`}},
		{"in two lists", "same_person: [[U1, U2], [U2, U3]]\n", []string{`2:25: "U2" is listed twice: one person's accounts go into one list`}},
		{"nobody is two", "same_person: []\n", nil},
	})
}

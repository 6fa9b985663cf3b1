package commands

import (
	"slices"
	"strings"
	"testing"

	"senhasegura-bot/approvals"
	"senhasegura-bot/senhasegura"
)

func TestWhatAnAnswerMeansForItsOperation(t *testing.T) {
	refused := func(fault string) approvals.Target {
		return approvals.Target{Result: approvals.ResultFailed, Answer: approvals.Answer{Kind: approvals.AnswerRefused, Fault: fault}}
	}
	lost := approvals.Target{Result: approvals.ResultUnknown, Lost: true, Answer: approvals.Answer{Kind: approvals.AnswerLost, Fault: "call.lost"}}
	again := refused("pam.1009")
	again.Lost = true
	tests := []struct {
		name  string
		t     approvals.Target
		v     approvals.Verb
		k     approvals.Kind
		means string
		want  Explained
	}{
		{"done", approvals.Target{Answer: approvals.Answer{Kind: approvals.AnswerDone}}, approvals.Activate, approvals.Credential,
			"", Explained{Changed: ChangedYes}},
		{"already", approvals.Target{Answer: approvals.Answer{Kind: approvals.AnswerAlready}}, approvals.Activate, approvals.Credential,
			"explain.call.already.means", Explained{Changed: ChangedNo}},
		{"already, after a lost answer", approvals.Target{Lost: true, Answer: approvals.Answer{Kind: approvals.AnswerAlready}}, approvals.Activate, approvals.Credential,
			"explain.call.already.means", Explained{Changed: ChangedUnknown}},
		{"1008 on release", refused("pam.1008"), approvals.Release, approvals.Credential,
			"explain.pam.1008.release.means", Explained{Changed: ChangedNo, Who: WhoRequester}},
		{"1008 on deactivate", refused("pam.1008"), approvals.Deactivate, approvals.Credential,
			"explain.pam.1008.deactivate.means", Explained{Changed: ChangedNo, Who: WhoRequester}},
		{"1008 elsewhere", refused("pam.1008"), approvals.Activate, approvals.Credential,
			"explain.pam.1008.means", Explained{Changed: ChangedNo, Who: WhoRequester}},
		{"1005 on a secret", refused("mysafe.1005"), approvals.Activate, approvals.Secret,
			"explain.mysafe.1005.secret.means", Explained{Changed: ChangedNo, Who: WhoRequester}},
		{"1006", refused("mysafe.1006"), approvals.Activate, approvals.Password,
			"explain.mysafe.1006.means", Explained{Changed: ChangedNo, Who: WhoOwner}},
		{"redirect", refused("call.redirect"), approvals.Activate, approvals.Credential,
			"explain.call.redirect.means", Explained{Changed: ChangedNo, Who: WhoOperator}},
		{"a code nobody knows", refused(""), approvals.Activate, approvals.Credential,
			"explain.call.unknown.means", Explained{Changed: ChangedNo, Who: WhoAdministrator}},
		{"a refusal after a lost answer", again, approvals.Activate, approvals.Credential,
			"explain.pam.1009.means", Explained{Changed: ChangedUnknown, Who: WhoAdministrator}},
		{"lost", lost, approvals.Deactivate, approvals.Credential,
			"explain.call.lost.means", Explained{Changed: ChangedUnknown, Retry: true, Who: WhoApprover}},
		{"lost on release", lost, approvals.Release, approvals.Credential,
			"explain.call.lost.release.means", Explained{Changed: ChangedUnknown, Who: WhoApprover}},
		{"server fault", approvals.Target{Answer: approvals.Answer{Kind: approvals.AnswerLost, Fault: "gateway.unexpected_error"}}, approvals.Deactivate, approvals.Credential,
			"explain.gateway.unexpected_error.means", Explained{Changed: ChangedUnknown, Retry: true, Who: WhoAdministrator}},
		{"never begun", approvals.Target{Result: approvals.ResultNotSent}, approvals.Deactivate, approvals.Credential,
			"explain.call.not_sent.means", Explained{Changed: ChangedNo, Who: WhoOperator}},
		{"begun by a process that died", approvals.Target{Result: approvals.ResultUnknown}, approvals.Deactivate, approvals.Credential,
			"explain.call.lost.means", Explained{Changed: ChangedUnknown, Who: WhoApprover}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := Explanation(tt.t, tt.v, tt.k)
			if got.Means != tt.means || got.Next != strings.Replace(tt.means, ".means", ".next", 1) {
				t.Errorf("keys %q %q", got.Means, got.Next)
			}
			if got.Changed != tt.want.Changed || got.Retry != tt.want.Retry || got.Who != tt.want.Who {
				t.Errorf("changed %q, retry %v, who %q", got.Changed, got.Retry, got.Who)
			}
		})
	}
}

func TestMeaningsOfANumber(t *testing.T) {
	tests := map[string][]string{
		"1018":                         {"explain.pam.1018.means"},
		"#1018: The credential is not": {"explain.pam.1018.means"},
		"1009":                         {"explain.pam.1009.means", "explain.mysafe.1009.password.means", "explain.mysafe.1009.secret.means"},
		"mysafe 1010":                  {"explain.mysafe.1010.means"},
		"PAM 1010":                     {"explain.pam.1010.means"},
		"PAM Core 1010":                {"explain.pam.1010.means"},
		"1008":                         {"explain.pam.1008.release.means", "explain.pam.1008.deactivate.means"},
		"Unexpected error.":            {"explain.gateway.unexpected_error.means"},
		"you are not authorized to access this resource": {"explain.gateway.not_authorized.means"},
		"4711":     nil,
		"nonsense": nil,
		"10180":    nil,
	}
	for asked, want := range tests {
		var got []string
		for _, x := range Meanings(asked) {
			got = append(got, x.Means)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", asked, got, want)
		}
	}
}

func TestEveryExplanationUsesListedKeys(t *testing.T) {
	keys := ExplainKeys()
	for i, k := range keys {
		if slices.Contains(keys[:i], k) {
			t.Errorf("%s twice", k)
		}
	}
	faults := callFaults()
	for _, c := range senhasegura.All() {
		faults = append(faults, c.Key)
		for _, x := range meaningsOf(c) {
			if !slices.Contains(keys, x.Means) || !slices.Contains(keys, x.Next) {
				t.Errorf("unlisted %s or %s", x.Means, x.Next)
			}
		}
	}
	for _, fault := range append(faults, "", "something new") {
		for _, v := range []approvals.Verb{approvals.Activate, approvals.Deactivate, approvals.Release} {
			for _, k := range Kinds() {
				a := approvals.Answer{Kind: approvals.AnswerRefused, Fault: fault}
				if x := Explanation(approvals.Target{Answer: a}, v, k.Kind); !slices.Contains(keys, x.Means) || !slices.Contains(keys, x.Next) {
					t.Errorf("%s %s %s: unlisted %s or %s", fault, v, k.Kind, x.Means, x.Next)
				}
			}
		}
	}
}

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
			"explain.pam.1008.means", Explained{Changed: ChangedNo, Again: AgainNo, Who: []Who{WhoRequester}}},
		{"1008 on deactivate", refused("pam.1008"), approvals.Deactivate, approvals.Credential,
			"explain.pam.1008.means", Explained{Changed: ChangedNo}},
		{"1008 elsewhere", refused("pam.1008"), approvals.Activate, approvals.Credential,
			"explain.pam.1008.means", Explained{Changed: ChangedNo, Again: AgainNo, Who: []Who{WhoAdministrator}}},
		{"1005 on a secret", refused("mysafe.1005"), approvals.Activate, approvals.Secret,
			"explain.mysafe.1005.means", Explained{Changed: ChangedNo, Again: AgainNo, Who: []Who{WhoRequester, WhoOwner}}},
		{"1006", refused("mysafe.1006"), approvals.Activate, approvals.Password,
			"explain.mysafe.1006.means", Explained{Changed: ChangedNo, Again: AgainNo, Who: []Who{WhoOwner}}},
		{"redirect", refused("call.redirect"), approvals.Activate, approvals.Credential,
			"explain.call.redirect.means", Explained{Changed: ChangedNo, Again: AgainNo, Who: []Who{WhoOperator}}},
		{"a code nobody knows", refused(""), approvals.Activate, approvals.Credential,
			"explain.call.unknown.means", Explained{Changed: ChangedNo, Who: []Who{WhoAdministrator}}},
		{"a refusal after a lost answer", again, approvals.Activate, approvals.Credential,
			"explain.pam.1009.means", Explained{Changed: ChangedUnknown, Again: AgainNo, Who: []Who{WhoAdministrator}}},
		{"not authorized in MySafe", refused("gateway.not_authorized"), approvals.Activate, approvals.Secret,
			"explain.gateway.not_authorized.means", Explained{Changed: ChangedNo, Again: AgainNo, Who: []Who{WhoKeyKeeper, WhoOperator}}},
		{"lost", lost, approvals.Deactivate, approvals.Credential,
			"explain.call.lost.means", Explained{Changed: ChangedUnknown, Again: AgainSafe, Who: []Who{WhoApprover}}},
		{"lost on release", lost, approvals.Release, approvals.Credential,
			"explain.call.lost.means", Explained{Changed: ChangedUnknown, Again: AgainLook, Who: []Who{WhoApprover}}},
		{"server fault", approvals.Target{Answer: approvals.Answer{Kind: approvals.AnswerLost, Fault: "gateway.unexpected_error"}}, approvals.Deactivate, approvals.Credential,
			"explain.gateway.unexpected_error.means", Explained{Changed: ChangedUnknown, Again: AgainSafe, Who: []Who{WhoApprover, WhoAdministrator}}},
		{"never begun", approvals.Target{Result: approvals.ResultNotSent}, approvals.Deactivate, approvals.Credential,
			"explain.call.not_sent.means", Explained{Changed: ChangedNo, Again: AgainLater, Who: []Who{WhoOperator, WhoRequester}}},
		{"begun by a process that died", approvals.Target{Result: approvals.ResultUnknown}, approvals.Deactivate, approvals.Credential,
			"explain.call.lost.means", Explained{Changed: ChangedUnknown, Again: AgainSafe, Who: []Who{WhoApprover}}},
		{"rate limited until the end", approvals.Target{Result: approvals.ResultNotSent, Answer: approvals.Answer{Kind: approvals.AnswerWait, Fault: "gateway.rate_limited"}}, approvals.Release, approvals.Credential,
			"explain.gateway.rate_limited.means", Explained{Changed: ChangedNo, Again: AgainLater, Who: []Who{WhoRequester, WhoAdministrator}}},
		{"rate limited, stored before the catalogue held it", approvals.Target{Result: approvals.ResultNotSent, Answer: approvals.Answer{Kind: approvals.AnswerWait, Fault: "call.rate_limited"}}, approvals.Release, approvals.Credential,
			"explain.gateway.rate_limited.means", Explained{Changed: ChangedNo, Again: AgainLater, Who: []Who{WhoRequester, WhoAdministrator}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := Explanation(tt.t, tt.v, tt.k)
			if got.Means != tt.means || got.Next != strings.Replace(tt.means, ".means", ".next", 1) {
				t.Errorf("keys %q %q", got.Means, got.Next)
			}
			if got.Changed != tt.want.Changed || got.Again != tt.want.Again || !slices.Equal(got.Who, tt.want.Who) {
				t.Errorf("changed %q, again %q, who %q", got.Changed, got.Again, got.Who)
			}
		})
	}
}

func TestMeanings(t *testing.T) {
	tests := map[string][]string{
		"1018":                         {"pam.1018"},
		"#1018: The credential is not": {"pam.1018"},
		"“1018”":                       {"pam.1018"},
		"1018?":                        {"pam.1018"},
		"error 1018":                   {"pam.1018"},
		"Código de erro 1018":          {"pam.1018"},
		"código: 1018, o que é?":       {"pam.1018"},
		"MySafe error code 1010":       {"mysafe.1010"},
		"HTTP status 429":              {"gateway.rate_limited"},
		"error":                        nil,
		"1009":                         {"pam.1009", "mysafe.1009"},
		"mysafe 1010":                  {"mysafe.1010"},
		"PAM 1010":                     {"pam.1010"},
		"PAM Core: 1010":               {"pam.1010"},
		"cofre 1009":                   {"mysafe.1009"},
		"pam 1006":                     nil,
		"Unexpected error.":            {"gateway.unexpected_error"},
		"you are not authorized to access this resource": {"gateway.not_authorized"},
		"MySafe Resource sub not found":                  {"gateway.resource_not_found"},
		"credential inactive":                            {"pam.1008"},
		"'Api secret not found'":                         {"mysafe.1005"},
		"504":                                            {"gateway.upstream_timeout"},
		"429":                                            {"gateway.rate_limited"},
		"4711":                                           nil, "nonsense": nil, "10180": nil, "mysafe": nil, "pam ": nil, "": nil, "200": nil,
	}
	for asked, want := range tests {
		var got []string
		for _, m := range Meanings(asked) {
			got = append(got, m.Code.Key)
			if len(m.On) == 0 {
				t.Errorf("%s means nothing for any operation", m.Code.Key)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", asked, got, want)
		}
	}
}

// TestEveryExplanationIsOfThisOperation: the keys are listed, once each, and
// explanations carry the operation that their sentences depend on.
func TestEveryExplanationIsOfThisOperation(t *testing.T) {
	keys := ExplainKeys()
	for i, k := range keys {
		if slices.Contains(keys[:i], k) {
			t.Errorf("%s twice", k)
		}
	}
	for _, c := range senhasegura.All() {
		for _, x := range meaningOf(c).On {
			if !slices.Contains(keys, x.Means) || !slices.Contains(keys, x.Next) || x.Kind == "" {
				t.Errorf("unlisted %s or %s, or no operation: %+v", x.Means, x.Next, x.Operation)
			}
		}
	}
	for _, fault := range append(explainable(), "", "something new") {
		for _, v := range []approvals.Verb{approvals.Activate, approvals.Deactivate, approvals.Release} {
			for _, k := range Kinds() {
				x := Explanation(approvals.Target{Answer: approvals.Answer{Kind: approvals.AnswerRefused, Fault: fault}}, v, k.Kind)
				if !slices.Contains(keys, x.Means) || !slices.Contains(keys, x.Next) || x.Operation != (Operation{v, k.Kind}) {
					t.Errorf("%s %s %s: unlisted %s or %s, or of %+v", fault, v, k.Kind, x.Means, x.Next, x.Operation)
				}
				if slices.ContainsFunc(x.Who, func(w Who) bool { return !slices.Contains(People(), w) }) {
					t.Errorf("%s: %q are not people", fault, x.Who)
				}
			}
		}
	}
}

// TestWhoOfEveryExplanation: what names somebody names an explanation there is.
func TestWhoOfEveryExplanation(t *testing.T) {
	for _, doers := range []map[string][]Who{doers(), keyDoers()} {
		for name := range doers {
			if !slices.Contains(explainable(), name) {
				t.Errorf("nobody can meet %s", name)
			}
		}
	}
}

package commands

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"senhasegura-bot/approvals"
)

func TestWhatTheFormMeans(t *testing.T) {
	pass := request(approvals.Activate, approvals.Password, "back", "5", "6")
	tests := []struct {
		name                        string
		verb, kind, targets, reason string
		want                        Command
	}{
		{"commas", "activate", "password", "5, 6", "back", pass},
		{"lines", "activate", "password", "5\n6\n", "back", pass},
		{"lines with commas", "activate", "password", "5,\r\n6", " back ", pass},
		{"empty lines", "activate", "password", "\n 5 \n\n 6", "back\n", pass},
		{"no reason", "deactivate", "credential", "root@db01", " ", deactivate("", "root@db01")},
		{"a reason that begins with a number", "deactivate", "credential", "5", "6 people saw it", deactivate("6 people saw it", "5")},
		{"Slack's escapes", "deactivate", "credential", "<mailto:a@b.co|a@b.co>", "A &amp; B", deactivate("A & B", "a@b.co")},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, faults := FromFields(tt.verb, tt.kind, tt.targets, tt.reason)
			if diff := cmp.Diff(tt.want, got); diff != "" || len(faults) > 0 {
				t.Errorf("%v -want +got:\n%s", faults, diff)
			}
		})
	}
}

func TestFaultsShowInTheirFields(t *testing.T) {
	tests := []struct {
		name                        string
		verb, kind, targets, reason string
		want                        map[Field]FaultCode
		line                        string // of the fault in targets, or in kind
	}{
		{"empty", "deactivate", "credential", " ", "x", map[Field]FaultCode{FieldTargets: FaultTargetsMissing}, "deactivate credential"},
		{"no custody", "release", "secret", "5", "x", map[Field]FaultCode{FieldKind: FaultNoCustody}, "release credential"},
		{"spaces", "deactivate", "credential", "5 6", "x", map[Field]FaultCode{FieldTargets: FaultAmbiguous}, "deactivate credential 5,6 x"},
		{"words", "deactivate", "credential", "5 leaked", "x", map[Field]FaultCode{FieldTargets: FaultTarget}, "deactivate credential 5 x"},
		{"leading comma", "deactivate", "credential", ",5", "x", map[Field]FaultCode{FieldTargets: FaultCommaLeading}, "deactivate credential 5 x"},
		{"double comma", "deactivate", "credential", "5,,6", "x", map[Field]FaultCode{FieldTargets: FaultCommaDouble}, "deactivate credential 5,6 x"},
		{"trailing comma", "deactivate", "credential", "5,", "x", map[Field]FaultCode{FieldTargets: FaultCommaTrailing}, "deactivate credential 5 x"},
		{"zeros", "deactivate", "credential", "007", "6 people", map[Field]FaultCode{FieldTargets: FaultIDZero}, "deactivate credential 7"},
		{"name of a secret", "activate", "secret", "a@b", "x", map[Field]FaultCode{FieldTargets: FaultMySafeByID}, "find a@b"},
		{"timed", "deactivate", "credential", "5", "for 2h", map[Field]FaultCode{FieldReason: FaultTimed}, ""},
		{"two fields", "deactivate", "credential", "+5", strings.Repeat("x", 501),
			map[Field]FaultCode{FieldTargets: FaultIDSign, FieldReason: FaultReasonLong}, "deactivate credential 5"},
		{"no verb", "", "credential", "5", "x", map[Field]FaultCode{FieldVerb: FaultVerbMissing}, ""},
		{"no kind", "deactivate", "host", "5", "x", map[Field]FaultCode{FieldKind: FaultKindUnknown}, "deactivate"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, faults := FromFields(tt.verb, tt.kind, tt.targets, tt.reason)
			got := map[Field]FaultCode{}
			for field, f := range faults {
				got[field] = f.Code
				if (field == FieldTargets || field == FieldKind) && f.Line != tt.line {
					t.Errorf("offers %q", f.Line)
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestWhatIsPickedInTheFormIsATargetToo(t *testing.T) {
	twenty := "1"
	for i := 2; i <= 20; i++ {
		twenty += "," + itoa(i)
	}
	tests := []struct {
		name, kind, targets string
		picked              []string
		want                []string
		faults              map[Field]FaultCode
		word, line          string
	}{
		{"picked alone", "credential", "", []string{"credential:5", "credential:6"}, []string{"5", "6"}, nil, "", ""},
		{"beside what was typed", "credential", "root@db01", []string{"credential:6"}, []string{"root@db01", "6"}, nil, "", ""},
		{"typed and picked", "credential", "5, 6", []string{"credential:6"}, []string{"5", "6"}, nil, "", ""},
		{"a secret", "secret", " ", []string{"secret:42"}, []string{"42"}, nil, "", ""},
		{"another kind", "credential", "", []string{"credential:6", "secret:5"}, nil, map[Field]FaultCode{FieldLookup: FaultPickedKind}, "5", "deactivate secret 5"},
		{"another kind beside what was typed", "password", "7", []string{"secret:5"}, nil, map[Field]FaultCode{FieldLookup: FaultPickedKind}, "5", "deactivate secret 5"},
		{"forged behind the id", "credential", "", []string{"credential:5;drop"}, nil, map[Field]FaultCode{FieldLookup: FaultTarget}, "credential:5;drop", "deactivate credential"},
		{"forged kind", "credential", "", []string{"host:5"}, nil, map[Field]FaultCode{FieldLookup: FaultTarget}, "host:5", ""},
		{"a kind in Portuguese", "password", "", []string{"senha:5"}, nil, map[Field]FaultCode{FieldLookup: FaultTarget}, "senha:5", ""},
		{"a name", "credential", "", []string{"credential:root@db01"}, nil, map[Field]FaultCode{FieldLookup: FaultTarget}, "credential:root@db01", ""},
		{"no id", "credential", "", []string{"credential"}, nil, map[Field]FaultCode{FieldLookup: FaultTarget}, "credential", ""},
		{"one too many", "credential", twenty, []string{"credential:21"}, nil, map[Field]FaultCode{FieldTargets: FaultTooMany}, "", ""},
		{"a fault in what was typed", "credential", "5,", []string{"credential:6"}, nil, map[Field]FaultCode{FieldTargets: FaultCommaTrailing}, "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, faults := FromFields("deactivate", tt.kind, tt.targets, "x", tt.picked...)
			got := map[Field]FaultCode{}
			for field, f := range faults {
				got[field] = f.Code
				holdLine(t, tt.name, f)
				if tt.word != "" && f.Word != tt.word || tt.line != "" && f.Line != tt.line {
					t.Errorf("quotes %q and offers %q", f.Word, f.Line)
				}
			}
			if !slices.Equal(c.Targets, tt.want) || !maps.Equal(got, tt.faults) {
				t.Errorf("got %v and %v, want %v and %v", c.Targets, got, tt.want, tt.faults)
			}
		})
	}
}

func TestTheReasonOfADecision(t *testing.T) {
	if got, f := Reason(" not now ", true); got != "not now" || f != nil {
		t.Errorf("%q %+v", got, f)
	}
	if _, f := Reason(" \n", true); f == nil || f.Code != FaultReasonMissing {
		t.Errorf("%+v", f)
	}
	if got, f := Reason("", false); got != "" || f != nil {
		t.Errorf("%q %+v", got, f)
	}
	if _, f := Reason(strings.Repeat("ã", 501), true); f == nil || f.Code != FaultReasonLong || f.Length != 501 {
		t.Errorf("%+v", f)
	}
}

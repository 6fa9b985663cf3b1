package commands

import (
	"slices"
	"strings"
	"testing"

	"senhasegura-bot/approvals"
)

func TestFindSearchesTheLists(t *testing.T) {
	l := listed(t)
	s := SearchLists(l.lists, "root", 2)
	if !s.Known || !s.More || len(s.Found) != 2 || s.Found[0].Kind != approvals.Credential {
		t.Errorf("%+v", s)
	}
	s = SearchLists(l.lists, "rot@db01", 5)
	if len(s.Found) != 0 || len(s.Near) == 0 || !strings.HasPrefix(s.Near[0].Label, "root@db01 ") {
		t.Errorf("%+v", s)
	}
	if s = SearchLists(newLab(t).lists, "root", 2); s.Known || len(s.Found) != 0 {
		t.Errorf("lists that were never read: %+v", s)
	}
}

func TestWhatCanBeDoneToWhatWasFound(t *testing.T) {
	l := listed(t)
	all := []approvals.Verb{approvals.Deactivate, approvals.Activate, approvals.Release}
	for text, want := range map[string]struct {
		verbs         []approvals.Verb
		key, readOnly bool
	}{
		"root@web01":      {verbs: all},
		"payment gateway": {verbs: all[:2]}, // custody is of credentials
		"deploy@web02":    {key: true},
		"mailer":          {readOnly: true},
	} {
		s := SearchLists(l.lists, text, 20)
		if len(s.Found) != 1 {
			t.Errorf("%s: %+v", text, s)
			continue
		}
		f := s.Found[0]
		if !slices.Equal(f.Verbs(), want.verbs) || f.Key != want.key || f.ReadOnly != want.readOnly {
			t.Errorf("%s: %v, %+v", text, f.Verbs(), f)
		}
		for _, v := range f.Verbs() {
			c := f.Ask(v)
			if again, fault := Parse(c.Line(c.Targets)); fault != nil || again.Verb != v || again.Kind != f.Kind || !slices.Equal(again.Targets, c.Targets) {
				t.Errorf("%s: %q is read as %+v, %+v", text, c.Line(c.Targets), again, fault)
			}
		}
	}
}

func TestTheFormSearchesOneKindOrAll(t *testing.T) {
	l := listed(t)
	for _, tt := range []struct {
		text string
		kind approvals.Kind
		most int
		want int
	}{
		{"deploy", approvals.Credential, 100, 2}, {"deploy", approvals.Secret, 100, 0}, {"root", "", 2, 2},
		{"10", "", 100, 14}, {"10", approvals.Secret, 100, 1}, {"", "", 100, 0}, {strings.Repeat("r ", 60), "", 100, 0},
	} {
		if got := Suggest(l.lists, tt.text, tt.kind, tt.most); len(got) != tt.want {
			t.Errorf("%q in %q: %d found, want %d: %+v", tt.text, tt.kind, len(got), tt.want, got)
		}
	}
	if got := Suggest(newLab(t).lists, "root", "", 100); len(got) != 0 {
		t.Errorf("a list that was never read suggests %+v", got)
	}
}

func TestAFaultHasEveryParameterOfItsSentence(t *testing.T) {
	_, f := Parse("deactivte 5 leaked")
	p := f.Params()
	if f.Key() != "fault.unknown_command" || p["Word"] != "deactivte" || p["Near"] != "deactivate" || p["Line"] != "deactivate 5 leaked" {
		t.Errorf("%s %v", f.Key(), p)
	}
	for _, name := range []string{"Lines", "Other", "Length", "Max", "Verb", "Kind"} {
		if _, ok := p[name]; !ok {
			t.Errorf("no %s", name)
		}
	}
}

func TestTheCallerKnowsWhatItMayCall(t *testing.T) {
	l := newLab(t)
	for _, k := range Kinds() {
		if !l.Configured(k.Kind) {
			t.Errorf("%s is not configured", k.Kind)
		}
	}
}

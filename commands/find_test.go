package commands

import (
	"maps"
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

func TestTheFormSearchesAllKinds(t *testing.T) {
	l := listed(t)
	for _, tt := range []struct {
		text string
		most int
		want map[approvals.Kind]int
	}{
		{"deploy", 100, map[approvals.Kind]int{approvals.Credential: 2}},
		{"root", 2, map[approvals.Kind]int{approvals.Credential: 2}},
		{"10", 100, map[approvals.Kind]int{approvals.Credential: 12, approvals.Password: 1, approvals.Secret: 1}},
		{"10", 4, map[approvals.Kind]int{approvals.Credential: 2, approvals.Password: 1, approvals.Secret: 1}},
		{"", 100, nil}, {strings.Repeat("r ", 60), 100, nil},
	} {
		got, of := Suggest(l.lists, tt.text, tt.most), map[approvals.Kind]int{}
		for i, f := range got {
			if of[f.Kind]++; i > 0 && of[f.Kind] == 1 && of[got[i-1].Kind] == 0 {
				t.Errorf("%q: out of order: %+v", tt.text, got)
			}
		}
		if !maps.Equal(of, tt.want) {
			t.Errorf("%q: %v found, want %v: %+v", tt.text, of, tt.want, got)
		}
	}
	if got := Suggest(newLab(t).lists, "root", 100); len(got) != 0 {
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

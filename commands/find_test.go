package commands

import (
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
	if len(s.Found) != 0 || len(s.Near) == 0 || !strings.HasPrefix(s.Near[0], "root@db01") {
		t.Errorf("%+v", s)
	}
	if s = SearchLists(newLab(t).lists, "root", 2); s.Known || len(s.Found) != 0 {
		t.Errorf("lists that were never read: %+v", s)
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

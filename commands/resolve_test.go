package commands

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"senhasegura-bot/approvals"
	"senhasegura-bot/senhasegura"
	"senhasegura-bot/senhasegura/senhaseguratest"
)

func mustParse(t *testing.T, text string) Command {
	t.Helper()
	c, f := Parse(text)
	if f != nil {
		t.Fatalf("%q: %+v", text, f)
	}
	return c
}

func TestTargetsAreNamedByTheList(t *testing.T) {
	l := listed(t)
	db01 := approvals.Target{Ref: "5", ID: "5", Name: "root@db01", Label: "root@db01 · Server, Ubuntu 22.04 · id 5"}
	named := db01
	named.Ref = "ROOT@db01"
	rotating := approvals.Target{Ref: "94", ID: "94", Name: "oracle@erp01", Label: "oracle@erp01 · Server, Oracle Linux 9 · id 94", Rotates: true}
	key := approvals.Target{Ref: "21", ID: "21", Name: "deploy@web02", Label: "deploy@web02 · SSH Key · Server, Ubuntu 24.04 · id 21"}
	shared := approvals.Target{Ref: "110", ID: "110", Name: "admin@app.prod.example", Shared: true, Label: "admin@app.prod.example · Server, Debian 12 · id 110"}
	tests := map[string][]approvals.Target{
		"deactivate 5 x":                 {db01},
		"deactivate ROOT@db01 x":         {named},
		"deactivate 5, root@db01 x":      {db01}, // one thing under two names
		"release 94 x":                   {rotating},
		"activate 21 x":                  {key},
		"deactivate 110 x":               {shared}, // rules on names hold for the id too
		"deactivate 999,nobody@db01 x":   {{Ref: "999", Unnamed: approvals.NotListed}, {Ref: "nobody@db01", Unnamed: approvals.NotListed}},
		"deactivate password 10 x":       {{Ref: "10", ID: "10", Label: "Payment gateway · ops@corp.example · id 10"}},
		"deactivate secret 43 x":         {{Ref: "43", ID: "43", Label: "mailer · id 43", ReadOnly: true}},
		"deactivate secret 10 x":         {{Ref: "10", ID: "10", Label: "billing-api · id 10"}},
		"deactivate secret 12 x":         {{Ref: "12", Unnamed: approvals.NotListed}}, // the password 12 is another thing
		"deactivate":                     nil,
		"activate 7,5 back after a test": {{Ref: "7", ID: "7", Name: "postgres@db01", Label: "postgres@db01 · Server, Ubuntu 22.04 · id 7"}, db01},
	}
	for text, want := range tests {
		t.Run(text, func(t *testing.T) {
			got, f := Resolve(l.lists, mustParse(t, text))
			if f != nil {
				t.Fatalf("%+v", f)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestNamesThatCannotBeAddressedAreLookedUp(t *testing.T) {
	l := listed(t)
	tests := []struct {
		typed, word string
		code        FaultCode
		lines       []string
	}{
		{"activate root@db01 back", "root@db01", FaultByID, []string{"activate 5 back"}},
		{"release 12,root@db02 stuck", "root@db02", FaultByID, []string{"release 12,6 stuck"}},
		{"activate root@db01,root@db02", "root@db01", FaultByID, []string{"activate 5,6"}},
		{"deactivate svc@corp.example@ad01 leaked", "svc@corp.example@ad01", FaultByID, []string{"deactivate 101 leaked"}},
		{"deactivate root@db01,svc@corp.example@ad01 x", "svc@corp.example@ad01", FaultByID, []string{"deactivate root@db01,101 x"}},
		{"activate admin@app.prod.example x", "admin@app.prod.example", FaultByIDChoice, []string{"activate 110 x", "activate 111 x"}},
		{"deactivate admin@app.prod.example x", "admin@app.prod.example", FaultNameChoice, []string{"deactivate 110 x", "deactivate 111 x"}},
		{"activate root@db01,rot@db02 x", "rot@db02", FaultByIDUnknown, []string{"find rot@db02"}}, // the line with 5 would not work
		{"activate root@db01,6,5 x", "root@db01", FaultByID, []string{"activate 5,6 x"}},
		{"activate nobody@nowhere x", "nobody@nowhere", FaultByIDUnknown, []string{"find nobody@nowhere"}},
		{"deactivate a@b@c x", "a@b@c", FaultByIDUnknown, []string{"find a@b@c"}},
	}
	for _, tt := range tests {
		t.Run(tt.typed, func(t *testing.T) {
			targets, f := Resolve(l.lists, mustParse(t, tt.typed))
			if f == nil {
				t.Fatalf("no fault, but %+v", targets)
			}
			if f.Code != tt.code || f.Word != tt.word || f.Line != tt.lines[0] || len(tt.lines) > 1 && !slices.Equal(f.Lines, tt.lines) {
				t.Errorf("got %s %q %q %q", f.Code, f.Word, f.Line, f.Lines)
			}
			holdLine(t, tt.typed, f)
			for _, choice := range f.Choices {
				if len(f.Lines) > 0 && !slices.Contains(f.Lines, choice.Line(choice.Targets)) || !strings.HasSuffix(choice.Label, "id "+choice.ID) || !slices.Contains(choice.Targets, choice.ID) {
					t.Errorf("a choice that is none of the lines: %+v", choice)
				}
			}
			if len(f.Lines) > 0 && len(f.Choices) != len(f.Lines) {
				t.Errorf("%d choices for %d lines", len(f.Choices), len(f.Lines))
			}
		})
	}
}

func TestNearNamesAreSaidWhereNoneIsKnown(t *testing.T) {
	_, f := Resolve(listed(t).lists, mustParse(t, "activate rot@db01 back"))
	if f == nil || f.Code != FaultByIDUnknown || !slices.ContainsFunc(f.Near, func(s string) bool { return strings.HasPrefix(s, "root@db01 ") }) {
		t.Errorf("got %+v", f)
	}
	if !slices.ContainsFunc(f.Choices, func(c Choice) bool { return c.ID == "5" && c.Line(c.Targets) == "activate 5 back" }) || len(f.Lines) > 0 {
		t.Errorf("the names in question are %+v, the lines %q", f.Choices, f.Lines)
	}
}

// Passwords whose names are nearer to what was typed take no credential's place.
func TestNearNamesAreOfCredentials(t *testing.T) {
	l := newLab(t)
	items := l.appliance.Items()
	for n := range choices {
		items.Passwords = append(items.Passwords, senhaseguratest.Password{ID: 1000 + n, Name: "rot@db01"})
	}
	l.appliance.SetItems(items)
	if err := l.lists.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	_, f := Resolve(l.lists, mustParse(t, "activate rot@db01 back"))
	if f == nil || len(f.Choices) == 0 || f.Choices[0].ID != "5" || slices.ContainsFunc(f.Choices, func(c Choice) bool { return len(c.ID) > 3 }) {
		t.Errorf("got %+v", f)
	}
}

func TestWithoutAListNamesAreNotGuessed(t *testing.T) {
	l := newLab(t) // its lists were never read
	if _, f := Resolve(l.lists, mustParse(t, "activate root@db01 back")); f == nil || f.Code != FaultByIDUnavailable || f.Line != "find root@db01" {
		t.Errorf("got %+v", f)
	}
	got, f := Resolve(l.lists, mustParse(t, "deactivate root@db01,5 x"))
	if diff := cmp.Diff([]approvals.Target{{Ref: "root@db01", Unnamed: approvals.ListUnread}, {Ref: "5", Unnamed: approvals.ListUnread}}, got); f != nil || diff != "" {
		t.Errorf("%+v %s", f, diff)
	}
}

func TestATargetThatNamesSomethingElseNowHasChanged(t *testing.T) {
	l := listed(t)
	resolve := func(text string) approvals.Target {
		targets, f := Resolve(l.lists, mustParse(t, text))
		if f != nil {
			t.Fatal(f)
		}
		return targets[0]
	}
	moved, same, named := resolve("deactivate 5 x"), resolve("deactivate 6 x"), resolve("deactivate postgres@db01 x")
	gone, unknown := resolve("deactivate 12 x"), approvals.Target{Ref: "999"}

	data := l.appliance.Items()
	data.Credentials = slices.DeleteFunc(data.Credentials, func(c senhaseguratest.Credential) bool { return c.ID == 12 })
	for i := range data.Credentials {
		switch data.Credentials[i].ID {
		case 5:
			data.Credentials[i].Hostname = "db09"
		case 7:
			data.Credentials[i].ID = 700 // the same name, another credential
		}
	}
	l.appliance.SetItems(data)
	if err := l.lists.Refresh(context.Background()); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		what string
		t    approvals.Target
		want bool
	}{
		{"moved to another host", moved, true}, {"the same as before", same, false}, {"the name of another id", named, true},
		{"no longer listed", gone, false}, {"never known", unknown, false},
	} {
		if got := l.Changed(approvals.Credential, tt.t); got != tt.want {
			t.Errorf("%s: changed %v", tt.what, got)
		}
	}
}

// oneEntry is a list that holds one credential.
type oneEntry senhasegura.Entry

func (e oneEntry) Lookup(string, string) senhasegura.Match {
	return senhasegura.Match{Known: true, Entries: []senhasegura.Entry{senhasegura.Entry(e)}}
}

func (e oneEntry) Nearest(string, int, ...string) []senhasegura.Entry { return nil }

// TestRotationIsNotKnown: what a list leaves out is not taken for "no".
func TestRotationIsNotKnown(t *testing.T) {
	for _, tt := range []struct {
		automatic, unknown, rotates, may bool
	}{{true, false, true, false}, {false, false, false, false}, {false, true, false, true}} {
		entry := oneEntry{Kind: senhasegura.KindCredential, ID: "5", Username: "root", Hostname: "db01", AutomaticChange: tt.automatic, ChangeUnknown: tt.unknown}
		targets, f := Resolve(entry, mustParse(t, "release 5 x"))
		if f != nil || targets[0].Rotates != tt.rotates || targets[0].MayRotate() != tt.may {
			t.Errorf("%+v becomes %+v, %+v", entry, targets, f)
		}
	}
}

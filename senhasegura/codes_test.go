package senhasegura

import (
	"strings"
	"testing"
)

func TestCatalogue(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range All() {
		if seen[c.Key] {
			t.Errorf("%s twice", c.Key)
		}
		seen[c.Key] = true
		if c.Text == "" || c.Source == "" || c.Kind == "" || strings.HasSuffix(c.Text, ".") {
			t.Errorf("incomplete: %+v", c)
		}
		if c.MayHaveChanged != (c.Kind == KindLost) {
			t.Errorf("%s: kind %s and MayHaveChanged %v", c.Key, c.Kind, c.MayHaveChanged)
		}
		if (c.Module == "") == (c.Number != 0) {
			t.Errorf("%s: a number belongs to a module", c.Key)
		}
	}
	for _, key := range []string{"pam.1007", "pam.1018", "pam.1043", "mysafe.1005", "mysafe.1006", "gateway.not_authorized", "gateway.no_route"} {
		if !seen[key] {
			t.Errorf("%s is missing", key)
		}
	}
}

func TestExplain(t *testing.T) {
	if c, ok := Explain(PAMCore, 1005); !ok || c.Key != "pam.1005" {
		t.Errorf("got %+v", c)
	}
	if c, ok := Explain(MySafe, 1005); !ok || c.Key != "mysafe.1005" {
		t.Errorf("got %+v", c)
	}
	if c, ok := Explain(MySafe, 1018); ok {
		t.Errorf("MySafe has no 1018: %+v", c)
	}
	if _, ok := Explain(PAMCore, 0); ok {
		t.Error("0 is explained")
	}
	if len(Known(1007)) != 1 || len(Known(1)) != 0 {
		t.Errorf("got %v and %v", Known(1007), Known(1))
	}
	for text, key := range map[string]string{
		"no route matched with those values":               "gateway.no_route",
		"No route matched with those values.":              "gateway.no_route",
		"YOU ARE NOT AUTHORIZED  to access this resource.": "gateway.not_authorized",
		"Unexpected error":                                 "gateway.unexpected_error",
		"Unexpected":                                       "",
		"":                                                 "",
	} {
		if c, _ := ExplainText(text); c.Key != key {
			t.Errorf("%q: got %q, want %q", text, c.Key, key)
		}
	}
}

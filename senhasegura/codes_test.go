package senhasegura

import (
	"fmt"
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
		if c.Text == "" || c.Kind == "" || strings.HasSuffix(c.Text, ".") {
			t.Errorf("incomplete: %+v", c)
		}
		if s := c.Source; s.Manual == "" || s.Version == "" || s.Page == "" && s.Note == "" {
			t.Errorf("%s has no source with manual, version and page: %s", c.Key, s)
		}
		if c.MayHaveChanged != (c.Kind == KindLost) {
			t.Errorf("%s: kind %s and MayHaveChanged %v", c.Key, c.Kind, c.MayHaveChanged)
		}
		if c.RetryHelps != (c.Kind == KindLost || c.Kind == KindRateLimited) {
			t.Errorf("%s: kind %s and RetryHelps %v", c.Key, c.Kind, c.RetryHelps)
		}
		if (c.Module == "") == (c.Number != 0) {
			t.Errorf("%s: a number belongs to a module", c.Key)
		}
	}
	for _, key := range documented() {
		if !seen[key] {
			t.Errorf("%s is missing", key)
		}
	}
}

// documented are the errors that the manuals' pages list, by module.
func documented() []string {
	keys := []string{"gateway.resource_not_found", "gateway.unexpected_error", "gateway.not_authorized", "gateway.client_authentication", "gateway.invalid_signature",
		"gateway.no_route", "gateway.timed_out", "gateway.invalid_upstream", "gateway.upstream_timeout", "gateway.rate_limited"}
	for _, n := range []int{1004, 1005, 1007, 1008, 1009, 1010, 1011, 1015, 1017, 1018, 1019, 1020, 1021, 1022, 1023, 1024, 1026, 1029, 1039, 1042, 1043, 1044, 1045, 1046, 1047, 1049} {
		keys = append(keys, fmt.Sprintf("pam.%d", n))
	}
	for _, n := range []int{1001, 1005, 1006, 1009, 1010} {
		keys = append(keys, fmt.Sprintf("mysafe.%d", n))
	}
	return keys
}

func TestSourcesAreOneLine(t *testing.T) {
	for want, s := range map[string]Source{
		`PAM Core APIs 3.33, “DEL | Disable SSH key”`:      pageKey,
		`MySafe APIs 3.33, page not recorded`:              mySafe("3.33", ""),
		`PAM Core APIs 3.33, “PUT | Enable credential”; x`: pageEnable.and("x"),
	} {
		if got := s.String(); got != want {
			t.Errorf("got %s, want %s", got, want)
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
	for number, want := range map[int]int{1007: 1, 1005: 2, 429: 1, 500: 2, 400: 0, 1: 0, 0: 0} {
		if got := Known(number); len(got) != want {
			t.Errorf("%d has %d meanings, want %d: %v", number, len(got), want, got)
		}
	}
	for text, want := range map[string]int{"credential inactive.": 1, "api secret not found": 1, "invalid signature": 1, "Credential": 0, "": 0} {
		if got := KnownText(text); len(got) != want {
			t.Errorf("%q has %d meanings, want %d: %v", text, len(got), want, got)
		}
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

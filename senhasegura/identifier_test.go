package senhasegura_test

import (
	"strings"
	"testing"

	"senhasegura-bot/senhasegura"
)

func TestBadIdentifiersAreRefusedBeforeAnythingIsSent(t *testing.T) {
	l := newLab(t, nil)
	bad := []string{"", "0", "05", "-5", "+5", "5 ", " 5", "5/6", "5?x=1", "5#", "5%2f", "..", ".", "custody", "custody/5", "٥",
		"1234567890123456789", "5\n", "root", "@", "root@", "@db01", "a@b@host", "ro ot@db01", "ro,ot@db01", "../root@db01",
		"root/x@db01", "r?@db01", "r#@db01", "r%2f@db01", `r\@db01`, "r\u0000@db01", "r\u00a0t@db01", "r\u202et@db01", "\xff@db01",
		"root@db 01", "root@db/01", "root@db?1", "root@[::1]", "root@db%01", "root@dß"}
	for _, ref := range bad {
		for _, c := range callsOn(ref) {
			_, err := c.run(t.Context(), l.client)
			if e := mustFail(t, err, senhasegura.KindRefused); e.Sent || !e.Definite() || e.Err == nil {
				t.Errorf("%s %q: got %+v", c.name, ref, e)
			}
		}
	}
	for _, c := range callsOn("root@db01") { // names are for deactivating only
		if c.name != "DeactivateCredential" {
			_, err := c.run(t.Context(), l.client)
			mustFail(t, err, senhasegura.KindRefused)
		}
	}
	if calls := l.appliance.Calls(); len(calls) != 0 {
		t.Errorf("sent %v", calls)
	}
}

func TestNamesStayOneSegment(t *testing.T) {
	for name, path := range map[string]string{
		"root@db01":            "/api/pam/credential/root@db01",
		"custody@94":           "/api/pam/credential/custody@94",
		"..@..":                "/api/pam/credential/..@..",
		"a;b&c=d+e$f:g@h.i-j_": "/api/pam/credential/a%3Bb&c=d+e$f:g@h.i-j_",
		`joão"<>@db01`:         "/api/pam/credential/jo%C3%A3o%22%3C%3E@db01",
	} {
		l := newLab(t, nil)
		_, err := l.client.DeactivateCredential(t.Context(), name)
		if e, ok := err.(*senhasegura.Error); err != nil && (!ok || e.Code != 1007) {
			t.Errorf("%q: %v", name, err)
		}
		if w := l.appliance.Writes(); len(w) != 1 || w[0].Path != path {
			t.Errorf("%q: got %v, want %s", name, w, path)
		}
	}
}

func FuzzNoInputReachesAnotherPath(f *testing.F) {
	for _, s := range []string{"5", "root@db01", "custody/5", "../x@y", "a%2f..@h", "a@h/../5", "a\r\nHost: x@h"} {
		f.Add(s)
	}
	var got []string
	client := rawClientF(f, func(line string) { got = append(got, line) })
	f.Fuzz(func(t *testing.T, ref string) {
		got = got[:0]
		client.DeactivateCredential(t.Context(), ref)
		for _, line := range got {
			rest, ok := strings.CutPrefix(line, "DELETE /api/pam/credential/")
			if !ok || rest == "" || strings.ContainsAny(rest, "/?# ") || !strings.Contains(rest, "@") && strings.Trim(rest, "0123456789") != "" {
				t.Errorf("%q reached %q", ref, line)
			}
		}
	})
}

package main

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestMembersFileIsReadStrictly(t *testing.T) {
	const users = "users: [{id: U1}, {id: W2}]\n"
	for _, c := range []struct {
		name, src string
		want      []string // without the path
	}{
		{"nothing", "", []string{"1:1: the file of members is empty"}},
		{"a list", "- a\n", []string{"1:1: the file of members must be a mapping (key: value), not a list"}},
		{"second document", users + "---\nusers: []\n", []string{"2:1: a second document: a file of members is one"}},
		{"unknown keys", "users: [{id: U1, nick: a}]\npeople: []\n", []string{
			`1:18: unknown key "nick": known here are id, name and standing`,
			`2:1: unknown key "people": known here are channels, groups, targets and users`}},
		{"unknown standing", "users: [{id: U1, standing: gest}]\n", []string{`1:28: unknown standing "gest": did you mean "guest"?`}},
		{"ids of another form", "users: [{id: S1}]\ngroups: [{id: U1}]\nchannels: [{id: D1}]\ntargets: [{id: 007}]\n", []string{
			`1:14: "S1" is no id here: an account begins with U or W`,
			`2:15: "U1" is no id here: a user group begins with S`,
			`3:17: "D1" is no id here: a channel begins with C or G`,
			`4:16: 007 is no id here: a target's id is 1 to 18 digits`}},
		{"no ids", "users: [{name: a}]\ngroups: [{handle: sre}]\nchannels: [{name: a}]\ntargets: [{name: a@b}]\n", []string{
			`1:9: an entry without "id"`, `2:10: an entry without "id"`, `3:12: an entry without "id"`, `4:11: a target has no "id"`}},
		{"twice", "users: [{id: U1}, {id: U1}]\n", []string{`1:20: "U1" is listed twice`}},
		{"a handle twice", "groups: [{id: S1, handle: sre}, {id: S2, handle: \"@sre\"}]\n", []string{`1:50: the handle "sre" is that of S1 already`}},
		{"no handle", "groups: [{id: S1, handle: S R E}]\n", []string{`1:27: "S R E" is no handle: lower-case letters, digits, dot, hyphen, underscore`}},
		{"names of channels", "channels: [{id: C1, name: a}, {id: C2, name: a}, {id: C3, name: \"#b\"}]\n", []string{
			`1:46: the name "a" is that of C1 already`, `1:65: channel "#b": names go without the #`}},
		{"strangers", users + "groups: [{id: S1, members: [U1, U3]}]\nchannels: [{id: C1, members: [W2, W2, U4]}]\n", []string{
			`2:33: "U3" is not among the users`, `3:35: "W2" is listed twice`, `3:39: "U4" is not among the users`}},
		{"names of credentials", "targets: [{id: 1, name: db01}, {id: 2, name: root@}, {id: 3, kind: secret, name: billing}]\n", []string{
			`1:19: the "name" of a credential is user@host`, `1:40: the "name" of a credential is user@host`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := parseMembers("m.yml", []byte(c.src))
			faults, ok := errors.AsType[*PolicyFaults](err)
			if !ok {
				t.Fatalf("error %v", err)
			}
			if diff := cmp.Diff("m.yml:"+strings.Join(c.want, "\nm.yml:"), faults.Error()); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// FuzzMembers: whatever the file holds, the reader returns, and what it
// refuses has a fault.
func FuzzMembers(f *testing.F) {
	for _, src := range []string{"", "users: [{id: U1}]", "groups: [{id: S1, members: [U1]}]", "channels: [{id: C1}, {}]", "targets: [{id: 1, name: a@b@c}]", "users: *a", "? a"} {
		f.Add([]byte(src))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		_, err := parseMembers("m.yml", src)
		if faults, ok := errors.AsType[*PolicyFaults](err); err != nil && (!ok || len(faults.Faults) == 0) {
			t.Errorf("refused without a fault: %v", err)
		}
	})
}

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"pgregory.net/rapid"

	"senhasegura-bot/approvals"
	"senhasegura-bot/approvals/redisstore"
)

// roster is a workspace of its own making, with a directory that shares no
// code with the file's.
type roster struct {
	standing map[string]string
	groups   map[string][]string
	channels map[string]approvals.Channel
	members  map[string][]string
	targets  []approvals.Target // what the list knows
}

func (r *roster) Account(_ context.Context, user string, _ time.Duration) (approvals.Account, error) {
	return approvals.Account{Person: approvals.Person{Key: "T1:" + user, User: user}, Member: r.standing[user] == "member"}, nil
}

func (r *roster) Accounts(ctx context.Context, users []string, age time.Duration) (all []approvals.Account, err error) {
	for _, user := range slices.Backward(users) {
		a, _ := r.Account(ctx, user, age)
		all = append(all, a)
	}
	return all, nil
}

func (r *roster) Group(_ context.Context, group, _ string, _ time.Duration) ([]string, error) {
	return r.groups[group], nil
}

func (r *roster) Channel(_ context.Context, id string, _ time.Duration) (approvals.Channel, error) {
	return r.channels[id], nil
}

func (r *roster) Members(_ context.Context, channel string, _ time.Duration) ([]string, error) {
	return r.members[channel], nil
}

var (
	rosterUsers    = []string{"UA", "UB", "UC", "UD", "UE", "UF"}
	rosterGroups   = []string{"S1", "S2", "S3"}
	rosterChannels = []string{"C1", "C2", "G3"}
)

func someOf(t *rapid.T, label string, least int, from ...string) []string {
	return rapid.SliceOfNDistinct(rapid.SampledFrom(from), least, len(from), rapid.ID).Draw(t, label)
}

func drawRoster(t *rapid.T) *roster {
	r := &roster{standing: map[string]string{}, groups: map[string][]string{}, channels: map[string]approvals.Channel{}, members: map[string][]string{}}
	for _, u := range rosterUsers {
		r.standing[u] = rapid.SampledFrom([]string{"member", "guest", "member", "member", "deactivated", "member", "member", "member"}).Draw(t, "standing")
	}
	for _, g := range rosterGroups {
		r.groups[g] = someOf(t, g, 0, rosterUsers...)
	}
	odd := rapid.SampledFrom([]bool{false, false, false, false, false, true, false, false, false})
	for i, c := range rosterChannels {
		r.channels[c] = approvals.Channel{
			ID: c, Name: []string{"inc-1", "inc-2", "ops"}[i], Creator: rapid.SampledFrom(rosterUsers).Draw(t, "creator"),
			Visible: true, Joined: !odd.Draw(t, "absent"), Private: odd.Draw(t, "private"), Shared: odd.Draw(t, "shared"), Archived: odd.Draw(t, "archived"),
		}
		r.members[c] = someOf(t, c, 0, rosterUsers...)
	}
	for i, name := range someOf(t, "list", 0, "root@db", "app@db", "root@web", "app@web") {
		id := fmt.Sprint(i + 1)
		r.targets = append(r.targets, approvals.Target{ID: id, Name: name, Label: name + " · id " + id})
	}
	return r
}

// yaml writes the roster as a file of members.
func (r *roster) yaml() string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("users:")
	for _, u := range rosterUsers {
		line("  - {id: %s, standing: %s}", u, r.standing[u])
	}
	line("groups:")
	for _, g := range rosterGroups {
		line("  - {id: %s, members: %s}", g, list(r.groups[g]))
	}
	line("channels:")
	for _, id := range rosterChannels {
		c := r.channels[id]
		line("  - {id: %s, name: %s, creator: %s, joined: %v, private: %v, shared: %v, archived: %v, members: %s}",
			c.ID, c.Name, c.Creator, c.Joined, c.Private, c.Shared, c.Archived, list(r.members[id]))
	}
	line("targets:%s", map[bool]string{true: " []"}[len(r.targets) == 0])
	for _, t := range r.targets {
		line("  - {id: %s, name: %s}", t.ID, t.Name)
	}
	return b.String()
}

func list(words []string) string { return `["` + strings.Join(words, `", "`) + `"]` }

func drawPolicy(t *rapid.T) string {
	var b strings.Builder
	who := func(label string) string {
		entries := someOf(t, label, 1, "S1", "S2", "S3", "UA", "UB")
		if label != "requesters" && rapid.Bool().Draw(t, "in channel") {
			return fmt.Sprintf("[{channel: %s}]", list(entries))
		}
		return list(entries)
	}
	fmt.Fprintf(&b, "defaults: {approvers: %s, approvals: %d}\nrules:\n", who("defaults"), rapid.IntRange(1, 2).Draw(t, "approvals"))
	for i := range rapid.IntRange(1, 4).Draw(t, "rules") {
		fmt.Fprintf(&b, "  - name: r%d\n", i)
		for key, from := range map[string][]string{
			"verbs": {"activate", "deactivate", "release"}, "channels": {"inc-*", "ops", "C1", "G3"}, "targets": {"root@*", "*@web", "1", "77"},
		} {
			if rapid.Bool().Draw(t, key) {
				fmt.Fprintf(&b, "    %s: %s\n", key, list(someOf(t, key, 1, from...)))
			}
		}
		switch rapid.IntRange(0, 5).Draw(t, "demand") {
		case 0:
			b.WriteString("    deny: true\n")
		case 1:
			b.WriteString("    expires: 5m\n")
		default:
			fmt.Fprintf(&b, "    approvers: %s\n    approvals: %d\n", who("approvers"), rapid.IntRange(1, 3).Draw(t, "approvals"))
			if rapid.IntRange(0, 2).Draw(t, "elsewhere") == 0 {
				fmt.Fprintf(&b, "    post_to: %s\n", rapid.SampledFrom(append(rosterChannels, "C9")).Draw(t, "post_to"))
			}
		}
	}
	if rapid.IntRange(0, 3).Draw(t, "requesters") == 0 {
		fmt.Fprintf(&b, "requesters: %s\n", who("requesters"))
	}
	fmt.Fprintf(&b, "allow_shared: %v\nsame_person: [[UC, UD]]\n", rapid.Bool().Draw(t, "shared"))
	return b.String()
}

// TestPolicyExplainAgreesWithTheDesk: whatever the policy and the people, the
// command says of a line what the desk then does with it.
func TestPolicyExplainAgreesWithTheDesk(t *testing.T) {
	server := miniredis.RunT(t)
	client, err := redisstore.Open("redis://" + server.Addr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	dir := t.TempDir()
	teams, seen := 0, map[string]int{}
	one := func(t *rapid.T) {
		r, policy := drawRoster(t), drawPolicy(t)
		ask := r.draw(t)
		said := explainedBy(t, dir, policy, r, ask)
		teams++
		store := redisstore.New(redisstore.Config{Client: client, Team: fmt.Sprint("T", teams)})
		made, err := submitted(t, store, policy, r, ask)
		seen[compare(t, said, made, err)]++
	}
	missing := func(why string) bool { return seen[why] == 0 }
	for range 20 { // until each of these was seen, as most times it is at once
		rapid.Check(t, one)
		if !slices.ContainsFunc(wanted, missing) {
			return
		}
	}
	t.Errorf("seen %v, want each of %v: the test looks at too little", seen, wanted)
}

// wanted are the answers that must be among those compared.
var wanted = []string{"accepted", string(approvals.WhyTooFew), string(approvals.WhyDenied), string(approvals.WhyRulesDiffer),
	string(approvals.WhyShared), string(approvals.WhyOutside), string(approvals.WhyNotRequester), string(approvals.WhyNotMember), string(approvals.WhyRoom)}

// draw makes an ask; its targets are typed by id and known as the list knows
// them.
func (r *roster) draw(t *rapid.T) approvals.Ask {
	ask := approvals.Ask{
		Key: "k", Kind: approvals.Credential, Reason: "because",
		User: rapid.SampledFrom(rosterUsers).Draw(t, "user"), Channel: rapid.SampledFrom(rosterChannels).Draw(t, "channel"),
		Verb: rapid.SampledFrom([]approvals.Verb{approvals.Activate, approvals.Deactivate, approvals.Release}).Draw(t, "verb"),
	}
	for _, ref := range rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"1", "2", "3", "77"}), 1, 2, rapid.ID).Draw(t, "refs") {
		target := approvals.Target{Ref: ref}
		for _, known := range r.targets {
			if known.ID == ref {
				target = known
				target.Ref = ref
			}
		}
		ask.Targets = append(ask.Targets, target)
	}
	return ask
}

func explainedBy(t *rapid.T, dir, policy string, r *roster, ask approvals.Ask) jsonExplained {
	policyFile, members := filepath.Join(dir, "policy.yml"), filepath.Join(dir, "members.yml")
	for path, text := range map[string]string{policyFile: policy, members: strings.ReplaceAll(r.yaml(), `[""]`, "[]")} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var out, complaint bytes.Buffer
	status := run([]string{"policy", "explain", policyFile, "--members", members, "--json", "--as", ask.User, "--channel", ask.Channel,
		string(ask.Verb), refs(ask.Targets), ask.Reason}, console{out: &out, err: &complaint})
	var said jsonExplained
	if err := json.Unmarshal(out.Bytes(), &said); err != nil {
		t.Fatalf("exit %d: %v\n%s\n%s", status, err, complaint.String(), policy)
	}
	if want := map[bool]int{true: exitGood, false: exitFailed}[*said.Accepted]; status != want {
		t.Fatalf("exit status %d, want %d", status, want)
	}
	return said
}

func submitted(t *rapid.T, store approvals.Store, policy string, r *roster, ask approvals.Ask) (approvals.Request, error) {
	file, err := parsePolicy("policy.yml", []byte(policy))
	if err != nil {
		t.Fatal(err)
	}
	desk := approvals.NewDesk(approvals.Config{
		Team: "T1", Process: "p", Store: store, Directory: r, Policy: func() *approvals.Policy { return file.Policy },
	})
	return desk.Submit(context.Background(), ask)
}

// compare holds what was said against what was done, and returns what it was.
func compare(t *rapid.T, said jsonExplained, made approvals.Request, err error) string {
	if refusal, is := errors.AsType[*approvals.Refusal](err); is {
		if said.Refusal == nil || said.Refusal.Why != string(refusal.Why) {
			t.Fatalf("the desk refused: %s; the command said %+v", refusal.Why, said.Refusal)
		}
		if refusal.Why == approvals.WhyRulesDiffer && len(said.Rules) != len(refusal.Groups) {
			t.Fatalf("the desk found %d rules, the command %+v", len(refusal.Groups), said.Rules)
		}
		if refusal.Why == approvals.WhyTooFew && len(said.Eligible) != refusal.Have {
			t.Fatalf("the desk found %d people, the command %+v", refusal.Have, said.Eligible)
		}
		return string(refusal.Why)
	}
	if err != nil {
		t.Fatal(err)
	}
	if said.Refusal != nil || len(said.Rules) != 1 || len(said.Eligible) != made.Eligible {
		t.Fatalf("the desk stored %+v, the command said %+v", made, said)
	}
	rule := said.Rules[0]
	if rule.Rule != made.Rule.Name || rule.Strictest != made.Rule.Strictest || rule.Approvals != made.Rule.Approvals || rule.Expires != formatDuration(made.Rule.Expires) || rule.PostTo != made.Rule.PostTo {
		t.Fatalf("the desk stored the rule %+v, the command said %+v", made.Rule, rule)
	}
	return "accepted"
}

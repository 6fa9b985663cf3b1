package views

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/slack-go/slack"

	"senhasegura-bot/approvals"
	"senhasegura-bot/bot/messages"
)

// decoded is v as it looks after the wire.
func decoded(t *testing.T, v any) any {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var out any
	if err := json.Unmarshal(b, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// walk visits every object, parents first.
func walk(v any, visit func(map[string]any)) {
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			walk(item, visit)
		}
	case map[string]any:
		visit(v)
		for _, name := range slices.Sorted(mapKeys(v)) {
			walk(v[name], visit)
		}
	}
}

func mapKeys(m map[string]any) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// buttonsOf lists action id, style and whether a confirm asks once more.
func buttonsOf(t *testing.T, m Message) []string {
	var all []string
	walk(decoded(t, m.Blocks), func(o map[string]any) {
		if o["type"] == "button" {
			style, _ := o["style"].(string)
			confirm := ""
			if o["confirm"] != nil {
				confirm = "confirm"
			}
			all = append(all, strings.TrimSpace(strings.Join([]string{o["action_id"].(string), style, confirm}, " ")))
		}
	})
	return all
}

func TestButtonsGoAsSoonAsTheyArePointless(t *testing.T) {
	pending := []string{"approve primary confirm", "deny danger", "cancel"}
	for _, n := range append(underway(), ended()...) {
		var want []string
		switch {
		case n.r.State == approvals.Pending:
			want = pending
		case n.r.State == approvals.Unknown && n.again:
			want = []string{"run_again  confirm", "resolve"}
		case n.r.State == approvals.Unknown:
			want = []string{"resolve"}
		}
		if got := buttonsOf(t, Card(n.r, n.context("en"))); !slices.Equal(got, want) {
			t.Errorf("%s: buttons %q, want %q", n.name, got, want)
		}
	}
}

func TestButtonsCarryTheRequestsValue(t *testing.T) {
	r := sane()
	walk(decoded(t, Card(r, Context{Printer: messages.For("en")}).Blocks), func(o map[string]any) {
		if o["type"] == "button" && o["value"] != r.Value() {
			t.Errorf("%s carries %q, want %q", o["action_id"], o["value"], r.Value())
		}
	})
}

func TestEveryCardIsHeadedByItsStateAndCarriesItsVersion(t *testing.T) {
	inLanguages(t, func(t *testing.T, lang string) {
		for _, n := range append(underway(), ended()...) {
			m := Card(n.r, n.context(lang))
			head := m.Blocks[0].(*slack.HeaderBlock).Text.Text
			if word := messages.For(lang).Text("state."+string(n.r.State), nil); !strings.HasPrefix(head, word+":") {
				t.Errorf("%s is headed %q", n.name, head)
			}
			want := map[string]any{"request": "R-7K3M9X", "state": string(n.r.State), "version": n.r.Version}
			for key, value := range want {
				if m.Metadata.EventType != "pam_request" || m.Metadata.EventPayload[key] != value || len(m.Metadata.EventPayload) != 3 {
					t.Errorf("%s carries %+v", n.name, m.Metadata)
				}
			}
		}
	})
}

func TestTheConfirmNamesVerbCountTargetsAndConsequence(t *testing.T) {
	r := sane()
	for len(r.Targets) < 20 {
		r.Targets = append(r.Targets, r.Targets[0])
	}
	v := of(r, Context{Printer: messages.For("en")})
	text := v.confirmApprove().Text.Text
	for _, part := range []string{"Deactivate 20 credentials: 94 (root@db01), 94 (root@db01)", "more as listed on the card", "a leaked password still works there."} {
		if !strings.Contains(text, part) {
			t.Errorf("the confirm lacks %q: %q", part, text)
		}
	}
	if n := length(text); n > maxConfirmText || n < maxConfirmText-40 {
		t.Errorf("the confirm has %d characters; it holds %d and should use them", n, maxConfirmText)
	}
}

func TestTheConsequenceIsNeverCut(t *testing.T) {
	inLanguages(t, func(t *testing.T, lang string) {
		p := messages.For(lang)
		for _, n := range worstCases() {
			v := of(n.r, n.context(lang))
			text, all := v.confirmApprove().Text.Text, v.stakes(n.r.Targets)
			for _, stakes := range []string{all[0], p.Text(operation(n.r)+".stakes", nil)} {
				if !strings.Contains(text, stakes) {
					t.Errorf("%s: the confirm lacks %q: %q", n.name, stakes, text)
				}
			}
			if !slices.ContainsFunc(all, func(stakes string) bool { return strings.HasSuffix(text, stakes) }) {
				t.Errorf("%s: the confirm ends early: %q", n.name, text)
			}
			if again := v.confirmAgain().Text.Text; !strings.HasSuffix(again, ".") && !strings.HasSuffix(again, ").") {
				t.Errorf("%s: the confirm ends early: %q", n.name, again)
			}
		}
	})
}

// TestAShortNameLeavesRoomInTheConfirm: nothing that fits beside the names is left
// out for longer ones.
func TestAShortNameLeavesRoomInTheConfirm(t *testing.T) {
	for _, lang := range messages.Languages() {
		r := sane()
		r.Verb, r.State = approvals.Release, approvals.Unknown
		r.Targets = []approvals.Target{{Ref: "9", Unnamed: approvals.ListUnread, Result: approvals.ResultUnknown}}
		v := of(r, Context{Printer: messages.For(lang), RunAgain: true})
		text := v.confirmAgain().Text.Text
		if read := v.say("confirm.list_unread", nil); !strings.Contains(text, read) || length(text) > maxConfirmText {
			t.Errorf("%s: %d characters, without %q: %s", lang, length(text), read, text)
		}
	}
}

// TestTheConfirmSaysWhatTheListKnows: whatever the list knows of one target, or
// of a few, stands in the confirm in full.
func TestTheConfirmSaysWhatTheListKnows(t *testing.T) {
	known := approvals.Target{Ref: "5", ID: "5", Name: "root@db01", Label: "root@db01 · id 5"}
	with := func(change func(*approvals.Target)) approvals.Target {
		target := known
		change(&target)
		return target
	}
	rotates := with(func(t *approvals.Target) { t.Rotates = true })
	untold := with(func(t *approvals.Target) { t.RotationUnknown = true })
	key := with(func(t *approvals.Target) { t.Label = "root@db01 · SSH Key · id 5" })
	readOnly := with(func(t *approvals.Target) { t.ReadOnly = true })
	absent := approvals.Target{Ref: "999", Unnamed: approvals.NotListed}
	unread := approvals.Target{Ref: "999", Unnamed: approvals.ListUnread}
	const rotation, maybe = "Automatic change is on: releasing rotates the password", "releasing may rotate the password"
	for _, tt := range []struct {
		name    string
		verb    approvals.Verb
		kind    approvals.Kind
		targets []approvals.Target
		says    []string
		not     []string
	}{
		{"deactivate", approvals.Deactivate, approvals.Credential, []approvals.Target{rotates}, []string{"from everybody", "leaked password"}, []string{"rotat", "list"}},
		{"release, on", approvals.Release, approvals.Credential, []approvals.Target{rotates}, []string{rotation, "loses access", "Only custody"}, []string{"may", "list"}},
		{"release, off", approvals.Release, approvals.Credential, []approvals.Target{known}, []string{"Only custody"}, []string{"rotat", "utomatic"}},
		{"release, the list does not tell", approvals.Release, approvals.Credential, []approvals.Target{untold}, []string{maybe, "Only custody"}, []string{"list", "loses access"}},
		{"deactivate, the list does not tell", approvals.Deactivate, approvals.Credential, []approvals.Target{untold}, []string{"from everybody"}, []string{"rotat"}},
		{"release, not listed", approvals.Release, approvals.Credential, []approvals.Target{absent}, []string{maybe, "Only custody", "Not in the list this bot can see."}, nil},
		{"release, list not read", approvals.Release, approvals.Credential, []approvals.Target{unread}, []string{maybe, "list could not be read"}, []string{"can see"}},
		{"release, two of four", approvals.Release, approvals.Credential, []approvals.Target{rotates, untold, rotates, absent},
			[]string{"rotates the passwords of 2 of 4", "For 2 of 4 it is not known", "Only custody"}, nil},
		{"read-only", approvals.Deactivate, approvals.Secret, []approvals.Target{readOnly}, []string{"may not edit it: senhasegura will refuse (1006)."}, nil},
		{"read-only, some", approvals.Activate, approvals.Password, []approvals.Target{known, readOnly}, []string{"may not edit 1 of 2"}, nil},
		{"an SSH key", approvals.Deactivate, approvals.Credential, []approvals.Target{key}, []string{"from everybody", "SSH key", "1010"}, nil},
		{"not listed", approvals.Deactivate, approvals.Credential, []approvals.Target{known, absent}, []string{"from everybody", "Not in the list this bot can see: 1 of 2."}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := sane()
			r.Verb, r.Kind, r.Targets = tt.verb, tt.kind, tt.targets
			text := of(r, Context{Printer: messages.For("en")}).confirmApprove().Text.Text
			for _, part := range tt.says {
				if !strings.Contains(text, part) {
					t.Errorf("the confirm lacks %q: %q", part, text)
				}
			}
			for _, part := range tt.not {
				if strings.Contains(text, part) {
					t.Errorf("the confirm says %q: %q", part, text)
				}
			}
			for _, lang := range messages.Languages() {
				v := of(r, Context{Printer: messages.For(lang)})
				text := v.confirmApprove().Text.Text
				for _, stakes := range v.stakes(tt.targets)[:min(3, len(v.stakes(tt.targets)))] {
					if !strings.Contains(text, stakes) {
						t.Errorf("in %s the confirm has no room for %q: %q", lang, stakes, text)
					}
				}
			}
		})
	}
}

func TestTodaysLargerNumberOfApprovalsIsShown(t *testing.T) {
	for needed, want := range map[int]string{0: "*Needed:* 2 approvals", 1: "*Needed:* 2 approvals", 5: "*Needed:* 5 approvals"} {
		m := Card(sane(), Context{Printer: messages.For("en"), Needed: needed})
		shown := false
		for _, text := range textsOf(t, m) {
			shown = shown || strings.Contains(text.text, want)
		}
		if !shown {
			t.Errorf("with %d needed today the card does not say %q", needed, want)
		}
	}
}

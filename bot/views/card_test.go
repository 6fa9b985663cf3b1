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
			stakes := p.Text(operation(n.r)+".stakes", nil)
			for _, text := range []string{v.confirmApprove().Text.Text, v.confirmAgain().Text.Text} {
				if !strings.HasSuffix(text, stakes) {
					t.Errorf("%s: the confirm ends early: %q", n.name, text)
				}
			}
		}
	})
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

package views

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/slack-go/slack"

	"senhasegura-bot/approvals"
	"senhasegura-bot/bot/messages"
	"senhasegura-bot/commands"
	"senhasegura-bot/senhasegura"
)

// TestEveryCodeIsExplained: each entry of the catalogue, and what the bot finds
// without one, in both languages, for each operation, by id and by name: no
// sentence is missing, broken or empty.
func TestEveryCodeIsExplained(t *testing.T) {
	faults := []string{"call.redirect", "call.auth", "call.not_configured", "call.not_sent", "call.lost", ""}
	for _, c := range senhasegura.All() {
		faults = append(faults, c.Key)
	}
	inLanguages(t, func(t *testing.T, lang string) {
		for _, fault := range faults {
			for _, v := range []approvals.Verb{approvals.Activate, approvals.Deactivate, approvals.Release} {
				for _, k := range []approvals.Kind{approvals.Credential, approvals.Password, approvals.Secret} {
					if !approvals.Possible(v, k) {
						continue
					}
					r := ran(sane(), approvals.Failed, refused(fault, "senhasegura's words"))
					r.Verb, r.Kind = v, k
					complete(t, fault, of(r, Context{Printer: messages.For(lang)}))
					r.Targets[0].Ref, r.Targets[0].Label = "root@db01", ""
					complete(t, fault, of(r, Context{Printer: messages.For(lang)}))
				}
			}
		}
	})
}

func complete(t *testing.T, fault string, v view) {
	t.Helper()
	x := v.explain(v.Targets[0], facts{"root@db01", true, true, "PAM Core"})
	whole(t, v.p, fault, x)
	text := sectionText(v.explanations(1)[0])
	for _, line := range strings.Split(text, "\n") {
		if strings.TrimSpace(line) == "" || strings.HasSuffix(line, " ") {
			t.Errorf("%s: an empty or untidy line in\n%s", fault, text)
		}
	}
}

// whole checks one explanation: nothing empty, nothing left of a template, and
// somebody who can do something, but where nothing is left to do.
func whole(t *testing.T, p *messages.Printer, key string, x Told) {
	t.Helper()
	for _, l := range x.Lines(p) {
		if text := l.Label + " " + l.Text; strings.Contains(text, "<no value>") || strings.Contains(text, "{{") || strings.Contains(text, "}}") ||
			strings.Contains(text, "  ") || strings.Contains(text, "..") || strings.Contains(text, " .") || strings.Contains(text, "explained.") {
			t.Errorf("%s reads %q", key, text)
		}
	}
	if x.Means == "" || x.Next == "" || x.Changed == "" || strings.HasPrefix(x.Means, "explain.") || strings.HasPrefix(x.Who, "who_can.") {
		t.Errorf("%s lacks words: %+v", key, x)
	}
	if done := strings.Contains(x.Next, "Nothing is left to do") || strings.Contains(x.Next, "Não há mais nada a fazer"); (x.Who == "") != done {
		t.Errorf("%s: who can do it is %q, and what is to do is %q", key, x.Who, x.Next)
	}
}

// TestTheLongestExplanationsFit: twenty targets with the longest answers, and
// of all explanations of their operation the longest, in one message.
func TestTheLongestExplanationsFit(t *testing.T) {
	w := newWire(t)
	long := cut(strings.Repeat(nasty, 5), 500)
	inLanguages(t, func(t *testing.T, lang string) {
		for _, k := range []approvals.Kind{approvals.Credential, approvals.Secret} {
			length := map[string]int{}
			for _, c := range senhasegura.All() {
				r := ran(worst(approvals.Activate, k, 1), approvals.Failed, refused(c.Key, long))
				length[c.Key] = len(sectionText(of(r, Context{Printer: messages.For(lang)}).explanations(1)[0]))
			}
			keys := slices.SortedFunc(maps.Keys(length), func(a, b string) int { return length[b] - length[a] })
			var longest []approvals.Target
			for _, key := range keys[:maxExplanations+1] {
				longest = append(longest, refused(key, long))
			}
			r := ran(worst(approvals.Activate, k, 20), approvals.Failed, longest...)
			c := Context{Printer: messages.For(lang)}
			w.takes("the reply to "+string(k), Outcome(r, c))
			w.takes("the card of "+string(k), Card(r, c))
		}
	})
}

// TestExplainKnowsEveryCode: asked by number, every entry is explained for its
// operations, with a complete source.
func TestExplainKnowsEveryCode(t *testing.T) {
	inLanguages(t, func(t *testing.T, lang string) {
		p := messages.For(lang)
		for _, c := range senhasegura.All() {
			found := commands.Meanings(c.Text)
			if c.Number != 0 {
				found = commands.Meanings(fmt.Sprint(c.Module, " ", c.Number))
			}
			for _, m := range found {
				told := Meanings(p, m)
				for _, x := range told {
					whole(t, p, c.Key, x)
				}
				s, own := Source(p, m), m.Code.Source
				if !strings.Contains(s, own.Version) || !strings.Contains(s, own.Page) {
					t.Errorf("%s has the source %q", m.Code.Key, s)
				}
				if english := strings.Contains(s, own.String()+"."); english != (lang == messages.English || own.Page != "" && own.Note == "") {
					t.Errorf("%s: the source is that of the catalogue: %t: %q", m.Code.Key, english, s)
				}
			}
			if len(found) == 0 {
				t.Errorf("%s is not found", c.Key)
			}
		}
	})
}

// TestAnExplanationNamesItsTargetInertly: what senhasegura's list and people
// wrote formats nothing and imitates no line.
func TestAnExplanationNamesItsTargetInertly(t *testing.T) {
	r := ran(sane(), approvals.Failed, refused("pam.1007", "1007: Credential not found"))
	r.Targets[0].Ref, r.Targets[0].Name = "94", "*<!here>*\n_x_"
	text := sectionText(of(r, Context{Printer: messages.For("en")}).explanations(1)[0])
	if strings.Contains(text, "<!here>") || strings.Contains(text, "_x_") || strings.Count(text, "\n") != 3 || !strings.Contains(text, "&lt;!here&gt;") {
		t.Errorf("reads\n%s", text)
	}
}

func sectionText(b slack.Block) string { return b.(*slack.SectionBlock).Text.Text }

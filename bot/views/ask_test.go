package views

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"senhasegura-bot/approvals"
	"senhasegura-bot/commands"
)

// TestAButtonCarriesWhatFillsTheForm: what it carries is what was typed; a reason
// that does not fit is left out and never cut, targets that do not fit are no
// button.
func TestAButtonCarriesWhatFillsTheForm(t *testing.T) {
	asks := commands.Command{Word: commands.Release, Verb: approvals.Release, Kind: approvals.Credential, Targets: []string{"12", "root@db01"}, Reason: "job <stopped> & \"half\"\nway"}
	glass, long, silent, huge := asks, asks, asks, asks
	glass.Word = commands.BreakGlass
	long.Reason = strings.Repeat("<", commands.ReasonRunes) // six characters each, escaped for HTML
	silent.Targets, silent.Reason = longNames(6), strings.Repeat("ã", commands.ReasonRunes)
	huge.Targets = longNames(20)
	without := silent
	without.Reason = ""
	for name, tt := range map[string]struct {
		typed commands.Command
		want  *commands.Command
	}{
		"whole": {asks, &asks}, "break-glass": {glass, &glass}, "a long reason": {long, &long},
		"no room for the reason": {silent, &without}, "no room for the targets": {huge, nil},
	} {
		t.Run(name, func(t *testing.T) {
			button := askButton("Form", "/cofre", tt.typed)
			if tt.want == nil || button == nil {
				if tt.want != nil || button != nil {
					t.Fatalf("the button is %+v", button)
				}
				return
			}
			if length(button.Value) > maxValue || button.ActionID != "ask_release" {
				t.Errorf("%s carries %d characters", button.ActionID, length(button.Value))
			}
			command, got := ReadAsk(button.Value)
			if diff := cmp.Diff(*tt.want, got); command != "/cofre" || diff != "" {
				t.Errorf("%s -want +got:\n%s", command, diff)
			}
		})
	}
}

// longNames are n of the longest names that can be addressed.
func longNames(n int) []string {
	var all []string
	for i := range n {
		all = append(all, strings.Repeat(string(rune('a'+i)), 250)+"@host")
	}
	return all
}

func TestANameThatIsNoSlashCommandIsForgotten(t *testing.T) {
	for _, name := range []string{"pam", "/pam`", "/pam leaks", "/" + strings.Repeat("x", 40), ""} {
		if got, _ := ReadAsk(asking{Command: name}.encoded()); got != "" {
			t.Errorf("%q is taken for a slash command", got)
		}
	}
}

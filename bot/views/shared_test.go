package views

import (
	"slices"
	"strings"
	"testing"

	"github.com/slack-go/slack"

	"senhasegura-bot/approvals"
	"senhasegura-bot/bot/messages"
)

// TestSharedReadsAsWritten: what a channel that another organization reads is
// shown, and the direct cards of those who decide.
func TestSharedReadsAsWritten(t *testing.T) {
	inLanguages(t, func(t *testing.T, lang string) {
		p := messages.For(lang)
		done, unknown := ran(two(sane()), approvals.Done, good, same), ran(sane(), approvals.Unknown, gone)
		c := Context{Printer: p, RunAgain: true}
		all := map[string]Message{
			"card, waiting": Shrunk(p, sane()), "card, done": Shrunk(p, done), "card, unknown": Shrunk(p, unknown),
			"outcome": OutcomeShrunk(p, done), "pointer": ElsewhereShrunk(p, posted(sane())),
			"direct, approver": Direct(posted(sane()), c, bruno.User), "direct, requester": Direct(sane(), c, ana.User),
			"direct, unknown": Direct(unknown, c, bruno.User), "direct, unknown, requester": Direct(unknown, c, ana.User),
			"direct, done": Direct(done, c, bruno.User),
		}
		golden(t, "shared."+lang, all)
		w := newWire(t)
		for name, m := range all {
			w.takes(name, m)
		}
		for _, n := range slices.Concat(underway(), ended(), worstCases()) {
			w.takes("shrunk "+n.name, Shrunk(p, n.r))
			w.takes("direct "+n.name, Direct(n.r, n.context(lang), bruno.User))
		}
	})
}

// TestAShrunkCardTellsNothing: no target, reason, name, rule or mention, and
// nothing to press; the contract's metadata stays.
func TestAShrunkCardTellsNothing(t *testing.T) {
	inLanguages(t, func(t *testing.T, lang string) {
		for _, n := range slices.Concat(underway(), ended(), worstCases()) {
			m := Shrunk(messages.For(lang), n.r)
			text := string(readable(t, []any{m.Text, m.Blocks}))
			for _, secret := range []string{"db01", "94", "9999", "repository", "Ana", ana.User, "Bruno", bruno.User, "root", "S0PAM", "<@", "<!", "<#", "credencia", "credential", "actions"} {
				if strings.Contains(text, secret) {
					t.Errorf("%s: %q is in %s", n.name, secret, text)
				}
			}
			if m.Metadata.EventType != EventType || m.Metadata.EventPayload["state"] != string(n.r.State) {
				t.Errorf("%s: the metadata is %+v", n.name, m.Metadata)
			}
		}
	})
}

// TestADirectCardHasItsReadersButtons: the requester's cancels, the others'
// decide.
func TestADirectCardHasItsReadersButtons(t *testing.T) {
	c := Context{Printer: messages.For("en"), RunAgain: true}
	for _, n := range []struct {
		r    approvals.Request
		to   string
		want []string
	}{
		{sane(), ana.User, []string{ActionCancel}},
		{sane(), bruno.User, []string{ActionApprove, ActionDeny}},
		{ran(sane(), approvals.Unknown, gone), ana.User, nil},
		{ran(sane(), approvals.Unknown, gone), bruno.User, []string{ActionRunAgain, ActionResolve}},
		{ran(sane(), approvals.Done, good), bruno.User, nil},
	} {
		var got []string
		for _, block := range Direct(n.r, c, n.to).Blocks {
			if actions, is := block.(*slack.ActionBlock); is {
				for _, e := range actions.Elements.ElementSet {
					got = append(got, e.(*slack.ButtonBlockElement).ActionID)
				}
			}
		}
		if !slices.Equal(got, n.want) {
			t.Errorf("%s to %s has %v, want %v", n.r.State, n.to, got, n.want)
		}
	}
}

package views

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"senhasegura-bot/approvals"
	"senhasegura-bot/bot/messages"
	"senhasegura-bot/commands"
)

func glassPolicy() approvals.BreakGlass {
	return approvals.BreakGlass{Verbs: []approvals.Verb{approvals.Deactivate, approvals.Release}, ReviewWithin: 24 * time.Hour,
		Reviewers: []approvals.Approver{{Group: "S0SECURITY"}, {Person: "U0PERSON9"}}}
}

// worstGlassForm has as many reviewers and as long a reason as there can be.
func worstGlassForm(p *messages.Printer, r approvals.Request) slack.ModalViewRequest {
	bg := approvals.BreakGlass{Verbs: []approvals.Verb{approvals.Release}, ReviewWithin: 90 * time.Second}
	for _, list := range r.Rule.Approvers {
		bg.Reviewers = append(bg.Reviewers, list...)
	}
	c := commands.Command{Verb: r.Verb, Kind: r.Kind, Reason: r.Reason}
	for _, t := range r.Targets {
		c.Targets = append(c.Targets, t.Ref)
	}
	return GlassModal(p, c, r.Targets, bg)
}

// signed is a break-glass that Bruno reviewed.
func signed(r approvals.Request, at time.Time) approvals.Request {
	r.Glass.Signed, r.Glass.SignedAt = bruno, at
	r.Glass.Overdue = !at.Before(r.Glass.Due())
	return r
}

// smashed is a break-glass whose run ended like that of r.
func smashed(r approvals.Request) approvals.Request {
	s, run := shattered(r), r.Run
	s.State, s.Run = r.State, run
	return s
}

// broken are break-glasses in every state they can be in, and what one of them
// puts out of the way.
func broken() []named {
	done, overdue := smashed(ran(sane(), approvals.Done, good)), smashed(ran(sane(), approvals.Done, good))
	overdue.Glass.Overdue = true
	alone := shattered(sane())
	alone.Eligible, alone.Glass.Reviewers = 1, [][]approvals.Approver{{{Person: ana.User}, {Person: bruno.User}}}
	return []named{
		{name: "break-glass, begins", r: shattered(sane())},
		{name: "break-glass, one reviewer", r: alone},
		{name: "break-glass, running", r: smashed(ran(two(sane()), approvals.Running, calling, waiting))},
		{name: "break-glass, done", r: done},
		{name: "break-glass, overdue", r: overdue},
		{name: "break-glass, signed in time", r: signed(done, noon.Add(time.Hour))},
		{name: "break-glass, signed late", r: signed(done, noon.Add(25*time.Hour))},
		{name: "break-glass, failed", r: smashed(ran(sane(), approvals.Failed, noAccess))},
		{name: "break-glass, unknown", r: smashed(ran(sane(), approvals.Unknown, gone)), again: true},
		{name: "withdrawn for a break-glass", r: decided(approvals.Cancelled, approvals.Decision{Cause: approvals.CauseGlass, Reason: bruno.User})},
	}
}

// worstBroken are the largest of them; reviewers are one list of the policy.
func worstBroken() []named {
	var all []named
	for _, s := range []approvals.State{approvals.Approved, approvals.Running, approvals.Unknown, approvals.Done, approvals.Failed, approvals.Partial} {
		for _, n := range []int{1, 20} {
			r := worstIn(s, worst(approvals.Release, approvals.Credential, n))
			lists := r.Rule.Approvers[:1]
			r = smashed(r)
			r.Glass.Overdue, r.Glass.Reviewers, r.Eligible = true, lists, 4321
			all = append(all, named{name: fmt.Sprintf("worst break-glass %d %s", n, s), r: r, again: true})
		}
	}
	return all
}

func TestBreakGlassReadsAsWritten(t *testing.T) {
	inLanguages(t, func(t *testing.T, lang string) {
		cards, outcomes := map[string]Message{}, map[string]Message{}
		for _, n := range broken() {
			cards[n.name] = Card(n.r, n.context(lang))
			if n.r.State.Final() || n.r.State == approvals.Unknown {
				outcomes[n.name] = Outcome(n.r, n.context(lang))
			}
		}
		icy := named{}.context(lang)
		icy.Freeze = freeze("token of the deploy bot stolen")
		cards["frozen, break-glass, begins"] = Card(shattered(sane()), icy)
		golden(t, "glass_cards."+lang, cards)
		golden(t, "glass_outcomes."+lang, outcomes)
	})
}

// TestTheCardOfABreakGlassIsLoud: the state first, then who did it without
// approval and who has to sign; no word of anybody who approved; the button
// until somebody has signed.
func TestTheCardOfABreakGlassIsLoud(t *testing.T) {
	inLanguages(t, func(t *testing.T, lang string) {
		for _, n := range broken() {
			if !n.r.Glass.On() {
				continue
			}
			card := Card(n.r, n.context(lang))
			state, loud := stateWord(n.context(lang).Printer, n.r.State), map[string]string{"en": "BREAK-GLASS", "pt-BR": "EMERGÊNCIA"}[lang]
			if title := state + " · " + loud + ": "; !strings.HasPrefix(card.Text, title) {
				t.Errorf("%s: the text beside the blocks is %q", n.name, card.Text)
			}
			section, is := card.Blocks[1].(*slack.SectionBlock)
			if !is || !strings.Contains(section.Text.Text, "<@U0PERSON1>") {
				t.Fatalf("%s: the first block below the header is %+v", n.name, card.Blocks[1])
			}
			mentions := regexp.MustCompile(`<!subteam\^S0SECURITY>|<@U0PERSON2>`).FindAllString(section.Text.Text, -1)
			if len(mentions) != 1 {
				t.Errorf("%s: it mentions %v in %q", n.name, mentions, section.Text.Text)
			}
			for _, text := range textsOf(t, card) {
				if strings.Contains(text.text, "Approved by") || strings.Contains(text.text, "Aprovado por") {
					t.Errorf("%s: the card says %q", n.name, text.text)
				}
			}
			if has := slices.Contains(actionsOf(card), ActionReview); has != n.r.Glass.Unsigned() {
				t.Errorf("%s: the button review is there: %v", n.name, has)
			}
		}
	})
}

func actionsOf(m Message) []string {
	var all []string
	for _, b := range m.Blocks {
		if actions, is := b.(*slack.ActionBlock); is {
			for _, e := range actions.Elements.ElementSet {
				all = append(all, e.(*slack.ButtonBlockElement).ActionID)
			}
		}
	}
	return all
}

func TestHelpHasBreakGlassOnlyWhereThePolicyHas(t *testing.T) {
	inLanguages(t, func(t *testing.T, lang string) {
		p := messages.For(lang)
		line := p.Text("helping.line.break-glass", nil)
		for _, glass := range []bool{false, true} {
			all := string(readable(t, Help(p, "/pam", glass)))
			if strings.Contains(all, line) != glass || !strings.Contains(all, p.Text("helping.line.freeze", nil)) {
				t.Errorf("break-glass in the policy: %v; help says\n%s", glass, all)
			}
		}
	})
}

func TestTheTimeToSignInWords(t *testing.T) {
	p, pt := messages.For("en"), messages.For("pt-BR")
	for d, want := range map[time.Duration]string{
		time.Minute: "1 minute", 90 * time.Minute: "90 minutes", time.Hour: "1 hour", 24 * time.Hour: "24 hours", 48 * time.Hour: "2 days",
		7 * 24 * time.Hour: "7 days", 90 * time.Second: "1m30s", 25 * time.Hour: "25 hours", 36*time.Hour + 10*time.Minute: "36h10m",
	} {
		if got := within(p, d); got != want {
			t.Errorf("%s reads %q, want %q", d, got, want)
		}
	}
	if got := within(pt, 24*time.Hour); got != "24 horas" {
		t.Errorf("in Portuguese a day reads %q", got)
	}
}

package views

import (
	"slices"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"senhasegura-bot/approvals"
	"senhasegura-bot/bot/messages"
	"senhasegura-bot/commands"
)

// stateName heads everything that shows the request: its state, and that it is
// a break-glass.
func (v view) stateName() string {
	word := stateWord(v.p, v.State)
	if v.Glass.On() {
		return v.say("glass.state", messages.Params{"State": word})
	}
	return word
}

// glass says first of all on a break-glass that nobody approved it, and how its
// review stands.
func (v view) glass() []slack.Block {
	if !v.Glass.On() {
		return nil
	}
	return []slack.Block{section(v.say("glass.broke", messages.Params{"Who": user(v.Requester.User)}), v.review())}
}

// review says by whom and when a break-glass is to be signed, or was.
func (v view) review() string {
	g := v.Glass
	params := messages.Params{"Who": user(v.Requester.User), "By": reviewers(v.p, v.Request), "Count": v.Eligible, "AtLeast": v.AtLeast,
		"Date": date(g.Due()), "Due": date(g.Due()), "Late": !g.SignedAt.Before(g.Due())}
	switch {
	case !g.Unsigned():
		params["By"], params["Date"] = user(g.Signed.User), date(g.SignedAt)
		return v.say("glass.signed", params)
	case g.Overdue:
		return v.say("glass.overdue", params)
	}
	return v.say("glass.owed", params)
}

// reviewers names who may sign, without the one who broke the glass.
func reviewers(p *messages.Printer, r approvals.Request) string {
	rule := r.Rule
	rule.Approvers = r.Glass.Reviewers
	return approvers(p, without(rule, r.Requester.User))
}

// without takes accounts out of a rule that names them. A list that names
// nobody else stays as it is.
func without(rule approvals.Rule, users ...string) approvals.Rule {
	lists := rule.Approvers
	rule.Approvers = nil
	for _, list := range lists {
		rest := slices.DeleteFunc(slices.Clone(list), func(a approvals.Approver) bool {
			return a.Person != "" && slices.Contains(users, a.Person)
		})
		if len(rest) == 0 {
			rest = list
		}
		rule.Approvers = append(rule.Approvers, rest)
	}
	return rule
}

// reviewButton is on the card of a break-glass in any state until it is signed.
func (v view) reviewButton() []slack.BlockElement {
	if !v.Glass.Unsigned() {
		return nil
	}
	confirm := v.confirm("confirm.review_title", "confirm.yes_review", v.Targets, v.say("confirm.review", nil))
	return []slack.BlockElement{v.button(ActionReview).WithStyle(slack.StylePrimary).WithConfirm(confirm)}
}

// reviewedBy is the line of an outcome in place of who approved.
func (v view) reviewedBy() string {
	by := ""
	if !v.Glass.Unsigned() {
		by = name(v.Glass.Signed)
	}
	return v.say("glass.outcome", messages.Params{"By": by})
}

// GlassModal asks for a break-glass and is its confirm: it says what sending it
// does, and what the lists know of what was typed, for there is no card before.
// bg is the policy's.
func GlassModal(p *messages.Printer, c commands.Command, targets []approvals.Target, bg approvals.BreakGlass) slack.ModalViewRequest {
	warning := section(p.Text("glass.warning", messages.Params{
		"Who": approvers(p, approvals.Rule{Approvers: [][]approvals.Approver{bg.Reviewers}}), "Within": within(p, bg.ReviewWithin),
	}))
	hint := p.Text("glass.reason_hint", messages.Params{"Least": approvals.MinGlassReason})
	blocks := append([]slack.Block{warning}, typedFor(p, c, targets)...)
	return modal(p, CallbackGlass, p.Text("glass.title", nil), p.Text("glass.submit", nil),
		append(blocks, requestInputs(p, c, bg.Verbs, hint, false)...)...)
}

// typedFor says what the targets are that were typed for an operation, and what
// it does to them.
func typedFor(p *messages.Printer, c commands.Command, targets []approvals.Target) []slack.Block {
	if len(targets) == 0 || !approvals.Possible(c.Verb, c.Kind) {
		return nil
	}
	v := of(approvals.Request{Verb: c.Verb, Kind: c.Kind, Targets: targets, State: approvals.Pending}, Context{Printer: p})
	return []slack.Block{small(p.Text("glass.typed", messages.Params{"Do": v.do()})), lines(v.targets()), section(v.meaning())}
}

// within is a length of time in words: whole days, hours or minutes, else as
// 1h30m.
func within(p *messages.Printer, d time.Duration) string {
	for _, unit := range []struct {
		key   string
		d     time.Duration
		least time.Duration
	}{{"glass.days", 24 * time.Hour, 48 * time.Hour}, {"glass.hours", time.Hour, time.Hour}, {"glass.minutes", time.Minute, time.Minute}} {
		if d >= unit.least && d%unit.d == 0 && d/unit.d < 100 {
			return p.Text(unit.key, messages.Params{"Count": int(d / unit.d)})
		}
	}
	return strings.NewReplacer("h0m0s", "h", "m0s", "m").Replace(d.String())
}

// Broken tells the one who broke the glass that it is being done, and who has
// to sign it.
func Broken(p *messages.Printer, r approvals.Request) Message {
	v := of(r, Context{Printer: p})
	return answer(v.say("glass.done", messages.Params{
		"Room": elsewhere(r, r.Room()), "ID": r.ID, "Do": escape(v.do()), "Who": reviewers(p, r), "Date": date(r.Glass.Due()),
	}))
}

// verbs are the words for what may be done with break-glass.
func verbs(p *messages.Printer, all []approvals.Verb) string {
	var words []string
	for _, verb := range all {
		words = append(words, p.Text("glass.verb."+string(verb), nil))
	}
	return either(p, words)
}

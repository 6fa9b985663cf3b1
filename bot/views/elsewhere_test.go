package views

import (
	"testing"

	"senhasegura-bot/approvals"
	"senhasegura-bot/bot/messages"
)

// posted makes the rule of a request send its card to another channel.
func posted(r approvals.Request) approvals.Request {
	r.Channel, r.Rule.PostTo = "C0ASKED", "C0INCIDENT"
	r.Rule.Approvers = [][]approvals.Approver{{{Channel: true, In: []approvals.Approver{{Group: "S0SRE"}}}, {Channel: true}}}
	return r
}

// elsewhereIn is every message that differs when the card is in another
// channel than the one where it was asked.
func elsewhereIn(lang string) map[string]Message {
	p := messages.For(lang)
	c := Context{Printer: p}
	waiting, done := posted(sane()), posted(ran(two(sane()), approvals.Done, good))
	unreadable := &approvals.Refusal{Why: approvals.WhyChannel, Request: waiting}
	broken := posted(shattered(sane()))
	broken.Glass.Reviewers = [][]approvals.Approver{{{Channel: true, In: []approvals.Approver{{Group: "S0SECURITY"}}}}}
	few := &approvals.Refusal{Why: approvals.WhyTooFew, Rule: waiting.Rule, Have: 1, Need: 2}
	return map[string]Message{
		"card": Card(waiting, c), "pointer, waiting": Elsewhere(p, waiting, permalink), "pointer, no link": Elsewhere(p, waiting, ""),
		"pointer, done": Elsewhere(p, done, permalink), "requested": Requested(p, waiting), "status": Status(waiting, c, permalink),
		"invitation": Invitation(p, waiting, ""), "not the card": NotTheCard(p, waiting, ""),
		"break-glass": Card(broken, c), "pointer, break-glass": Elsewhere(p, broken, permalink), "broken": Broken(p, broken),
		"reviewer outside": ReviewInvitation(p, broken, ""), "review": ReviewReminder(broken, c), "reminder": Reminder(waiting, c, false),
		"too few": Refused(p, "/pam", few, "U0BOT"), "not readable": Refused(p, "/pam", unreadable, "U0BOT"),
	}
}

func TestElsewhereReadsAsWritten(t *testing.T) {
	inLanguages(t, func(t *testing.T, lang string) {
		all := elsewhereIn(lang)
		all["pointer, worst"] = Elsewhere(messages.For(lang), posted(worst("release", "credential", 20)), permalink)
		golden(t, "elsewhere."+lang, all)
		w := newWire(t)
		for name, m := range all {
			w.takes(name, m)
		}
	})
}

// TestAPointerIsNoCard: nothing to press on it, nothing that tests or people
// take for the card, and none of what only the card's channel is to read.
func TestAPointerIsNoCard(t *testing.T) {
	m := Elsewhere(messages.For("en"), posted(sane()), permalink)
	if m.Metadata.EventType != "" || len(m.Blocks) != 1 || m.Blocks[0].BlockType() != "section" {
		t.Errorf("a pointer is %+v", m)
	}
}

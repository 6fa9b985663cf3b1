package views

import (
	"math"
	"strings"

	"senhasegura-bot/approvals"
	"senhasegura-bot/bot/messages"
)

// Refused says to one person why their command or click did nothing. command
// is the slash command's name, empty after a click; bot is the bot's account,
// for /invite.
func Refused(p *messages.Printer, command string, r *approvals.Refusal, bot string) Message {
	m := answer(refusal(p, command, r, bot))
	switch {
	case r.Why == approvals.WhyRulesDiffer:
		m.Blocks = append(m.Blocks, commandLines(ruleLines(command, r)...))
	case r.Why == approvals.WhyFrozen && r.Freeze.Reason != "":
		m.Blocks = append(m.Blocks, quote(p.Text("freeze.reason", nil), inert(r.Freeze.Reason, maxFrozen)))
	}
	return m
}

// WithLink adds a link to the request's card; none when link is empty.
func (m Message) WithLink(p *messages.Printer, link string) Message {
	if link != "" {
		m.Blocks = append(m.Blocks, section(p.Text("link", messages.Params{"Link": escape(link)})))
	}
	return m
}

// RefusedPlain is the sentence without formatting, for the fields of a form.
func RefusedPlain(p *messages.Printer, r *approvals.Refusal) string {
	return strings.NewReplacer("*", "", "`", "").Replace(unescaper.Replace(refusal(p, "", r, "")))
}

var unescaper = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&")

func refusal(p *messages.Printer, command string, r *approvals.Refusal, bot string) string {
	key := "refusal." + string(r.Why)
	if !p.Has(key) {
		key = "refusal.unexplained"
	}
	params := refusalParams(p, r)
	params["Command"], params["Bot"] = escape(commandName(command)), user(bot)
	return p.Text(key, params)
}

// maxRuleLines is how many characters the lines for different rules may have
// in all, below Slack's limit on a message.
const maxRuleLines = 9000

// ruleLines is one line for each rule, of what was asked (the refusal's
// Request) and the targets that fall under it. A line is never cut: where the
// reason does not fit that often, the lines go without, and the form that they
// open asks for it.
func ruleLines(command string, r *approvals.Refusal) []string {
	with := func(reason string) []string {
		var out []string
		for _, targets := range r.Groups {
			var refs []string
			for _, t := range targets {
				refs = append(refs, t.Ref)
			}
			parts := []string{commandName(command), string(r.Request.Verb), string(r.Request.Kind), strings.Join(refs, ", "), reason}
			out = append(out, strings.Join(filled(parts), " "))
		}
		return out
	}
	if all := with(r.Request.Reason); length(strings.Join(all, "")) <= maxRuleLines {
		return all
	}
	return with("")
}

func refusalParams(p *messages.Printer, r *approvals.Refusal) messages.Params {
	id := r.Request.ID
	if id == "" {
		id = r.ID
	}
	count := r.Have
	if r.Why == approvals.WhyPersonMinute {
		count = max(int(math.Ceil(r.Wait.Seconds())), 1)
	}
	since := ""
	if r.Freeze.On() {
		since = date(r.Freeze.At)
	}
	return messages.Params{
		"Date": since, "ID": safe(id, 40), "State": stateOf(r.Request, p), "Rule": safe(r.Rule.Name, 200),
		"Who": approvers(p, r.Rule), "By": refusalBy(r), "Cause": refusalCause(r, p),
		"Have": r.Have, "Need": r.Need, "Count": count, "Other": safe(r.ID, 40),
		"Open": r.Request.State == approvals.Pending, "Room": room(r.Rule.PostTo), "Asked": elsewhere(r.Request, r.Request.Channel),
		"Glass": r.Request.Glass.On(), "Verbs": verbs(p, r.Rule.Verbs),
	}
}

// elsewhere mentions a channel of a request, if its card is in another one than
// it was asked in.
func elsewhere(r approvals.Request, channel string) string {
	if r.Room() == r.Channel {
		return ""
	}
	return room(channel)
}

func stateOf(r approvals.Request, p *messages.Printer) string {
	if r.State == "" {
		r.State = approvals.Pending // a duplicate whose request could not be read is open
	}
	return stateWord(p, r.State)
}

// refusalBy is the person a refusal is about: the requester for a cancel by
// somebody else, whoever froze everything, otherwise whoever decided; empty
// where nobody did.
func refusalBy(r *approvals.Refusal) string {
	switch {
	case r.Why == approvals.WhyFrozen:
		return user(r.Freeze.By.User)
	case r.Why == approvals.WhyReviewed:
		return user(r.Request.Glass.Signed.User)
	case r.Why == approvals.WhyNotYours:
		return user(r.Request.Requester.User)
	case r.Request.Decision.By.User != "":
		return user(r.Request.Decision.By.User)
	case r.Request.Approved.IsZero():
		return ""
	}
	return mentions(voters(r.Request))
}

func refusalCause(r *approvals.Refusal, p *messages.Printer) string {
	if r.Request.Decision.Cause == "" {
		return ""
	}
	return cause(p, r.Request.Decision.Cause)
}

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"senhasegura-bot/approvals"
)

// whyLine heads a refusal of the grammar, which the desk has no name for.
const whyLine = "line"

// why names the refusal for scripts.
func (x explained) why() string {
	if x.fault != nil {
		return whyLine + "." + string(x.fault.Code)
	}
	return string(x.Refusal.Why)
}

// because says it for people.
func (x explained) because() string {
	if x.fault != nil {
		return strings.Join(faultLines(x.fault), "\n")
	}
	switch r := x.Refusal; r.Why {
	case approvals.WhyNotMember:
		return fmt.Sprintf("%s is no full member (%s)", x.ask.User, x.members.users[x.ask.User].standing)
	case approvals.WhyNotRequester:
		return fmt.Sprintf("%s is in none of the requesters %s", x.ask.User, approverList(x.policy.Requesters))
	case approvals.WhyDirectMessage:
		return "a direct message: nobody else could see it"
	case approvals.WhyNotInChannel:
		return "the bot is not in the channel"
	case approvals.WhyArchived:
		return "the channel is archived"
	case approvals.WhyShared:
		return "the channel is shared with another organization, and the policy does not allow_shared"
	case approvals.WhyRoom:
		return fmt.Sprintf("the card would go to %s (post_to), where the bot cannot post: %s", x.named(r.Rule.PostTo), unposting(r.Err))
	case approvals.WhyOutside:
		return fmt.Sprintf("the channel is private, and %s is not a member", x.ask.User)
	case approvals.WhyDenied:
		return fmt.Sprintf("%s denies", ruleName(r.Rule))
	case approvals.WhyRulesDiffer:
		return "the targets fall under different rules; one line for each:\n" + x.linesByRule(r.Groups)
	case approvals.WhyTooFew:
		return fmt.Sprintf("%s needed, and %s can approve besides the one who asks", count(r.Need, "approval"), count(r.Have, "person"))
	default:
		return r.Error()
	}
}

// unposting says why the bot cannot post in a channel.
func unposting(err error) string {
	r, _ := errors.AsType[*approvals.Refusal](err)
	switch {
	case r != nil && r.Why == approvals.WhyArchived:
		return "it is archived"
	case r != nil && r.Why == approvals.WhyShared:
		return "it is shared with another organization, and the policy does not allow_shared"
	case r != nil && r.Why == approvals.WhyDirectMessage:
		return "it is a direct message"
	}
	return "the bot is not in it"
}

func (x explained) linesByRule(groups [][]approvals.Target) string {
	var lines []string
	for _, targets := range groups {
		lines = append(lines, "  "+x.line(targets))
	}
	return strings.Join(lines, "\n")
}

// The JSON of an explanation. Lists are never null, except eligible where
// nobody can be known.
type (
	jsonExplained struct {
		// Accepted is null when only the policy was asked and it refuses nothing.
		Accepted *bool         `json:"accepted"`
		Refusal  *jsonRefusal  `json:"refusal"`
		As       string        `json:"as"`
		Channel  jsonChannel   `json:"channel"`
		Verb     string        `json:"verb"`
		Kind     string        `json:"kind"`
		Targets  []jsonTarget  `json:"targets"`
		Rules    []jsonRule    `json:"rules"`
		Eligible []jsonPerson  `json:"eligible"`
		LeftOut  []jsonLeftOut `json:"left_out"`
		NotKnown []string      `json:"not_known"`
		NoReason bool          `json:"reason_missing"`
	}
	jsonRefusal struct {
		Why     string `json:"why"`
		Message string `json:"message"`
	}
	jsonChannel struct {
		ID   string `json:"id"`
		Name string `json:"name"`
	}
	jsonTarget struct {
		Ref   string     `json:"ref"`
		ID    string     `json:"id"`
		Name  string     `json:"name"`
		Steps []jsonStep `json:"steps"`
	}
	jsonStep struct {
		Rule string `json:"rule"` // empty: the defaults
		Fit  string `json:"fit"`
	}
	jsonRule struct {
		Rule      string   `json:"rule"` // empty: the defaults
		Targets   []string `json:"targets"`
		Strictest bool     `json:"strictest"`
		Deny      bool     `json:"deny"`
		Approvals int      `json:"approvals"`
		Expires   string   `json:"expires"`
		Remind    string   `json:"remind,omitempty"` // after how long; absent: never
		Reason    string   `json:"reason"`
		PostTo    string   `json:"post_to"`   // empty: where it is asked
		Approvers []string `json:"approvers"` // lists, as the policy writes them; people are in each
	}
	jsonPerson struct {
		ID   string `json:"id"`
		Name string `json:"name"`
	}
	jsonLeftOut struct {
		ID  string `json:"id"`
		Why string `json:"why"`
	}
)

func (x explained) writeJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(x.json())
}

func (x explained) json() jsonExplained {
	j := jsonExplained{
		As: x.ask.User, Channel: jsonChannel{x.Channel.ID, x.Channel.Name}, Verb: string(x.ask.Verb), Kind: string(x.ask.Kind),
		Targets: []jsonTarget{}, Rules: []jsonRule{}, LeftOut: []jsonLeftOut{},
		NotKnown: append([]string{}, x.unknowns()...), NoReason: x.noReason,
	}
	if x.given || x.refused() {
		accepted := !x.refused()
		j.Accepted = &accepted
	}
	if x.refused() {
		j.Refusal = &jsonRefusal{x.why(), x.because()}
	}
	for i, t := range x.ask.Targets {
		target := jsonTarget{Ref: t.Ref, ID: t.ID, Name: t.Name, Steps: []jsonStep{}}
		if x.fault == nil {
			target.Steps = jsonSteps(x.Steps[i])
		}
		j.Targets = append(j.Targets, target)
	}
	for _, c := range x.Choices {
		j.Rules = append(j.Rules, x.jsonRule(c))
	}
	if x.given {
		j.Eligible = []jsonPerson{}
	}
	for _, who := range x.Eligible {
		j.Eligible = append(j.Eligible, jsonPerson{who.User, who.Name})
	}
	for _, user := range x.Named {
		if why := x.members.leftOut(x.policy, x.Explanation, user); why != "" {
			j.LeftOut = append(j.LeftOut, jsonLeftOut{user, why})
		}
	}
	return j
}

func jsonSteps(steps []approvals.Step) []jsonStep {
	all := []jsonStep{}
	for _, s := range steps {
		all = append(all, jsonStep{s.Rule.Name, string(s.Fit)})
	}
	return all
}

func (x explained) jsonRule(c approvals.Choice) jsonRule {
	r := jsonRule{Rule: c.Rule.Name, Strictest: c.Rule.Strictest, Deny: c.Rule.Deny, Approvals: c.Rule.Approvals, Expires: formatDuration(c.Rule.Expires), PostTo: c.Rule.PostTo, Reason: "required", Approvers: []string{}}
	if c.Rule.ReasonOptional {
		r.Reason = "optional"
	}
	if c.Rule.Remind > 0 {
		r.Remind = formatDuration(c.Rule.Remind)
	}
	for _, t := range c.Targets {
		r.Targets = append(r.Targets, t.Ref)
	}
	for _, list := range c.Rule.Approvers {
		r.Approvers = append(r.Approvers, approverList(list))
	}
	return r
}

package views

import (
	"strings"

	"senhasegura-bot/approvals"
	"senhasegura-bot/bot/messages"
)

// How much of a rule's approvers is named. Five people is product.md's number;
// the others keep the strictest of many rules within a section.
const (
	maxMentions = 5
	maxGroups   = 8
	maxLists    = 4
)

// approvers says in mrkdwn who may approve under the rule: every list it has
// is a condition of its own.
func approvers(p *messages.Printer, rule approvals.Rule) string {
	all := distinct(rule.Approvers)
	var named []string
	for _, list := range all[:min(len(all), maxLists)] {
		named = append(named, anyOf(p, list, rule.PostTo))
	}
	switch len(named) {
	case 0:
		return p.Text("who.nobody", nil)
	case 1:
		return named[0]
	}
	who := p.Text("who.and", messages.Params{"Who": strings.Join(named, "; ")})
	if more := len(all) - len(named); more > 0 {
		who = p.Text("who.more", messages.Params{"Who": who, "Count": more})
	}
	return who
}

// distinct drops lists that say the same as an earlier one, as the strictest
// of several rules often has.
func distinct(all [][]approvals.Approver) [][]approvals.Approver {
	seen := map[string]bool{}
	var out [][]approvals.Approver
	for _, list := range all {
		if key := listKey(list); !seen[key] {
			seen[key] = true
			out = append(out, list)
		}
	}
	return out
}

func listKey(list []approvals.Approver) string {
	var b strings.Builder
	for _, a := range list {
		b.WriteString(a.Person + a.Group)
		if a.Channel {
			b.WriteString("channel(" + listKey(a.In) + ")")
		}
		b.WriteByte('|')
	}
	return b.String()
}

// anyOf says one list: its channel, its groups and up to five of its people.
// The channel is named where the card is posted to another one than asked in.
func anyOf(p *messages.Printer, list []approvals.Approver, postTo string) string {
	var named []string
	groups, people, more := 0, 0, 0
	for _, a := range list {
		switch {
		case a.Channel && len(a.In) > 0:
			named = append(named, p.Text("who.channel_in", messages.Params{"Who": anyOf(p, a.In, ""), "Room": room(postTo)}))
		case a.Channel:
			named = append(named, p.Text("who.channel", messages.Params{"Room": room(postTo)}))
		case a.Group != "" && groups < maxGroups:
			groups, named = groups+1, append(named, group(a.Group))
		case a.Person != "" && people < maxMentions:
			people, named = people+1, append(named, user(a.Person))
		default:
			more++
		}
	}
	who := either(p, named)
	if more > 0 {
		who = p.Text("who.more", messages.Params{"Who": who, "Count": more})
	}
	return who
}

// either joins with commas, the last with "or".
func either(p *messages.Printer, named []string) string {
	switch n := len(named); n {
	case 0:
		return p.Text("who.nobody", nil)
	case 1:
		return named[0]
	default:
		return p.Text("who.or", messages.Params{"A": strings.Join(named[:n-1], ", "), "B": named[n-1]})
	}
}

// mentions lists people who did something.
func mentions(people []approvals.Person) string {
	var out []string
	for _, who := range people {
		out = append(out, user(who.User))
	}
	return strings.Join(out, ", ")
}

// names lists people without pinging them: by name where Slack told one, else
// by account.
func names(people []approvals.Person) string {
	var out []string
	for _, who := range people {
		out = append(out, name(who))
	}
	return strings.Join(out, ", ")
}

func name(who approvals.Person) string {
	if s := inert(who.Name, 80); s != "" {
		return s
	}
	return inert(who.User, 40)
}

func voters(r approvals.Request) []approvals.Person {
	people := make([]approvals.Person, 0, len(r.Votes))
	for _, v := range r.Votes {
		people = append(people, v.Person)
	}
	return people
}

package main

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"senhasegura-bot/approvals"
)

var (
	groupID  = regexp.MustCompile(`^S[A-Z0-9]+$`)
	personID = regexp.MustCompile(`^[UW][A-Z0-9]+$`)
	// Slack's handles: lower-case letters, digits, dot, hyphen, underscore.
	groupHandle = regexp.MustCompile(`^@[\p{Ll}\p{Lo}\p{M}\p{N}._-]+$`)
	// Mentions of Slack that look like handles and are none.
	broadcasts = []string{"@channel", "@here", "@everyone"}
)

// channelID reads the id of one channel: a name may come to mean another.
func (r *policyReader) channelID(k key, n ast.Node, to *string) {
	s, ok := r.text(k, n)
	if ok && !channelID.MatchString(s) {
		r.fault(where(n), "%q must be the id of a channel (C…), not %q", k.name, s)
		return
	}
	*to = s
}

// approverForms is what an entry of approvers may be.
const approverForms = `a user group (S… or "@handle"), a person (U… or W…), channel, or {channel: [groups and people]}`

// approvers reads a list of approvers or requesters.
func (r *policyReader) approvers(k key, n ast.Node) []approvals.Approver {
	var list []approvals.Approver
	var seen []string
	for _, v := range r.list(k, n, !mayBeEmpty) {
		name, a, ok := r.approver(k, v)
		switch {
		case !ok:
		case name != "" && slices.Contains(seen, name):
			r.fault(where(v), "%q is listed twice", name)
		case a.Channel && (k.name == "requesters" || k.of == "freeze"):
			r.fault(where(v), "%q takes no channel: name user groups and people", k.name)
		case a.Channel && k.name == "channel":
			r.fault(where(v), `"channel" inside "channel": name user groups and people`)
		default:
			r.checkChannel(k, v, a)
			seen, list = append(seen, name), append(list, a)
		}
	}
	return list
}

// checkChannel warns of approvers, and others, that anybody can become by joining.
func (r *policyReader) checkChannel(k key, n ast.Node, a approvals.Approver) {
	if !a.Channel || len(a.In) > 0 {
		return
	}
	may := "approves"
	if k.of == breakGlass {
		may = map[string]string{"people": "breaks the glass", "reviewers": "signs"}[k.name]
	}
	r.warn(where(n), `every member of the channel %s, and whoever can join a channel can become one: {channel: ["@group"]} asks members of a group`, may)
}

// approver reads one entry; name is how the file writes it, empty for a
// mapping.
func (r *policyReader) approver(k key, n ast.Node) (name string, a approvals.Approver, ok bool) {
	if _, is := pairsOf(n); is {
		return r.channelOf(n)
	}
	s, is := n.(*ast.StringNode)
	if !is {
		r.fault(where(n), "%s is none of: %s", describe(n), approverForms)
		return "", a, false
	}
	switch name = s.Value; {
	case name == "channel":
		a.Channel = true
	case groupID.MatchString(name):
		a.Group = name
	case personID.MatchString(name):
		a.Person = name
	case slices.Contains(broadcasts, name):
		r.fault(where(n), "%q is a mention, no user group", name)
		return "", a, false
	case groupHandle.MatchString(name):
		a.Handle = name[1:]
		r.handles = append(r.handles, handleAt{where(n), a.Handle})
	case groupHandle.MatchString("@" + name):
		r.fault(where(n), "%q is none of: %s; did you mean %q?", name, approverForms, "@"+name)
		return "", a, false
	default:
		r.fault(where(n), "%q is none of: %s", name, approverForms)
		return "", a, false
	}
	return name, a, true
}

// channelOf reads {channel: […]}. Without a proper list it is no approver at
// all: it must not fall back to every member of the channel.
func (r *policyReader) channelOf(n ast.Node) (string, approvals.Approver, bool) {
	a := approvals.Approver{Channel: true}
	seen := r.mapping(n, "an approver", fields{
		"channel": func(k key, v ast.Node) { a.In = r.approvers(k, v) },
	})
	if pairs, _ := pairsOf(n); len(pairs) == 0 {
		r.fault(where(n), "an empty mapping is none of: %s", approverForms)
	}
	return "", a, seen != nil && len(a.In) > 0
}

// freeze reads who may stop everything.
func (r *policyReader) freeze(k key, n ast.Node) (people []approvals.Approver) {
	seen := r.mapping(n, k.name, fields{
		"people": func(k key, v ast.Node) { people = r.approvers(k, v) },
	})
	if _, set := seen["people"]; !set && seen != nil {
		r.fault(k.at, `"freeze" has no "people": it says who may stop everything`)
	}
	return people
}

// samePerson reads lists of accounts that count as one person.
func (r *policyReader) samePerson(k key, n ast.Node) [][]string {
	var all []string
	var people [][]string
	for _, v := range r.list(k, n, mayBeEmpty) {
		accounts := r.accounts(k, v)
		for _, a := range accounts {
			if slices.Contains(all, a) {
				r.fault(where(v), "%q is listed twice: one person's accounts go into one list", a)
			}
			all = append(all, a)
		}
		people = append(people, accounts)
	}
	return people
}

func (r *policyReader) accounts(k key, n ast.Node) []string {
	var accounts []string
	values := r.list(k, n, !mayBeEmpty)
	if len(values) == 1 {
		r.fault(where(n), "%q needs at least two accounts in each list", k.name)
	}
	for _, v := range values {
		s, ok := v.(*ast.StringNode)
		if !ok || !personID.MatchString(s.Value) {
			r.fault(where(v), "%s is no account: accounts begin with U or W", describe(v))
			continue
		}
		accounts = append(accounts, s.Value)
	}
	return accounts
}

// channels reads ids of channels and globs on their names.
func (r *policyReader) channels(k key, n ast.Node) []string {
	var globs []string
	for _, v := range r.list(k, n, !mayBeEmpty) {
		s, ok := r.text(k, v)
		switch {
		case !ok:
		case strings.HasPrefix(s, "#"):
			r.fault(where(v), "channel %q: names go without the #", s)
		case r.glob(v, s) && once(r, v, s, globs):
			globs = append(globs, s)
		}
	}
	return globs
}

// targets reads globs on ids and on user@host. An id need not be quoted.
func (r *policyReader) targets(k key, n ast.Node) []string {
	var globs []string
	for _, v := range r.list(k, n, !mayBeEmpty) {
		s := v.GetToken().Value
		if _, id := v.(*ast.IntegerNode); !id || !decimal.MatchString(s) {
			var ok bool
			if s, ok = r.text(k, v); !ok {
				continue
			}
		}
		if !r.glob(v, s) || !once(r, v, s, globs) {
			continue
		}
		if !strings.ContainsAny(s, `@*?[`) && !decimal.MatchString(s) {
			r.warn(where(v), "%q matches no target: targets are ids and user@host", s)
		}
		globs = append(globs, s)
	}
	return globs
}

func (r *policyReader) glob(n ast.Node, s string) bool {
	if _, err := path.Match(s, ""); err != nil {
		r.fault(where(n), `bad glob %q: * is any text, ? one character, [a-z] one of these, \ takes the next as it is`, s)
		return false
	}
	return true
}

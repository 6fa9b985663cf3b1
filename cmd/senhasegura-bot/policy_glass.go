package main

import (
	"fmt"
	"time"

	"github.com/goccy/go-yaml/ast"

	"senhasegura-bot/approvals"
)

// breakGlass is the key of the policy under which break-glass is set up.
const breakGlass = "break_glass"

// breakGlass reads who may act before somebody approves, and who reviews it.
// Nothing of that has a default, but for the verb that only takes access away.
func (r *policyReader) breakGlass(k key, n ast.Node) *approvals.BreakGlass {
	bg := &approvals.BreakGlass{Verbs: []approvals.Verb{approvals.Deactivate}}
	seen := r.mapping(n, k.name, fields{
		"people": func(k key, v ast.Node) { bg.People = r.approvers(k, v) },
		"verbs": func(k key, v ast.Node) {
			bg.Verbs = words(r, k, v, approvals.Activate, approvals.Deactivate, approvals.Release)
		},
		"review_within": func(k key, v ast.Node) { r.duration(k, v, &bg.ReviewWithin, time.Second, 7*24*time.Hour) },
		"reviewers":     func(k key, v ast.Node) { bg.Reviewers = r.approvers(k, v) },
	})
	for _, needed := range []struct{ name, says string }{
		{"people", "who may act before somebody approves"},
		{"review_within", "how long the reviewers have to sign"},
		{"reviewers", "who must sign it afterwards"},
	} {
		if _, set := seen[needed.name]; !set && seen != nil {
			r.fault(k.at, "%q has no %q: it says %s", k.name, needed.name, needed.says)
		}
	}
	return bg
}

// remind reads when people are reminded of a request; 0 is never.
func (r *policyReader) remind(k key, n ast.Node, to *time.Duration) {
	if i, is := n.(*ast.IntegerNode); is && i.Token.Value == "0" {
		*to = 0
		return
	}
	r.duration(k, n, to, time.Second, 7*24*time.Hour)
}

// checkRemind warns of a reminder that comes no earlier than the end. What one
// of the two keys inherits is told where the other stands.
func (r *policyReader) checkRemind(rule readRule) {
	if rule.Deny || rule.Remind == 0 || rule.Remind < rule.Expires {
		return
	}
	at, set := rule.set["remind"]
	if !set {
		at, set = rule.set["expires"]
	}
	if set {
		r.warn(at, "\"remind\" (%s) is not shorter than \"expires\" (%s): only the reminder before the end is left",
			formatDuration(rule.Remind), formatDuration(rule.Expires))
	}
}

// reminds says when people are reminded, for those who read an explanation.
func reminds(rule approvals.Rule) string {
	if rule.Remind == 0 {
		return ""
	}
	return fmt.Sprintf("  reminds: after %s, and again before it expires\n", formatDuration(rule.Remind))
}

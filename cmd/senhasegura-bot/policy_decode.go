package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"senhasegura-bot/approvals"
)

// policyReader walks the tree of one file and collects everything that is
// wrong with it. It reads the tree itself because decoding into structs stops
// at the first fault and forgets where values stood.
type policyReader struct {
	what     string // the file, in faults
	faults   []Fault
	warnings []Fault
	handles  []handleAt
}

func (r *policyReader) fault(at position, format string, args ...any) {
	r.faults = append(r.faults, Fault{at, fmt.Sprintf(format, args...)})
}

func (r *policyReader) warn(at position, format string, args ...any) {
	r.warnings = append(r.warnings, Fault{at, fmt.Sprintf(format, args...)})
}

// policy reads the whole file; what it returns holds only without faults.
func (r *policyReader) policy(src []byte) *approvals.Policy {
	body := r.document(src)
	if body == nil {
		return nil
	}
	p := &approvals.Policy{Language: "en", Announce: approvals.AnnounceFailures,
		Limits: approvals.Limits{PerPersonMinute: 10, PendingPerPerson: 20, Pending: 500}}
	var base readRule
	var rules []readRule
	seen := r.mapping(body, "the policy", fields{
		"language": func(k key, v ast.Node) { r.choice(k, v, &p.Language, "en", "pt-BR") },
		"announce": func(k key, v ast.Node) {
			r.choice(k, v, (*string)(&p.Announce), "failures", "all", "none")
		},
		"limits":        func(k key, v ast.Node) { r.limits(k, v, &p.Limits) },
		"defaults":      func(k key, v ast.Node) { base = r.defaults(k, v) },
		"rules":         func(k key, v ast.Node) { rules = r.rules(k, v) },
		"requesters":    func(k key, v ast.Node) { p.Requesters = r.approvers(k, v) },
		"freeze":        func(k key, v ast.Node) { p.Freezers = r.freeze(k, v) },
		"break_glass":   func(k key, v ast.Node) { p.BreakGlass = r.breakGlass(k, v) },
		"allow_shared":  func(k key, v ast.Node) { r.flag(k, v, &p.AllowShared) },
		"same_person":   func(k key, v ast.Node) { p.SamePerson = r.samePerson(k, v) },
		"audit_channel": func(k key, v ast.Node) { r.channelID(k, v, &p.AuditChannel) },
	})
	if _, ok := seen["defaults"]; !ok && seen != nil {
		r.fault(position{1, 1}, `"defaults" is missing: it says who approves what no rule matches`)
	}
	p.Defaults = base.Rule
	r.checkRemind(base)
	for _, rule := range rules {
		rule.Rule = rule.inherit(base)
		r.checkRemind(rule)
		p.Rules = append(p.Rules, rule.Rule)
	}
	return p
}

// document parses src and insists on one document with something in it.
func (r *policyReader) document(src []byte) ast.Node {
	file, err := parseYAML(src)
	if err != nil {
		r.syntax(src, err)
		return nil
	}
	for _, doc := range file.Docs {
		if d, ok := doc.Body.(*ast.DirectiveNode); ok {
			r.fault(where(d), "a directive (%%): a %s starts with its first key", r.what)
			return nil
		}
	}
	if len(file.Docs) == 0 || file.Docs[0].Body == nil {
		r.fault(position{1, 1}, "the %s is empty", r.what)
		return nil
	}
	if len(file.Docs) > 1 {
		r.fault(begins(file.Docs[1]), "a second document: a %s is one", r.what)
	}
	return r.plain(file.Docs[0].Body)
}

// begins is where a document after the first one starts.
func begins(doc *ast.DocumentNode) position {
	if doc.Start == nil { // after "..." no "---" is needed
		return where(doc.Body)
	}
	return position{doc.Start.Position.Line, doc.Start.Position.Column}
}

// parseYAML turns a panic of the parser into an error: the file comes from a
// person's editor, and a reload must never stop the process.
func parseYAML(src []byte) (file *ast.File, err error) {
	defer func() {
		if recover() != nil {
			err = fmt.Errorf("not YAML")
		}
	}()
	return parser.ParseBytes(src, 0, parser.AllowDuplicateMapKey())
}

func (r *policyReader) syntax(src []byte, err error) {
	e, ok := err.(yaml.Error)
	if !ok || e.GetToken() == nil {
		r.fault(position{}, "not YAML")
		return
	}
	at := position{e.GetToken().Position.Line, e.GetToken().Position.Column}
	if charAt(src, at) == '@' {
		r.fault(at, `a word that begins with @ must stand in quotes: "@…"`)
		return
	}
	r.fault(at, "not YAML: %s", e.GetMessage())
}

func charAt(src []byte, at position) rune {
	lines := strings.Split(string(src), "\n")
	if at.Line < 1 || at.Line > len(lines) {
		return 0
	}
	line := []rune(lines[at.Line-1])
	if at.Col < 1 || at.Col > len(line) {
		return 0
	}
	return line[at.Col-1]
}

func (r *policyReader) limits(k key, v ast.Node, l *approvals.Limits) {
	const most = 100_000
	r.mapping(v, k.name, fields{
		"per_person_minute":  func(k key, v ast.Node) { r.whole(k, v, &l.PerPersonMinute, 0, most) },
		"pending_per_person": func(k key, v ast.Node) { r.whole(k, v, &l.PendingPerPerson, 0, most) },
		"pending":            func(k key, v ast.Node) { r.whole(k, v, &l.Pending, 0, most) },
	})
}

// readRule is a rule with the keys it sets itself.
type readRule struct {
	approvals.Rule
	set map[string]position
}

// inherit fills what the rule leaves out from the defaults.
func (rule readRule) inherit(base readRule) approvals.Rule {
	if rule.Deny {
		return rule.Rule
	}
	if _, set := rule.set["approvers"]; !set {
		rule.Approvers = base.Approvers
	}
	if _, set := rule.set["approvals"]; !set {
		rule.Approvals = base.Approvals
	}
	if _, set := rule.set["expires"]; !set {
		rule.Expires = base.Expires
	}
	if _, set := rule.set["remind"]; !set {
		rule.Remind = base.Remind
	}
	if _, set := rule.set["reason"]; !set {
		rule.ReasonOptional = base.ReasonOptional
	}
	if _, set := rule.set["post_to"]; !set {
		rule.PostTo = base.PostTo
	}
	return rule.Rule
}

// demands are the keys that defaults and rules share.
func (r *policyReader) demands(rule *approvals.Rule) fields {
	return fields{
		"approvers": func(k key, v ast.Node) { rule.Approvers = [][]approvals.Approver{r.approvers(k, v)} },
		"approvals": func(k key, v ast.Node) { r.whole(k, v, &rule.Approvals, 1, 10) },
		"expires":   func(k key, v ast.Node) { r.duration(k, v, &rule.Expires, time.Second, 7*24*time.Hour) },
		"post_to":   func(k key, v ast.Node) { r.channelID(k, v, &rule.PostTo) },
		"remind":    func(k key, v ast.Node) { r.remind(k, v, &rule.Remind) },
		"reason": func(k key, v ast.Node) {
			reason := "required"
			r.choice(k, v, &reason, "required", "optional")
			rule.ReasonOptional = reason == "optional"
		},
	}
}

func (r *policyReader) defaults(k key, v ast.Node) readRule {
	base := readRule{Rule: approvals.Rule{Approvals: 1, Expires: 30 * time.Minute}}
	base.set = r.mapping(v, k.name, r.demands(&base.Rule))
	if _, set := base.set["approvers"]; !set && base.set != nil {
		r.fault(k.at, `"defaults" has no "approvers": it says who approves what no rule matches`)
	}
	return base
}

func (r *policyReader) rules(k key, v ast.Node) []readRule {
	var rules []readRule
	first := map[string]position{}
	for i, entry := range r.list(k, v, mayBeEmpty) {
		rule := r.rule(entry)
		if _, named := rule.set["name"]; !named { // cards and answers call a rule by its name
			rule.Name = fmt.Sprintf("rule %d", i+1)
		}
		if at, twice := first[rule.Name]; twice && rule.Name != "" {
			r.fault(rule.set["name"], "two rules are called %q: the first is on line %d", rule.Name, at.Line)
		} else {
			first[rule.Name] = rule.set["name"]
		}
		rules = append(rules, rule)
	}
	r.unreachable(rules)
	return rules
}

func (r *policyReader) rule(entry ast.Node) readRule {
	var rule readRule
	keys := r.demands(&rule.Rule)
	keys["name"] = func(k key, v ast.Node) { r.name(k, v, &rule.Name) }
	keys["verbs"] = func(k key, v ast.Node) {
		rule.Verbs = words(r, k, v, approvals.Activate, approvals.Deactivate, approvals.Release)
	}
	keys["kinds"] = func(k key, v ast.Node) {
		rule.Kinds = words(r, k, v, approvals.Credential, approvals.Password, approvals.Secret)
	}
	keys["channels"] = func(k key, v ast.Node) { rule.Channels = r.channels(k, v) }
	keys["targets"] = func(k key, v ast.Node) { rule.Targets = r.targets(k, v) }
	keys["deny"] = func(k key, v ast.Node) { r.flag(k, v, &rule.Deny) }
	rule.set = r.mapping(entry, "a rule", keys)
	if rule.set != nil {
		r.checkRule(rule)
	}
	return rule
}

// checkRule judges what the keys of one rule say together.
func (r *policyReader) checkRule(rule readRule) {
	for _, demand := range []string{"approvers", "approvals", "expires", "remind", "reason", "post_to"} {
		if at, set := rule.set[demand]; set && rule.Deny {
			r.fault(at, `%q beside "deny": a rule that denies asks nobody`, demand)
		}
	}
	onlyRelease := len(rule.Verbs) > 0 && !slices.ContainsFunc(rule.Verbs, func(v approvals.Verb) bool { return v != approvals.Release })
	if onlyRelease && len(rule.Kinds) > 0 && !slices.Contains(rule.Kinds, approvals.Credential) {
		r.warn(rule.set["kinds"], "only a credential can be released: this rule matches nothing")
	}
}

// unreachable warns of rules after one that matches everything.
func (r *policyReader) unreachable(rules []readRule) {
	for i, rule := range rules[:max(len(rules)-1, 0)] {
		if rule.set != nil && len(rule.Verbs)+len(rule.Kinds)+len(rule.Channels)+len(rule.Targets) == 0 {
			r.warn(rules[i+1].set["name"], "never reached: rule %q before it matches everything", rule.Name)
			return
		}
	}
}

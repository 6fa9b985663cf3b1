package approvals

import (
	"errors"
	"path"
	"reflect"
	"slices"
	"strings"
	"time"
)

// Policy is who may ask for what, and who decides. It is read-only once made.
type Policy struct {
	Language string   // of channel messages: "en" or "pt-BR"
	Announce Announce // which outcomes go to the channel too
	Limits   Limits
	Defaults Rule
	Rules    []Rule // the first match decides
	// Requesters may ask at all; nil means every full member.
	Requesters []Approver
	// Freezers may stop everything; nil means that nobody can.
	Freezers []Approver
	// BreakGlass lets some act before somebody approves; nil means nobody.
	BreakGlass *BreakGlass
	// AllowShared permits channels shared with other organizations.
	AllowShared bool
	// AuditChannel is told the audit's head once a day; empty: nobody is.
	AuditChannel string
	// SamePerson lists accounts that count as one person.
	SamePerson [][]string
}

// Announce is which outcomes are sent to the channel as well as the thread.
type Announce string

// The values of the policy's announce.
const (
	AnnounceFailures Announce = "failures"
	AnnounceAll      Announce = "all"
	AnnounceNone     Announce = "none"
)

// Rule says who approves what it matches. A rule that is stored with a request
// is complete: nothing is looked up in the policy again.
type Rule struct {
	Name     string   `json:"name,omitempty"` // empty: the defaults
	Verbs    []Verb   `json:"verbs,omitempty"`
	Kinds    []Kind   `json:"kinds,omitempty"`
	Channels []string `json:"channels,omitempty"` // ids, or globs on names
	Targets  []string `json:"targets,omitempty"`  // globs on id or user@host
	// Approvers are lists that a person must each be in: a plain rule has
	// one, the strictest of several rules has one of each.
	Approvers [][]Approver  `json:"approvers,omitempty"`
	Approvals int           `json:"approvals"`
	Expires   time.Duration `json:"expires"`
	// Remind is how long after the request its thread reminds who can act;
	// zero: never.
	Remind time.Duration `json:"remind,omitempty"`
	// PostTo is the channel that the card is posted to; empty: where it was asked.
	PostTo string `json:"post_to,omitempty"`
	// ReasonOptional lets a request do without a reason.
	ReasonOptional bool `json:"reason_optional,omitempty"`
	Deny           bool `json:"deny,omitempty"`
	// Strictest says that the list did not know the target, so that this is
	// the strictest of every rule that might hold.
	Strictest bool `json:"strictest,omitempty"`
}

// Approver is one entry of a list of approvers or requesters. Exactly one of
// Person, Group and Channel is set.
type Approver struct {
	Person string `json:"person,omitempty"` // U… or W…
	Group  string `json:"group,omitempty"`  // S…
	// Handle is the group's handle where the policy names it so. If the handle
	// later names another group, the entry approves nobody.
	Handle  string `json:"handle,omitempty"`
	Channel bool   `json:"channel,omitempty"` // members of the channel of the request's card
	// In narrows Channel to members who are also in one of these.
	In []Approver `json:"in,omitempty"`
}

// Asked is what a rule is chosen by.
type Asked struct {
	Verb    Verb
	Kind    Kind
	Channel Channel
	Targets []Target
	// Requester is the account that asks: a glob on names never matches a
	// channel it created.
	Requester string
}

// Choice is a rule and the targets it holds for.
type Choice struct {
	Rule    Rule
	Targets []Target
}

// ErrRulesDiffer: the targets end at different rules.
var ErrRulesDiffer = errors.New("the targets fall under different rules")

// Choose returns the rule for what was asked. With ErrRulesDiffer, the choices
// say which targets belong together.
func (p *Policy) Choose(a Asked) (Rule, []Choice, error) {
	var choices []Choice
	for _, t := range a.Targets {
		rule := p.rule(a, t)
		// Whole rules, not names: foldings of the same named rules differ when
		// only one of them also holds the defaults.
		i := slices.IndexFunc(choices, func(c Choice) bool { return reflect.DeepEqual(c.Rule, rule) })
		if i < 0 {
			i, choices = len(choices), append(choices, Choice{Rule: rule})
		}
		choices[i].Targets = append(choices[i].Targets, t)
	}
	if len(choices) != 1 {
		return Rule{}, choices, ErrRulesDiffer
	}
	return choices[0].Rule, choices, nil
}

// Today returns the rule that holds for a request under this policy now; the
// strictest one where its targets have come to fall under different rules.
func (p *Policy) Today(r Request, ch Channel) Rule {
	return p.strictestOf(Asked{Verb: r.Verb, Kind: r.Kind, Channel: ch, Targets: r.Targets, Requester: r.Requester.User})
}

// strictestOf returns the rule that satisfies the rules of all targets.
func (p *Policy) strictestOf(a Asked) Rule {
	_, choices, _ := p.Choose(a)
	rules := make([]Rule, len(choices))
	for i, c := range choices {
		rules[i] = c.Rule
	}
	return strictest(rules)
}

// ReasonOptional reports whether some rule does without a reason.
func (p *Policy) ReasonOptional() bool {
	optional := func(r Rule) bool { return r.ReasonOptional && !r.Deny }
	return optional(p.Defaults) || slices.ContainsFunc(p.Rules, optional)
}

// rule finds the first rule for one target; for a target that the list does
// not know, the strictest of every rule that might be the first.
func (p *Policy) rule(a Asked, t Target) Rule {
	var candidates []Rule
	for _, step := range p.Steps(a, t) {
		if step.Fit == FitHolds || step.Fit == FitCandidate {
			candidates = append(candidates, step.Rule)
		}
	}
	return strictest(candidates) // the defaults match everything: there is one
}

func (a Asked) inChannel(pattern string) bool {
	if pattern == a.Channel.ID {
		return true
	}
	if a.Channel.Name == "" || a.Channel.Creator == a.Requester || isChannelID(pattern) {
		return false
	}
	return matches(pattern, a.Channel.Name)
}

// isChannelID tells ids from globs: names of channels have no capitals, and
// whoever calls a channel like another's id must not come under its rule.
func isChannelID(pattern string) bool {
	return len(pattern) > 1 && strings.ContainsRune("CG", rune(pattern[0])) &&
		strings.Trim(pattern, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == ""
}

// matches ignores case. A slash is a character like any other: path.Match
// would end * there, and a rule on *@prod miss corp/app@prod.
func matches(glob, name string) bool {
	plain := func(s string) string { return strings.ReplaceAll(strings.ToLower(s), "/", "\x00") }
	ok, err := path.Match(plain(glob), plain(name))
	return ok && err == nil
}

func account(user string) Person { return Person{Key: user, User: user} }

// names reports whether one of the rule's globs matches the target by any of
// its names.
func (r Rule) names(t Target) bool {
	for _, glob := range r.Targets {
		for _, name := range []string{t.Ref, t.ID, t.Name} {
			if name != "" && matches(glob, name) {
				return true
			}
		}
	}
	return false
}

// strictest folds rules into one that satisfies each of them.
func strictest(rules []Rule) Rule {
	if len(rules) == 1 {
		return rules[0]
	}
	all := Rule{Strictest: true, ReasonOptional: true}
	var names []string
	for _, r := range rules {
		if r.Deny {
			r.Strictest = true
			return r
		}
		if r.Name != "" {
			names = append(names, r.Name)
		}
		all.Approvers = append(all.Approvers, r.Approvers...)
		all.Approvals = max(all.Approvals, r.Approvals)
		if all.Expires == 0 || r.Expires < all.Expires {
			all.Expires = r.Expires
		}
		if all.Remind == 0 || r.Remind > 0 && r.Remind < all.Remind {
			all.Remind = r.Remind
		}
		if all.PostTo == "" {
			all.PostTo = r.PostTo
		}
		all.ReasonOptional = all.ReasonOptional && r.ReasonOptional
	}
	all.Name = strings.Join(names, ", ")
	return all
}

// Accounts lists the accounts that the policy counts as one with this one, which
// is the first of them.
func (p *Policy) Accounts(user string) []string {
	all := []string{user}
	for _, same := range p.SamePerson {
		if slices.Contains(same, user) {
			all = append(all, same...)
		}
	}
	return all
}

// Canonical returns the key that stands for the person: accounts that the
// policy calls the same share one.
func (p *Policy) Canonical(who Person) Person {
	for _, same := range p.SamePerson {
		if slices.Contains(same, who.User) {
			who.Key = "same:" + slices.Min(same)
			break
		}
	}
	return who
}

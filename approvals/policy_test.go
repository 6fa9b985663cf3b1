package approvals

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
)

// Lists of approvers that differ, so that a test sees whose list holds.
var (
	leads = [][]Approver{{{Group: "S0LEADS"}}}
	sre   = [][]Approver{{{Group: "S0SRE"}}}
	dba   = [][]Approver{{{Group: "S0DBA"}}}
)

// known is a target as the list shows it; unknown one that it does not.
func known(id, name string) Target { return Target{Ref: id, ID: id, Name: name, Label: name} }
func unknown(ref string) Target    { return Target{Ref: ref} }

func policyOf(rules ...Rule) *Policy {
	return &Policy{Defaults: Rule{Approvers: leads, Approvals: 1, Expires: 30 * time.Minute}, Rules: rules}
}

// ruleCalled is a rule that only has a name besides what narrow sets.
func ruleCalled(name string, narrow Rule) Rule {
	narrow.Name = name
	if !narrow.Deny && narrow.Approvers == nil {
		narrow.Approvers, narrow.Approvals, narrow.Expires = leads, max(narrow.Approvals, 1), 30*time.Minute
	}
	return narrow
}

func asking(targets ...Target) Asked {
	return Asked{Verb: Deactivate, Kind: Credential, Channel: Channel{ID: "C1", Name: "inc-42", Creator: "U9"}, Targets: targets, Requester: "U1"}
}

func TestTheFirstRuleThatMatchesDecides(t *testing.T) {
	p := policyOf(
		ruleCalled("releases", Rule{Verbs: []Verb{Release}}),
		ruleCalled("secrets", Rule{Kinds: []Kind{Secret, Password}}),
		ruleCalled("by id", Rule{Targets: []string{"41"}}),
		ruleCalled("root", Rule{Targets: []string{"root@*", "admin@db?"}}),
		ruleCalled("off", Rule{Targets: []string{"*@prod-*"}, Verbs: []Verb{Deactivate}, Deny: true}),
		ruleCalled("incidents", Rule{Channels: []string{"inc-*"}, Verbs: []Verb{Activate}}),
		ruleCalled("one channel", Rule{Channels: []string{"C7"}}),
	)
	for _, c := range []struct {
		name string
		ask  func(*Asked)
		t    Target
		want string
	}{
		{"nothing matches", nil, known("1", "app@web"), ""},
		{"verb", func(a *Asked) { a.Verb = Release }, known("1", "root@web"), "releases"},
		{"kind", func(a *Asked) { a.Kind = Password }, known("1", "root@web"), "secrets"},
		{"id beats a later name", nil, known("41", "root@web"), "by id"},
		{"name of a typed id", nil, known("1", "root@web"), "root"},
		{"id of a typed name", nil, Target{Ref: "app@web", ID: "41", Name: "app@web", Label: "app@web"}, "by id"},
		{"case of the name", nil, known("1", "ROOT@Web"), "root"},
		{"one character", nil, known("1", "admin@db1"), "root"},
		{"no more than one", nil, known("1", "admin@db12"), ""},
		{"the glob covers all of the name", nil, known("1", "xroot@web"), ""},
		{"root before off", nil, known("1", "root@prod-1"), "root"},
		{"deny in the middle", nil, known("1", "app@prod-1"), "off"},
		{"each key narrows", func(a *Asked) { a.Verb = Activate }, known("1", "app@prod-1"), "incidents"},
		{"a slash is any text", nil, known("1", "corp/app@prod-1"), "off"},
		{"a backslash is any text", nil, known("1", `CORP\app@prod-1`), "off"},
		{"channel by id", func(a *Asked) { a.Channel = Channel{ID: "C7", Name: "x", Creator: "U1"} }, known("1", "app@web"), "one channel"},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := asking(c.t)
			if c.ask != nil {
				c.ask(&a)
			}
			rule, choices, err := p.Choose(a)
			if err != nil || rule.Name != c.want || rule.Strictest || len(choices) != 1 {
				t.Errorf("chose %+v, %v, want %q", rule, err, c.want)
			}
		})
	}
}

func TestChannelsByIDAndByName(t *testing.T) {
	for _, c := range []struct {
		name, pattern string
		channel       Channel
		want          bool
	}{
		{"glob", "inc-*", Channel{ID: "C1", Name: "inc-42", Creator: "U9"}, true},
		{"glob ignores case", "INC-*", Channel{ID: "C1", Name: "inc-42", Creator: "U9"}, true},
		{"another name", "inc-*", Channel{ID: "C1", Name: "ops", Creator: "U9"}, false},
		{"whole name", "inc", Channel{ID: "C1", Name: "inc-42", Creator: "U9"}, false},
		{"created by the requester", "inc-*", Channel{ID: "C1", Name: "inc-42", Creator: "U1"}, false},
		{"created by another account of the requester", "inc-*", Channel{ID: "C1", Name: "inc-42", Creator: "U2"}, false},
		{"id of a channel the requester created", "C1", Channel{ID: "C1", Name: "inc-42", Creator: "U1"}, true},
		{"id", "C0INC", Channel{ID: "C0INC", Name: "x", Creator: "U9"}, true},
		{"another id", "C0INC", Channel{ID: "C0OPS", Name: "x", Creator: "U9"}, false},
		{"a channel called like an id", "C0INC", Channel{ID: "C0OPS", Name: "c0inc", Creator: "U9"}, false},
		{"a private channel called like an id", "G0INC", Channel{ID: "C0OPS", Name: "g0inc", Creator: "U9"}, false},
		{"no name", "*", Channel{ID: "C1", Creator: "U9"}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := policyOf(ruleCalled("here", Rule{Channels: []string{c.pattern}}))
			p.SamePerson = [][]string{{"U1", "U2"}}
			a := asking(known("1", "app@web"))
			a.Channel = c.channel
			rule, _, err := p.Choose(a)
			if err != nil || (rule.Name == "here") != c.want {
				t.Errorf("chose %q, %v", rule.Name, err)
			}
		})
	}
}

func TestAnUnknownTargetFallsUnderTheStrictestCandidate(t *testing.T) {
	narrow := Rule{Name: "root", Targets: []string{"root@*"}, Approvers: sre, Approvals: 3, Expires: time.Hour, ReasonOptional: true}
	quick := Rule{Name: "db", Targets: []string{"*@db*"}, Approvers: dba, Approvals: 2, Expires: time.Minute, ReasonOptional: true}
	end := Rule{Name: "deactivations", Verbs: []Verb{Deactivate}, Approvers: leads, Approvals: 1, Expires: 2 * time.Hour, ReasonOptional: true}
	deny := Rule{Name: "never", Targets: []string{"*@vault"}, Deny: true}
	elsewhere := Rule{Name: "activations", Verbs: []Verb{Activate}, Targets: []string{"x@y"}, Deny: true}
	for _, c := range []struct {
		name  string
		rules []Rule
		t     Target
		want  Rule
	}{
		{"all of them and the defaults", []Rule{narrow, quick}, unknown("7"), Rule{Name: "root, db", Strictest: true,
			Approvers: slices.Concat(sre, dba, leads), Approvals: 3, Expires: time.Minute}},
		{"up to the one that ends the search", []Rule{narrow, end, quick}, unknown("7"), Rule{Name: "root, deactivations", Strictest: true,
			Approvers: slices.Concat(sre, leads), Approvals: 3, Expires: time.Hour, ReasonOptional: true}},
		{"up to the one that the typed name matches", []Rule{quick, narrow, deny}, unknown("root@web"), Rule{Name: "db, root", Strictest: true,
			Approvers: slices.Concat(dba, sre), Approvals: 3, Expires: time.Minute, ReasonOptional: true}},
		{"deny among them", []Rule{narrow, deny, end}, unknown("7"), Rule{Name: "never", Targets: deny.Targets, Deny: true, Strictest: true}},
		{"deny behind the end", []Rule{end, deny}, unknown("7"), end},
		{"deny for another verb", []Rule{elsewhere, end}, unknown("7"), end},
		{"a typed id is no more known than a name", []Rule{ruleCalled("five", Rule{Targets: []string{"7"}}), deny}, unknown("7"), ruleCalled("five", Rule{Targets: []string{"7"}})},
		{"no rule looks at targets", []Rule{elsewhere}, unknown("7"), policyOf().Defaults},
	} {
		t.Run(c.name, func(t *testing.T) {
			rule, _, err := policyOf(c.rules...).Choose(asking(c.t))
			if err != nil || !sameRule(rule, c.want) {
				t.Errorf("chose %+v, %v\nwant  %+v", rule, err, c.want)
			}
		})
	}
}

func sameRule(a, b Rule) bool {
	return a.Name == b.Name && a.Deny == b.Deny && a.Strictest == b.Strictest && a.Approvals == b.Approvals && a.Expires == b.Expires &&
		a.ReasonOptional == b.ReasonOptional && slices.EqualFunc(a.Approvers, b.Approvers, func(x, y []Approver) bool {
		return slices.EqualFunc(x, y, func(m, n Approver) bool { return m.Group == n.Group })
	})
}

func TestTargetsUnderDifferentRulesAreGrouped(t *testing.T) {
	root := ruleCalled("root", Rule{Targets: []string{"root@*"}, Approvals: 2})
	web := ruleCalled("web", Rule{Targets: []string{"*@web"}})
	for _, c := range []struct {
		name    string
		rules   []Rule
		targets []Target
		want    string // refs by group, in typed order; empty: no difference
	}{
		{"one rule", []Rule{root}, []Target{known("1", "root@a"), known("2", "root@b")}, ""},
		{"the defaults for all", []Rule{root}, []Target{known("1", "x@a"), known("2", "y@b")}, ""},
		{"rule and defaults, mixed", []Rule{root}, []Target{known("1", "root@a"), known("2", "y@b"), known("3", "root@c")}, "1 3 | 2"},
		{"two rules", []Rule{root, web}, []Target{known("1", "x@web"), known("2", "root@web")}, "1 | 2"},
		{"known and unknown", []Rule{root}, []Target{known("1", "root@a"), unknown("2")}, "1 | 2"},
		{"two unknown alike", []Rule{root, web}, []Target{unknown("1"), unknown("2")}, ""},
		// Both fold "root" and "web", the first also the defaults: one name, two demands.
		{"folds of one name", []Rule{root, web}, []Target{unknown("app@web"), unknown("2")}, "app@web | 2"},
		{"folds of one name, turned", []Rule{root, web}, []Target{unknown("2"), unknown("app@web")}, "2 | app@web"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := policyOf(c.rules...)
			p.Defaults.Approvals = 4
			_, choices, err := p.Choose(asking(c.targets...))
			if errors.Is(err, ErrRulesDiffer) != (c.want != "") {
				t.Fatalf("error %v", err)
			}
			if got := groupsOf(choices); c.want != "" && got != c.want {
				t.Errorf("groups %q, want %q", got, c.want)
			}
		})
	}
}

func groupsOf(choices []Choice) string {
	var all []string
	for _, c := range choices {
		var refs []string
		for _, t := range c.Targets {
			refs = append(refs, t.Ref)
		}
		all = append(all, strings.Join(refs, " "))
	}
	return strings.Join(all, " | ")
}

func TestTodayIsTheStrictestOfWhatTheTargetsHaveComeTo(t *testing.T) {
	p := policyOf(ruleCalled("root", Rule{Targets: []string{"root@*"}, Approvals: 2}), ruleCalled("never", Rule{Targets: []string{"*@vault"}, Deny: true}))
	r := Request{Verb: Deactivate, Kind: Credential, Requester: Person{User: "U1"}, Targets: []Target{known("1", "root@a"), known("2", "x@a")}}
	if rule := p.Today(r, Channel{ID: "C1"}); !rule.Strictest || rule.Approvals != 2 || len(rule.Approvers) != 2 {
		t.Errorf("today %+v", rule)
	}
	r.Targets = append(r.Targets, known("3", "x@vault"))
	if rule := p.Today(r, Channel{ID: "C1"}); !rule.Deny {
		t.Errorf("today %+v, want deny", rule)
	}
}

func TestAccountsOfOnePersonShareAKey(t *testing.T) {
	p := &Policy{SamePerson: [][]string{{"U2", "U1"}, {"U3", "U4", "W5"}}}
	for user, want := range map[string]string{"U1": "same:U1", "U2": "same:U1", "W5": "same:U3", "U4": "same:U3", "U6": "T1/U6"} {
		who := p.Canonical(Person{Key: "T1/" + user, User: user, Name: "n"})
		if who.Key != want || who.User != user || who.Name != "n" {
			t.Errorf("%s is %+v, want key %s", user, who, want)
		}
	}
}

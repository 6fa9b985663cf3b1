package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"senhasegura-bot/approvals"
)

// text is the explanation for people: what was asked, every rule in order,
// what holds, and whether it would be refused.
func (x explained) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s asks in %s: %s\n", person(x.Requester.Person, x.ask.User), x.place(), x.line(x.ask.Targets))
	if x.fault == nil {
		for _, t := range x.ask.Targets {
			fmt.Fprintf(&b, "  %s\n", x.target(t))
		}
		x.writeSteps(&b)
		x.writeRules(&b)
	}
	if x.refused() {
		fmt.Fprintf(&b, "\nRefused (%s): %s\n", x.why(), x.because())
	} else {
		fmt.Fprintf(&b, "\n%s\n", x.accepted())
	}
	for _, u := range x.unknowns() {
		fmt.Fprintf(&b, "Not known: %s\n", u)
	}
	return b.String()
}

func (x explained) accepted() string {
	if x.given {
		return "Accepted, unless an open request holds a target or a limit is reached."
	}
	return "Not refused by the policy alone. Whether people can approve it, --members says."
}

func person(who approvals.Person, user string) string {
	if who.Name == "" {
		return user
	}
	return fmt.Sprintf("%s (%s)", who.Name, user)
}

func (x explained) place() string { return placed(x.Channel) }

// named is a channel of the policy as the file of members knows it.
func (x explained) named(id string) string {
	return placed(approvals.Channel{ID: id, Name: x.members.channels[id].name})
}

func placed(ch approvals.Channel) string {
	switch {
	case ch.Name == "":
		return ch.ID
	case ch.ID == "":
		return "#" + ch.Name
	default:
		return fmt.Sprintf("#%s (%s)", ch.Name, ch.ID)
	}
}

func (x explained) line(targets []approvals.Target) string {
	line := fmt.Sprintf("%s %s %s", x.ask.Verb, x.ask.Kind, refs(targets))
	if x.noReason {
		return line
	}
	return line + " " + x.ask.Reason
}

func refs(targets []approvals.Target) string {
	var all []string
	for _, t := range targets {
		all = append(all, t.Ref)
	}
	return strings.Join(all, ",")
}

func (x explained) target(t approvals.Target) string {
	switch {
	case t.Label != "":
		return t.Ref + " is " + t.Label
	case x.members.targets == nil:
		return t.Ref + ": no list of targets is given, so its name is not known"
	}
	return t.Ref + ": not in the list, so its name is not known"
}

// writeSteps says what became of every rule; targets that went the same way
// are told together.
func (x explained) writeSteps(b *strings.Builder) {
	var told [][]approvals.Fit
	for i, steps := range x.Steps {
		fits := fitsOf(steps)
		if slices.ContainsFunc(told, func(f []approvals.Fit) bool { return slices.Equal(f, fits) }) {
			continue
		}
		told = append(told, fits)
		var alike []approvals.Target
		for j, others := range x.Steps {
			if j >= i && slices.Equal(fitsOf(others), fits) {
				alike = append(alike, x.ask.Targets[j])
			}
		}
		fmt.Fprintf(b, "\nRules for %s:\n", refs(alike))
		for n, step := range steps {
			fmt.Fprintf(b, "%3d. %s: %s\n", n+1, ruleName(step.Rule), x.fit(step))
		}
	}
}

func fitsOf(steps []approvals.Step) []approvals.Fit {
	var fits []approvals.Fit
	for _, s := range steps {
		fits = append(fits, s.Fit)
	}
	return fits
}

func ruleName(r approvals.Rule) string {
	if r.Name == "" {
		return "the defaults"
	}
	return r.Name
}

func (x explained) fit(s approvals.Step) string {
	r := s.Rule
	switch s.Fit {
	case approvals.FitHolds:
		return "holds" + keysOf(r)
	case approvals.FitCandidate:
		return fmt.Sprintf("may hold: nobody can say whether the name fits targets %s", quotedList(r.Targets))
	case approvals.FitNotVerb:
		return fmt.Sprintf("no: verbs %s", r.Verbs)
	case approvals.FitNotKind:
		return fmt.Sprintf("no: kinds %s", r.Kinds)
	case approvals.FitNotChannel:
		return fmt.Sprintf("no: channels %s", quotedList(r.Channels))
	case approvals.FitOwnChannel:
		return fmt.Sprintf("no: channels %s fit by name only, and the one who asks created the channel", quotedList(r.Channels))
	case approvals.FitNotTarget:
		return fmt.Sprintf("no: targets %s", quotedList(r.Targets))
	}
	return "not reached"
}

// keysOf names the keys that narrow a rule.
func keysOf(r approvals.Rule) string {
	var keys []string
	for _, key := range []struct {
		narrows bool
		text    string
	}{
		{len(r.Verbs) > 0, fmt.Sprint("verbs ", r.Verbs)}, {len(r.Kinds) > 0, fmt.Sprint("kinds ", r.Kinds)},
		{len(r.Channels) > 0, "channels " + quotedList(r.Channels)}, {len(r.Targets) > 0, "targets " + quotedList(r.Targets)},
	} {
		if key.narrows {
			keys = append(keys, key.text)
		}
	}
	if len(keys) == 0 {
		return ": nothing narrows it"
	}
	return ": " + strings.Join(keys, ", ")
}

func quotedList(all []string) string {
	var quoted []string
	for _, s := range all {
		quoted = append(quoted, strconv.Quote(s))
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

// writeRules says what each rule that holds demands.
func (x explained) writeRules(b *strings.Builder) {
	for _, c := range x.Choices {
		r := c.Rule
		fmt.Fprintf(b, "\nHolds for %s: %s\n", refs(c.Targets), holding(r, x.candidates(c)))
		if r.Deny {
			continue
		}
		fmt.Fprintf(b, "  needed: %s within %s\n", count(r.Approvals, "approval"), formatDuration(r.Expires))
		b.WriteString(reminds(r))
		fmt.Fprintf(b, "  reason: %s\n", x.reason(r))
		if r.PostTo != "" {
			fmt.Fprintf(b, "  card: in %s, because of post_to\n", x.named(r.PostTo))
		}
		fmt.Fprintf(b, "  approvers: %s\n", x.approvers(r))
		if x.given && len(x.Choices) == 1 {
			x.writePeople(b)
		}
	}
}

// candidates are the names of the rules that a choice folds.
func (x explained) candidates(c approvals.Choice) []string {
	var names []string
	i := slices.IndexFunc(x.ask.Targets, func(t approvals.Target) bool { return t.Ref == c.Targets[0].Ref })
	for _, s := range x.Steps[i] {
		if s.Fit == approvals.FitHolds || s.Fit == approvals.FitCandidate {
			names = append(names, ruleName(s.Rule))
		}
	}
	return names
}

func holding(r approvals.Rule, candidates []string) string {
	switch {
	case r.Deny && r.Strictest:
		return fmt.Sprintf("%s, which denies: the strictest of %s", ruleName(r), strings.Join(candidates, ", "))
	case r.Deny:
		return ruleName(r) + ", which denies"
	case r.Strictest:
		return "the strictest of " + strings.Join(candidates, ", ") + ", because the name is not known"
	}
	return ruleName(r)
}

func (x explained) reason(r approvals.Rule) string {
	switch {
	case r.ReasonOptional:
		return "optional"
	case x.noReason:
		return "required; none was typed, so the form would ask for one"
	}
	return "required"
}

func (x explained) approvers(r approvals.Rule) string {
	var lists []string
	for _, list := range r.Approvers {
		if text := approverList(list); !slices.Contains(lists, text) {
			lists = append(lists, text)
		}
	}
	if x.Room.Private {
		lists = append(lists, "[channel]")
	}
	text := strings.Join(lists, " and ")
	if x.Room.Private {
		text += ", because the channel is private"
	}
	if x.Room.ID != x.Channel.ID {
		text += "; channel is that of the card"
	}
	return text
}

// approverList writes a list as a policy does.
func approverList(list []approvals.Approver) string {
	var all []string
	for _, a := range list {
		switch {
		case a.Handle != "":
			all = append(all, "@"+a.Handle)
		case a.Channel && len(a.In) > 0:
			all = append(all, "{channel: "+approverList(a.In)+"}")
		case a.Channel:
			all = append(all, "channel")
		default:
			all = append(all, a.Person+a.Group)
		}
	}
	return "[" + strings.Join(all, ", ") + "]"
}

func (x explained) writePeople(b *strings.Builder) {
	can := []string{}
	for _, who := range x.Eligible {
		can = append(can, person(who, who.User))
	}
	fmt.Fprintf(b, "  can approve: %s%s\n", count(len(can), "person"), listed(can))
	for _, user := range x.Named {
		if why := x.members.leftOut(x.policy, x.Explanation, user); why != "" {
			fmt.Fprintf(b, "  left out: %s, %s\n", person(approvals.Person{Name: x.members.users[user].name}, user), why)
		}
	}
}

func listed(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return ": " + strings.Join(names, ", ")
}

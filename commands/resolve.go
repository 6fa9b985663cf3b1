package commands

import (
	"slices"
	"strings"

	"senhasegura-bot/approvals"
	"senhasegura-bot/senhasegura"
)

// Lists is what senhasegura's lists know; *senhasegura.Lists is one.
type Lists interface {
	Lookup(kind, ref string) senhasegura.Match
	Nearest(text string, n int, kinds ...string) []senhasegura.Entry
}

// choices bounds how many lines and names one answer offers.
const choices = 5

// Resolve names the command's targets by the lists, as the card will show
// them, and refuses names that senhasegura cannot address: it offers the line
// with the id instead. Targets that turn out to be one thing are one target.
// It reads memory only. The command must have come from Parse or FromFields;
// it need not be complete.
func Resolve(lists Lists, c Command) ([]approvals.Target, *Fault) {
	var targets []approvals.Target
	var fault *Fault
	for i, ref := range c.Targets {
		m := lists.Lookup(string(c.Kind), ref)
		f := addressable(lists, c, i, m)
		if fault == nil || f != nil && len(f.Lines) == 0 && len(fault.Lines) > 0 { // no line works before that name is right
			fault = f
		}
		t := target(ref, m)
		t.Shared = t.Name != "" && len(lists.Lookup(string(c.Kind), t.Name).Entries) > 1
		same := func(other approvals.Target) bool { return t.ID != "" && other.ID == t.ID }
		if !slices.ContainsFunc(targets, same) {
			targets = append(targets, t)
		}
	}
	if fault != nil {
		return nil, fault
	}
	return targets, nil
}

// target fills in what the list knows of ref. A ref that the list holds twice
// is as good as not known.
func target(ref string, m senhasegura.Match) approvals.Target {
	switch {
	case !m.Known:
		return approvals.Target{Ref: ref, Unnamed: approvals.ListUnread}
	case len(m.Entries) == 0:
		return approvals.Target{Ref: ref, Unnamed: approvals.NotListed}
	case len(m.Entries) > 1:
		return approvals.Target{Ref: ref}
	}
	// Name is filled in even where another entry shares it: rules of the
	// policy are written for names, and none may be passed by typing the id.
	e := m.Entries[0]
	return approvals.Target{Ref: ref, ID: e.ID, Name: e.Target(), Label: e.Label(),
		Rotates: e.AutomaticChange, RotationUnknown: e.ChangeUnknown, ReadOnly: e.ReadOnly}
}

// takesName reports whether senhasegura has a call for ref as it is: any id,
// and for deactivate a user@host whose user holds no @.
func takesName(v approvals.Verb, ref string) bool {
	ats := strings.Count(ref, "@")
	return ats == 0 || ats == 1 && v == approvals.Deactivate
}

// addressable is the fault of a name that senhasegura would not take, or would
// take for any of several entries.
func addressable(lists Lists, c Command, i int, m senhasegura.Match) *Fault {
	ref, found := c.Targets[i], m.Entries
	byName := takesName(c.Verb, ref)
	if !strings.Contains(ref, "@") || byName && len(found) < 2 {
		return nil
	}
	f := &Fault{Code: FaultByID, Word: ref, Line: findLine(ref, string(c.Verb)), Verb: c.Verb, Kind: c.Kind}
	offered := found
	switch {
	case byName:
		f.Code = FaultNameChoice
	case !m.Known:
		f.Code = FaultByIDUnavailable
	case len(found) == 0:
		f.Code, offered = FaultByIDUnknown, nearest(lists, ref)
	case len(found) > 1:
		f.Code = FaultByIDChoice
	}
	for _, e := range offered[:min(choices, len(offered))] {
		f.Near = append(f.Near, e.Label())
		f.Choices = append(f.Choices, Choice{Command: byID(lists, c, i, e.ID), ID: e.ID, Label: e.Label()})
	}
	if len(found) > 0 { // a name that was only perhaps meant is no line to copy
		for _, choice := range f.Choices {
			f.Lines = append(f.Lines, choice.Line(choice.Targets))
		}
		f.Line = f.Lines[0]
	}
	return f.finish()
}

// byID is the command with the i-th target by id, and with the ids of all
// other names that senhasegura cannot address where there is just one.
func byID(lists Lists, c Command, i int, id string) Command {
	targets := slices.Clone(c.Targets)
	targets[i] = id
	for j, ref := range targets {
		if takesName(c.Verb, ref) {
			continue
		}
		if m := lists.Lookup(string(c.Kind), ref); len(m.Entries) == 1 {
			targets[j] = m.Entries[0].ID
		}
	}
	c.Targets = nil
	for _, ref := range targets {
		if !slices.Contains(c.Targets, ref) {
			c.Targets = append(c.Targets, ref)
		}
	}
	return c
}

// Meant is the first name among resolved targets that the list does not hold: a
// slip, perhaps. The choices ask for the same of similar names that it holds; there
// may be none. Later names are not looked for: in a long list that takes
// milliseconds each. It reads memory only.
func Meant(lists Lists, c Command, targets []approvals.Target) (ref string, all []Choice) {
	i := slices.IndexFunc(targets, func(t approvals.Target) bool {
		return t.Unnamed == approvals.NotListed && strings.Contains(t.Ref, "@")
	})
	if i < 0 {
		return "", nil
	}
	for _, e := range nearest(lists, targets[i].Ref) {
		c.Targets = []string{e.ID}
		all = append(all, Choice{Command: c, ID: e.ID, Label: e.Label()})
	}
	return targets[i].Ref, all
}

// nearest are credentials whose name looks like ref.
func nearest(lists Lists, ref string) []senhasegura.Entry {
	return lists.Nearest(ref, choices, senhasegura.KindCredential)
}

// changed reports whether the list now shows something else under the target's
// ref than its card does. What was not known, or is not known now, has not
// changed: absence from a list proves nothing.
func changed(lists Lists, k approvals.Kind, t approvals.Target) bool {
	found := lists.Lookup(string(k), t.Ref)
	if t.Label == "" || len(found.Entries) == 0 {
		return false
	}
	now := target(t.Ref, found)
	return now.ID != t.ID || now.Name != t.Name || now.Label != t.Label
}

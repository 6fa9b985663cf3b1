package commands

import (
	"strings"

	"senhasegura-bot/approvals"
)

// FromFields reads the form: the option values of verb and kind (their English
// words), targets and reason as typed, with commas or new lines between the
// targets, and what was picked in the search (Pick), which goes after them. Every
// faulty field has its own fault; with none the command is good, though an empty
// reason is Missing: whether it may be empty is for the policy to say.
func FromFields(verb, kind, targets, reason string, picked ...string) (Command, map[Field]*Fault) {
	faults := map[Field]*Fault{}
	d := draft{as: verb, kindAs: kind, verb: approvals.Verb(verb), kind: approvals.Kind(kind)}
	if f := d.choiceFaults(faults); f {
		return Command{}, faults
	}
	c := Command{Word: Name(verb), Verb: d.verb, Kind: d.kind, Reason: undo(reason).text}
	picks, wrong := d.picks(picked)
	list, f := d.fieldTargets(targets, picks, d.withoutTargets(c.Reason))
	if d.targets = list; f != nil && (wrong == nil || f.Code != FaultTargetsMissing) {
		faults[FieldTargets] = f.finish()
	}
	if wrong != nil {
		faults[FieldLookup] = wrong.finish()
	}
	if f := d.ownReason(c.Reason); f != nil {
		faults[FieldReason] = f.finish()
	}
	if len(faults) > 0 {
		return Command{}, faults
	}
	if c.Targets = list; c.Reason == "" {
		c.Missing = []Field{FieldReason}
	}
	return c, nil
}

// choiceFaults judges verb and kind, which people choose and cannot mistype,
// except for a pair that does not exist.
func (d draft) choiceFaults(faults map[Field]*Fault) bool {
	switch {
	case !approvals.Possible(d.verb, approvals.Credential):
		faults[FieldVerb] = d.fault(FaultVerbMissing, d.as, string(Help)).finish()
	case !approvals.Possible(approvals.Activate, d.kind):
		faults[FieldKind] = d.fault(FaultKindUnknown, d.kindAs, d.as).finish()
	case !approvals.Possible(d.verb, d.kind):
		faults[FieldKind] = d.fault(FaultNoCustody, d.kindAs, d.credentialLine("")).finish()
	}
	return len(faults) > 0
}

// withoutTargets is the reason as it may stand in a line to copy: none where
// the line would be read otherwise than the form.
func (d draft) withoutTargets(reason string) string {
	if d.ambiguous(reason) != nil || d.ownReason(reason) != nil {
		return ""
	}
	return reason
}

// Pick is the value by which the form's search names an entry: "credential:5".
func Pick(k approvals.Kind, id string) string { return string(k) + ":" + id }

// picks reads what was picked, which a form that was forged, or whose kind was
// changed since, may hold anything of.
func (d draft) picks(picked []string) ([]item, *Fault) {
	var items []item
	for _, value := range picked {
		kind, id, _ := strings.Cut(value, ":")
		known, ok := LookupKind(kind)
		switch {
		case !ok || Pick(known, id) != value || !idForm.MatchString(id):
			return nil, d.fault(FaultTarget, value, d.as+" "+d.kindAs)
		case known != d.kind:
			f := d.fault(FaultPickedKind, id, d.as+" "+kind+" "+id)
			f.Other = kind
			return nil, f
		}
		items = append(items, item{typed: id, text: id})
	}
	return items, nil
}

func (d draft) fieldTargets(field string, picks []item, reason string) ([]string, *Fault) {
	r := &reader{typed: undo(oneLine(field))}
	if r.text == "" && len(picks) == 0 {
		return nil, d.fault(FaultTargetsMissing, "", d.as+" "+d.kindAs)
	}
	var items []item
	if r.text != "" {
		var f *Fault
		if items, f = r.items(d); f != nil {
			f.Line = d.line([]string{strings.TrimSpace(strings.TrimPrefix(f.Line, d.line(nil, "")))}, reason)
			return nil, f
		}
	}
	var f *Fault
	if d.targets, f = d.check(r.typed, append(items, picks...), reason); f != nil || r.rest() == "" {
		return d.targets, f
	}
	if f = d.ambiguous(r.rest()); f != nil {
		f.Line += " " + reason
		return nil, f
	}
	word, _ := cutWord(r.rest())
	return nil, d.fault(FaultTarget, word, d.line(d.targets, reason))
}

// oneLine puts the field on one line, with a comma between lines without one.
func oneLine(field string) string {
	var b strings.Builder
	for line := range strings.Lines(strings.ReplaceAll(field, "\r", "\n")) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		if b.Len() > 0 && !strings.HasSuffix(b.String(), ",") {
			b.WriteByte(',')
		}
		b.WriteString(line)
	}
	return b.String()
}

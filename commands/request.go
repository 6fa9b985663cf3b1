package commands

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"senhasegura-bot/approvals"
)

// ReasonRunes is how long a reason may be, in code points.
const ReasonRunes = 500

// draft is a request while it is read. as and kindAs are its words as typed,
// so that a corrected line speaks the language of the person.
type draft struct {
	as, kindAs string
	verb       approvals.Verb
	kind       approvals.Kind
	targets    []string
}

// item is one target: as typed, without what is invisible, and its place.
type item struct {
	typed, text string
	from, to    int
}

func (d draft) line(targets []string, reason string) string {
	return strings.Join([]string{d.as, d.kindAs, strings.Join(targets, ","), reason}, " ")
}

// credentialLine names the kind, because the kind that was typed cannot stay.
func (d draft) credentialLine(rest string) string {
	return d.as + " " + string(approvals.Credential) + " " + rest
}

func (d draft) fault(code FaultCode, word, line string) *Fault {
	return &Fault{Code: code, Word: word, Line: line, Verb: d.verb, Kind: d.kind}
}

func readRequest(r *reader, d draft) (Command, *Fault) {
	d.kind = approvals.Credential
	from, to := r.next(" ")
	if k, ok := LookupKind(r.text[from:to]); ok {
		d.kind, d.kindAs = k, r.word()
	}
	c := Command{Word: Name(d.verb), Verb: d.verb, Kind: d.kind}
	if !approvals.Possible(d.verb, d.kind) {
		return c, d.fault(FaultNoCustody, d.kindAs, d.credentialLine(r.rest()))
	}
	if r.rest() == "" {
		c.Missing = []Field{FieldTargets, FieldReason}
		return c, nil
	}
	items, f := r.items(d)
	if f == nil {
		d.targets, f = d.check(r.typed, items, r.rest())
	}
	if f == nil {
		f = d.checkReason(r.rest())
	}
	if c.Targets, c.Reason = d.targets, r.rest(); c.Reason == "" {
		c.Missing = []Field{FieldReason}
	}
	return c, f
}

// items reads the targets: words with commas between them, and perhaps spaces
// around the commas.
func (r *reader) items(d draft) ([]item, *Fault) {
	var items []item
	for {
		from, to := r.next(" ,")
		if from == to {
			return nil, r.commaFault(d, from, items)
		}
		items = append(items, item{typed: r.text[from:to], text: bare(r.text[from:to]), from: from, to: to})
		r.at = to
		comma, _ := r.next(" ")
		if !strings.HasPrefix(r.text[comma:], ",") {
			return items, nil
		}
		r.at = comma + 1
	}
}

// commaFault is the fault of a comma with no target on one of its sides.
func (r *reader) commaFault(d draft, at int, items []item) *Fault {
	after := strings.TrimLeft(r.text[at:], " ,")
	if len(items) == 0 {
		return d.fault(FaultCommaLeading, r.text[at:r.wordEnd(at)], d.line(nil, after))
	}
	last := items[len(items)-1]
	if after == "" {
		return d.fault(FaultCommaTrailing, r.text[last.from:], strings.TrimRight(r.text, " ,"))
	}
	return d.fault(FaultCommaDouble, r.text[last.to:at+1], r.text[:last.to]+","+after)
}

func (r *reader) wordEnd(at int) int {
	if n := strings.IndexByte(r.text[at:], ' '); n >= 0 {
		return at + n
	}
	return len(r.text)
}

// check judges each target, in typed order, and drops repeated ones.
func (d draft) check(t typed, items []item, reason string) ([]string, *Fault) {
	var kept []item
	for i, it := range items {
		if odd, is := t.oddAt(it.from, it.to); is {
			return nil, d.oddFault(it, odd, items, reason)
		}
		if code := targetFault(d.kind, it.text); code != "" {
			return nil, d.targetFault(code, i, items, reason)
		}
		// senhasegura's own lists are looked up regardless of case too.
		same := func(k item) bool { return strings.EqualFold(k.text, it.text) }
		if !slices.ContainsFunc(kept, same) {
			kept = append(kept, it)
		}
	}
	if len(kept) > maxTargets {
		f := d.fault(FaultTooMany, kept[maxTargets].typed, d.line(texts(kept[:maxTargets]), reason))
		f.Length, f.Max = len(kept), maxTargets
		return nil, f
	}
	return texts(kept), nil
}

// oddFault is the fault of a target that Slack shows as something else.
func (d draft) oddFault(it item, odd stretch, items []item, reason string) *Fault {
	if odd.other == "" {
		return d.fault(FaultMention, it.typed, findLine(it.text, d.as))
	}
	f := d.fault(FaultLink, it.typed, d.repaired(items, reason))
	f.Other = odd.other
	return f
}

func (d draft) targetFault(code FaultCode, i int, items []item, reason string) *Fault {
	it := items[i]
	if f := d.wordFault(i, items, reason); f != nil {
		return f
	}
	f := d.fault(code, it.typed, d.repaired(items, reason))
	switch code {
	case FaultMySafeByID:
		f.Line = findLine(it.text, d.as)
	case FaultIDLong:
		f.Length, f.Max = len(it.text), idDigits
	case FaultNameLong:
		f.Length, f.Max = utf8.RuneCountInString(it.text), nameRunes
	}
	return f
}

// wordFault knows words that stand where a target should be.
func (d draft) wordFault(i int, items []item, reason string) *Fault {
	it := items[i]
	if _, ok := LookupKind(it.text); ok {
		if i > 0 {
			return d.fault(FaultKindMisplaced, it.typed, d.line(texts(items[:i]), ""))
		}
		d.kindAs = it.text
		return d.fault(FaultKindMisplaced, it.typed, d.line(texts(items[1:]), reason))
	}
	if strings.ContainsFunc(it.text, func(r rune) bool { return !unicode.IsLetter(r) && r != '-' && r != '\'' }) {
		return nil
	}
	if near := nearestKind(it.text); near != "" && i == 0 && d.kindAs == "" {
		f := d.fault(FaultKindUnknown, it.typed, d.as+" "+near+" "+strings.Join(texts(items[1:]), ",")+" "+reason)
		f.Near = []string{near}
		return f
	}
	if i > 0 && i == len(items)-1 {
		return d.fault(FaultCommaReason, it.typed, d.line(texts(items[:i]), it.text+" "+reason))
	}
	return nil
}

// repaired is the line with every target put right; where nobody can tell what
// was meant, the line that looks the faulty one up.
func (d draft) repaired(items []item, reason string) string {
	var targets []string
	for _, it := range items {
		target := it.text
		if targetFault(d.kind, target) != "" {
			fixed, ok := repair(d.kind, target)
			if !ok {
				return findLine(target, d.as)
			}
			target = fixed
		}
		targets = append(targets, target)
	}
	return d.line(targets, reason)
}

func texts(items []item) []string {
	var all []string
	for _, it := range items {
		all = append(all, it.text)
	}
	return all
}

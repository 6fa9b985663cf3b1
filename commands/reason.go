package commands

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// checkReason judges what follows the targets on a line.
func (d draft) checkReason(reason string) *Fault {
	if f := d.ambiguous(reason); f != nil {
		return f
	}
	return d.ownReason(reason)
}

// ownReason judges a reason by itself, wherever it was typed.
func (d draft) ownReason(reason string) *Fault {
	if part := timedPart(reason); part != "" {
		return d.timedFault(part, reason)
	}
	if utf8.RuneCountInString(reason) > ReasonRunes {
		return d.longFault(reason)
	}
	return nil
}

func (d draft) timedFault(part, reason string) *Fault {
	return d.fault(FaultTimed, part, d.line(d.targets, strings.TrimLeft(reason[len(part):], " .,;:!?)")))
}

// longFault offers the line without the reason, which opens the form: a reason
// that is cut says something nobody wrote.
func (d draft) longFault(reason string) *Fault {
	f := d.fault(FaultReasonLong, wordAt(reason, ReasonRunes), d.line(d.targets, ""))
	f.Length, f.Max = utf8.RuneCountInString(reason), ReasonRunes
	return f
}

// ambiguous finds targets where the reason should begin: "5 6 leaked", or
// "5 and 6 leaked".
func (d draft) ambiguous(reason string) *Fault {
	var more []string
	first := ""
	for {
		word, rest := cutWord(reason)
		if next, after := cutWord(rest); and(word) && d.target(next) {
			word, rest = next, after
		}
		if !d.target(word) {
			break
		}
		if first == "" {
			first = word
		}
		more, reason = append(more, bare(word)), strings.TrimLeft(rest, " ,")
	}
	if len(more) == 0 {
		return nil
	}
	return d.fault(FaultAmbiguous, first, d.line(slices.Concat(d.targets, more), reason))
}

func (d draft) target(word string) bool { return targetFault(d.kind, bare(word)) == "" }

func and(word string) bool {
	return slices.Contains([]string{"and", "e", "&", "+"}, fold(word))
}

// cutWord cuts at the first space or comma.
func cutWord(s string) (word, rest string) {
	if n := strings.IndexAny(s, " ,"); n >= 0 {
		return s[:n], strings.TrimLeft(s[n:], " ")
	}
	return s, ""
}

// wordAt is the word that holds the n-th code point, counted from 0.
func wordAt(s string, n int) string {
	at := len(string([]rune(s)[:n]))
	from := strings.LastIndexByte(s[:at], ' ') + 1
	if s[at] == ' ' {
		from = at + 1
	}
	word, _, _ := strings.Cut(s[from:], " ")
	return word
}

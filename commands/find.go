package commands

import (
	"slices"
	"strings"
	"unicode/utf8"

	"senhasegura-bot/approvals"
	"senhasegura-bot/senhasegura"
)

// Finder searches senhasegura's lists; *senhasegura.Lists is one.
type Finder interface {
	Lists
	Find(text string, limit int, kinds ...string) []senhasegura.Entry
	Fresh() bool
}

// Found is one entry of a list as find and the form's search show it.
type Found struct {
	Kind  approvals.Kind
	ID    string
	Label string
	// Key says that it is an SSH key, which senhasegura probably refuses, ReadOnly
	// that this access key may not edit it, which it refuses.
	Key, ReadOnly bool
}

func found(e senhasegura.Entry) Found {
	return Found{Kind: approvals.Kind(e.Kind), ID: e.ID, Label: e.Label(), ReadOnly: e.ReadOnly,
		Key: e.Kind == senhasegura.KindCredential && IsKey(e.Type)}
}

// keyType is what the list calls an SSH key ("List all credentials", 3.33). The
// calls on one are likely refused as no credential, 1010 [inferred].
const keyType = "SSH Key"

// IsKey reports whether an account of the list's type is an SSH key.
func IsKey(accountType string) bool {
	return strings.EqualFold(strings.TrimSpace(accountType), keyType)
}

// Verbs are what can be done to it, in the order of help.
func (f Found) Verbs() []approvals.Verb {
	if f.Key || f.ReadOnly {
		return nil
	}
	return slices.DeleteFunc([]approvals.Verb{approvals.Deactivate, approvals.Activate, approvals.Release},
		func(v approvals.Verb) bool { return !approvals.Possible(v, f.Kind) })
}

// Ask is the command that asks for verb on it, with the reason still missing.
func (f Found) Ask(v approvals.Verb) Command {
	return Command{Word: Name(v), Verb: v, Kind: f.Kind, Targets: []string{f.ID}, Missing: []Field{FieldReason}}
}

// Search is what find comes to.
type Search struct {
	Text  string
	Found []Found
	// More says that there are more entries than Found.
	More bool
	// Near are entries that were perhaps meant where nothing was found.
	Near []Found
	// Known is false while the lists cannot be read: then nothing found means
	// nothing.
	Known bool
}

// SearchLists searches the lists in memory for up to limit entries.
func SearchLists(lists Finder, text string, limit int) Search {
	s := Search{Text: text, Known: lists.Fresh()}
	entries := lists.Find(text, limit+1)
	s.More = len(entries) > limit
	for _, e := range entries[:min(len(entries), limit)] {
		s.Found = append(s.Found, found(e))
	}
	if len(s.Found) > 0 {
		return s
	}
	for _, e := range lists.Nearest(text, choices) {
		s.Near = append(s.Near, found(e))
	}
	return s
}

// Suggest searches while somebody types in the form, for up to limit entries of
// all kinds, in the order of Kinds: of many, each kind has its share. Nothing is
// found while the list cannot be read.
func Suggest(lists Finder, text string, limit int) []Found {
	if utf8.RuneCountInString(text) > argumentRunes {
		return nil
	}
	var all []Found
	kinds := Kinds()
	for i, kind := range slices.Backward(kinds) { // the first kind has what the others leave
		most := limit / len(kinds)
		if i == 0 {
			most = limit - len(all)
		}
		var some []Found
		for _, e := range lists.Find(text, most, string(kind.Kind)) {
			some = append(some, found(e))
		}
		all = append(some, all...)
	}
	return all
}

// Reason reads the text of a form that decides something: why somebody denies,
// what somebody saw. It is trimmed and at most ReasonRunes code points; longer
// is a fault and never cut.
func Reason(text string, required bool) (string, *Fault) {
	text = strings.TrimSpace(text)
	switch n := utf8.RuneCountInString(text); {
	case n == 0 && required:
		return "", &Fault{Code: FaultReasonMissing}
	case n > ReasonRunes:
		return "", &Fault{Code: FaultReasonLong, Word: quoted(wordAt(text, ReasonRunes)), Length: n, Max: ReasonRunes}
	}
	return text, nil
}

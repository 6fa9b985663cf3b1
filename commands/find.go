package commands

import (
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

// Found is one entry of a list as find shows it.
type Found struct {
	Kind  approvals.Kind
	ID    string
	Label string
}

// Search is what find comes to.
type Search struct {
	Text  string
	Found []Found
	// More says that there are more entries than Found.
	More bool
	// Near are names that were perhaps meant where nothing was found.
	Near []string
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
		s.Found = append(s.Found, Found{Kind: approvals.Kind(e.Kind), ID: e.ID, Label: e.Label()})
	}
	if len(s.Found) == 0 {
		s.Near = nearNames(lists, text)
	}
	return s
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

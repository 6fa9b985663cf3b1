package senhasegura

import (
	"slices"
	"strings"
	"time"
)

// index is one list at one moment. It is never changed after it is made.
type index struct {
	at      time.Time
	entries []Entry
	folded  []string // search text of each
	names   []string // folded user@host or name of each
	byID    map[string][]int
	byName  map[string][]int
}

func newIndex(at time.Time, entries []Entry) *index {
	x := &index{
		at: at, entries: entries,
		folded: make([]string, len(entries)), names: make([]string, len(entries)),
		byID: make(map[string][]int, len(entries)), byName: make(map[string][]int, len(entries)),
	}
	for i, e := range entries {
		x.folded[i] = e.searchText()
		x.byID[e.ID] = append(x.byID[e.ID], i)
		if name := strings.ToLower(e.Target()); name != "" {
			x.byName[name] = append(x.byName[name], i)
		}
		x.names[i] = fold(e.title())
	}
	return x
}

func (x *index) pick(positions []int) []Entry {
	var found []Entry
	for _, i := range positions {
		found = append(found, x.entries[i])
	}
	return found
}

// Match is the answer to a look-up. Known false means that the list could not be asked: it was never read,
// is older than 60 s, or its module is not configured. Known without entries means that a fresh list does
// not hold the item, which proves nothing about senhasegura.
type Match struct {
	Known   bool
	Entries []Entry
}

// Lookup finds entries of one kind by id, or credentials by user@host regardless of case. It reads memory
// only.
func (l *Lists) Lookup(kind, ref string) Match {
	for _, h := range l.held {
		if h.kind != kind {
			continue
		}
		x := l.fresh(h)
		if x == nil {
			return Match{}
		}
		if strings.Contains(ref, "@") {
			return Match{Known: true, Entries: x.pick(x.byName[strings.ToLower(ref)])}
		}
		return Match{Known: true, Entries: x.pick(x.byID[ref])}
	}
	return Match{}
}

// Find returns up to limit entries of fresh lists that hold every word of text in their id, user, host,
// address, device fields or name, regardless of case and accents. Exact ids and names come first. Only the
// lists of the given kinds are searched; none given means all.
func (l *Lists) Find(text string, limit int, kinds ...string) []Entry {
	words := strings.Fields(fold(text))
	if len(words) == 0 || limit <= 0 {
		return nil
	}
	whole := strings.Join(words, " ")
	var exact, other []Entry
	for _, h := range l.held {
		x := l.fresh(h)
		if x == nil || len(kinds) > 0 && !slices.Contains(kinds, h.kind) {
			continue
		}
		for i, e := range x.entries {
			switch {
			case e.ID == whole || x.names[i] == whole:
				exact = append(exact, e)
			case len(other) < limit && holdsAll(x.folded[i], words):
				other = append(other, e)
			}
		}
	}
	found := slices.Concat(exact, other)
	return found[:min(limit, len(found))]
}

func holdsAll(text string, words []string) bool {
	for _, w := range words {
		if !strings.Contains(text, w) {
			return false
		}
	}
	return true
}

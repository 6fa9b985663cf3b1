package senhasegura

import (
	"bytes"
	"slices"
	"strings"
)

// mostSame bounds what one look-up gives: nobody chooses among more entries of one name, and a list in which
// all have the same must not take everybody's time.
const mostSame = 20

// Match is the answer to a look-up, with at most 20 entries. Known false means that the list could not be asked:
// it was never read, is older than 60 s, or its module is not configured. Known without entries means that a
// fresh list does not hold the item, which proves nothing about senhasegura.
type Match struct {
	Known   bool
	Entries []Entry
}

// Lookup finds entries of one kind by id, or credentials by user@host regardless of case. It reads memory
// only and waits for nobody.
func (l *Lists) Lookup(kind, ref string) Match {
	for _, h := range l.held {
		if h.kind != kind {
			continue
		}
		x := l.fresh(h)
		if x == nil {
			return Match{}
		}
		return Match{Known: true, Entries: x.lookup(ref)}
	}
	return Match{}
}

func (x *index) lookup(ref string) []Entry {
	key, same := ref, func(e Entry) bool { return e.ID == ref }
	if strings.Contains(ref, "@") {
		lower := strings.ToLower(ref)
		key, same = fold(ref), func(e Entry) bool { return strings.ToLower(e.Target()) == lower }
	}
	var found []Entry
	for _, s := range x.candidates(key) {
		if e := x.entry(int(s.entry)); same(e) {
			found = append(found, e)
		}
		if len(found) == mostSame {
			break
		}
	}
	return found
}

// Find returns up to limit entries of fresh lists that hold every word of text in their id, user, host,
// address, device fields or name, regardless of case and accents. Exact ids and names come first. Only the
// lists of the given kinds are searched; none given means all. It reads memory only.
func (l *Lists) Find(text string, limit int, kinds ...string) []Entry {
	words := strings.Fields(fold(text))
	if len(words) == 0 || limit <= 0 {
		return nil
	}
	searched := l.searched(kinds)
	whole := strings.Join(words, " ")
	var found []Entry
	for _, x := range searched {
		found = x.appendExact(found, whole, limit)
	}
	slices.Sort(words)
	words = slices.Compact(words)
	for _, x := range searched {
		found = x.appendHolding(found, words, whole, limit)
	}
	return found
}

// searched are the fresh lists of the given kinds; none given means all.
func (l *Lists) searched(kinds []string) []*index {
	var searched []*index
	for _, h := range l.held {
		if x := l.fresh(h); x != nil && (len(kinds) == 0 || slices.Contains(kinds, h.kind)) {
			searched = append(searched, x)
		}
	}
	return searched
}

func (x *index) appendExact(found []Entry, whole string, limit int) []Entry {
	for _, s := range x.candidates(whole) {
		if i := int(s.entry); len(found) < limit && x.isExactly(i, whole) {
			found = append(found, x.entry(i))
		}
	}
	return found
}

// isExactly reports whether the entry's id or title is whole.
func (x *index) isExactly(i int, whole string) bool {
	id, _, _ := bytes.Cut(x.own(i), newline)
	return string(id) == whole || string(x.appendTitle(nil, i)) == whole
}

// appendHolding appends entries that hold all words but are not whole itself: those are found already.
func (x *index) appendHolding(found []Entry, words []string, whole string, limit int) []Entry {
	rest := make([][][]byte, len(x.alike)) // the words that an entry must hold by itself
	for i, shared := range x.alike {
		shared = fold(shared[:strings.LastIndexByte(shared, '\n')])
		for _, word := range words {
			if !strings.Contains(shared, word) {
				rest[i] = append(rest[i], []byte(word))
			}
		}
	}
	var own []byte
	for i := range x.lines {
		if len(found) >= limit {
			break
		}
		own = appendFold(own[:0], x.own(i))
		if holdsAll(own, rest[x.lines[i].alike]) && !x.isExactly(i, whole) {
			found = append(found, x.entry(i))
		}
	}
	return found
}

func holdsAll(text []byte, words [][]byte) bool {
	for _, w := range words {
		if !bytes.Contains(text, w) {
			return false
		}
	}
	return true
}

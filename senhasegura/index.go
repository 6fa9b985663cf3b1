package senhasegura

import (
	"bytes"
	"cmp"
	"hash/maphash"
	"slices"
	"strings"
	"time"
)

// index is one list at one moment. It is never changed after it is made. While a list is read anew the old
// one is held beside it, so it is kept small: a list of 100,000 entries is one text and some numbers, and
// an Entry is made when somebody asks for it.
type index struct {
	at    time.Time
	kind  string
	text  []byte // of all entries, one after the other: what is an entry's own
	lines []line
	alike []string // what many entries have in common, each once
	table []slot   // ids and names of all entries, by hash
	seed  maphash.Seed
}

// line is where one entry is. Its own text is its id, user@host, address and name, a line each: as they
// are searched. No field holds a line break, see clean.
type line struct {
	end   uint32 // in text; it begins where the one before ends
	alike uint32 // number of what it shares with others
	user  uint16 // length of the user: both user and host may hold an @
}

// slot says that the id or the folded name of an entry has this hash. Whoever follows it compares.
type slot struct{ hash, entry uint32 }

// indexer makes the next index while the list is being read.
type indexer struct {
	index
	numbers map[string]uint32 // of what is alike
	scratch []byte
}

// newIndexer makes room for as much as there was before, and a bit: lists change little.
func newIndexer(kind string, before *index) *indexer {
	x := &indexer{index: index{kind: kind, seed: maphash.MakeSeed()}, numbers: map[string]uint32{}}
	if before != nil {
		x.text = make([]byte, 0, len(before.text)+len(before.text)/32)
		x.lines = make([]line, 0, len(before.lines)+len(before.lines)/32)
	}
	return x
}

func (x *indexer) add(e Entry) {
	x.scratch = appendAlike(x.scratch[:0], e)
	number, ok := x.numbers[string(x.scratch)]
	if !ok {
		number = uint32(len(x.alike))
		shared := string(x.scratch)
		x.alike, x.numbers[shared] = append(x.alike, shared), number
	}
	x.text = appendOwn(x.text, e)
	x.lines = append(x.lines, line{end: uint32(len(x.text)), alike: number, user: uint16(len(e.Username))})
}

func (x *indexer) done(at time.Time) *index {
	x.at = at
	x.table = make([]slot, 0, 2*len(x.lines))
	for i := range x.lines {
		n := uint32(i)
		id, _, _ := bytes.Cut(x.own(i), newline)
		x.table = append(x.table, slot{x.hash(id), n})
		x.scratch = x.appendTitle(x.scratch[:0], i)
		if len(x.scratch) > 0 {
			x.table = append(x.table, slot{x.hash(x.scratch), n})
		}
	}
	slices.SortFunc(x.table, func(a, b slot) int { return cmp.Or(cmp.Compare(a.hash, b.hash), cmp.Compare(a.entry, b.entry)) })
	x.table = slices.Compact(x.table)
	return &x.index
}

func (x *index) hash(key []byte) uint32 { return uint32(maphash.Bytes(x.seed, key)) }

// candidates are the entries whose id or folded name is perhaps key, in the order of the list.
func (x *index) candidates(key string) []slot {
	hash := x.hash([]byte(key))
	from, _ := slices.BinarySearchFunc(x.table, hash, func(s slot, h uint32) int { return cmp.Compare(s.hash, h) })
	to := from
	for to < len(x.table) && x.table[to].hash == hash {
		to++
	}
	return x.table[from:to]
}

var newline = []byte("\n")

func appendOwn(b []byte, e Entry) []byte {
	b = append(append(b, e.ID...), '\n')
	b = append(b, e.Username...)
	if e.Username != "" && e.Hostname != "" {
		b = append(b, '@')
	}
	b = append(append(b, e.Hostname...), '\n')
	b = append(append(b, e.Address...), '\n')
	return append(b, e.Name...)
}

func appendAlike(b []byte, e Entry) []byte {
	for _, field := range []string{e.Type, e.Model, e.DeviceType, e.Vendor} {
		b = append(append(b, field...), '\n')
	}
	for _, set := range []bool{e.AutomaticChange, e.ReadOnly} {
		if set {
			b = append(b, '+')
		} else {
			b = append(b, '-')
		}
	}
	return b
}

// own is the entry's own text.
func (x *index) own(i int) []byte {
	from := uint32(0)
	if i > 0 {
		from = x.lines[i-1].end
	}
	return x.text[from:x.lines[i].end]
}

// entry gives back what was added.
func (x *index) entry(i int) Entry {
	own := strings.Split(string(x.own(i)), "\n")
	alike := strings.Split(x.alike[x.lines[i].alike], "\n")
	user := int(x.lines[i].user)
	e := Entry{
		Kind: x.kind, ID: own[0], Username: own[1][:user], Hostname: own[1][user:], Address: own[2], Name: own[3],
		Type: alike[0], Model: alike[1], DeviceType: alike[2], Vendor: alike[3],
		AutomaticChange: alike[4][0] == '+', ReadOnly: alike[4][1] == '+',
	}
	if user > 0 {
		e.Hostname = strings.TrimPrefix(e.Hostname, "@")
	}
	return e
}

// appendTitle appends the entry's folded title; see Entry.title.
func (x *index) appendTitle(b []byte, i int) []byte {
	_, own, _ := bytes.Cut(x.own(i), newline)
	account, own, _ := bytes.Cut(own, newline)
	address, name, _ := bytes.Cut(own, newline)
	first, second, separator := name, account, " · "
	if x.kind == KindCredential {
		first, second, separator = account, nil, "@"
		if len(account) == int(x.lines[i].user) { // no host
			second = address
		}
	}
	b = appendFold(b, first)
	if len(first) > 0 && len(second) > 0 {
		b = append(b, separator...)
	}
	return appendFold(b, second)
}

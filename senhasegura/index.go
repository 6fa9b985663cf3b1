package senhasegura

import (
	"bytes"
	"cmp"
	"hash/maphash"
	"runtime"
	"slices"
	"strings"
	"time"
)

// index is one list at one moment. It is never changed after it is made. While a list is read anew the old
// one is held beside it, so it is kept small: an entry is a few bytes of text and some numbers, an Entry is
// made when somebody asks for it, and two indexes share the text that did not change between them.
type index struct {
	at     time.Time
	kind   string
	chunks [][]byte // the entries' own text, some hundred entries in each
	lines  []line
	alike  []string // what many entries have in common, each once
	table  []slot   // ids and names of all entries, by hash
	seed   maphash.Seed
}

// line is where one entry is. Its own text is its id, user@host, address and name, a line each: as they
// are searched. No field holds a line break, see clean.
type line struct {
	chunk uint32
	alike uint32
	end   uint16 // in the chunk; it begins where the one before ends
	user  uint16 // length of the user: both user and host may hold an @
}

// slot says that the id or the folded name of an entry has this hash. Whoever follows it compares.
type slot struct{ hash, entry uint32 }

// indexer makes the next index while the list is being read.
type indexer struct {
	index
	before  map[uint32][]byte // chunks of the index before this one, by hash
	numbers map[string]uint32 // of what is alike
	chunk   []byte            // the one being filled
	scratch []byte
}

func newIndexer(kind string, before *index) *indexer {
	x := &indexer{index: index{kind: kind, seed: maphash.MakeSeed()}, before: map[uint32][]byte{}, numbers: map[string]uint32{}}
	if before == nil {
		return x
	}
	x.seed = before.seed
	x.lines = make([]line, 0, len(before.lines)+len(before.lines)/32)
	for _, c := range before.chunks {
		x.before[x.hash(c)] = c
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
	x.chunk = appendOwn(x.chunk, e)
	x.lines = append(x.lines, line{uint32(len(x.chunks)), number, uint16(len(x.chunk)), uint16(len(e.Username))})
	if x.hash([]byte(e.ID))%chunkEntries == 0 || len(x.chunk) >= chunkBytes {
		x.endChunk()
	}
	if len(x.lines)%collectEvery == 0 {
		runtime.GC()
	}
}

// collectEvery is after how many entries what reading them left behind is collected. Left to itself the
// collector lets the heap double, and on a busy machine it is late.
const collectEvery = 1 << 14

// A chunk ends with an id that happens to, so that an entry that came or went makes one chunk another one
// and leaves those behind it as they were. With one more entry it is still shorter than line.end can say.
const (
	chunkEntries = 256     // on average
	chunkBytes   = 1 << 15 // at most, and one entry
)

func (x *indexer) endChunk() {
	chunk := x.before[x.hash(x.chunk)]
	if !bytes.Equal(chunk, x.chunk) {
		chunk = bytes.Clone(x.chunk)
	}
	x.chunks, x.chunk = append(x.chunks, chunk), x.chunk[:0]
}

func (x *indexer) done(at time.Time) *index {
	x.endChunk()
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
	made := x.index // without what was needed to make it
	return &made
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
	for _, set := range []bool{e.AutomaticChange, e.ReadOnly, e.ChangeUnknown} {
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
	here, from := x.lines[i], uint16(0)
	if i > 0 && x.lines[i-1].chunk == here.chunk {
		from = x.lines[i-1].end
	}
	return x.chunks[here.chunk][from:here.end]
}

// entry gives back what was added.
func (x *index) entry(i int) Entry {
	own := strings.Split(string(x.own(i)), "\n")
	alike := strings.Split(x.alike[x.lines[i].alike], "\n")
	user := int(x.lines[i].user)
	e := Entry{
		Kind: x.kind, ID: own[0], Username: own[1][:user], Hostname: own[1][user:], Address: own[2], Name: own[3],
		Type: alike[0], Model: alike[1], DeviceType: alike[2], Vendor: alike[3],
		AutomaticChange: alike[4][0] == '+', ReadOnly: alike[4][1] == '+', ChangeUnknown: alike[4][2] == '+',
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

package senhasegura

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

// The lists are kept in a form that is small and quick to search. What they answer is what going through all
// entries one by one gives.
func TestTheIndexAnswersAsTheEntriesDo(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	var before *index
	var entries []Entry
	for round := range 12 {
		kind := []string{KindCredential, KindPassword}[round/6]
		more := someEntries(random, kind, random.IntN(400))
		if round%3 == 0 {
			entries = more
		} else { // most stay, and with them whole chunks
			from := random.IntN(len(entries))
			entries = slices.Replace(slices.Clone(entries), from, min(from+random.IntN(5), len(entries)), more[1:min(4, len(more))]...)
		}
		next := newIndexer(kind, before)
		for _, e := range entries {
			next.add(e)
		}
		x := next.done(time.Now())
		before = x
		checkIndex(t, kind, entries)
		for i, e := range entries {
			if got := x.entry(i); got != e {
				t.Fatalf("added %+v, got %+v", e, got)
			}
		}
		l := &Lists{now: time.Now, held: []*held{{kind: kind}}}
		l.held[0].last.Store(x)
		for range 8 {
			for _, text := range []string{aWord(random), aWord(random) + " " + aWord(random), entries[min(7, len(entries)-1)].Target()} {
				check := func(what string, got, want []Entry) {
					if !slices.Equal(got, want) {
						t.Errorf("%s %q: got %v, want %v", what, text, got, want)
					}
				}
				check("find", l.Find(text, 5), findOneByOne(entries, text, 5))
				check("nearest", l.Nearest(text, 3), nearestOneByOne(entries, text, 3))
				check("lookup", l.Lookup(kind, text).Entries, lookupOneByOne(entries, text))
			}
		}
	}
}

var someWords = []string{"root", "Root", "db", "db01", "DB02", "Produção", "producao", "a@b", "@", "·", "•", "São", "Straße", "x", "web-01", "", strings.Repeat("long", 10)}

func aWord(random *rand.Rand) string { return someWords[random.IntN(len(someWords))] }

func someEntries(random *rand.Rand, kind string, n int) []Entry {
	word := func() string {
		return strings.TrimSpace(aWord(random) + []string{"", " ", "-"}[random.IntN(3)] + aWord(random))
	}
	entries := []Entry{{Kind: kind, ID: "1"}}
	for range n {
		e := Entry{Kind: kind, ID: fmt.Sprint(1 + random.IntN(2*n)), Username: word(), ReadOnly: random.IntN(2) == 0}
		if kind == KindCredential {
			e.Hostname, e.Address, e.Type, e.Model = aWord(random), word(), aWord(random), word()
			e.DeviceType, e.Vendor, e.AutomaticChange = aWord(random), aWord(random), random.IntN(2) == 0
			e.ChangeUnknown = random.IntN(2) == 0
		} else {
			e.Name = word()
		}
		entries = append(entries, e)
	}
	return entries
}

func findOneByOne(entries []Entry, text string, limit int) (found []Entry) {
	words := strings.Fields(fold(text))
	if len(words) == 0 {
		return nil
	}
	exact := func(e Entry) bool { return slices.Contains([]string{e.ID, fold(e.title())}, strings.Join(words, " ")) }
	holds := func(e Entry) bool {
		all := fold(strings.Join([]string{e.ID, e.Target(), e.Username, e.Hostname, e.Address, e.Name, e.Type, e.Model, e.DeviceType, e.Vendor}, "\n"))
		return !exact(e) && !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(all, w) })
	}
	for _, wanted := range []func(Entry) bool{exact, holds} {
		for _, e := range entries {
			if wanted(e) && len(found) < limit {
				found = append(found, e)
			}
		}
	}
	return found
}

func lookupOneByOne(entries []Entry, ref string) (found []Entry) {
	for _, e := range entries {
		if e.ID == ref || strings.Contains(ref, "@") && strings.ToLower(e.Target()) == strings.ToLower(ref) {
			found = append(found, e)
		}
	}
	return found[:min(mostSame, len(found))]
}

func nearestOneByOne(entries []Entry, text string, n int) []Entry {
	want := fold(strings.TrimSpace(text))
	if want == "" {
		return nil
	}
	slips := min(max(2, len([]rune(want))/4), mostSlips)
	away := func(e Entry) int { return slowDistance([]rune(want), []rune(fold(e.title()))) }
	near := slices.DeleteFunc(slices.Clone(entries), func(e Entry) bool { return away(e) > slips })
	slices.SortStableFunc(near, func(a, b Entry) int { return cmp.Compare(away(a), away(b)) })
	if len(near) == 0 {
		return nil
	}
	return near[:min(n, len(near))]
}

// slowDistance is the textbook's, row by row.
func slowDistance(a, b []rune) int {
	rows := [][]int{make([]int, len(b)+1)}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := range a {
		row := []int{i + 1}
		for j := range b {
			replaced := rows[i][j]
			if a[i] != b[j] {
				replaced++
			}
			row = append(row, min(replaced, rows[i][j+1]+1, row[j]+1))
		}
		rows = append(rows, row)
	}
	return rows[len(a)][len(b)]
}

// However many entries share an id or a name, a look-up gives only some of them.
func TestLookupOfWhatManyShare(t *testing.T) {
	t.Parallel()
	next := newIndexer(KindCredential, nil)
	for range 50_000 {
		next.add(Entry{Kind: KindCredential, ID: "5", Username: "root", Hostname: "db01"})
	}
	x := next.done(time.Now())
	for _, ref := range []string{"5", "ROOT@db01"} {
		if found := x.lookup(ref); len(found) != mostSame || found[0].ID != "5" {
			t.Errorf("%s: %d found", ref, len(found))
		}
	}
}

// What did not change between two readings is held once, wherever something else came or went. Where chunks
// end is chance, so among the new entries there may be some ends; that there are ten is not to be seen.
func TestTwoIndexesShareWhatDidNotChange(t *testing.T) {
	t.Parallel()
	made := func(before *index, from, to int) *index {
		next := newIndexer(KindCredential, before)
		for n := from; n < to; n++ {
			next.add(Entry{Kind: KindCredential, ID: fmt.Sprint(n), Username: "root", Hostname: fmt.Sprintf("srv%d", n)})
		}
		return next.done(time.Now())
	}
	first := made(nil, 100, 10_000)
	second := made(first, 50, 10_005)
	known := map[*byte]bool{}
	for _, c := range first.chunks {
		if len(c) > 0 {
			known[&c[0]] = true
		}
	}
	shared := 0
	for _, c := range second.chunks {
		if len(c) > 0 && known[&c[0]] {
			shared++
		}
	}
	if len(second.chunks) < 10 || shared < len(second.chunks)-10 {
		t.Errorf("%d of %d chunks are shared", shared, len(second.chunks))
	}
	if e := second.entry(9_954); e.ID != "10004" || e.Target() != "root@srv10004" {
		t.Errorf("got %+v", e)
	}
}

package senhasegura

import (
	"cmp"
	"slices"
	"strings"
)

// mostSlips is how far a name may be from a long text. It also bounds what measuring long names costs.
const mostSlips = 8

// Nearest returns up to n entries of fresh lists whose title (user@host, or a name) is some typing slips away
// from text: two, or in a long text one in four letters. The nearest come first. Only the lists of the given
// kinds are searched; none given means all. It reads memory only.
func (l *Lists) Nearest(text string, n int, kinds ...string) []Entry {
	m := meter{want: []rune(fold(strings.TrimSpace(text)))}
	if len(m.want) == 0 || n <= 0 {
		return nil
	}
	type near struct {
		list     *index
		at, away int
	}
	var found []near
	limit := min(max(2, len(m.want)/4), mostSlips)
	for _, x := range l.searched(kinds) {
		var title []byte
		for i := range x.lines {
			title = x.appendTitle(title[:0], i)
			away := m.distance(title, limit)
			if away > limit {
				continue
			}
			behind, _ := slices.BinarySearchFunc(found, away+1, func(f near, away int) int { return cmp.Compare(f.away, away) })
			found = slices.Insert(found, behind, near{x, i, away})
			if len(found) >= n { // from here on only a nearer one counts
				found = found[:n]
				limit = found[n-1].away - 1
			}
		}
	}
	var nearest []Entry
	for _, f := range found {
		nearest = append(nearest, f.list.entry(f.at))
	}
	return nearest
}

// meter measures how far names are from one text. It keeps its room from one name to the next.
type meter struct {
	want []rune
	name []rune
	row  []int
}

// distance counts insertions, deletions and replacements between the text and name, and gives up beyond
// limit: so it looks only at what is no further than that from the diagonal.
func (m *meter) distance(name []byte, limit int) int {
	m.name, m.row = m.name[:0], m.row[:0]
	for _, r := range string(name) {
		m.name = append(m.name, r)
	}
	if len(m.want)-len(m.name) > limit || len(m.name)-len(m.want) > limit {
		return limit + 1
	}
	for j := range len(m.name) + 1 {
		m.row = append(m.row, j)
	}
	for i, r := range m.want {
		from, to := max(0, i-limit), min(len(m.name), i+limit+1)
		diagonal, left := m.row[from], limit+1
		if from == 0 {
			left = i + 1
		}
		m.row[from] = left
		least := left
		for j := from; j < to; j++ {
			cost := diagonal
			if r != m.name[j] {
				cost++
			}
			diagonal = m.row[j+1]
			left = min(cost, diagonal+1, left+1)
			m.row[j+1], least = left, min(least, left)
		}
		if least > limit {
			return limit + 1
		}
	}
	return m.row[len(m.name)]
}

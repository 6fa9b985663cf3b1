package senhasegura

import (
	"cmp"
	"slices"
	"strings"
)

// Nearest returns up to n entries of fresh lists whose user@host or name is a typing slip or two away from
// text, nearest first. It reads memory only.
func (l *Lists) Nearest(text string, n int) []Entry {
	want := []rune(fold(strings.TrimSpace(text)))
	if len(want) == 0 {
		return nil
	}
	m := meter{want: want, limit: max(2, len(want)/4)}
	type near struct {
		list     *index
		at, away int
	}
	var found []near
	for _, h := range l.held {
		x := l.fresh(h)
		if x == nil {
			continue
		}
		var title []byte
		for i := range x.lines {
			title = x.appendTitle(title[:0], i)
			if away := m.distance(title); away <= m.limit {
				found = append(found, near{x, i, away})
			}
		}
	}
	slices.SortStableFunc(found, func(a, b near) int { return cmp.Compare(a.away, b.away) })
	var nearest []Entry
	for _, f := range found[:max(0, min(n, len(found)))] {
		nearest = append(nearest, f.list.entry(f.at))
	}
	return nearest
}

// meter measures how far names are from one text. It keeps its room from one name to the next.
type meter struct {
	want  []rune
	limit int
	name  []rune
	row   []int
}

// distance counts insertions, deletions and replacements between the text and name, and gives up beyond
// the limit.
func (m *meter) distance(name []byte) int {
	m.name, m.row = m.name[:0], m.row[:0]
	for _, r := range string(name) {
		m.name = append(m.name, r)
	}
	if len(m.want)-len(m.name) > m.limit || len(m.name)-len(m.want) > m.limit {
		return m.limit + 1
	}
	for j := range len(m.name) + 1 {
		m.row = append(m.row, j)
	}
	for i, r := range m.want {
		diagonal, least := m.row[0], i+1
		m.row[0] = i + 1
		for j, s := range m.name {
			cost := diagonal
			if r != s {
				cost++
			}
			diagonal = m.row[j+1]
			m.row[j+1] = min(cost, m.row[j]+1, m.row[j+1]+1)
			least = min(least, m.row[j+1])
		}
		if least > m.limit {
			return m.limit + 1
		}
	}
	return m.row[len(m.name)]
}

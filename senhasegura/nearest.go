package senhasegura

import (
	"cmp"
	"slices"
	"strings"
)

// Nearest returns up to n entries of fresh lists whose user@host or name is a typing slip or two away from
// text, nearest first.
func (l *Lists) Nearest(text string, n int) []Entry {
	type near struct {
		entry Entry
		away  int
	}
	want := []rune(fold(strings.TrimSpace(text)))
	slips := max(2, len(want)/4)
	var found []near
	for _, h := range l.held {
		x := l.fresh(h)
		if x == nil || len(want) == 0 {
			continue
		}
		for i, name := range x.names {
			if away := distance(want, []rune(name), slips); away <= slips {
				found = append(found, near{x.entries[i], away})
			}
		}
	}
	slices.SortStableFunc(found, func(a, b near) int { return cmp.Compare(a.away, b.away) })
	var nearest []Entry
	for _, f := range found[:max(0, min(n, len(found)))] {
		nearest = append(nearest, f.entry)
	}
	return nearest
}

// distance counts insertions, deletions and replacements between a and b, and gives up beyond limit.
func distance(a, b []rune, limit int) int {
	if len(a)-len(b) > limit || len(b)-len(a) > limit {
		return limit + 1
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i, r := range a {
		diagonal, least := row[0], i+1
		row[0] = i + 1
		for j, s := range b {
			cost := diagonal
			if r != s {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
			least = min(least, row[j+1])
		}
		if least > limit {
			return limit + 1
		}
	}
	return row[len(b)]
}

package main

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

var durationForm = regexp.MustCompile(`^(?:([0-9]{1,5})d)?(?:([0-9]{1,7})h)?(?:([0-9]{1,8})m)?(?:([0-9]{1,9})s)?$`)

var durationUnits = []struct {
	letter string
	length time.Duration
}{{"d", 24 * time.Hour}, {"h", time.Hour}, {"m", time.Minute}, {"s", time.Second}}

// parseDuration reads a duration in the units s, m, h and d, largest first,
// each with a whole number: 30m, 1h30m, 7d. The numbers are short enough that
// nothing overflows.
func parseDuration(s string) (time.Duration, bool) {
	numbers := durationForm.FindStringSubmatch(s)
	if numbers == nil || s == "" {
		return 0, false
	}
	var sum time.Duration
	for i, unit := range durationUnits {
		n, _ := strconv.Atoi(numbers[i+1]) // absent: 0
		sum += time.Duration(n) * unit.length
	}
	return sum, true
}

// formatDuration writes a duration of whole seconds as parseDuration reads it,
// a shorter one in milliseconds.
func formatDuration(d time.Duration) string {
	var b strings.Builder
	if d > 0 && d < time.Second {
		return d.String()
	}
	for _, unit := range durationUnits {
		if n := d / unit.length; n > 0 {
			b.WriteString(strconv.Itoa(int(n)) + unit.letter)
			d -= n * unit.length
		}
	}
	if b.Len() == 0 {
		return "0s"
	}
	return b.String()
}

// suggest ends the sentence about an unknown word: with the nearest word, or
// with all that would be right.
func suggest(word string, allowed []string) string {
	if near := nearest(word, allowed); near != "" {
		return "did you mean " + strconv.Quote(near) + "?"
	}
	last := len(allowed) - 1
	if last == 0 {
		return "known here is " + allowed[0]
	}
	return "known here are " + strings.Join(allowed[:last], ", ") + " and " + allowed[last]
}

// nearest is the word that differs from the given one by the fewest edits, if
// those are few enough to be a slip of the hand; otherwise empty.
func nearest(word string, words []string) string {
	best, least := "", min(3, len(word)/3)+1
	for _, w := range words {
		if d := edits(strings.ToLower(word), strings.ToLower(w)); d < least {
			best, least = w, d
		}
	}
	return best
}

// edits counts the letters to insert, remove or replace between two words.
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}

// count says how many there are of something.
func count(n int, what string) string {
	switch {
	case n == 1:
		return "1 " + what
	case what == "person":
		what = "people"
	default:
		what += "s"
	}
	return fmt.Sprint(n, " ", what)
}

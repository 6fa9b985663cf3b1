package commands

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"senhasegura-bot/approvals"
)

// fold makes words comparable: lower case, without accents and invisible
// characters, and without the punctuation that ends a sentence.
func fold(s string) string {
	plain := strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFKD.String(s))
	return strings.TrimRight(plain, ".:;!?")
}

// instead are words that people type for a command and that are a slip or two
// away from its opposite, or from nothing.
var instead = map[string]Name{
	"reactivate": Activate, "reativar": Activate, "reabilitar": Activate, "reenable": Activate, "unblock": Activate, "desbloquear": Activate,
	"inactivate": Deactivate, "desabilitar": Deactivate, "block": Deactivate, "bloquear": Deactivate, "revoke": Deactivate, "revogar": Deactivate,
	"return": Release, "checkin": Release, "devolver": Release,
	"search": Find, "procurar": Find, "emergency": BreakGlass, "list": Pending, "listar": Pending, "?": Help,
}

// nearestCommand is the spelling of a command that was probably meant, "" when
// it is unclear: two commands equally near are worse than none.
func nearestCommand(typed string) string {
	f := fold(typed)
	if n, ok := instead[f]; ok {
		return string(n)
	}
	best, bestAway, clash := "", slips(f)+1, false
	var of Name
	for _, w := range List() {
		for _, word := range w.Words() {
			switch away := distance(f, word); {
			case w.Later || opposite(f, w.Verb):
			case away < bestAway:
				best, bestAway, of, clash = word, away, w.Name, false
			case away == bestAway && w.Name != of:
				clash = true
			}
		}
	}
	if clash {
		return ""
	}
	return best
}

// opposite keeps a slip from turning a word into its contrary: "reactivat" is
// as near to deactivate as to activate.
func opposite(typed string, v approvals.Verb) bool {
	negative := strings.HasPrefix(typed, "d") || strings.HasPrefix(typed, "in") || strings.HasPrefix(typed, "un")
	return v == approvals.Activate && negative || v == approvals.Deactivate && !negative
}

// nearestKind is the kind whose spelling is a slip away from what was typed.
func nearestKind(typed string) string {
	f := fold(typed)
	for _, k := range Kinds() {
		for _, word := range k.Words() {
			if distance(f, word) <= slips(f)-1 {
				return string(k.Kind)
			}
		}
	}
	return ""
}

// slips is how many typing errors a word of this length may have.
func slips(word string) int {
	switch n := len(word); {
	case n < 4:
		return 1
	case n < 24:
		return 2
	}
	return 0
}

// distance counts insertions, deletions and replacements, a swap of two
// neighbours as one. Words longer than any command count as far away.
func distance(a, b string) int {
	if len(a) > 24 {
		return len(a)
	}
	older, old := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range old {
		old[j] = j
	}
	for i := range len(a) {
		row := make([]int, len(b)+1)
		row[0] = i + 1
		for j := range len(b) {
			cost := old[j]
			if a[i] != b[j] {
				cost++
			}
			row[j+1] = min(cost, old[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], older[j-1]+1)
			}
		}
		older, old = old, row
	}
	return old[len(b)]
}

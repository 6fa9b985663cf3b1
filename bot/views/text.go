package views

import (
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Sizes of Slack's texts, in characters (docs.slack.dev/reference/block-kit).
const (
	maxSection      = 3000
	maxHeader       = 150
	maxConfirmTitle = 100
	maxConfirmText  = 300
	maxConfirmYesNo = 30
	maxButton       = 75
	maxModalTitle   = 24
	// maxQuote is what a quote takes of a message at most: 500 characters fit
	// unless most of them had to be spelled out.
	maxQuote  = 2000
	maxOption = 75
	maxInput  = 3000
	// maxPlaceholder is of a select.
	maxPlaceholder = 150
	// maxText stays below chat.update's 4,000 for the text beside the blocks.
	maxText = 3500
)

// zwj joins emoji into one picture; it stays between two of them.
const zwj = '\u200d'

// visible keeps foreign text on one line and shows what would otherwise act on
// the reader unseen: line ends, control characters, bidi overrides, zero-width
// and other formatting characters. A run of one such character is counted
// rather than repeated.
func visible(s string) string {
	runes := []rune(strings.ToValidUTF8(s, "\uFFFD"))
	var b strings.Builder
	for i := 0; i < len(runes); i++ {
		shown := visibleRune(runes, i)
		if r := runes[i]; shown == string(r) || shown == " " || shown == "" {
			b.WriteString(shown)
			continue
		}
		n := 1
		for i+n < len(runes) && runes[i+n] == runes[i] {
			n++
		}
		if n > 2 {
			shown += fmt.Sprintf("×%d ", n)
			i += n - 1
		}
		b.WriteString(shown)
	}
	return strings.TrimSpace(b.String())
}

// visibleRune is how the i-th character is shown; itself where it is seen.
func visibleRune(runes []rune, i int) string {
	r := runes[i]
	switch {
	case r == '\r' && i+1 < len(runes) && runes[i+1] == '\n':
		return ""
	case r == '\n' || r == '\r' || r == '\u2028' || r == '\u2029' || r == '\u0085':
		return " ⏎ "
	case r == '\t' || unicode.Is(unicode.Zs, r):
		return " "
	case r < ' ':
		return string('\u2400' + r) // the picture of the control character
	case r == zwj && joinsEmoji(runes, i):
		return string(r)
	case unicode.IsControl(r), unicode.Is(unicode.Cf, r), blank(r):
		return fmt.Sprintf("‹U+%04X›", r)
	}
	return string(r)
}

// blank are letters and marks that show nothing, though Unicode does not count
// them as formatting.
func blank(r rune) bool {
	switch r {
	case '\u034f', '\u115f', '\u1160', '\u17b4', '\u17b5', '\u2800', '\u3164', '\uffa0':
		return true
	}
	return false
}

func joinsEmoji(runes []rune, i int) bool {
	pictured := func(r rune) bool {
		return unicode.In(r, unicode.So, unicode.Sk) || r == '\ufe0f'
	}
	return i > 0 && i+1 < len(runes) && pictured(runes[i-1]) && pictured(runes[i+1])
}

// inert is foreign text for places that format nothing (plain_text and rich
// text), at most limit characters.
func inert(s string, limit int) string { return cut(visible(s), limit) }

// safe is foreign text for mrkdwn: it can be neither mention nor link. What
// formats (* _ ~ `) cannot be escaped there, so long or hostile text belongs
// in rich text instead; here a formatting character gets no partner to format
// with, as a look-alike stands for it.
func safe(s string, limit int) string {
	return cutEscaped(escape(unformatted.Replace(visible(s))), limit)
}

var unformatted = strings.NewReplacer("*", "∗", "_", "＿", "~", "∼", "`", "ˋ")

// escape writes the three characters that Slack reads as markup.
func escape(s string) string { return escaper.Replace(s) }

var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// cut shortens s to limit characters, the last of them an ellipsis.
func cut(s string, limit int) string {
	if utf8.RuneCountInString(s) <= limit {
		return s
	}
	runes := []rune(s)
	return strings.TrimRight(string(runes[:max(limit-1, 0)]), " ") + "…"
}

// cutEscaped is cut for escaped text: it leaves no half of an entity behind.
func cutEscaped(s string, limit int) string {
	short := cut(s, limit)
	if short == s {
		return s
	}
	if i := strings.LastIndexByte(short, '&'); i >= 0 && !strings.Contains(short[i:], ";") {
		short = short[:i] + "…"
	}
	return short
}

// length counts characters as Slack does.
func length(s string) int { return utf8.RuneCountInString(s) }

// user mentions an account.
func user(id string) string { return mention("<@", id) }

// group mentions a user group.
func group(id string) string { return mention("<!subteam^", id) }

// room mentions a channel.
func room(id string) string { return mention("<#", id) }

// mention writes ids of Slack only; anything else is shown, not mentioned.
func mention(open, id string) string {
	odd := func(r rune) bool { return (r < '0' || r > '9') && (r < 'A' || r > 'Z') }
	if id == "" || len(id) > 20 || strings.ContainsFunc(id, odd) {
		return safe(id, 40)
	}
	return open + id + ">"
}

// date is a moment that Slack shows in each reader's zone and language; the
// fallback is UTC.
func date(t time.Time) string {
	return fmt.Sprintf("<!date^%d^{date_short_pretty} {time}|%s>", t.Unix(), t.UTC().Format("2006-01-02 15:04 UTC"))
}

// capital writes the first letter large, to head a line.
func capital(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[n:]
}

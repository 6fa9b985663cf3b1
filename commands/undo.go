package commands

import (
	"regexp"
	"strings"
	"unicode"
)

// typed is what somebody wrote, after what Slack and keyboards did to it was
// undone: valid UTF-8 on one line, single spaces, none at the ends.
type typed struct {
	text string
	// odd are the stretches of text that Slack shows but that stand for
	// something else. In a reason they are text; in a target they are a fault.
	odd []stretch
}

// stretch is a part of text, in bytes. Other is where a link leads, empty for
// the name of a person, group or channel.
type stretch struct {
	from, to int
	other    string
}

// oddAt returns the odd stretch that overlaps text[from:to].
func (t typed) oddAt(from, to int) (stretch, bool) {
	for _, s := range t.odd {
		if s.from < to && from < s.to {
			return s, true
		}
	}
	return stretch{}, false
}

// plain takes text as it is, without undoing entities and links.
func plain(text string) typed {
	var w writer
	w.write(text)
	return w.typed()
}

// entities are the three that Slack writes. One pass undoes them once.
var entities = strings.NewReplacer("&amp;", "&", "&lt;", "<", "&gt;", ">")

// undo turns the text of a slash command or of a modal's field back into what
// the person typed. Slack writes links and names in angle brackets and escapes
// the brackets a person typed, so the brackets are read before the escapes are
// undone.
func undo(raw string) typed {
	var w writer
	for raw != "" {
		open := strings.IndexByte(raw, '<')
		if open < 0 {
			break
		}
		w.write(entities.Replace(raw[:open]))
		text, other, size, ok := markup(raw[open:])
		switch {
		case !ok:
			w.write("<")
			size = 1
		case other == text:
			w.write(text)
		default:
			w.writeOdd(text, other)
		}
		raw = raw[open+size:]
	}
	w.write(entities.Replace(raw))
	return w.typed()
}

var (
	mention = regexp.MustCompile(`^([@#!])([^<>|]+)(?:\|([^<>]*))?>`)
	link    = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9+.-]*:)([^<>|]+)(?:\|([^<>]*))?>`)
)

// markup reads <…> at the start of raw: the text that Slack shows, what it
// stands for (the same text for an honest link), and how many bytes it takes.
func markup(raw string) (text, other string, size int, ok bool) {
	if m := mention.FindStringSubmatch(raw[1:]); m != nil {
		return mentioned(m[1], m[2], m[3]), "", len(m[0]) + 1, true
	}
	m := link.FindStringSubmatch(raw[1:])
	if m == nil {
		return "", "", 0, false
	}
	whole, label := entities.Replace(m[1]+m[2]), entities.Replace(m[3])
	short := strings.TrimPrefix(strings.TrimPrefix(whole, m[1]), "//")
	switch {
	case label == "" && m[1] == "mailto:":
		label = short
	case label == "":
		label = whole
	}
	other = short
	if label == whole || label == strings.TrimSuffix(short, "/") {
		other = label
	}
	return label, other, len(m[0]) + 1, true
}

// mentioned is the text of <@U…|name>, <#C…|name>, <!here> and
// <!subteam^S…|@name>.
func mentioned(sign, id, label string) string {
	if label = entities.Replace(label); label == "" {
		label = id
	}
	if sign == "!" {
		sign = "@"
	}
	return sign + strings.TrimLeft(label, "@#")
}

// keyboard are the quotes that keyboards put in place of the plain ones.
var keyboard = map[rune]rune{
	'‘': '\'', '’': '\'', '‚': '\'', '‛': '\'',
	'“': '"', '”': '"', '„': '"', '‟': '"',
}

// zeroWidth are characters that mean nothing and come along when text is
// copied. Joiners are kept, because some scripts and emoji need them.
func zeroWidth(r rune) bool {
	switch r {
	case 0x00AD, 0x200B, 0x2060, 0xFEFF:
		return true
	}
	return false
}

// writer collects runes: every run of spaces becomes one, quotes become plain.
type writer struct {
	b     strings.Builder
	space bool
	odd   []stretch
}

func (w *writer) write(s string) {
	for _, r := range strings.ToValidUTF8(s, "\uFFFD") {
		switch plain, smart := keyboard[r]; {
		case unicode.IsSpace(r):
			w.space = true
		case zeroWidth(r):
		case smart:
			w.rune(plain)
		default:
			w.rune(r)
		}
	}
}

func (w *writer) rune(r rune) {
	if w.space && w.b.Len() > 0 {
		w.b.WriteByte(' ')
	}
	w.space = false
	w.b.WriteRune(r)
}

func (w *writer) writeOdd(text, other string) {
	from := w.b.Len()
	if w.space && from > 0 {
		from++
	}
	w.write(text)
	if to := w.b.Len(); to > from {
		w.odd = append(w.odd, stretch{from, to, other})
	}
}

func (w *writer) typed() typed { return typed{w.b.String(), w.odd} }

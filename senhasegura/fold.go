package senhasegura

import (
	"slices"
	"unicode"
	"unicode/utf8"
)

// fold lowers case and takes accents off, so that "Producao" finds "Produção".
func fold(s string) string { return string(appendFold(nil, []byte(s))) }

// appendFold appends what s is folded to. A search does it for every entry, and most of them are ASCII.
func appendFold(b, s []byte) []byte {
	b = slices.Grow(b, len(s))
	for i := 0; i < len(s); {
		if c := s[i]; c < utf8.RuneSelf {
			if 'A' <= c && c <= 'Z' {
				c += 'a' - 'A'
			}
			b = append(b, c)
			i++
			continue
		}
		r, size := utf8.DecodeRune(s[i:])
		i += size
		b = appendPlain(b, unicode.ToLower(r))
	}
	return b
}

func appendPlain(b []byte, r rune) []byte {
	if letter := plain(r); letter != "" {
		return append(b, letter...)
	}
	if unicode.Is(unicode.Mn, r) { // a combining accent
		return b
	}
	return utf8.AppendRune(b, r)
}

// plain gives the letter without its accent, for the languages written in and around Portuguese; "" for
// anything else. A full Unicode decomposition would need golang.org/x/text for a convenience of search.
func plain(r rune) string {
	switch r {
	case 'á', 'à', 'â', 'ã', 'ä', 'å', 'ā', 'ă', 'ą', 'ª':
		return "a"
	case 'é', 'è', 'ê', 'ë', 'ē', 'ė', 'ę', 'ě':
		return "e"
	case 'í', 'ì', 'î', 'ï', 'ī', 'į', 'ı':
		return "i"
	case 'ó', 'ò', 'ô', 'õ', 'ö', 'ō', 'ő', 'ø', 'º':
		return "o"
	case 'ú', 'ù', 'û', 'ü', 'ū', 'ů', 'ű', 'ų':
		return "u"
	case 'ç', 'ć', 'č':
		return "c"
	case 'ñ', 'ń', 'ň':
		return "n"
	case 'ś', 'š', 'ş':
		return "s"
	case 'ź', 'ž', 'ż':
		return "z"
	case 'ý', 'ÿ':
		return "y"
	case 'ł':
		return "l"
	case 'ß':
		return "ss"
	case '•': // stands in labels for the other one, see field
		return "·"
	}
	return ""
}

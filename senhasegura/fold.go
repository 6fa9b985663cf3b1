package senhasegura

import (
	"unicode"
	"unicode/utf8"
)

// fold lowers case and takes accents off, so that "Producao" finds "Produção".
func fold(s string) string { return string(appendFold(nil, []byte(s))) }

func appendFold(b, s []byte) []byte {
	for len(s) > 0 {
		if c := s[0]; c < utf8.RuneSelf {
			if 'A' <= c && c <= 'Z' {
				c += 'a' - 'A'
			}
			b, s = append(b, c), s[1:]
			continue
		}
		r, size := utf8.DecodeRune(s)
		s = s[size:]
		if !unicode.Is(unicode.Mn, r) { // no combining accent
			b = append(b, plain(unicode.ToLower(r))...)
		}
	}
	return b
}

// plain gives the letter without its accent, for the languages written in and around Portuguese. A full
// Unicode decomposition would need golang.org/x/text for a convenience of search.
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
	return string(r)
}

package senhasegura

import (
	"strings"
	"unicode"
)

// fold lowers case and takes accents off, so that "Producao" finds "Produção".
func fold(s string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(s) {
		switch {
		case r < 0x80:
			b.WriteRune(r)
		case unicode.Is(unicode.Mn, r): // a combining accent
		default:
			b.WriteString(plain(r))
		}
	}
	return b.String()
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
	}
	return string(r)
}

package commands

import (
	"strings"
)

// exampleRequest is the request id in lines to copy.
const exampleRequest = "R-7K2M9Q"

// crockford is the alphabet of request ids: no I, L, O and U.
const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

const requestRunes = 6

// alike are characters that people read and type for others.
var alike = strings.NewReplacer("O", "0", "I", "1", "L", "1", "–", "-", "—", "-", "‑", "-", "−", "-")

// ParseRequestID reads a request id as people type it: in any case, O for 0, I
// or L for 1, with or without "R-". It returns the canonical form.
func ParseRequestID(s string) (string, bool) {
	s = strings.Trim(s, "`'\"*_#.,:;!?()[]")
	s = alike.Replace(strings.ToUpper(s))
	if cut, ok := strings.CutPrefix(s, "R-"); ok {
		s = cut
	} else if len(s) == requestRunes+1 {
		s = strings.TrimPrefix(s, "R")
	}
	if len(s) != requestRunes || strings.Trim(s, crockford) != "" {
		return "", false
	}
	return "R-" + s, true
}

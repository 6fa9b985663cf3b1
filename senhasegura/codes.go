package senhasegura

import (
	"slices"
	"strings"
)

// Code is one entry of the catalogue: an error number of one module, or a text of gateway or server.
// What it means in words for people is kept elsewhere, under Key.
type Code struct {
	Module         Module // "" for texts of gateway and server
	Number         int    // 0 for those
	Text           string // as the manuals print it, without number and final dot
	Key            string // stable, such as "pam.1018" or "gateway.not_authorized"
	Kind           Kind
	MayHaveChanged bool   // the call may have been carried out all the same
	RetryHelps     bool   // the same call may succeed later although nobody changes anything
	Source         string // manual and page; "inferred" where it is
}

const (
	keyNotAuthorized = "gateway.not_authorized"
	keyNoRoute       = "gateway.no_route"
)

// All returns the whole catalogue: PAM Core, MySafe, then gateway and server, each by number or as listed.
func All() []Code {
	return slices.Concat(pamCodes(), mySafeCodes(), gatewayTexts())
}

// Explain finds a number of one module. The same number means different things in the other module.
func Explain(m Module, number int) (Code, bool) {
	for _, c := range Known(number) {
		if c.Module == m {
			return c, true
		}
	}
	return Code{}, false
}

// Known returns every meaning of a number, at most one per module.
func Known(number int) []Code {
	var found []Code
	for _, c := range slices.Concat(pamCodes(), mySafeCodes()) {
		if c.Number == number {
			found = append(found, c)
		}
	}
	return found
}

// ExplainText finds a text of gateway or server, regardless of case, spacing and final dot.
func ExplainText(text string) (Code, bool) {
	plain := normalize(text)
	for _, c := range gatewayTexts() {
		if normalize(c.Text) == plain {
			return c, true
		}
	}
	return Code{}, false
}

func isGatewayText(text string) bool {
	_, ok := ExplainText(text)
	return ok
}

// normalize makes texts comparable: lower case, single spaces, no final dot.
func normalize(text string) string {
	return strings.TrimRight(strings.Join(strings.Fields(strings.ToLower(text)), " "), ". ")
}

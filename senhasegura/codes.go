package senhasegura

import (
	"net/http"
	"slices"
	"strings"
)

// Code is one entry of the catalogue: an error number of one module, or a text of gateway or server.
// What it means in words for people is kept elsewhere, under Key.
type Code struct {
	Module Module // "" for texts of gateway and server
	Number int    // 0 for those
	Status int    // HTTP, as documented or inferred; 0 where no page tells
	Text   string // as the manuals print it, without number and final dot; " / " between two forms
	Key    string // stable, such as "pam.1018" or "gateway.not_authorized"
	Kind   Kind
	// Ops are the writes of this package whose pages list it; none where only pages of other calls do.
	// For texts of gateway and server it is empty: they may answer any call.
	Ops            []string
	MayHaveChanged bool // the call may have been carried out all the same
	RetryHelps     bool // the same call may succeed later although nobody changes anything
	Source         Source
}

// Source is the page of the vendor's documentation (docs.senhasegura.io) that has it.
type Source struct {
	Manual  string // "PAM Core APIs"
	Version string // "3.33"
	Page    string // its title; "" where it was not recorded
	Note    string // what else bears on it: a second page, or what is inferred
}

// String is one line: manual, version, page, note.
func (s Source) String() string {
	line := s.Manual + " " + s.Version + ", "
	if s.Page == "" {
		line += "page not recorded"
	} else {
		line += "“" + s.Page + "”"
	}
	if s.Note != "" {
		line += "; " + s.Note
	}
	return line
}

const (
	keyNotAuthorized = "gateway.not_authorized"
	keyNoRoute       = "gateway.no_route"
)

// All returns the whole catalogue: PAM Core, MySafe, then gateway and server, each by number or as listed.
func All() []Code {
	return slices.Concat(pamCodes(), mySafeCodes(), gatewayTexts(), []Code{rateLimited()})
}

// Explain finds a number of one module. The same number means different things in the other module.
func Explain(m Module, number int) (Code, bool) {
	return find(slices.Concat(pamCodes(), mySafeCodes()), func(c Code) bool { return c.Module == m && c.Number == number })
}

// ExplainText finds a text of gateway or server, regardless of case, spacing and final dot.
func ExplainText(text string) (Code, bool) {
	plain := normalize(text)
	return find(gatewayTexts(), func(c Code) bool { return normalize(c.Text) == plain })
}

func find(codes []Code, is func(Code) bool) (Code, bool) {
	if i := slices.IndexFunc(codes, is); i >= 0 {
		return codes[i], true
	}
	return Code{}, false
}

// Known returns every meaning of a number, at most one per module. A number may also be an HTTP status
// that comes without a number of senhasegura's own.
func Known(number int) []Code {
	return known(func(c Code) bool { return number != 0 && (c.Number == number || c.Module == "" && c.Status == number) })
}

// KnownText returns every entry with this text, of the modules too, regardless of case, spacing and final dot.
func KnownText(text string) []Code {
	plain := normalize(text)
	return known(func(c Code) bool {
		return slices.ContainsFunc(strings.Split(c.Text, " / "), func(form string) bool { return normalize(form) == plain })
	})
}

func known(is func(Code) bool) []Code {
	return slices.DeleteFunc(All(), func(c Code) bool { return !is(c) })
}

func isGatewayText(text string) bool {
	_, ok := ExplainText(text)
	return ok
}

// rateLimited is known by its status, whatever the text: this one is the gateway's own [inferred].
func rateLimited() Code {
	return Code{Key: "gateway.rate_limited", Status: http.StatusTooManyRequests, Text: "API rate limit exceeded", Kind: KindRateLimited, RetryHelps: true,
		Source: Source{Manual: "API v2", Version: "4.x", Note: "documented there only; the text is inferred"}}
}

// normalize makes texts comparable: lower case, single spaces, no final dot.
func normalize(text string) string {
	return strings.TrimRight(strings.Join(strings.Fields(strings.ToLower(text)), " "), ". ")
}

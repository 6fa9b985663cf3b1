package senhaseguratest

import (
	"fmt"
	"slices"
	"strings"
)

// FaultKind says how a request is treated badly; Kinds explains each.
type FaultKind string

// The kinds of faults.
const (
	Status           FaultKind = "status"
	DocumentedAnswer FaultKind = "documented"
	IrregularAnswer  FaultKind = "irregular"
	Edited           FaultKind = "edited"
	Refusal          FaultKind = "refusal"
	HTML             FaultKind = "html"
	Empty            FaultKind = "empty"
	Huge             FaultKind = "huge"
	Gzip             FaultKind = "gzip"
	Redirect         FaultKind = "redirect"
	RateLimited      FaultKind = "rate_limited"
	NotAuthorized    FaultKind = "not_authorized"
	Unexpected       FaultKind = "unexpected"
	Upstream         FaultKind = "upstream"
	TokenRejected    FaultKind = "token_rejected"
	TokenLapses      FaultKind = "token_lapses"

	Delay       FaultKind = "delay"
	Hang        FaultKind = "hang"
	Drip        FaultKind = "drip"
	DripHeaders FaultKind = "drip_headers"
	Hints       FaultKind = "hints"
	Early       FaultKind = "early"

	Reset     FaultKind = "reset"
	Drop      FaultKind = "drop"
	DropIdle  FaultKind = "drop_idle"
	DropNext  FaultKind = "drop_next"
	Twice     FaultKind = "twice"
	Cut       FaultKind = "cut"
	Truncated FaultKind = "truncated"
	TLSCut    FaultKind = "tls_cut"
	TooShort  FaultKind = "too_short"
	TooLong   FaultKind = "too_long"
	BadChunk  FaultKind = "bad_chunk"
	OpenChunk FaultKind = "open_chunk"
	HTTP10    FaultKind = "http_1_0"
)

// KindOfFault explains one kind, in the words of Fault's JSON.
type KindOfFault struct {
	Kind FaultKind `json:"kind"`
	What string    `json:"what"`
}

// Kinds returns every kind of fault there is: answers of another content, answers at another time, and
// connections that end or go wrong. After "the normal answer" the request has been carried out.
func Kinds() []KindOfFault {
	return []KindOfFault{
		{Status, `status, body and header as given`},
		{DocumentedAnswer, `what the manuals print, by name`},
		{IrregularAnswer, `the normal answer, with the irregularity called name`},
		{Edited, `the normal answer with the values of set, such as {"response.error": "1", "code": null}; null leaves a key out`},
		{Refusal, `HTTP 400 with code and message in the envelope`},
		{HTML, `a proxy's page, under status (zero: 502)`},
		{Empty, `no body, under status (zero: 200)`},
		{Huge, `more than 2 MiB`},
		{Gzip, `the normal answer, compressed although nobody asked for it`},
		{Redirect, `status (zero: 302) to location (zero: the same path)`},
		{RateLimited, `429 with Retry-After retry_after`},
		{NotAuthorized, `HTTP 500 "You are not authorized to access this resource."`},
		{Unexpected, `HTTP 500 "Unexpected error."`},
		{Upstream, `HTTP 504 "The upstream server is timing out"`},
		{TokenRejected, `as a token that is no longer valid`},
		{TokenLapses, `the normal token, which lapses delay_ms later, whatever it says`},
		{Delay, `the normal answer, delay_ms (zero: 50) later`},
		{Hang, `no answer until the caller leaves or the fault is disarmed`},
		{Drip, `the normal answer, a byte of the body every delay_ms`},
		{DripHeaders, `the normal answer, a byte of the headers every delay_ms`},
		{Hints, `an interim answer status (zero: 103), then the normal one`},
		{Early, `status (zero: 413) and body before the request's body is read, then the end`},
		{Reset, `reset (TCP RST) instead of an answer`},
		{Drop, `closed (TCP FIN) instead of an answer`},
		{DropIdle, `the normal answer, then closed without having said so`},
		{DropNext, `the normal answer; closed when the next request on the connection comes, which act carries out`},
		{Twice, `the normal answer, and on the same connection again, which nobody asked for`},
		{Cut, `the end in the middle of the headers of the normal answer`},
		{Truncated, `half of the normal answer, then the end`},
		{TLSCut, `half of the normal answer, then a TLS record that breaks off; without TLS as truncated`},
		{TooShort, `a Content-Length one byte beyond the normal answer, then nothing`},
		{TooLong, `a Content-Length one byte short of the normal answer`},
		{BadChunk, `chunked: half of the normal answer, then a chunk of no readable size`},
		{OpenChunk, `chunked: the whole normal answer, but the end instead of the last chunk`},
		{HTTP10, `the normal answer in HTTP/1.0, its length known by the end of the connection`},
	}
}

// UnmarshalText refuses a kind there is not.
func (k *FaultKind) UnmarshalText(text []byte) error {
	var names []string
	for _, known := range Kinds() {
		names = append(names, string(known.Kind))
	}
	if !slices.Contains(names, string(text)) {
		return fmt.Errorf("no fault of kind %q; there are %s", text, strings.Join(names, ", "))
	}
	*k = FaultKind(text)
	return nil
}

// usual reports whether the kind begins with the normal answer.
func (k FaultKind) usual() bool {
	switch k {
	case Status, DocumentedAnswer, Refusal, HTML, Empty, Huge, Redirect, RateLimited, NotAuthorized, Unexpected, Upstream,
		TokenRejected, Hang, Early, Reset, Drop:
		return false
	}
	return true
}

// wired reports whether the kind needs the bare connection.
func (k FaultKind) wired() bool {
	switch k {
	case DripHeaders, Early, Reset, Drop, DropIdle, DropNext, Twice, Cut, TLSCut, TooShort, TooLong, BadChunk, OpenChunk, HTTP10:
		return true
	}
	return false
}

package senhaseguratest

import (
	"fmt"
	"slices"
)

// FaultKind says how a request is treated badly.
type FaultKind string

// Answers of another content. "The normal answer" means here and below that the request is carried out.
const (
	Status           FaultKind = "status"         // Fault.Status, Body and Header as given
	DocumentedAnswer FaultKind = "documented"     // the answer of Documented called Fault.Name
	IrregularAnswer  FaultKind = "irregular"      // the normal answer, with the irregularity called Fault.Name
	Edited           FaultKind = "edited"         // the normal answer, with Fault.Set
	Refusal          FaultKind = "refusal"        // HTTP 400 with Fault.Code and Message in the envelope
	HTML             FaultKind = "html"           // a proxy's page, under Fault.Status (zero: 502)
	Empty            FaultKind = "empty"          // no body, under Fault.Status (zero: 200)
	Huge             FaultKind = "huge"           // more than 2 MiB
	Gzip             FaultKind = "gzip"           // the normal answer, compressed although nobody asked for it
	Redirect         FaultKind = "redirect"       // Fault.Status (zero: 302) to Fault.Location (zero: the same path)
	RateLimited      FaultKind = "rate_limited"   // 429 with Retry-After Fault.RetryAfter
	NotAuthorized    FaultKind = "not_authorized" // HTTP 500 "You are not authorized to access this resource."
	Unexpected       FaultKind = "unexpected"     // HTTP 500 "Unexpected error."
	Upstream         FaultKind = "upstream"       // HTTP 504 "The upstream server is timing out"
	TokenRejected    FaultKind = "token_rejected" // as a token that is no longer valid
	TokenLapses      FaultKind = "token_lapses"   // the normal token, which lapses Fault.DelayMS later, whatever it says
)

// Answers at another time.
const (
	Delay       FaultKind = "delay"        // the normal answer, Fault.DelayMS later
	Hang        FaultKind = "hang"         // no answer until the caller leaves or ClearFaults
	Drip        FaultKind = "drip"         // the normal answer, a byte of the body every Fault.DelayMS
	DripHeaders FaultKind = "drip_headers" // the normal answer, a byte of the headers every Fault.DelayMS
	Hints       FaultKind = "hints"        // an interim answer Fault.Status (zero: 103), then the normal one
	Early       FaultKind = "early"        // Fault.Status (zero: 413) and Body before the request's body is read, then the end
)

// Connections that end or go wrong.
const (
	Reset     FaultKind = "reset"      // reset (TCP RST) instead of an answer
	Drop      FaultKind = "drop"       // closed (TCP FIN) instead of an answer
	DropIdle  FaultKind = "drop_idle"  // the normal answer, then closed without having said so
	DropNext  FaultKind = "drop_next"  // the normal answer; closed when the next request on the connection comes, which Act carries out
	Twice     FaultKind = "twice"      // the normal answer, and on the same connection again, which nobody asked for
	Cut       FaultKind = "cut"        // the end in the middle of the headers of the normal answer
	Truncated FaultKind = "truncated"  // half of the normal answer, then the end
	TLSCut    FaultKind = "tls_cut"    // half of the normal answer, then a TLS record that breaks off; without TLS as Truncated
	TooShort  FaultKind = "too_short"  // a Content-Length one byte beyond the normal answer, then nothing
	TooLong   FaultKind = "too_long"   // a Content-Length one byte short of the normal answer
	BadChunk  FaultKind = "bad_chunk"  // chunked: half of the normal answer, then a chunk of no readable size
	OpenChunk FaultKind = "open_chunk" // chunked: the whole normal answer, but the end instead of the last chunk
	HTTP10    FaultKind = "http_1_0"   // the normal answer in HTTP/1.0, its length known by the end of the connection
)

var faultKinds = []FaultKind{Status, DocumentedAnswer, IrregularAnswer, Edited, Refusal, HTML, Empty, Huge, Gzip, Redirect,
	RateLimited, NotAuthorized, Unexpected, Upstream, TokenRejected, TokenLapses,
	Delay, Hang, Drip, DripHeaders, Hints, Early,
	Reset, Drop, DropIdle, DropNext, Twice, Cut, Truncated, TLSCut, TooShort, TooLong, BadChunk, OpenChunk, HTTP10}

// Kinds returns every kind of fault there is.
func Kinds() []FaultKind { return slices.Clone(faultKinds) }

// UnmarshalText refuses a kind there is not.
func (k *FaultKind) UnmarshalText(text []byte) error {
	if !slices.Contains(faultKinds, FaultKind(text)) {
		return fmt.Errorf("no fault of kind %q; there are %v", text, faultKinds)
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

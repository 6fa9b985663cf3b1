package senhasegura

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"
	"time"
	"unicode"
)

// Kind sorts errors by what a caller may do next. The set is closed.
type Kind string

const (
	// KindRefused: senhasegura refused this call. Nothing was changed and asking again does not help.
	KindRefused Kind = "refused"
	// KindAuth: no valid token could be had, or two in a row were refused. Nothing was changed.
	KindAuth Kind = "auth"
	// KindRedirect: the answer was a 3xx, a fault of URL or prefix. It was not followed; nothing was changed.
	KindRedirect Kind = "redirect"
	// KindRateLimited: HTTP 429. Nothing was changed; wait Error.RetryAfter where it is set.
	KindRateLimited Kind = "rate_limited"
	// KindNotSent: not one byte of the request reached the API. Asking again is safe.
	KindNotSent Kind = "not_sent"
	// KindLost: the request left, no readable answer came back. Anything may have happened.
	KindLost Kind = "lost"
	// KindNotConfigured: the module has no client id and secret here. Nothing was sent.
	KindNotConfigured Kind = "not_configured"
)

// messageRunes bounds what is kept of senhasegura's wording.
const messageRunes = 500

// Error is the only error type the calls of a Client return. Message is senhasegura's own wording without
// control characters and what was secret in the request, cut at 500 runes, and is not part of Error(): it is
// foreign text.
type Error struct {
	Module     Module
	Op         string        // one of the Op constants
	Code       int           // of senhasegura, 0 without; means something only together with Module
	Status     int           // HTTP, 0 without an answer
	Message    string        // verbatim, may be empty
	Kind       Kind          //
	Sent       bool          // some byte of an API request may have reached senhasegura
	RetryAfter time.Duration // as told with 429 or 503, 0 without
	Err        error         // the cause, without addresses' parameters, tokens or bodies; may be nil

	tokenRefused bool // ask for another token and repeat once
	ours         bool // nothing was sent because the gate, or the caller's time, said no
}

// Error says what failed, in words of this package only.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "senhasegura: %s in %s: %s", e.Op, e.Module, e.Kind)
	if e.Code != 0 {
		fmt.Fprintf(&b, ", code %d", e.Code)
	}
	if e.Status != 0 {
		fmt.Fprintf(&b, ", HTTP %d", e.Status)
	}
	if e.Err != nil {
		fmt.Fprintf(&b, ": %v", e.Err)
	}
	return b.String()
}

// Unwrap gives the redacted cause, or the error of the gate as the gate returned it.
func (e *Error) Unwrap() error { return e.Err }

// Definite reports that the answer is final: nothing was changed, and the same call will fail the same
// way until somebody changes something.
func (e *Error) Definite() bool {
	switch e.Kind {
	case KindRefused, KindAuth, KindRedirect, KindNotConfigured:
		return true
	}
	return false
}

// Unchanged reports that the call certainly changed nothing. Only KindLost leaves that open.
func (e *Error) Unchanged() bool { return e.Kind != KindLost }

// Explain looks the error up in the catalogue: a 429 by its status, all else by code, then by text.
func (e *Error) Explain() (Code, bool) {
	if e.Kind == KindRateLimited {
		return rateLimited(), true
	}
	if c, ok := Explain(e.Module, e.Code); ok {
		return c, true
	}
	return ExplainText(e.Message)
}

// newError is where every Error is made: what leaves here is bounded and redacted.
func newError(o op, e Error) *Error {
	e.Module, e.Op = o.module, o.name
	e.Message = clean(e.Message, messageRunes)
	return &e
}

// clean keeps foreign text on one line, without control and formatting characters, and bounded.
func clean(s string, limit int) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r), r == unicode.ReplacementChar:
			return -1
		}
		return r
	}, s)
	s = strings.TrimSpace(s)
	n := 0
	for i := range s {
		if n == limit {
			return s[:i]
		}
		n++
	}
	return s
}

var (
	errTimeout    = errors.New("timed out")
	errUnreadable = errors.New("the answer cannot be read")
	errTooLarge   = errors.New("the answer is too large")
)

// redact keeps of a network error what is safe to log. The errors of net/http quote what the server sent
// and url.Error holds the URL, so only known types pass and the rest becomes errUnreadable.
func redact(err error) error {
	for _, known := range []error{context.DeadlineExceeded, context.Canceled, errTooLarge, io.ErrUnexpectedEOF, io.EOF, net.ErrClosed} {
		if errors.Is(err, known) {
			return known
		}
	}
	if err := networkCause(err); err != nil {
		return err
	}
	if t, ok := errors.AsType[net.Error](err); ok && t.Timeout() {
		return errTimeout
	}
	return errUnreadable
}

// networkCause returns the innermost error of a type whose text holds names, addresses and reasons only.
func networkCause(err error) error {
	if e, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return e
	}
	if e, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		return errors.New(e.Msg)
	}
	if e, ok := errors.AsType[*net.DNSError](err); ok {
		return e
	}
	if e, ok := errors.AsType[*net.OpError](err); ok {
		return e
	}
	if e, ok := errors.AsType[syscall.Errno](err); ok {
		return e
	}
	return nil
}

package senhasegura

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"
)

// op is one call: what it is named, where it goes, and which answers mean "was so already".
type op struct {
	module  Module
	name    string
	method  string
	path    string // escaped, below the base URL
	already int    // the code of PAM Core that means so
	state   string // MySafe: what the item "has already been"
}

// writeLimit bounds the body of an answer to a write, and of any failure.
const writeLimit = 1 << 20

// write makes one call and judges its answer.
func (c *Client) write(ctx context.Context, o op) (Answer, error) {
	ctx, cancel := context.WithTimeout(ctx, c.callTimeout)
	defer cancel()
	var answer Answer
	fault := c.call(ctx, o, func(resp *http.Response) (fault *Error) {
		answer, fault = c.readAnswer(o, resp)
		return fault
	})
	if fault != nil {
		return Answer{}, fault
	}
	return answer, nil
}

func (c *Client) readAnswer(o op, resp *http.Response) (Answer, *Error) {
	body, err := readBody(resp.Body)
	if err != nil {
		return Answer{}, unreadable(o, resp, redact(err))
	}
	return judge(o, resp, decodeEnvelope(body).without(secretsOf(resp.Request)))
}

func readBody(r io.Reader) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(r, writeLimit+1))
	if err == nil && len(body) > writeLimit {
		return nil, errTooLarge
	}
	return body, err
}

// call gets a token, sends the request and lets read judge the answer. A refused token is dropped and the
// request repeated once: senhasegura checks the token before it does anything.
func (c *Client) call(ctx context.Context, o op, read func(*http.Response) *Error) *Error {
	source := c.tokens[o.module]
	if source == nil {
		return newError(o, Error{Kind: KindNotConfigured, Err: errNotConfigured})
	}
	for last := false; ; last = true {
		began := time.Now()
		token, err := source.get(ctx)
		if err != nil {
			return c.note(ctx, began, o, tokenError(o, err))
		}
		fault := c.note(ctx, began, o, c.exchange(ctx, o, token, read))
		if fault == nil || !fault.tokenRefused || last {
			return fault
		}
		source.drop(token)
	}
}

// exchange sends one request, on a connection of its own.
func (c *Client) exchange(ctx context.Context, o op, token string, read func(*http.Response) *Error) *Error {
	w := &watch{}
	ctx = w.attach(ctx)
	defer w.cancel(nil)
	resp, err := c.send(ctx, o, token)
	if err == nil {
		defer resp.Body.Close()
		return read(resp)
	}
	if r, ok := errors.AsType[*redirected](err); ok {
		return newError(o, Error{Kind: KindRedirect, Status: r.status, Sent: true, Err: r})
	}
	wrote, refused := w.settle()
	return broken(o, wrote, refused, err)
}

func (c *Client) send(ctx context.Context, o op, token string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, o.method, c.base+o.path, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Accept", "application/json")
	return c.api.Do(req)
}

// broken is the error of a request that got no answer.
func broken(o op, wrote bool, refused, err error) *Error {
	switch {
	case wrote:
		return newError(o, Error{Kind: KindLost, Sent: true, Err: redact(err)})
	case refused != nil:
		return newError(o, Error{Kind: KindNotSent, Err: refused, ours: true})
	}
	return newError(o, Error{Kind: KindNotSent, Err: redact(err)})
}

// note logs one attempt, without ids.
func (c *Client) note(ctx context.Context, began time.Time, o op, fault *Error) *Error {
	took := time.Since(began)
	if fault == nil {
		c.log.DebugContext(ctx, "senhasegura answered", "op", o.name, "module", o.module, "took", took)
		return nil
	}
	c.log.DebugContext(ctx, "senhasegura call failed", "op", o.name, "module", o.module, "took", took,
		"kind", fault.Kind, "code", fault.Code, "status", fault.Status, "sent", fault.Sent)
	if fault.tokenRefused {
		c.log.WarnContext(ctx, "senhasegura refused a token", "op", o.name, "module", o.module, "status", fault.Status)
	}
	return fault
}

// retryAfter reads seconds or an HTTP date; anything else is 0. A date is by the clock of the one who
// answers, which tells the time in the same answer: ours may differ.
func retryAfter(h http.Header) time.Duration {
	value := h.Get("Retry-After")
	if n, err := strconv.Atoi(value); err == nil && n > 0 {
		return time.Duration(min(n, maxRetryAfter)) * time.Second
	}
	if at, err := http.ParseTime(value); err == nil {
		now, err := http.ParseTime(h.Get("Date"))
		if err != nil {
			now = time.Now()
		}
		return max(0, min(at.Sub(now), maxRetryAfter*time.Second))
	}
	return 0
}

// maxRetryAfter in seconds keeps a nonsensical header from overflowing.
const maxRetryAfter = 24 * 60 * 60

package senhasegura

import (
	"errors"
	"net/http"
	"strings"
)

// Answer is senhasegura's word that the item now is as asked.
type Answer struct {
	Already bool   // it was so before; nothing was changed
	Message string // senhasegura's wording, without control characters, at most 500 runes
	Status  int    // HTTP
}

var (
	errNoEnvelope = errors.New("the answer says neither that it is done nor why not")
	errOtherState = errors.New("the answer names the opposite state")
)

// judge decides what an answer means, by HTTP status, error flag and code. Wording decides only where the
// manuals leave nothing else: "already" in MySafe, and the texts of gateway and server.
func judge(o op, resp *http.Response, env envelope) (Answer, *Error) {
	done := Answer{Message: clean(env.text, messageRunes), Status: resp.StatusCode}
	if isAlready(o, resp.StatusCode, env) {
		done.Already = true
		return done, nil
	}
	success := resp.StatusCode >= 200 && resp.StatusCode <= 299
	if !success || env.failed || !env.readable || isGatewayText(env.text) {
		return Answer{}, failure(o, resp, env)
	}
	if o.state != "" && saysAlready(env.text) != "" {
		return Answer{}, newError(o, Error{Kind: KindLost, Status: resp.StatusCode, Message: env.text, Sent: true, Err: errOtherState})
	}
	return done, nil
}

// isAlready knows the three forms: PAM deactivate 1008, PAM activate 1043 (manual 3.33, "DEL | Disable
// credential", "PUT | Enable credential"), and MySafe's 200 (3.33, "POST | Enable password" and siblings).
// On release, 1008 is a refusal.
func isAlready(o op, status int, env envelope) bool {
	if o.already != 0 {
		return (status == http.StatusBadRequest || status == http.StatusOK) && env.failed && env.code == o.already
	}
	return o.state != "" && status == http.StatusOK && env.readable && saysAlready(env.text) == o.state
}

// saysAlready returns "activated" or "deactivated" for "Password has already been activated" and the like.
func saysAlready(text string) string {
	_, state, _ := strings.Cut(normalize(text), " has already been ")
	if state == "activated" || state == "deactivated" {
		return state
	}
	return ""
}

// failure makes the error of an answer that is no success.
func failure(o op, resp *http.Response, env envelope) *Error {
	e := Error{
		Kind:       kindOf(resp.StatusCode, env),
		Code:       env.code,
		Status:     resp.StatusCode,
		Message:    env.text,
		Sent:       true,
		RetryAfter: retryAfter(resp.Header),
	}
	e.tokenRefused = refusesToken(resp.StatusCode, env)
	if e.tokenRefused {
		e.Kind = KindAuth
	}
	if e.Kind == KindLost && !env.failed {
		e.Err = errNoEnvelope
	}
	return newError(o, e)
}

// refusesToken: 401, or 404 with the gateway's "No route matched" [inferred: it answers so where the
// authorization header is missing or not accepted].
func refusesToken(status int, env envelope) bool {
	known, _ := ExplainText(env.text)
	return status == http.StatusUnauthorized || status == http.StatusNotFound && known.Key == keyNoRoute
}

func kindOf(status int, env envelope) Kind {
	known, listed := ExplainText(env.text)
	switch {
	case status == http.StatusTooManyRequests:
		return KindRateLimited
	case known.Key == keyNotAuthorized: // documented under HTTP 500, and a refusal
		return KindRefused
	case status >= 500:
		return KindLost
	case listed:
		return known.Kind
	case env.failed && env.code >= 1000 && env.status < 500:
		return KindRefused
	case env.failed && env.readable && env.status < 500:
		return KindRefused
	}
	return KindLost
}

// unreadable is the error of an answer whose body broke off or never ended. A 401 needs no body.
func unreadable(o op, resp *http.Response, cause error) *Error {
	e := Error{Kind: KindLost, Status: resp.StatusCode, Sent: true, Err: cause}
	switch resp.StatusCode {
	case http.StatusUnauthorized:
		e.Kind, e.tokenRefused = KindAuth, true
	case http.StatusTooManyRequests:
		e.Kind, e.RetryAfter = KindRateLimited, retryAfter(resp.Header)
	}
	return newError(o, e)
}

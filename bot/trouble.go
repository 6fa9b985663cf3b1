package bot

import (
	"errors"

	"github.com/slack-go/slack"
)

// Passing reports whether Slack's code says that Slack is in trouble, or busy
// with the workspace, and not that anything is wrong with what was asked: it
// passes by itself (docs.slack.dev, the errors of every method).
func Passing(code string) bool {
	switch code {
	case "internal_error", "fatal_error", "service_unavailable", "request_timeout", "ratelimited", "team_added_to_org":
		return true
	}
	return false
}

// Definite is Slack's code for a refusal that does not pass by itself; empty for
// every other error, and for none.
func Definite(err error) string {
	var answered slack.SlackErrorResponse
	if !errors.As(err, &answered) || Passing(answered.Err) {
		return ""
	}
	return answered.Err
}

// RefusesToken reports whether Slack's code is about the token itself, so that it
// is not accepted later either.
func RefusesToken(code string) bool {
	switch code {
	case "invalid_auth", "token_revoked", "account_inactive", "not_authed", "token_expired", "not_allowed_token_type":
		return true
	}
	return false
}

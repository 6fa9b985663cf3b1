package senhasegura

import (
	"errors"
	"net/url"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

var (
	idForm   = regexp.MustCompile(`^[1-9][0-9]{0,17}$`)
	hostForm = regexp.MustCompile(`^[A-Za-z0-9._-]+$`)

	errID   = errors.New("an id is 1 to 18 digits without a leading zero")
	errName = errors.New("a name is user@host with one @; the user has no space, comma, / ? # % \\ or control character, the host only letters, digits and . - _")
)

// idSegment returns the id as a path segment.
func idSegment(id string) (string, error) {
	if !idForm.MatchString(id) {
		return "", errID
	}
	return id, nil
}

// nameOrIDSegment returns an id or user@host as one escaped path segment. A user name that itself holds
// an @ cannot be addressed by name (manual 3.32, "Deactivate or activate a credential").
func nameOrIDSegment(ref string) (string, error) {
	if !strings.Contains(ref, "@") {
		return idSegment(ref)
	}
	user, host, _ := strings.Cut(ref, "@")
	if !validUser(user) || !hostForm.MatchString(host) {
		return "", errName
	}
	return url.PathEscape(ref), nil
}

func validUser(user string) bool {
	if user == "" || !utf8.ValidString(user) || strings.ContainsAny(user, "@,/?#%\\") {
		return false
	}
	for _, r := range user {
		if unicode.IsSpace(r) || !unicode.IsPrint(r) {
			return false
		}
	}
	return true
}

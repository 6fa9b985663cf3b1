package commands

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"senhasegura-bot/approvals"
)

const (
	// maxTargets is how many targets one request may have.
	maxTargets = 20
	idDigits   = 18
	// nameRunes bounds user@host, so that a card can always show the whole
	// name. senhasegura documents no bound.
	nameRunes = 255
)

var (
	idForm     = regexp.MustCompile(`^[1-9][0-9]{0,17}$`)
	digitsForm = regexp.MustCompile(`^[0-9]+$`)
	signedForm = regexp.MustCompile(`^[+\-–−][0-9]+$`)
	decimal    = regexp.MustCompile(`^([0-9]+)\.[0-9]*$`)
	hostForm   = regexp.MustCompile(`^[A-Za-z0-9._-]+$`)
	joinedIDs  = regexp.MustCompile(`^[0-9]+([;|&/+][0-9]+)+$`)
)

// bare drops the invisible joiners and direction marks that come along when a
// target is copied. What is left is what will be called, shown and stored.
func bare(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 0x200C && r <= 0x200F {
			return -1
		}
		return r
	}, s)
}

// targetFault says what is wrong with one target; empty for an id or, for
// credentials, user@host. A user name that holds @ passes: the list is needed
// to say what to type instead.
func targetFault(k approvals.Kind, s string) FaultCode {
	switch {
	case idForm.MatchString(s):
		return ""
	case digitsForm.MatchString(s):
		return digitsFault(s)
	case signedForm.MatchString(s):
		return FaultIDSign
	case decimal.MatchString(s) || allDigits(s):
		return FaultIDDigits
	case !strings.Contains(s, "@"):
		return FaultTarget
	case k != approvals.Credential:
		return FaultMySafeByID
	}
	return nameFault(s)
}

func digitsFault(s string) FaultCode {
	if len(s) > idDigits {
		return FaultIDLong
	}
	return FaultIDZero
}

func nameFault(s string) FaultCode {
	user, host := splitName(s)
	switch {
	case user == "" || strings.ContainsAny(user, `,/?#%\`) || strings.ContainsFunc(user, invisible):
		return FaultNameUser
	case !hostForm.MatchString(host):
		return FaultNameHost
	case utf8.RuneCountInString(s) > nameRunes:
		return FaultNameLong
	}
	return ""
}

// splitName cuts at the last @: a user name may hold one, a host may not.
func splitName(s string) (user, host string) {
	at := strings.LastIndexByte(s, '@')
	return s[:at], s[at+1:]
}

func invisible(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) }

func allDigits(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsDigit(r) })
}

// repair is the target that was meant by a faulty one, where that is clear.
func repair(k approvals.Kind, s string) (string, bool) {
	s = strings.Map(asciiDigit, norm.NFKC.String(s))
	s = strings.Trim(s, "`'\"()[]{}<>*#.:;!?")
	s = strings.NewReplacer("–", "-", "—", "-", "‑", "-", "−", "-").Replace(s)
	if joinedIDs.MatchString(s) {
		s = strings.Join(strings.FieldsFunc(s, func(r rune) bool { return !unicode.IsDigit(r) }), ",")
		return s, true // each of them is checked when the line is read
	}
	if m := decimal.FindStringSubmatch(s); m != nil && strings.Trim(s[len(m[1]):], ".0") == "" {
		s = m[1]
	}
	if signedForm.MatchString(s) || digitsForm.MatchString(s) {
		s = strings.TrimLeft(s, "+-0")
	}
	return s, targetFault(k, s) == ""
}

// asciiDigit turns a decimal digit of any script into 0-9. Unicode keeps each
// script's ten digits together, beginning with zero.
func asciiDigit(r rune) rune {
	if r < utf8.RuneSelf || !unicode.IsDigit(r) {
		return r
	}
	n := rune(0)
	for unicode.IsDigit(r - n - 1) {
		n++
	}
	return '0' + n%10
}

// findLine is what to type when nobody can tell which target was meant: look
// it up. Without anything to look for, the bare verb opens the form.
func findLine(word string, fallback string) string {
	text := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("@.-_", r) {
			return r
		}
		return -1
	}, word)
	if text = strings.Trim(text, "@.-_"); text == "" {
		return fallback
	}
	return string(Find) + " " + string([]rune(text)[:min(argumentRunes, utf8.RuneCountInString(text))])
}

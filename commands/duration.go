package commands

import "regexp"

// A span of time as people type it after for or por: 30m, 1h30m, 45 min,
// "2 horas", "half an hour". A bare number is none ("for 30 hosts").
const (
	unit = `(?:s|secs?|seconds?|segs?|segundos?|m|mins?|minutes?|minutos?|h|hs|hrs?|hours?|horas?|` +
		`d|days?|dias?|w|wks?|weeks?|semanas?|months?|m(?:e|ê|ê)s(?:es)?|years?|anos?)`
	amount = `(?:[0-9]+(?:[.,][0-9]+)?|an?|one|half an?|umas?|um|uma|mei[ao])`
	span   = `(?:[0-9]+h[0-9]+|` + amount + ` ?` + unit + `)`
)

var timed = regexp.MustCompile(`^(?i)((?:for|por) ~?` + span + `(?:(?: ?,| and| e)? ?` + span + `)*)(?:[ .,;:!?)]|$)`)

// timedPart is the beginning of a reason that asks for a limited time, such as
// "for 2h"; empty when the reason begins otherwise.
func timedPart(reason string) string {
	if m := timed.FindStringSubmatch(reason); m != nil {
		return m[1]
	}
	return ""
}

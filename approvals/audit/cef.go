package audit

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"senhasegura-bot/approvals"
)

// events writes the Common Event Format, version 0, one event on each line,
// for a SIEM. (ArcSight's "Implementing ArcSight Common Event Format", revision 25:
// \ and | are escaped in the header; \, = and line breaks in the extension.)
type events struct{ w io.Writer }

func (e events) begin(Link) error { return nil }
func (e events) finish() error    { return nil }

func (e events) record(r Record) error {
	l := logged(r)
	line := fmt.Sprintf("CEF:0|senhasegura-bot|senhasegura-bot|1|%s|%s|%d|", inHeader(string(l.Event)), inHeader(title(l.Entry)), severity(l.Entry))
	var extension []string
	for _, f := range extensions(l, r.Link.Hash) {
		if f[1] != "" {
			extension = append(extension, f[0]+"="+inExtension(f[1]))
		}
	}
	_, err := io.WriteString(e.w, line+strings.Join(extension, " ")+"\n")
	return err
}

func title(e approvals.Entry) string {
	return strings.Join(strings.Fields(string(e.Event)+" "+string(e.Verb)+" "+string(e.Kind)+" "+string(e.State)), " ")
}

// severity is 0–10: what failed or was refused stands out, and a break-glass
// more than all.
func severity(e approvals.Entry) int {
	switch {
	case e.Event == approvals.EventGlass || e.Event == approvals.EventOverdue:
		return 9
	case e.State == approvals.Unknown || e.State == approvals.Failed || e.State == approvals.Partial:
		return 7
	case e.Event == approvals.EventRefuse:
		return 5
	}
	return 3
}

// extensions are the fields of an event; a custom field is preceded by the label that
// says what it holds.
func extensions(l approvals.Logged, hash string) [][2]string {
	fields := [][2]string{
		{"rt", strconv.FormatInt(l.At.UnixMilli(), 10)}, {"externalId", strconv.FormatInt(l.Seq, 10)},
		{"act", string(l.Event)}, {"outcome", outcome(l.Entry)}, {"suid", l.By.User}, {"suser", l.By.Name},
		{"reason", l.Reason}, {"msg", first(l.Answer.Message, l.Note)}, {"cnt", number(l.Count)}, {"dvchost", l.Process},
	}
	if l.Glass {
		fields = append(fields, [2]string{"cat", "break_glass"})
	}
	for i, f := range [][2]string{
		{"request", subject(l.Entry)}, {"targets", strings.Join(append([]string{l.Target}, l.Targets...), " ")}, {"rule", l.Rule},
		{"voters", people(l.Voters)}, {"requester", people([]approvals.Person{l.Requester})}, {"channel", l.Channel},
	} {
		if f[1] != "" {
			name := "cs" + strconv.Itoa(i+1)
			fields = append(fields, [2]string{name + "Label", f[0]}, [2]string{name, f[1]})
		}
	}
	for i, f := range [][2]string{{"version", number(l.Version)}, {"attempt", number(l.Attempt)}, {"code", number(l.Answer.Code)}} {
		if f[1] != "" {
			name := "cn" + strconv.Itoa(i+1)
			fields = append(fields, [2]string{name + "Label", f[0]}, [2]string{name, f[1]})
		}
	}
	return append(fields, [2]string{"flexString1Label", "hash"}, [2]string{"flexString1", hash},
		[2]string{"flexString2Label", "team"}, [2]string{"flexString2", l.Team})
}

func outcome(e approvals.Entry) string { return first(string(e.Result), e.Note, string(e.State)) }

func first(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}

func inHeader(s string) string {
	return strings.NewReplacer(`\`, `\\`, `|`, `\|`).Replace(printable(s))
}

// inExtension escapes a value. Slack's words are one line, so a line break in
// them is a space here (printable).
func inExtension(s string) string {
	return strings.NewReplacer(`\`, `\\`, `=`, `\=`).Replace(printable(s))
}

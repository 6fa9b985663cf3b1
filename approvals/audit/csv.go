package audit

import (
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"senhasegura-bot/approvals"
)

// sheet writes CSV for spreadsheets: RFC 4180, every cell in quotes.
type sheet struct{ w io.Writer }

// columns are the sheet's, in order.
var columns = []string{"seq", "at", "team", "event", "request", "version", "from", "state", "by", "by_name", "requester", "requester_name",
	"channel", "verb", "kind", "targets", "reason", "rule", "needed", "voters", "break_glass", "tried", "note", "count", "target", "attempt", "result",
	"answer", "code", "message", "process", "hash"}

func (s *sheet) begin(Link) error { return s.row(columns) }
func (s *sheet) finish() error    { return nil }

func (s *sheet) record(r Record) error {
	e := logged(r)
	return s.row([]string{strconv.FormatInt(e.Seq, 10), e.At.Format(stamp), e.Team, string(e.Event), subject(e.Entry), number(e.Version),
		string(e.From), string(e.State), e.By.User, e.By.Name, e.Requester.User, e.Requester.Name,
		e.Channel, string(e.Verb), string(e.Kind), strings.Join(e.Targets, " "), e.Reason, e.Rule, number(e.Needed), people(e.Voters), yes(e.Glass),
		e.Tried, e.Note, number(e.Count), e.Target, number(e.Attempt), string(e.Result),
		string(e.Answer.Kind), number(e.Answer.Code), e.Answer.Message, e.Process, r.Link.Hash})
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return ""
}

func (s *sheet) row(cells []string) error {
	quoted := make([]string, len(cells))
	for i, c := range cells {
		quoted[i] = `"` + strings.ReplaceAll(inert(c), `"`, `""`) + `"`
	}
	_, err := io.WriteString(s.w, strings.Join(quoted, ",")+"\r\n")
	return err
}

// formula finds what a spreadsheet would compute: a sign at the start of a
// cell, or after what it may take for the end of one where its language
// separates cells otherwise. The wide forms count, as some programs fold them.
var formula = regexp.MustCompile(`(^|[,;|])([\s"']*)([=+\-@＝＋－＠])`)

// inert makes a cell that is text and nothing else: an apostrophe stands
// before every sign that could begin a formula, and control characters and
// line breaks are spaces.
func inert(s string) string {
	return formula.ReplaceAllString(printable(s), "$1$2'$3")
}

// printable puts a space for everything that is no visible character.
func printable(s string) string {
	return strings.Map(func(c rune) rune {
		if unicode.IsControl(c) || unicode.In(c, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Zs) {
			return ' '
		}
		return c
	}, strings.ToValidUTF8(s, "\ufffd"))
}

// number leaves out what an entry does not say.
func number(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func people(list []approvals.Person) string {
	var all []string
	for _, p := range list {
		all = append(all, strings.TrimSpace(p.User+" "+p.Name))
	}
	return strings.Join(all, ", ")
}

// subject is the request that an entry changed, or is about.
func subject(e approvals.Entry) string {
	if e.Request != "" {
		return e.Request
	}
	return e.About
}

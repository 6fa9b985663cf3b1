package views

import (
	"strings"
	"testing"
	"time"

	"senhasegura-bot/approvals"
	"senhasegura-bot/bot/messages"
)

// shattered is a request that began under break-glass.
func shattered(r approvals.Request) approvals.Request {
	r.State, r.Votes, r.Approved = approvals.Approved, nil, noon
	r.Run = approvals.Run{Number: 1, StartBy: noon.Add(10 * time.Minute)}
	r.Glass = approvals.Glass{At: noon, Within: 24 * time.Hour,
		Reviewers: [][]approvals.Approver{{{Group: "S0SECURITY"}, {Person: "U0PERSON9"}}}}
	r.Eligible = 4
	return r
}

func TestRemindersReadAsWritten(t *testing.T) {
	half := sane()
	half.Rule.Approvers = [][]approvals.Approver{{{Person: bruno.User}, {Person: clara.User}, {Person: "U0PERSON9"}}}
	half.Votes = []approvals.Vote{{Person: bruno, At: noon}}
	late := shattered(sane())
	late.Glass.Overdue = true
	inLanguages(t, func(t *testing.T, lang string) {
		c := Context{Printer: messages.For(lang)}
		all := map[string]Message{
			"first": Reminder(sane(), c, false), "last": Reminder(sane(), c, true),
			"one missing": Reminder(half, c, false), "one missing, last": Reminder(half, c, true),
			"review": ReviewReminder(shattered(sane()), c), "overdue": ReviewReminder(late, c),
			"reviewer outside":           ReviewInvitation(c.Printer, shattered(sane()), permalink),
			"reviewer outside, no link":  ReviewInvitation(c.Printer, shattered(sane()), ""),
			"worst":                      Reminder(worst("release", "credential", 20), c, true),
			"worst break-glass, overdue": ReviewReminder(shattered(worst("release", "credential", 20)), c),
		}
		golden(t, "reminders."+lang, all)
		for name, m := range all {
			if len([]rune(m.Text)) > 3000 {
				t.Errorf("%s: a section holds 3000 characters, not %d", name, len([]rune(m.Text)))
			}
		}
		if text := all["one missing"].Text; strings.Contains(text, bruno.User) || !strings.Contains(text, clara.User) {
			t.Errorf("who has voted is asked again, or who has not is not: %s", text)
		}
	})
}

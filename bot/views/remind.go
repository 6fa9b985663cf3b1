package views

import (
	"senhasegura-bot/approvals"
	"senhasegura-bot/bot/messages"
)

// Reminder is said in the thread of a request that still waits: who can act,
// and until when. It mentions nobody whom the rule names and who has voted, or
// who asked.
func Reminder(r approvals.Request, c Context, last bool) Message {
	v := of(r, c)
	done := []string{r.Requester.User}
	for _, who := range voters(r) {
		done = append(done, who.User)
	}
	key := "remind.waits"
	if last {
		key = "remind.last"
	}
	return answer(v.say(key, messages.Params{
		"ID": r.ID, "Do": escape(v.do()), "Who": approvers(v.p, without(r.Rule, done...)),
		"Count": max(r.Needed(), c.Needed) - len(r.Votes), "Date": date(r.Expires),
	}))
}

// ReviewReminder is said in the thread of a break-glass that nobody signed.
func ReviewReminder(r approvals.Request, c Context) Message {
	v := of(r, c)
	key := "remind.review"
	if r.Glass.Overdue {
		key = "remind.overdue"
	}
	return answer(v.say(key, messages.Params{
		"ID": r.ID, "Do": escape(v.do()), "By": user(r.Requester.User),
		"Who": reviewers(v.p, r), "Date": date(r.Glass.Due()),
	}))
}

// ReviewInvitation tells a reviewer who is not in the channel that a
// break-glass waits for a signature, with a link to its card.
func ReviewInvitation(p *messages.Printer, r approvals.Request, link string) Message {
	v := of(r, Context{Printer: p})
	return answer(v.say("review_invitation", messages.Params{
		"ID": r.ID, "Do": escape(v.do()), "Who": user(r.Requester.User), "Channel": safe(r.Channel, 40), "Room": room(r.Room()),
		"Date": date(r.Glass.Due()), "Link": escape(link),
	}))
}

package views

import (
	"senhasegura-bot/approvals"
	"senhasegura-bot/bot/messages"
)

// Invitation tells an approver who is not in the channel that a request waits,
// with a link to its card and nothing else of it: a direct message stays when
// the card has moved on.
func Invitation(p *messages.Printer, r approvals.Request, link string) Message {
	v := of(r, Context{Printer: p})
	return answer(v.say("invitation", messages.Params{
		"ID": r.ID, "Do": escape(v.do()), "Who": user(r.Requester.User), "Channel": safe(r.Channel, 40), "Room": room(r.Room()),
		"Date": date(r.Expires), "Link": escape(link),
	}))
}

package views

import (
	"senhasegura-bot/approvals"
	"senhasegura-bot/bot/messages"
)

// Elsewhere tells, in the channel where a request was asked, how it stands and
// where its card is: another channel. It has no buttons and no metadata, so
// that nobody takes it for the card. link is the card's permalink, or empty.
func Elsewhere(p *messages.Printer, r approvals.Request, link string) Message {
	v := of(r, Context{Printer: p})
	return answer(v.say("elsewhere", messages.Params{
		"State": v.stateName(), "ID": r.ID, "Who": user(r.Requester.User), "Do": escape(v.do()),
		"Open": r.State == approvals.Pending, "Room": room(r.Room()), "Link": escape(link),
	}))
}

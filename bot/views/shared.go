package views

import (
	"github.com/slack-go/slack"

	"senhasegura-bot/approvals"
	"senhasegura-bot/bot/messages"
)

// In a channel that is shared with another organization, where the policy does
// not allow that, a request is shown by its id and state and nothing else.

// Shrunk is the card in such a channel.
func Shrunk(p *messages.Printer, r approvals.Request) Message {
	state := stateWord(p, r.State)
	why := p.Text("shared.card", nil)
	if r.State == approvals.Pending || r.State == approvals.Unknown || r.Glass.Unsigned() {
		why = p.Text("shared.open", nil)
	}
	return Message{
		Text:     escape(state + " · " + r.ID),
		Blocks:   []slack.Block{header(state), section("*" + r.ID + "*"), sentence(why)},
		Metadata: cardMetadata(r),
	}
}

// OutcomeShrunk is the reply in the thread of a shrunk card.
func OutcomeShrunk(p *messages.Printer, r approvals.Request) Message {
	m := answer(p.Text("shared.outcome", messages.Params{"Who": user(r.Requester.User), "State": stateWord(p, r.State), "ID": r.ID}))
	m.Text = escape(stateWord(p, r.State) + " · " + r.ID)
	return m
}

// ElsewhereShrunk is Elsewhere in such a channel.
func ElsewhereShrunk(p *messages.Printer, r approvals.Request) Message {
	return answer("*" + stateWord(p, r.State) + "* · *" + r.ID + "*")
}

// Direct is the card in a direct message to one account, where it is decided
// while the card in the channel is shrunk: the requester may cancel, others
// decide.
func Direct(r approvals.Request, c Context, to string) Message {
	c.direct, c.own = true, to == r.Requester.User
	r.Rule.PostTo = r.Room() // "this channel" is none here: name it
	return Card(r, c)
}

// directly says why somebody has a card in a direct message.
func (v view) directly() string {
	if !v.c.direct {
		return ""
	}
	return v.say("shared.direct", messages.Params{"Room": room(v.Room())})
}

// pressable are the buttons for whoever sees the card.
func (v view) pressable() []slack.BlockElement {
	var all []slack.BlockElement
	for _, e := range v.buttons() {
		b, is := e.(*slack.ButtonBlockElement)
		if !v.c.direct || is && (b.ActionID == ActionCancel) == v.c.own {
			all = append(all, e)
		}
	}
	return all
}

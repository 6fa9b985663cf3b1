package views

import (
	"github.com/slack-go/slack"

	"senhasegura-bot/approvals"
	"senhasegura-bot/bot/messages"
)

// Lost takes the place of the card of a request that is not on record any more.
// shown is the version that the card showed; this one is above it.
func Lost(p *messages.Printer, id string, shown int) Message {
	state := stateWord(p, approvals.Unknown)
	m := Message{
		Text: escape(state + " · " + id),
		Blocks: []slack.Block{header(state), section("*" + safe(id, 40) + "*"), section(p.Text("rewound.lost", messages.Params{
			"Credentials": escape(p.Text("where.credential", nil)), "Passwords": escape(p.Text("where.password", nil)), "Secrets": escape(p.Text("where.secret", nil))}))},
	}
	m.Metadata = cardMetadata(approvals.Request{ID: id, State: approvals.Unknown, Version: shown + 1})
	return m
}

// LostTold is what whoever pressed its button is told; closed says whether the
// card could be closed.
func LostTold(p *messages.Printer, id string, closed bool) Message {
	return answer(p.Text("rewound.lost_told", messages.Params{"ID": safe(id, 40), "Closed": closed}))
}

// setBack reports whether the record of the request went back, so that less is
// known of it than the record says.
func (v view) setBack() bool { return !v.Rewound.IsZero() }

// votesLeft tells the votes that are still on record: there may have been more.
func (v view) votesLeft() string {
	if len(v.Votes) == 0 {
		return ""
	}
	return v.say("rewound.votes", messages.Params{"Who": mentions(voters(v.Request))})
}

package views

import (
	"github.com/slack-go/slack"

	"senhasegura-bot/approvals"
	"senhasegura-bot/bot/messages"
)

// Outcome is the one reply in the card's thread that tells the requester how
// the request ended; a request resolved later gets another. It mentions
// nobody else.
func Outcome(r approvals.Request, c Context) Message {
	v := of(r, c)
	first := v.outcomeLine(user(r.Requester.User))
	blocks := []slack.Block{section(first, v.summary())}
	if v.called() {
		blocks = append(blocks, lines(v.targets()))
		blocks = append(blocks, v.explanations(maxExplanations)...)
	}
	blocks = append(blocks, v.outcomeNote()...)
	if !r.Approved.IsZero() { // votes on a request that was never approved decided nothing
		by := v.say("outcome.approved", messages.Params{"Who": names(voters(r))})
		if r.Glass.On() {
			by = v.reviewedBy()
		}
		blocks = append(blocks, small(r.ID, by))
	}
	return Message{Text: cutEscaped(v.headline(), maxText), Blocks: blocks}
}

// headline is the outcome for notifications: no mention, no markup.
func (v view) headline() string {
	return escape(v.stateName() + " · " + v.ID + ": " + v.do() + " · " + v.fitting(v.Targets, maxConfirmText))
}

func (v view) outcomeLine(who string) string {
	return v.say("outcome.first", messages.Params{
		"Who": who, "State": v.stateName(), "ID": v.ID, "Do": escape(v.do()),
	})
}

// summary says the outcome in a sentence or two, with what to do next where
// that does not depend on senhasegura's answers.
func (v view) summary() string {
	switch v.State {
	case approvals.Done, approvals.Failed:
		if v.Checked.By.User != "" {
			return v.say("outcome.checked", messages.Params{"By": v.subject(v.Checked.By), "Done": v.Checked.Done})
		}
		if v.State == approvals.Failed {
			return v.say("outcome.failed", messages.Params{"Count": len(v.Targets)})
		}
		return v.say(operation(v.Request)+".did", messages.Params{"Count": len(v.Targets)})
	case approvals.Unknown:
		if v.setBack() {
			return v.say("rewound.outcome", messages.Params{"Where": escape(v.where()), "ID": v.ID})
		}
		return v.say("outcome.unknown", messages.Params{"Where": escape(v.where()), "ID": v.ID, "Again": v.c.RunAgain, "Count": len(v.Targets)})
	case approvals.Denied:
		return v.say("outcome.denied", messages.Params{"By": v.subject(v.Decision.By)})
	case approvals.Cancelled:
		return v.cancelledBy()
	}
	return v.say("outcome."+string(v.State), nil)
}

// subject names a person at the head of a sentence, without pinging them.
func (v view) subject(who approvals.Person) string {
	if who.Name == "" {
		return capital(v.say("who.somebody", nil))
	}
	return safe(who.Name, 80)
}

// cancelledBy is for requests the bot cancelled; nobody is told of their own.
func (v view) cancelledBy() string {
	if v.Decision.Cause == approvals.CauseGlass {
		return v.say("outcome.superseded", messages.Params{"ID": v.ID})
	}
	next := map[approvals.Cause]string{
		approvals.CauseRequester: "outcome.cancelled_requester",
		approvals.CausePolicy:    "outcome.cancelled_policy",
		approvals.CauseCard:      "outcome.cancelled_card",
	}[v.Decision.Cause]
	text := v.say("outcome.cancelled", messages.Params{"Cause": v.cause()})
	if next == "" {
		return text
	}
	return text + " " + v.say(next, nil)
}

// outcomeNote quotes the words of the person who denied or checked.
func (v view) outcomeNote() []slack.Block {
	if v.State == approvals.Denied {
		return v.noted("card.denied_reason", v.Decision.Reason)
	}
	return v.noted("card.note", v.Checked.Note)
}

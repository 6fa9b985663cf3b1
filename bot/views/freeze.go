package views

import (
	"github.com/slack-go/slack"

	"senhasegura-bot/approvals"
	"senhasegura-bot/bot/messages"
)

// maxFrozen is what the reason of a freeze takes of a message at most; it
// stands beside everything else on a card.
const maxFrozen = 700

// frozen says under one of the freeze's keys that it is in force, and why.
func frozen(p *messages.Printer, key string, f approvals.Freeze) []slack.Block {
	if !f.On() {
		return nil
	}
	blocks := []slack.Block{section(p.Text(key, messages.Params{"Date": date(f.At), "By": user(f.By.User)}))}
	if f.Reason != "" {
		blocks = append(blocks, quote(p.Text("freeze.reason", nil), inert(f.Reason, maxFrozen)))
	}
	return blocks
}

// WithFreeze puts above the message that everything is frozen, if it is.
func (m Message) WithFreeze(p *messages.Printer, f approvals.Freeze) Message {
	m.Blocks = append(frozen(p, "freeze.notice", f), m.Blocks...)
	return m
}

// frozen says on a card that its request waits for the end of a freeze.
func (v view) frozen() []slack.Block {
	if !v.State.Open() {
		return nil
	}
	return frozen(v.p, "freeze."+string(v.State), v.c.Freeze)
}

// FreezeBegan announces a freeze in the channel where it was typed. may are
// the people who can end it.
func FreezeBegan(p *messages.Printer, command string, f approvals.Freeze, may []approvals.Approver) Message {
	return answer(p.Text("freeze.began", messages.Params{
		"Who": user(f.By.User), "Command": escape(commandName(command)), "May": approvers(p, approvals.Rule{Approvers: [][]approvals.Approver{may}}),
	}), quote(p.Text("freeze.reason", nil), inert(f.Reason, maxFrozen)))
}

// FreezeEnded announces that the account ended a freeze.
func FreezeEnded(p *messages.Printer, account string, f approvals.Freeze) Message {
	return answer(p.Text("freeze.ended", messages.Params{"Who": user(account), "By": user(f.By.User), "Date": date(f.At)}))
}

// YouFroze answers the person who froze, or ended a freeze; changed says that
// they did, silent that it could not be announced.
func YouFroze(p *messages.Printer, command string, f approvals.Freeze, changed, silent bool) Message {
	m := answer(p.Text("freeze.you_began", messages.Params{"Command": escape(commandName(command))}))
	if !changed {
		return answer(p.Text("freeze.already", nil), frozen(p, "freeze.notice", f)...)
	}
	return m.silent(p, silent)
}

// YouUnfroze is YouFroze for the end.
func YouUnfroze(p *messages.Printer, changed, silent bool) Message {
	if !changed {
		return answer(p.Text("freeze.none", nil))
	}
	return answer(p.Text("freeze.you_ended", nil)).silent(p, silent)
}

func (m Message) silent(p *messages.Printer, silent bool) Message {
	if silent {
		m.Blocks = append(m.Blocks, section(p.Text("freeze.silent", nil)))
	}
	return m
}

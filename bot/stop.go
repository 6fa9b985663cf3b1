package bot

import (
	"senhasegura-bot/approvals"
	"senhasegura-bot/commands"
)

// Stop makes the bot refuse, from now on, what would create or change
// something, because the process was told to stop: its command, click or form
// is answered, politely, and does nothing. What was taken up before is
// finished, and whoever only reads is answered to the end.
func (b *Bot) Stop() { b.stopping.Store(true) }

// stopped refuses what comes too late for this process. The sentence tells
// nothing of anything, so it is said before anybody is asked who reads it.
func (b *Bot) stopped() error {
	if b.stopping.Load() {
		return &approvals.Refusal{Why: approvals.WhyStopping}
	}
	return nil
}

// reads reports whether a command changes nothing.
func reads(c commands.Command) bool {
	switch c.Word {
	case commands.Help, commands.Status, commands.Pending, commands.Find, commands.Explain:
		return true
	}
	return false
}

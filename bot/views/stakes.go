package views

import (
	"senhasegura-bot/approvals"
	"senhasegura-bot/bot/messages"
)

// leastNamed is what a confirm keeps free for the names of its targets, where
// they take as much.
const leastNamed = 60

// stakes are the consequences of an operation on targets, by what the list knows
// of them, the gravest first: a confirm may not hold them all, the card does.
func (v view) stakes(targets []approvals.Target) []string {
	var all []string
	of := func(key string, is func(approvals.Target) bool) {
		n := 0
		for _, t := range targets {
			if is(t) {
				n++
			}
		}
		if n > 0 && len(targets) > 1 {
			key += "_some"
		}
		if n > 0 {
			all = append(all, v.say(key, messages.Params{"Count": n, "Of": len(targets)}))
		}
	}
	if v.Verb == approvals.Release {
		of("confirm.rotates", func(t approvals.Target) bool { return t.Rotates })
		of("confirm.may_rotate", approvals.Target.MayRotate)
	}
	all = append(all, v.say(operation(v.Request)+".stakes", nil))
	of("confirm.read_only", func(t approvals.Target) bool { return t.ReadOnly })
	of("confirm.ssh", v.isKey)
	of("confirm.not_listed", func(t approvals.Target) bool { return t.Unnamed == approvals.NotListed })
	if len(targets) > 0 && targets[0].Unnamed == approvals.ListUnread { // then no target has a name
		all = append(all, v.say("confirm.list_unread", nil))
	}
	return all
}

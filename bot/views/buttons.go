package views

import (
	"strings"

	"github.com/slack-go/slack"

	"senhasegura-bot/approvals"
	"senhasegura-bot/bot/messages"
)

// The action ids of the card's buttons. Tests from outside know them.
const (
	ActionApprove  = "approve"
	ActionDeny     = "deny"
	ActionCancel   = "cancel"
	ActionRunAgain = "run_again"
	ActionResolve  = "resolve"
	ActionReview   = "review"
)

// buttons are those that still serve a purpose; there is no disabled button
// in Slack.
func (v view) buttons() []slack.BlockElement {
	return append(v.acting(), v.reviewButton()...)
}

// acting are the buttons of a state.
func (v view) acting() []slack.BlockElement {
	switch v.State {
	case approvals.Pending:
		return []slack.BlockElement{
			v.button(ActionApprove).WithStyle(slack.StylePrimary).WithConfirm(v.confirmApprove()),
			v.button(ActionDeny).WithStyle(slack.StyleDanger),
			v.button(ActionCancel),
		}
	case approvals.Unknown:
		resolve := v.button(ActionResolve)
		if v.c.RunAgain && !v.setBack() {
			return []slack.BlockElement{v.button(ActionRunAgain).WithConfirm(v.confirmAgain()), resolve}
		}
		return []slack.BlockElement{resolve}
	}
	return nil
}

func (v view) button(action string) *slack.ButtonBlockElement {
	return slack.NewButtonBlockElement(action, v.Value(), plain(v.say("button."+action, nil), maxButton))
}

// confirmApprove says once more what the approval does: verb, kind and count,
// as many targets as fit, and the consequence.
func (v view) confirmApprove() *slack.ConfirmationBlockObject {
	return v.confirm("confirm.approve_title", "confirm.yes", v.Targets, v.stakes(v.Targets)...)
}

// confirmAgain is the same for the targets that are not known to be done.
func (v view) confirmAgain() *slack.ConfirmationBlockObject {
	var open []approvals.Target
	for _, t := range v.Targets {
		if t.Result == approvals.ResultUnknown || t.Result == approvals.ResultNotSent {
			open = append(open, t)
		}
	}
	stakes := append([]string{v.say("confirm.again", nil)}, v.stakes(open)...)
	return v.confirm("confirm.run_again_title", "confirm.yes_again", open, stakes...)
}

// confirm leaves out the last of the stakes where they do not fit beside the
// targets.
func (v view) confirm(title, yes string, targets []approvals.Target, stakes ...string) *slack.ConfirmationBlockObject {
	text := func(named string) string {
		return v.say("confirm.text", messages.Params{
			"Do":      capital(v.say(operation(v.Request)+".do", messages.Params{"Count": len(targets)})),
			"Targets": named, "Stakes": strings.Join(stakes, " "),
		})
	}
	names := min(leastNamed, length(v.firstOf(targets, len(targets), longestLabel)))
	for len(stakes) > 1 && length(text("")) > maxConfirmText-names {
		stakes = stakes[:len(stakes)-1]
	}
	room := maxConfirmText - length(text(""))
	return slack.NewConfirmationBlockObject(
		plain(v.say(title, messages.Params{"ID": v.ID}), maxConfirmTitle),
		plain(text(v.fitting(targets, room)), maxConfirmText),
		plain(v.say(yes, nil), maxConfirmYesNo),
		plain(v.say("confirm.no", nil), maxConfirmYesNo))
}

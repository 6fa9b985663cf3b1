package views

import (
	"slices"
	"strings"

	"github.com/slack-go/slack"

	"senhasegura-bot/approvals"
	"senhasegura-bot/bot/messages"
	"senhasegura-bot/commands"
)

// maxExplanations bounds the explanations under one outcome, so that twenty
// targets with as many different answers stay within Slack's limits.
const maxExplanations = 5

// maxOnCard is the same for the card, whose thread has the rest.
const maxOnCard = 2

// explanation is what is said of one answer, and the targets it holds for.
type explanation struct {
	Told
	targets []approvals.Target
}

// explanations say, for what did not end well, what it means for this
// operation, whether anything was changed, what to do next and who can; each
// meaning once, with the targets it is about where there are several.
func (v view) explanations(most int) []slack.Block {
	var all []explanation
	for _, t := range v.Targets {
		told := v.explain(t, facts{where: v.where()})
		if told.Means == "" {
			continue
		}
		i := slices.IndexFunc(all, func(e explanation) bool { return e.Told == told })
		if i < 0 {
			i, all = len(all), append(all, explanation{Told: told})
		}
		all[i].targets = append(all[i].targets, t)
	}
	var blocks []slack.Block
	for _, e := range all[:min(len(all), most)] {
		blocks = append(blocks, v.explanation(e))
	}
	if len(all) > most {
		blocks = append(blocks, section(v.say("outcome.more", nil)))
	}
	return blocks
}

// explain finds what there is to say about one target: nothing where it is
// done, where a person has said how it stands, or where the record went back.
func (v view) explain(t approvals.Target, a facts) Told {
	if v.setBack() && t.Result == approvals.ResultUnknown {
		return Told{}
	}
	if t.Answer.Kind == approvals.AnswerChecked || t.Result == approvals.ResultDone || t.Result == approvals.ResultAlready {
		return Told{}
	}
	x := commands.Explanation(t, v.Verb, v.Kind)
	if own := ownFault(v.Request, t); own != "" {
		x.Means, x.Next, x.Again, x.Who = "explain."+own+".means", "explain."+own+".next", "", ownDoers[own]
	}
	if x.Again == commands.AgainNo {
		x.Again = "" // that a refusal stands until it is dealt with goes without saying
	}
	told := tell(v.p, x, a)
	if t.Result == approvals.ResultNotSent && x.Changed == commands.ChangedNo && t.Answer.Kind != approvals.AnswerWait { // a 429 was sent
		told.Changed = v.say("changed.not_sent", nil)
	}
	return told
}

// ownFault is why a target was not called, where that is the bot's own doing
// and so no answer of senhasegura or of the way there explains it.
func ownFault(r approvals.Request, t approvals.Target) string {
	switch {
	case t.Answer.Fault == "changed" || t.Answer.Fault == "unsealed":
		return t.Answer.Fault
	case begunTooLate(r):
		return "too_late"
	case t.Result == approvals.ResultNotSent && t.Attempts == 0 && t.Answer.Kind == "":
		return "deadline"
	}
	return ""
}

// ownDoers are who can do something about the bot's own faults.
var ownDoers = map[string][]commands.Who{
	"changed":  {commands.WhoRequester},
	"unsealed": {commands.WhoOperator},
	"too_late": {commands.WhoRequester, commands.WhoOperator},
	"deadline": {commands.WhoRequester},
}

// explanation names its target in the sentences where it is a single one, and
// above them where there are several.
func (v view) explanation(e explanation) slack.Block {
	first, which := e.targets[0], ""
	if len(e.targets) == 1 {
		e.Told = v.explain(first, facts{unformatted.Replace(brief(first)), strings.Contains(first.Ref, "@"), first.Label != "", v.where()})
	}
	if len(v.Targets) > 1 {
		named := v.fitting(e.targets, maxConfirmText)
		which = v.say("outcome.for", messages.Params{"Targets": safe(named, 2*maxConfirmText)})
	}
	before := ""
	if first.Lost && first.Result == approvals.ResultFailed {
		before = v.say("outcome.lost_before", messages.Params{"Where": escape(v.where())})
	}
	return section(slices.Concat([]string{which}, e.marked(v.p), []string{before})...)
}

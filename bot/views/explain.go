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

// explanation is one meaning, as message keys, and the targets it holds for.
type explanation struct {
	means, next, changed string
	targets              []approvals.Target
}

func (e explanation) same(o explanation) bool {
	return e.means == o.means && e.next == o.next && e.changed == o.changed
}

// explanations say, for what did not end well, what it means for this
// operation, whether anything was changed and what to do next; each meaning
// once, with the targets it is about where there are several.
func (v view) explanations(most int) []slack.Block {
	var all []explanation
	for _, t := range v.Targets {
		e := v.explain(t)
		if e.means == "" {
			continue
		}
		i := slices.IndexFunc(all, e.same)
		if i < 0 {
			i, all = len(all), append(all, e)
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
func (v view) explain(t approvals.Target) explanation {
	if v.setBack() && t.Result == approvals.ResultUnknown {
		return explanation{}
	}
	if t.Answer.Kind == approvals.AnswerChecked || t.Result == approvals.ResultDone || t.Result == approvals.ResultAlready {
		return explanation{}
	}
	x := commands.Explanation(t, v.Verb, v.Kind)
	e := explanation{means: x.Means, next: x.Next, changed: "changed." + string(x.Changed)}
	if t.Result == approvals.ResultNotSent && x.Changed == commands.ChangedNo {
		e.changed = "changed.not_sent"
	}
	if own := v.ownFault(t); own != "" {
		e.means, e.next = "explain."+own+".means", "explain."+own+".next"
	}
	return e
}

// ownFault is why a target was not called, where that is the bot's own doing
// and so no answer of senhasegura or of the way there explains it.
func (v view) ownFault(t approvals.Target) string {
	switch {
	case t.Answer.Fault == "changed" || t.Answer.Fault == "unsealed":
		return t.Answer.Fault
	case begunTooLate(v.Request):
		return "too_late"
	case t.Result == approvals.ResultNotSent && t.Attempts == 0 && t.Answer.Kind == "":
		return "deadline"
	}
	return ""
}

func (v view) explanation(e explanation) slack.Block {
	about := ""
	if len(v.Targets) > 1 {
		named := v.fitting(e.targets, maxConfirmText)
		about = v.say("outcome.for", messages.Params{"Targets": safe(named, 2*maxConfirmText)})
	}
	before := ""
	if first := e.targets[0]; first.Lost && first.Result == approvals.ResultFailed {
		before = v.say("outcome.lost_before", messages.Params{"Where": escape(v.where())})
	}
	return section(about, explained(v.p, e), before)
}

// explained is an explanation's three sentences. They are catalogue text,
// escaped because some name a menu with ">".
func explained(p *messages.Printer, e explanation) string {
	return strings.Join([]string{
		p.Text("outcome.means", messages.Params{"Means": escape(p.Text(e.means, nil))}),
		p.Text("outcome.changed", messages.Params{"Changed": p.Text(e.changed, nil)}),
		p.Text("outcome.next", messages.Params{"Next": escape(p.Text(e.next, nil))}),
	}, "\n")
}

// maxMeanings bounds an answer to explain; a number has at most a handful.
const maxMeanings = 10

// Explain answers what a code or a text of senhasegura means; a number means
// different things in PAM Core and in MySafe, and some for one operation only.
func Explain(p *messages.Printer, asked string, found []commands.Explained) Message {
	asked = inert(asked, 100)
	if len(found) == 0 {
		text := p.Text("explained.none", messages.Params{"Code": asked})
		return Message{Text: escape(text), Blocks: []slack.Block{sentence(text)}}
	}
	title := p.Text("header.explain", messages.Params{"Code": asked})
	blocks := []slack.Block{header(title)}
	for _, x := range found[:min(len(found), maxMeanings)] {
		blocks = append(blocks, meaning(p, x)...)
	}
	return Message{Text: escape(title), Blocks: blocks}
}

func meaning(p *messages.Printer, x commands.Explained) []slack.Block {
	room, _, _ := strings.Cut(x.Code.Key, ".")
	title := []span{bold(p.Text("explained.module."+room, nil))}
	if x.Code.Text != "" {
		title = append(title, words(" "+p.Text("explained.said", messages.Params{"Text": inert(x.Code.Text, longestSaid)})))
	}
	switch {
	case x.Verb != "":
		title = append(title, words(", "+p.Text("explained.verb."+string(x.Verb), nil)))
	case x.Kind != "":
		title = append(title, words(", "+p.Text("explained.kind."+string(x.Kind), nil)))
	}
	return []slack.Block{
		slack.NewRichTextBlock("", slack.NewRichTextSection(title...)),
		section(explained(p, explanation{means: x.Means, next: x.Next, changed: "changed." + string(x.Changed)})),
	}
}

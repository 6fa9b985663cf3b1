package views

import (
	"strings"
	"unicode/utf8"

	"senhasegura-bot/approvals"
	"senhasegura-bot/bot/messages"
	"senhasegura-bot/commands"
)

// What the targets of one message may take of Slack's limit on the sum of its
// texts: 20 labels and 20 answers of senhasegura have to fit.
const (
	labelsRoom   = 2400
	answersRoom  = 4000
	longestLabel = 200
	longestSaid  = 500
)

// label is how a target is shown: what the list knows it as, and always, never
// cut, what the call addresses.
func label(p *messages.Printer, t approvals.Target, limit int) string {
	ref, id := inert(t.Ref, limit), " · id "+t.ID
	known, byID := strings.CutSuffix(t.Label, id)
	title, _, _ := strings.Cut(known, " · ")
	switch {
	case t.Label == "":
		return cut(p.Text(unnamed(t), messages.Params{"Ref": ref}), limit)
	case byID && (t.Ref == t.ID || strings.EqualFold(title, t.Ref)):
		return inert(known, limit-utf8.RuneCountInString(id)) + id
	}
	return inert(ref+" · "+t.Label, limit)
}

// unnamed is the key of why a target has no name.
func unnamed(t approvals.Target) string {
	switch t.Unnamed {
	case approvals.NotListed, approvals.ListUnread:
		return "card." + string(t.Unnamed)
	}
	return "card.unnamed"
}

// brief is the shortest name by which people know a target.
func brief(t approvals.Target) string {
	switch {
	case t.Name != "" && t.Name != t.Ref:
		return inert(t.Ref+" ("+t.Name+")", longestLabel)
	case t.Name == "" && t.Label != "":
		title, _, _ := strings.Cut(t.Label, " · ")
		return inert(t.Ref+" ("+title+")", longestLabel)
	}
	return inert(t.Ref, longestLabel)
}

// isKey reports whether the list calls the target an SSH key. The label holds
// the list's type as a part of its own.
func (v view) isKey(t approvals.Target) bool {
	if v.Kind != approvals.Credential {
		return false
	}
	for _, part := range strings.Split(t.Label, " · ") {
		if commands.IsKey(part) {
			return true
		}
	}
	return false
}

// flags are what is to be known of a target before anybody approves.
func (v view) flags(t approvals.Target) []string {
	var all []string
	if t.ReadOnly {
		all = append(all, v.say("card.read_only", nil))
	}
	if v.isKey(t) {
		all = append(all, v.say("card.ssh", nil))
	}
	switch {
	case v.Verb != approvals.Release:
	case t.Rotates:
		all = append(all, v.say("card.rotates", nil))
	case t.MayRotate():
		all = append(all, v.say("card.may_rotate", nil))
	}
	return all
}

// targets lists what is acted on, with what became of each.
func (v view) targets() [][]span {
	var items [][]span
	for _, t := range v.Targets {
		items = append(items, v.target(t))
	}
	return items
}

func (v view) target(t approvals.Target) []span {
	n := max(len(v.Targets), 1)
	item := []span{bold(label(v.p, t, min(longestLabel, labelsRoom/n)))}
	if v.State == approvals.Pending || v.State == approvals.Approved {
		item = append(item, dashed(v.flags(t))...)
	}
	if v.called() {
		item = append(item, dashed([]string{v.result(t)})...)
	}
	if t.Answer.Message != "" {
		item = append(item, words(" — "+v.say("card.said", nil)+" "), code(inert(t.Answer.Message, min(longestSaid, answersRoom/n))))
	}
	return item
}

// dashed are sentences behind a dash each.
func dashed(sentences []string) []span {
	var all []span
	for _, s := range sentences {
		all = append(all, words(" — "+s))
	}
	return all
}

// called reports whether results say something in this state.
func (v view) called() bool {
	switch v.State {
	case approvals.Running, approvals.Done, approvals.Failed, approvals.Partial, approvals.Unknown:
		return true
	}
	return false
}

// result says what became of one target.
func (v view) result(t approvals.Target) string {
	key := string(t.Result)
	switch {
	case t.Answer.Kind == approvals.AnswerChecked && t.Result == approvals.ResultDone:
		key = "checked_done"
	case t.Answer.Kind == approvals.AnswerChecked:
		key = "checked_failed"
	case t.Lost && (t.Result == approvals.ResultAlready || t.Result == approvals.ResultFailed):
		key += "_lost"
	case t.Result == "":
		return v.progress(t)
	case v.setBack(): // whether there was an answer is not known either
	case t.Result == approvals.ResultUnknown && t.Answer.Message == "":
		return v.say("result.unknown", nil) + ", " + v.say("card.no_answer", nil)
	}
	return v.say("result."+key, nil)
}

// progress says how far a target is that has no result yet.
func (v view) progress(t approvals.Target) string {
	if t.Attempts == 0 {
		return v.say("result.none", nil)
	}
	text := v.say("card.attempt", messages.Params{"Count": t.Attempts})
	if t.Answer.Kind == approvals.AnswerLost && t.Answer.Message == "" {
		text += ", " + v.say("card.no_answer", nil)
	}
	return text
}

// attempt is the highest number of attempts among the targets without a result.
func (v view) attempt() int {
	most := 0
	for _, t := range v.Targets {
		if t.Result == "" {
			most = max(most, t.Attempts)
		}
	}
	return most
}

// fitting joins as many names as fit into room characters, and says how many
// more there are. The first is cut rather than left out.
func (v view) fitting(targets []approvals.Target, room int) string {
	if len(targets) == 0 {
		return ""
	}
	for n := len(targets); n > 1; n-- {
		if text := v.firstOf(targets, n, maxConfirmText); utf8.RuneCountInString(text) <= room {
			return text
		}
	}
	rest := length(v.firstOf(targets, 1, 0))
	return v.firstOf(targets, 1, max(room-rest, 1))
}

// firstOf names n of the targets, each cut to limit characters.
func (v view) firstOf(targets []approvals.Target, n, limit int) string {
	var named []string
	for _, t := range targets[:n] {
		named = append(named, cut(brief(t), limit))
	}
	text := strings.Join(named, ", ")
	if more := len(targets) - n; more > 0 {
		text = v.say("confirm.more", messages.Params{"Targets": text, "Count": more})
	}
	return text
}

package views

import (
	"strings"
	"unicode"

	"github.com/slack-go/slack"

	"senhasegura-bot/approvals"
	"senhasegura-bot/bot/messages"
	"senhasegura-bot/commands"
)

// The forms' callback ids, and their fields: each is the name of a block and
// of the action in it. Tests from outside know them.
const (
	CallbackRequest = "request"
	CallbackDeny    = "deny"
	CallbackResolve = "resolve"
	CallbackGlass   = "break_glass"
	// CallbackNotice is the form that only says something.
	CallbackNotice = "notice"

	FieldVerb    = "verb"
	FieldKind    = "kind"
	FieldTargets = "targets"
	FieldLookup  = "lookup"
	FieldReason  = "reason"
	FieldOutcome = "outcome"
	FieldNote    = "note"
)

// The values of the field outcome.
const (
	OutcomeDone    = "done"
	OutcomeNotDone = "not_done"
)

// maxWords is how long reasons and notes may be (product.md §2, §3).
const maxWords = 500

// RequestModal asks for what a command left out, filled with what was typed.
// Its option values are the English words of the commands. The caller sets
// PrivateMetadata, here and below. With reasonOptional the form can be sent
// without a reason; whether one is needed then depends on what is asked for.
func RequestModal(p *messages.Printer, c commands.Command, reasonOptional bool) slack.ModalViewRequest {
	verbs := []approvals.Verb{approvals.Deactivate, approvals.Activate, approvals.Release}
	return modal(p, CallbackRequest, p.Text("form.request", nil), p.Text("form.submit", nil),
		requestInputs(p, c, verbs, p.Text("form.reason_hint", nil), reasonOptional)...)
}

// requestInputs are the fields of a request, filled with what was typed.
func requestInputs(p *messages.Printer, c commands.Command, offered []approvals.Verb, hint string, reasonOptional bool) []slack.Block {
	kind := c.Kind
	if kind == "" {
		kind = approvals.Credential
	}
	var verbs []string
	for _, verb := range offered {
		verbs = append(verbs, string(verb))
	}
	kinds := []string{string(approvals.Credential), string(approvals.Password), string(approvals.Secret)}
	return []slack.Block{
		input(FieldVerb, p.Text("form.verb", nil), "", choice(p, FieldVerb, verbs, string(c.Verb))),
		input(FieldKind, p.Text("form.kind", nil), "", choice(p, FieldKind, kinds, string(kind))),
		input(FieldTargets, p.Text("form.targets", nil), p.Text("form.targets_hint", nil),
			typedText(FieldTargets, strings.Join(c.Targets, ", "), maxInput, false)).WithOptional(true),
		input(FieldLookup, p.Text("form.lookup", nil), p.Text("form.lookup_hint", nil), search(p)).WithOptional(true),
		input(FieldReason, p.Text("form.reason", nil), hint, typedText(FieldReason, c.Reason, maxWords, true)).WithOptional(reasonOptional),
	}
}

// DenyModal asks why.
func DenyModal(p *messages.Printer, r approvals.Request) slack.ModalViewRequest {
	element := typedText(FieldReason, "", maxWords, true)
	element.MinLength = 1
	return modal(p, CallbackDeny, p.Text("form.deny", messages.Params{"ID": r.ID}), p.Text("form.submit_deny", nil),
		about(p, r),
		input(FieldReason, p.Text("form.deny_reason", nil), p.Text("form.deny_hint", nil), element))
}

// ResolveModal asks what a person saw in senhasegura.
func ResolveModal(p *messages.Printer, r approvals.Request) slack.ModalViewRequest {
	outcome := slack.NewRadioButtonsBlockElement(FieldOutcome,
		option(OutcomeDone, p.Text("form.outcome_done", nil)), option(OutcomeNotDone, p.Text("form.outcome_not_done", nil)))
	where := p.Text("where."+string(r.Kind), nil)
	return modal(p, CallbackResolve, p.Text("form.resolve", messages.Params{"ID": r.ID}), p.Text("form.submit_resolve", nil),
		about(p, r),
		input(FieldOutcome, p.Text("form.outcome", messages.Params{"Where": where}), "", outcome),
		input(FieldNote, p.Text("form.note", nil), p.Text("form.note_hint", nil),
			typedText(FieldNote, "", maxWords, true)).WithOptional(true))
}

// OutcomeMissing asks for the choice that a sent form lacks.
func OutcomeMissing(p *messages.Printer) string { return p.Text("form.outcome_missing", nil) }

// Notice shows a message in place of a form.
func Notice(p *messages.Printer, m Message) slack.ModalViewRequest {
	view := modal(p, CallbackNotice, p.Text("form.notice", nil), "", m.Blocks...)
	view.Close = plain(p.Text("form.done", nil), maxModalTitle)
	return view
}

// modal without a submit word cannot be sent, only closed.
func modal(p *messages.Printer, callback, title, submit string, blocks ...slack.Block) slack.ModalViewRequest {
	view := slack.ModalViewRequest{
		Type: slack.VTModal, CallbackID: callback, Title: plain(title, maxModalTitle),
		Close: plain(p.Text("form.close", nil), maxModalTitle), Blocks: slack.Blocks{BlockSet: blocks},
	}
	if submit != "" {
		view.Submit = plain(submit, maxModalTitle)
	}
	return view
}

// about says what request a form decides on.
func about(p *messages.Printer, r approvals.Request) slack.Block {
	v := of(r, Context{Printer: p})
	return sentence(v.say("form.about", messages.Params{"Do": capital(v.do()), "Targets": v.fitting(r.Targets, maxSection/2)}))
}

func input(field, label, hint string, element slack.BlockElement) *slack.InputBlock {
	var h *slack.TextBlockObject
	if hint != "" {
		h = plain(hint, maxSection/2)
	}
	return slack.NewInputBlock(field, plain(label, maxSection/2), h, element)
}

// typedText is a text field. What was typed is never cut below its limit: if
// it is longer, so is the limit, and the fault shows when the form is sent.
func typedText(field, typed string, limit int, multiline bool) *slack.PlainTextInputBlockElement {
	typed = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' { // Slack opens no form with one
			return -1
		}
		return r
	}, typed)
	if length(typed) > limit {
		limit = maxInput
	}
	element := slack.NewPlainTextInputBlockElement(nil, field)
	element.InitialValue, element.MaxLength, element.Multiline = cut(typed, limit), limit, multiline
	return element
}

// searchFrom is how many characters are typed before the list is searched,
// searchMost how many entries can be picked.
const (
	searchFrom = 2
	searchMost = 20
)

// search is the field that suggests entries of senhasegura's list.
func search(p *messages.Printer) *slack.MultiSelectBlockElement {
	element := slack.NewOptionsMultiSelectBlockElement(slack.MultiOptTypeExternal, plain(p.Text("form.lookup_search", nil), maxPlaceholder), FieldLookup)
	from, most := searchFrom, searchMost
	element.MinQueryLength, element.MaxSelectedItems = &from, &most
	return element
}

func choice(p *messages.Printer, field string, values []string, chosen string) *slack.SelectBlockElement {
	var options []*slack.OptionBlockObject
	element := slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, nil, field)
	for _, value := range values {
		o := option(value, p.Text("form."+field+"_option."+value, nil))
		if options = append(options, o); value == chosen {
			element.InitialOption = o
		}
	}
	element.Options = options
	return element
}

func option(value, text string) *slack.OptionBlockObject {
	return slack.NewOptionBlockObject(value, plain(text, maxOption), nil)
}

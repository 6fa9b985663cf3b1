package fakeslack

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
)

// Button is one button as a person sees it.
type Button struct {
	ActionID, BlockID, Text, Value, Style string
	Confirm                               *Confirm // nil: pressed without a question
}

// Confirm is the question before a press.
type Confirm struct{ Title, Text, Confirm, Deny, Style string }

// Buttons lists the buttons of a message as it stands, in order.
func Buttons(m Message) []Button {
	var out []Button
	for _, e := range interactiveElements(m.Blocks) {
		if e["type"] != "button" {
			continue
		}
		b := Button{
			ActionID: text(e["action_id"]), BlockID: text(e["block_id"]), Text: inner(e["text"]),
			Value: text(e["value"]), Style: text(e["style"]),
		}
		if q, ok := e["confirm"].(kit); ok {
			b.Confirm = &Confirm{
				Title: inner(q["title"]), Text: inner(q["text"]), Style: text(q["style"]),
				Confirm: inner(q["confirm"]), Deny: inner(q["deny"]),
			}
		}
		out = append(out, b)
	}
	return out
}

// inner is the text of a text object.
func inner(v any) string {
	o, _ := v.(kit)
	return text(o["text"])
}

// PlainText renders a message to text a test can search: one line for each
// block, "[label]" for a button, "> " before a rich text quote. A message
// without blocks is its text. Tokens become what they show: @U1, @S1, #C1, the
// fallback of a date; entities become characters. mrkdwn's own marks stay.
func PlainText(m Message) string {
	if m.Blocks == nil {
		return Unmark(m.Text)
	}
	return BlocksText(m.Blocks)
}

// BlocksText is PlainText for blocks alone, those of a modal too.
func BlocksText(blocks json.RawMessage) string {
	var lines []string
	for _, b := range decode[[]kit](blocks) {
		if line := strings.TrimRight(blockText(b), " \n"); line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

// Text renders a modal: its title, then its blocks.
func (v View) Text() string { return v.Title + "\n" + BlocksText(decode[viewBody](v.Body).Blocks) }

func blockText(b kit) string {
	switch b["type"] {
	case "divider":
		return "---"
	case "rich_text":
		return richString(b)
	case "markdown":
		return text(b["text"])
	case "image":
		return text(b["alt_text"])
	}
	parts := []string{show(b["label"]), show(b["text"])}
	for _, name := range []string{"fields", "elements"} {
		list, _ := b[name].([]any)
		for _, item := range list {
			parts = append(parts, show(item))
		}
	}
	parts = append(parts, show(b["accessory"]), show(b["element"]), show(b["hint"]))
	parts = slices.DeleteFunc(parts, func(s string) bool { return s == "" })
	return strings.Join(parts, " ")
}

// show is a text object or an element.
func show(v any) string {
	o, _ := v.(kit)
	switch o["type"] {
	case nil:
		return ""
	case "plain_text":
		return text(o["text"])
	case "mrkdwn":
		return Unmark(text(o["text"]))
	case "image":
		return text(o["alt_text"])
	case "button":
		return "[" + inner(o["text"]) + "]"
	case "plain_text_input":
		return "[" + text(o["initial_value"]) + "]"
	}
	option, _ := o["initial_option"].(kit)
	return "[" + inner(option["text"]) + "]"
}

// richString renders rich text, its parts one below the other.
func richString(v kit) string {
	var out []string
	list, _ := v["elements"].([]any)
	for _, item := range list {
		o, _ := item.(kit)
		if o["elements"] == nil {
			return leaves(list)
		}
		part := richString(o)
		if o["type"] == "rich_text_quote" {
			part = "> " + strings.ReplaceAll(part, "\n", "\n> ")
		}
		out = append(out, part)
	}
	return strings.Join(out, "\n")
}

func leaves(list []any) string {
	var out strings.Builder
	for _, item := range list {
		o, _ := item.(kit)
		switch o["type"] {
		case "user":
			out.WriteString("@" + text(o["user_id"]))
		case "usergroup":
			out.WriteString("@" + text(o["usergroup_id"]))
		case "channel":
			out.WriteString("#" + text(o["channel_id"]))
		case "broadcast":
			out.WriteString("@" + text(o["range"]))
		case "emoji":
			out.WriteString(":" + text(o["name"]) + ":")
		case "date":
			out.WriteString(text(o["fallback"]))
		case "link":
			out.WriteString(firstOf(text(o["text"]), text(o["url"])))
		default:
			out.WriteString(text(o["text"]))
		}
	}
	return out.String()
}

func firstOf(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

var (
	token     = regexp.MustCompile(`<([^<>\n]+)>`)
	unescaper = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&")
)

// Unmark turns mrkdwn's tokens and entities into what they show.
func Unmark(s string) string {
	s = token.ReplaceAllStringFunc(s, func(t string) string {
		body := t[1 : len(t)-1]
		target, label, labelled := strings.Cut(body, "|")
		switch {
		case strings.HasPrefix(target, "!subteam^"):
			return "@" + strings.TrimPrefix(target, "!subteam^")
		case strings.HasPrefix(target, "@"), strings.HasPrefix(target, "#"):
			return target
		case labelled:
			return label
		case strings.HasPrefix(target, "!"):
			return "@" + target[1:]
		}
		return target
	})
	return unescaper.Replace(s)
}

// Mentions lists who a message notifies, in order, each once: user ids, group
// ids, "here", "channel" and "everyone". Only mrkdwn, rich text and the text of
// a message without blocks notify anybody.
func Mentions(m Message) []string {
	var found []string
	if m.Blocks == nil {
		return tokensIn(found, m.Text)
	}
	return mentionsIn(found, decode[[]any](m.Blocks))
}

func mentionsIn(found []string, v any) []string {
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			found = mentionsIn(found, item)
		}
	case kit:
		switch v["type"] {
		case "mrkdwn":
			return tokensIn(found, text(v["text"]))
		case "button", "static_select", "overflow":
			return found // their labels and confirms notify nobody
		}
		for _, name := range []string{"user_id", "usergroup_id", "range"} {
			found = addOnce(found, text(v[name]))
		}
		for _, name := range []string{"text", "fields", "elements", "accessory"} {
			found = mentionsIn(found, v[name])
		}
	}
	return found
}

func tokensIn(found []string, s string) []string {
	for _, t := range token.FindAllStringSubmatch(s, -1) {
		target, _, _ := strings.Cut(t[1], "|")
		switch {
		case strings.HasPrefix(target, "@"):
			found = addOnce(found, target[1:])
		case strings.HasPrefix(target, "!subteam^"):
			found = addOnce(found, strings.TrimPrefix(target, "!subteam^"))
		case target == "!here", target == "!channel", target == "!everyone":
			found = addOnce(found, target[1:])
		}
	}
	return found
}

func addOnce(list []string, s string) []string {
	if s == "" || slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}

package views

import (
	"strings"

	"github.com/slack-go/slack"

	"senhasegura-bot/bot/messages"
	"senhasegura-bot/commands"
)

// FaultPlain is the sentence alone, without formatting; forms show it under
// the field.
func FaultPlain(p *messages.Printer, f *commands.Fault) string {
	params := messages.Params{}
	for name, value := range f.Params() {
		if s, ok := value.(string); ok {
			limit := longestLabel
			if name == "Near" { // several labels, none of them cut
				limit = maxSection / 2
			}
			value = inert(s, limit)
		}
		params[name] = value
	}
	return p.Text(f.Key(), params)
}

// Fault names what is wrong with a line, quotes the word and gives right lines
// to copy. Nothing in it is formatted or linked, whatever the word was.
// command is the slash command's name as Slack sent it.
func Fault(p *messages.Printer, command string, f *commands.Fault) Message {
	said := *f
	if len(f.Choices) > 0 {
		said.Near = nil // they are shown below
	}
	text := p.Text("faulty.nothing", nil) + " " + FaultPlain(p, &said)
	m := Message{Text: cutEscaped(escape(text), maxText), Blocks: []slack.Block{sentence(text)}}
	right := rightLines(command, f)
	if len(right) == 0 {
		return m
	}
	copyable := p.Text("faulty.copy", messages.Params{"Count": len(right)})
	m.Text = cutEscaped(escape(text+" "+copyable+" "+inert(right[0], maxText)), maxText)
	m.Blocks = append(m.Blocks, small(copyable), commandLines(right...))
	if n := len(f.Choices); n > 0 {
		intro := p.Text("faulty.form", messages.Params{"Count": n})
		if len(f.Lines) == 0 {
			intro = p.Text("find.near", nil)
		}
		m.Blocks = append(m.Blocks, small(intro))
		m.Blocks = append(m.Blocks, choices(p, command, f.Choices)...)
	}
	return m
}

// maxLines bounds the choice of right lines.
const maxLines = 10

func rightLines(command string, f *commands.Fault) []string {
	all := f.Lines
	if len(all) == 0 && f.Line != "" {
		all = []string{f.Line}
	}
	var out []string
	for _, line := range all[:min(len(all), maxLines)] {
		out = append(out, commandName(command)+" "+line)
	}
	return out
}

// FormFaults words faults for the fields they are in, by block id. A form shows
// no lines to copy; where the ids are the answer, it shows what they stand for.
func FormFaults(p *messages.Printer, faults map[commands.Field]*commands.Fault) map[string]string {
	out := map[string]string{}
	for field, f := range faults {
		text := FaultPlain(p, f)
		switch f.Code {
		case commands.FaultByID, commands.FaultByIDChoice, commands.FaultNameChoice:
			text += " " + inert(strings.Join(f.Near, "; "), maxSection/2)
		}
		out[string(field)] = text
	}
	return out
}

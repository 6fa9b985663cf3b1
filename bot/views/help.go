package views

import (
	"slices"
	"strings"

	"github.com/slack-go/slack"

	"senhasegura-bot/bot/messages"
	"senhasegura-bot/commands"
)

// Help lists what can be typed, under the command's name as Slack sent it and
// in the words of the reader's language.
// glass says that the policy has break-glass; without, its line is left out.
func Help(p *messages.Printer, command string, glass bool) Message {
	command = commandName(command)
	title, intro := p.Text("header.help", nil), p.Text("helping.intro", nil)
	blocks := []slack.Block{header(title), section(intro, p.Text("helping.bare", messages.Params{"Command": escape(command)}))}
	var later []string
	for _, w := range commands.List() {
		if w.Name == commands.BreakGlass && !glass {
			continue
		}
		if w.Later {
			later = append(later, string(w.Name)+": "+p.Text(w.Key(), nil))
			continue
		}
		blocks = append(blocks, helpBlock(p, command, w))
	}
	if len(later) > 0 {
		blocks = append(blocks, small(later...))
	}
	return Message{Text: escape(title + ". " + intro), Blocks: blocks}
}

func helpBlock(p *messages.Printer, command string, w commands.Word) slack.Block {
	usage, example := p.Text("helping.usage."+string(w.Name), nil), p.Text("helping.line."+string(w.Name), nil)
	says := []span{code(command + " " + usage), words("\n" + p.Text(w.Key(), nil))}
	var notes []string
	if w.TwoPeople {
		notes = append(notes, p.Text("helping.second", nil))
	}
	shown, _, _ := strings.Cut(usage, " ")
	if also := slices.DeleteFunc(w.Words(), func(word string) bool { return word == shown }); len(also) > 0 {
		notes = append(notes, p.Text("helping.also", messages.Params{"Words": strings.Join(also, ", ")}))
	}
	if len(notes) > 0 {
		says = append(says, words(" ("+strings.Join(notes, "; ")+")"))
	}
	if example != usage {
		says = append(says, words("\n"+p.Text("helping.example", nil)+" "), code(command+" "+example))
	}
	return slack.NewRichTextBlock("", slack.NewRichTextSection(says...))
}

package views

import (
	"strings"

	"github.com/slack-go/slack"

	"senhasegura-bot/bot/messages"
	"senhasegura-bot/commands"
)

// Help lists what can be typed, under the command's name as Slack sent it.
func Help(p *messages.Printer, command string) Message {
	command = commandName(command)
	title := p.Text("header.help", nil)
	intro := p.Text("helping.intro", nil)
	blocks := []slack.Block{header(title), section(intro, p.Text("helping.bare", messages.Params{"Command": escape(command)}))}
	for _, line := range commands.HelpLines() {
		if !line.Later {
			blocks = append(blocks, helpBlock(p, command, line))
		}
	}
	var later []string
	for _, line := range commands.HelpLines() {
		if line.Later {
			later = append(later, line.Usage+": "+p.Text(line.Key, nil))
		}
	}
	if len(later) > 0 {
		blocks = append(blocks, small(later...))
	}
	return Message{Text: escape(title + ". " + intro), Blocks: blocks}
}

func helpBlock(p *messages.Printer, command string, line commands.Line) slack.Block {
	says := []span{code(command + " " + line.Usage), words("\n" + p.Text(line.Key, nil))}
	var notes []string
	if line.TwoPeople {
		notes = append(notes, p.Text("helping.second", nil))
	}
	if len(line.Also) > 0 {
		notes = append(notes, p.Text("helping.also", messages.Params{"Words": strings.Join(line.Also, ", ")}))
	}
	if len(notes) > 0 {
		says = append(says, words(" ("+strings.Join(notes, "; ")+")"))
	}
	if line.Example != "" && line.Example != line.Usage {
		says = append(says, words("\n"+p.Text("helping.example", nil)+" "), code(command+" "+line.Example))
	}
	return slack.NewRichTextBlock("", slack.NewRichTextSection(says...))
}

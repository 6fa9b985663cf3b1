package views

import (
	"strings"

	"github.com/slack-go/slack"

	"senhasegura-bot/bot/messages"
	"senhasegura-bot/commands"
)

// maxFound is how many entries find shows: each takes two blocks of Slack's 50.
const maxFound = 20

// Found answers find: each entry with buttons for what can be done to it, and a
// line to copy for the first. command is the slash command's name as Slack sent
// it.
func Found(p *messages.Printer, command string, s commands.Search) Message {
	query := messages.Params{"Query": inert(s.Text, 100)}
	if len(s.Found) == 0 {
		return notFound(p, command, s, query)
	}
	title := p.Text("find.title", query)
	m := Message{Text: escape(title), Blocks: append([]slack.Block{sentence(title)}, entries(p, command, s.Found)...)}
	if s.More || len(s.Found) > maxFound {
		m.Blocks = append(m.Blocks, small(p.Text("find.more", nil)))
	}
	if !s.Known {
		m.Blocks = append(m.Blocks, small(p.Text("find.partly", nil)))
	}
	for _, f := range s.Found {
		if len(f.Verbs()) > 0 {
			line := p.Text("find.line", messages.Params{"Kind": p.Text("find.word."+string(f.Kind), nil), "ID": inert(f.ID, 40)})
			m.Blocks = append(m.Blocks, small(p.Text("find.ask", nil)), commandLines(commandName(command)+" "+line))
			break
		}
	}
	return m
}

func notFound(p *messages.Printer, command string, s commands.Search, query messages.Params) Message {
	key := "find.none"
	if !s.Known {
		key = "find.failed"
	}
	text := p.Text(key, query)
	m := Message{Text: escape(text), Blocks: []slack.Block{sentence(text)}}
	if len(s.Near) > 0 && s.Known {
		m.Blocks = append(m.Blocks, small(p.Text("find.near", nil)))
		m.Blocks = append(m.Blocks, entries(p, command, s.Near)...)
	}
	return m
}

// entries shows entries of the list, each above what can be done to it, or why
// nothing can.
func entries(p *messages.Printer, command string, all []commands.Found) []slack.Block {
	var blocks []slack.Block
	for _, f := range all[:min(len(all), maxFound)] {
		blocks = append(blocks, sentence(p.Text("find.kind."+string(f.Kind), nil)+" · "+entryLabel(f, longestLabel)), possible(p, command, f))
	}
	return blocks
}

// possible are the buttons for an entry, or why there are none.
func possible(p *messages.Printer, command string, f commands.Found) slack.Block {
	if why := refuses(f); why != "" {
		return small(p.Text("find."+why, nil))
	}
	var buttons []slack.BlockElement
	for _, verb := range f.Verbs() {
		buttons = append(buttons, askButton(p.Text("find.do."+string(verb), nil), command, f.Ask(verb)))
	}
	return slack.NewActionBlock("", buttons...)
}

// refuses is why senhasegura would refuse whatever is asked for with an entry;
// empty where the list tells nothing of the kind.
func refuses(f commands.Found) string {
	switch {
	case f.Key:
		return "key"
	case f.ReadOnly:
		return "read_only"
	}
	return ""
}

// entryLabel is the label of an entry; its id is never cut.
func entryLabel(f commands.Found, limit int) string {
	id := " · id " + inert(f.ID, 20)
	named, ends := strings.CutSuffix(f.Label, id)
	if !ends {
		return inert(f.Label, limit)
	}
	return inert(named, limit-length(id)) + id
}

// NoOptions answers a search of the form that finds nothing.
func NoOptions() any { return map[string]any{"options": []any{}} }

// Options answers a search of the form, in a group for each kind.
func Options(p *messages.Printer, all []commands.Found) any {
	var groups []*slack.OptionGroupBlockObject
	for _, kind := range commands.Kinds() {
		var options []*slack.OptionBlockObject
		for _, f := range all {
			if f.Kind == kind.Kind {
				options = append(options, pick(p, f))
			}
		}
		if len(options) > 0 {
			label := p.Text("form.kind_option."+string(kind.Kind), nil)
			groups = append(groups, slack.NewOptionGroupBlockElement(plain(label, maxOption), options...))
		}
	}
	if len(groups) == 0 {
		return NoOptions()
	}
	return map[string]any{"option_groups": groups}
}

func pick(p *messages.Printer, f commands.Found) *slack.OptionBlockObject {
	o := option(commands.Pick(f.Kind, f.ID), entryLabel(f, maxOption))
	if why := refuses(f); why != "" {
		o.Description = plain(p.Text("find.refuses."+why, nil), maxOption)
	}
	return o
}

package views

import (
	"fmt"
	"slices"
	"strings"

	"github.com/slack-go/slack"

	"senhasegura-bot/bot/messages"
	"senhasegura-bot/commands"
)

// Told is one explanation in one language, as plain text. Empty is what there
// is nothing to say about.
type Told struct {
	When    string `json:"when,omitempty"` // the operations it is about, where others mean something else
	Means   string `json:"means"`
	Changed string `json:"changed"`
	Again   string `json:"again,omitempty"`
	Next    string `json:"next"`
	Who     string `json:"who,omitempty"`
}

// Line is one of its lines.
type Line struct{ Label, Text string }

// Lines are what there is to say, in the order in which people read it.
func (t Told) Lines(p *messages.Printer) []Line {
	all := []Line{{"means", t.Means}, {"changed", t.Changed}, {"again", t.Again}, {"next", t.Next}, {"who", t.Who}}
	all = slices.DeleteFunc(all, func(l Line) bool { return l.Text == "" })
	for i := range all {
		all[i].Label = p.Text("explained.label."+all[i].Label, nil)
	}
	return all
}

// marked are the lines as mrkdwn. They are escaped because some name a menu
// with ">"; what is foreign in them was made safe.
func (t Told) marked(p *messages.Printer) []string {
	var lines []string
	for _, l := range t.Lines(p) {
		lines = append(lines, "*"+l.Label+"* "+escape(l.Text))
	}
	return lines
}

// facts are what is known of the target of an explanation; zero where it is
// about no single one.
type facts struct {
	name   string // safe for mrkdwn once it is escaped
	byName bool   // asked for as user@host
	listed bool   // senhasegura's list knew it
	where  string // the page of senhasegura that shows how it stands
}

// tell says an explanation.
func tell(p *messages.Printer, x commands.Explained, a facts) Told {
	params := messages.Params{"Verb": string(x.Verb), "Kind": string(x.Kind), "Name": a.name, "ByName": a.byName, "Listed": a.listed, "Where": a.where}
	t := Told{Means: said(p, x.Means, params), Changed: p.Text("changed."+string(x.Changed), nil), Next: said(p, x.Next, params), Who: who(p, x.Who)}
	if x.Again != "" {
		t.Again = p.Text("again."+string(x.Again), nil)
	}
	return t
}

// said leaves out what a sentence's alternatives leave behind in space.
func said(p *messages.Printer, key string, params messages.Params) string {
	if key == "" {
		return ""
	}
	return strings.Join(strings.Fields(p.Text(key, params)), " ")
}

func who(p *messages.Printer, people []commands.Who) string {
	line := ""
	for i, w := range people {
		name := p.Text("who_can."+string(w), nil)
		if i == 0 {
			line = name
			continue
		}
		line = p.Text("explained.then", messages.Params{"First": line, "Next": name})
	}
	return line
}

// Meanings says what an entry of the catalogue means: once, or once for each
// group of operations for which it means the same.
func Meanings(p *messages.Printer, m commands.Meaning) []Told {
	var all []Told
	var on [][]string
	for _, x := range m.On {
		t := tell(p, x, facts{})
		i := slices.Index(all, t)
		if i < 0 {
			i, all, on = len(all), append(all, t), append(on, nil)
		}
		if kind := kindName(p, x); x.Verb == "" || !slices.Contains(on[i], kind) {
			on[i] = append(on[i], operationName(p, x))
		}
	}
	if len(all) > 1 {
		for i := range all {
			all[i].When = strings.Join(on[i], ", ")
		}
	}
	return all
}

func operationName(p *messages.Printer, x commands.Explained) string {
	if x.Verb != "" {
		return p.Text("explained.verb."+string(x.Verb), nil)
	}
	return kindName(p, x)
}

func kindName(p *messages.Printer, x commands.Explained) string {
	return p.Text("explained.kind."+string(x.Kind), nil)
}

// Says names who says so, and in which words. Texts that come without a number
// are told with their HTTP status.
func Says(p *messages.Printer, m commands.Meaning) (module, said string) {
	room, _, _ := strings.Cut(m.Code.Key, ".")
	text, status := m.Code.Text, m.Code.Status
	if m.Code.Number != 0 {
		text, status = fmt.Sprintf("%d: %s", m.Code.Number, text), 0
	}
	return p.Text("explained.module."+room, nil), p.Text("explained.said", messages.Params{"Text": text, "Status": status})
}

// Source is where the vendor says so.
func Source(p *messages.Printer, m commands.Meaning) string {
	s := m.Code.Source
	page := p.Text("explained.no_page", nil)
	if s.Page != "" {
		page = "“" + s.Page + "”"
	}
	line := p.Text("explained.label.source", nil) + " " + s.Manual + " " + s.Version + ", " + page
	if s.Note != "" {
		line += "; " + p.Text("explained.note."+m.Code.Key, nil)
	}
	line += "."
	if m.Elsewhere() {
		line += " " + p.Text("explained.elsewhere", nil)
	}
	return line
}

// Unexplained says, in plain text, that nothing is known of what was asked;
// line is one that is right.
func Unexplained(p *messages.Printer, asked, line string) string {
	return p.Text("explained.none", messages.Params{"Code": inert(asked, 100), "Line": line})
}

// maxMeanings bounds an answer to explain; a number has at most a handful.
const maxMeanings = 10

// Explain answers what a code or a text of senhasegura means; a number means
// different things in PAM Core and in MySafe, and some for one operation only.
func Explain(p *messages.Printer, command, asked string, found []commands.Meaning) Message {
	if len(found) == 0 {
		text := Unexplained(p, asked, commandName(command)+" "+p.Text("helping.line.explain", nil))
		return Message{Text: escape(text), Blocks: []slack.Block{sentence(text)}}
	}
	title := p.Text("header.explain", messages.Params{"Code": inert(asked, 100)})
	blocks := []slack.Block{header(title)}
	for _, m := range found[:min(len(found), maxMeanings)] {
		blocks = append(blocks, meaning(p, m)...)
	}
	return Message{Text: escape(title), Blocks: blocks}
}

func meaning(p *messages.Printer, m commands.Meaning) []slack.Block {
	module, says := Says(p, m)
	blocks := []slack.Block{slack.NewRichTextBlock("", slack.NewRichTextSection(bold(module), words(" "+says)))}
	for _, t := range Meanings(p, m) {
		when := ""
		if t.When != "" {
			when = "_" + capital(t.When) + "_"
		}
		blocks = append(blocks, section(slices.Concat([]string{when}, t.marked(p))...))
	}
	return append(blocks, small(Source(p, m)))
}

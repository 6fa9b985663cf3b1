package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"senhasegura-bot/bot/messages"
	"senhasegura-bot/bot/views"
	"senhasegura-bot/commands"
	"senhasegura-bot/senhasegura"
)

// explainCommand says on the terminal what the bot's explain says in Slack. It
// needs no settings and asks nobody.
type explainCommand struct {
	What []string `arg:"" optional:"" name:"code" help:"A code or a text of senhasegura, if need be with its module: 1018, mysafe 1005, \"Resource sub not found\"."`
	Lang string   `enum:"en,pt-BR" default:"en" placeholder:"LANGUAGE" help:"en or pt-BR."`
	JSON bool     `name:"json" help:"Print JSON."`
}

// Run prints every meaning; that none is known is a failed check.
func (e *explainCommand) Run(c *console) error {
	asked, p := strings.Join(e.What, " "), messages.For(e.Lang)
	if strings.TrimSpace(asked) == "" {
		return &usageError{lines: []string{"explain needs a code or a text of senhasegura. A line that is right: senhasegura-bot explain 1018"}}
	}
	found := commands.Meanings(asked)
	if err := e.print(c.out, p, asked, found); err != nil {
		return err
	}
	if len(found) == 0 {
		return errCheckFailed
	}
	return nil
}

func (e *explainCommand) print(w io.Writer, p *messages.Printer, asked string, found []commands.Meaning) error {
	switch {
	case e.JSON:
		return printMeanings(w, p, found)
	case len(found) == 0:
		_, err := fmt.Fprintln(w, views.Unexplained(p, asked, "senhasegura-bot explain 1018"))
		return err
	}
	_, err := io.WriteString(w, meaningsText(p, found))
	return err
}

func meaningsText(p *messages.Printer, found []commands.Meaning) string {
	var b strings.Builder
	for i, m := range found {
		if i > 0 {
			b.WriteString("\n")
		}
		module, says := views.Says(p, m)
		fmt.Fprintf(&b, "%s %s\n", module, says)
		for _, t := range views.Meanings(p, m) {
			indent := "  "
			if t.When != "" {
				fmt.Fprintf(&b, "  %s:\n", t.When)
				indent = "    "
			}
			for _, l := range t.Lines(p) {
				fmt.Fprintf(&b, "%s%s %s\n", indent, l.Label, l.Text)
			}
		}
		fmt.Fprintf(&b, "  %s\n", views.Source(p, m))
	}
	return b.String()
}

// meaningJSON is an entry of the catalogue for programs. What explains it is in
// the language asked for.
type meaningJSON struct {
	Key            string             `json:"key"`
	Module         senhasegura.Module `json:"module,omitempty"`
	Number         int                `json:"number,omitempty"`
	Status         int                `json:"http_status,omitempty"`
	Text           string             `json:"text"`
	Kind           senhasegura.Kind   `json:"kind"`
	MayHaveChanged bool               `json:"may_have_changed"`
	RetryHelps     bool               `json:"retry_helps"`
	Operations     []string           `json:"listed_for,omitempty"`
	Source         string             `json:"source"`
	Explained      []views.Told       `json:"explained"`
}

func printMeanings(w io.Writer, p *messages.Printer, found []commands.Meaning) error {
	all := []meaningJSON{}
	for _, m := range found {
		c := m.Code
		all = append(all, meaningJSON{c.Key, c.Module, c.Number, c.Status, c.Text, c.Kind, c.MayHaveChanged, c.RetryHelps, c.Ops, c.Source.String(), views.Meanings(p, m)})
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(all)
}

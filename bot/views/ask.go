package views

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/slack-go/slack"

	"senhasegura-bot/approvals"
	"senhasegura-bot/bot/messages"
	"senhasegura-bot/commands"
)

// ActionAsk begins the action ids of the buttons that open the form of a request,
// filled: in a row of buttons no two may have the same.
const ActionAsk = "ask_"

// maxValue is how long a button's value may be (docs.slack.dev, "Button element").
const maxValue = 2000

// asking is what such a button carries. It fills the form and is trusted for
// nothing else: what is sent is what stands in the form then.
type asking struct {
	Command string   `json:"command,omitempty"` // the slash command's name
	Glass   bool     `json:"glass,omitempty"`
	Verb    string   `json:"verb,omitempty"`
	Kind    string   `json:"kind,omitempty"`
	Targets []string `json:"targets,omitempty"`
	Reason  string   `json:"reason,omitempty"`
}

// askButton opens the form of c. A reason that the value cannot hold is left out,
// never cut: the form asks for it again. Targets that it cannot hold make no
// button, nil.
func askButton(text, command string, c commands.Command) *slack.ButtonBlockElement {
	a := asking{Command: command, Glass: c.Word == commands.BreakGlass, Verb: string(c.Verb), Kind: string(c.Kind), Targets: c.Targets, Reason: c.Reason}
	value := a.encoded()
	if length(value) > maxValue {
		a.Reason = ""
		value = a.encoded()
	}
	if length(value) > maxValue {
		return nil
	}
	return slack.NewButtonBlockElement(ActionAsk+a.Verb, value, plain(text, maxButton))
}

func (a asking) encoded() string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false) // six characters for one
	_ = e.Encode(a)        // only strings: cannot fail
	return strings.TrimSpace(b.String())
}

// ReadAsk reads what a button that opens the form carries: the slash command's
// name, and the command to fill it with. What makes no sense is left out.
func ReadAsk(value string) (command string, c commands.Command) {
	var a asking
	if json.Unmarshal([]byte(value), &a) != nil {
		a = asking{}
	}
	c.Kind = approvals.Credential
	if kind := approvals.Kind(a.Kind); approvals.Possible(approvals.Deactivate, kind) {
		c.Kind = kind
	}
	if verb := approvals.Verb(a.Verb); approvals.Possible(verb, approvals.Credential) {
		c.Verb, c.Word = verb, commands.Name(verb)
	}
	if a.Glass {
		c.Word = commands.BreakGlass
	}
	for _, target := range a.Targets {
		c.Targets = append(c.Targets, visible(target))
	}
	c.Reason = a.Reason
	if strings.HasPrefix(a.Command, "/") && length(a.Command) <= 32 && !strings.ContainsAny(a.Command, " `\n") {
		command = a.Command
	}
	return command, c
}

// offered is one entry of the list beside a button that opens its form.
func offered(label string, button *slack.ButtonBlockElement) slack.Block {
	block := slack.NewSectionBlock(plain(inert(label, longestLabel), maxSection), nil, nil)
	if button != nil {
		block.Accessory = slack.NewAccessory(button)
	}
	return block
}

// choices are the entries of the list that a faulty line may have meant.
func choices(p *messages.Printer, command string, all []commands.Choice) []slack.Block {
	var blocks []slack.Block
	for _, c := range all[:min(len(all), maxLines)] {
		text := p.Text("faulty.ask", messages.Params{"ID": inert(c.ID, 20)})
		blocks = append(blocks, offered(c.Label, askButton(text, command, c.Command)))
	}
	return blocks
}

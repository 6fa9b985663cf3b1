package main

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"senhasegura-bot/approvals"
	"senhasegura-bot/bot/messages"
	"senhasegura-bot/bot/views"
	"senhasegura-bot/commands"
)

type policyExplainCommand struct {
	File    string   `arg:"" help:"The policy file."`
	Line    []string `arg:"" help:"What would be typed after the slash command, such as: release credential 94."`
	As      string   `required:"" placeholder:"U…" help:"Who asks: the account's id."`
	Channel string   `required:"" placeholder:"CHANNEL" help:"Where: the channel's name or id."`
	Members string   `placeholder:"FILE" help:"People, groups, channels and targets (YAML), in place of Slack and senhasegura."`
	JSON    bool     `name:"json" help:"Print JSON."`
}

// Run explains what the line would come to. A line that would be refused is a
// failed check.
func (c *policyExplainCommand) Run(out *console, ctx *running) error {
	x, err := c.explain(ctx)
	if err != nil {
		return err
	}
	if c.JSON {
		err = x.writeJSON(out.out)
	} else {
		_, err = fmt.Fprint(out.out, x.text())
	}
	if err == nil && x.refused() {
		err = errCheckFailed
	}
	return err
}

var directID = regexp.MustCompile(`^D[A-Z0-9]+$`)

// explained is a line and what it would come to.
type explained struct {
	approvals.Explanation
	policy *approvals.Policy
	// members is never nil; given says that a file told it.
	members *membersFile
	given   bool
	ask     approvals.Ask
	// fault is what the grammar says once it knows the targets' names. Then
	// there is no Explanation.
	fault *commands.Fault
	// noReason says that none was typed, though the rule may want one.
	noReason bool
}

func (x explained) refused() bool { return x.Refusal != nil || x.fault != nil }

// explain asks the desk that serve would ask, with the file as its directory.
func (c *policyExplainCommand) explain(ctx context.Context) (explained, error) {
	x, err := c.read()
	if err != nil {
		return x, err
	}
	command, fault := commands.Parse(strings.Join(c.Line, " "))
	switch {
	case fault != nil:
		return x, &usageError{lines: faultLines(fault)}
	case command.Word == commands.BreakGlass:
		return x, &usageError{lines: []string{"break-glass is not explained; without that word, the line says which rule would hold"}}
	case command.Verb == "" || len(command.Targets) == 0:
		return x, &usageError{lines: []string{"the line asks for nothing: it needs a verb and a target, such as release credential 94"}}
	}
	x.ask = approvals.Ask{User: c.As, Verb: command.Verb, Kind: command.Kind, Reason: command.Reason}
	if x.noReason = x.ask.Reason == ""; x.noReason {
		x.ask.Reason = "from the form" // which asks for one: that refuses nothing
	}
	ch, err := x.channel(c.Channel)
	if err != nil {
		return x, err
	}
	x.Channel, x.Requester.Person = ch, approvals.Person{User: c.As, Name: x.members.users[c.As].name}
	if x.ask.Targets, x.fault = commands.Resolve(x.members, command); x.fault != nil {
		x.ask.Targets = unnamed(command.Targets)
		return x, nil
	}
	if !x.given {
		x.Explanation = x.policy.Explain(x.ask, ch)
		return x, nil
	}
	x.ask.Channel = ch.ID
	desk := approvals.NewDesk(approvals.Config{Directory: x.members, Policy: func() *approvals.Policy { return x.policy }})
	x.Explanation, err = desk.Explain(ctx, x.ask)
	return x, err
}

func unnamed(refs []string) []approvals.Target {
	var all []approvals.Target
	for _, ref := range refs {
		all = append(all, approvals.Target{Ref: ref})
	}
	return all
}

// read reads both files; what is wrong with either is reported together.
func (c *policyExplainCommand) read() (explained, error) {
	x := explained{members: &membersFile{}, given: c.Members != ""}
	wrong := &usageError{}
	if !personID.MatchString(c.As) {
		wrong.lines = append(wrong.lines, fmt.Sprintf("--as %s: an account's id begins with U or W", c.As))
	}
	file, err := LoadPolicy(c.File)
	if err != nil {
		wrong.lines = append(wrong.lines, err.Error())
	}
	if x.given {
		if x.members, err = loadMembers(c.Members); err != nil {
			wrong.lines = append(wrong.lines, err.Error())
		}
	}
	if len(wrong.lines) > 0 {
		return x, wrong
	}
	if x.policy = file.Policy; !x.given {
		return x, nil
	}
	if faults := file.ResolveHandles(x.members.byHandle); len(faults) > 0 {
		return x, &PolicyFaults{Path: c.File, Faults: faults}
	}
	if _, known := x.members.users[c.As]; !known {
		return x, &usageError{lines: []string{fmt.Sprintf("--as %s: not among the users of %s", c.As, c.Members)}}
	}
	return x, nil
}

// channel finds the channel by its name or id; without a file it is what was
// typed, and nothing is known against it.
func (x explained) channel(typed string) (approvals.Channel, error) {
	name := strings.TrimPrefix(typed, "#")
	id, known := x.members.byName(name)
	switch {
	case known:
		return approvals.Channel{ID: id, Name: x.members.channels[id].name}, nil
	case x.given && !directID.MatchString(name):
		return approvals.Channel{}, &usageError{lines: []string{fmt.Sprintf("--channel %s: not among the channels of %s", typed, x.members.path)}}
	case x.given || channelID.MatchString(name):
		return approvals.Channel{ID: name}, nil
	}
	return approvals.Channel{Name: name}, nil
}

// faultLines is a fault of the line in words, and right lines to copy.
func faultLines(f *commands.Fault) []string {
	lines := []string{views.FaultPlain(messages.For(messages.English), f)}
	right := f.Lines
	if len(right) == 0 && f.Line != "" {
		right = []string{f.Line}
	}
	for _, line := range right {
		lines = append(lines, "  "+line)
	}
	return lines
}

package commands

import (
	"strings"
	"unicode/utf8"

	"senhasegura-bot/approvals"
)

// Field names an input of the form; the same as its block in the modal.
type Field string

// The inputs of the form.
const (
	FieldVerb    Field = "verb"
	FieldKind    Field = "kind"
	FieldTargets Field = "targets"
	FieldReason  Field = "reason"
	FieldLookup  Field = "lookup" // the search beside the targets
)

// Command is what a line means.
type Command struct {
	// Word is the verb of a request, or BreakGlass beside a verb.
	Word Name
	Verb approvals.Verb
	Kind approvals.Kind
	// Targets are ids and user@host as typed, in typed order, none twice.
	// Whether senhasegura can address each of them is for Resolve to say.
	Targets []string
	Reason  string
	// Arg is the request id of status and cancel in canonical form, the text
	// of find, the code or text of explain, the reason of freeze, the topic of help.
	Arg string
	// Missing are the inputs that the form must still ask for. A reason is
	// missing here even where the policy does without one.
	Missing []Field
}

// Incomplete reports whether the form must ask for more.
func (c Command) Incomplete() bool { return len(c.Missing) > 0 }

// Line is a line that asks for the same with other targets, without the name
// of the slash command. A reason from the form that a line cannot hold, such as
// one that begins with a number, is left out: the form asks for it again.
func (c Command) Line(targets []string) string {
	d := draft{as: string(c.Verb), verb: c.Verb, kind: c.Kind, targets: targets}
	if c.Word == BreakGlass {
		d.as = string(BreakGlass) + " " + d.as
	}
	if c.Kind != approvals.Credential {
		d.kindAs = string(c.Kind)
	}
	return rightLine(d.line(targets, d.withoutTargets(c.Reason)))
}

// argumentRunes bounds the text of find and explain, in code points.
const argumentRunes = 100

// Parse reads the text that Slack sends with a slash command. Exactly one of
// its results says something: either the command, or the first fault.
func Parse(text string) (Command, *Fault) {
	c, f := read(undo(text))
	if f != nil {
		return Command{}, f.finish()
	}
	return c, nil
}

// read is Parse before the fault's line is checked.
func read(t typed) (Command, *Fault) {
	r := &reader{typed: t}
	word := r.word()
	if word == "" {
		return Command{Kind: approvals.Credential, Missing: []Field{FieldVerb, FieldTargets, FieldReason}}, nil
	}
	w, ok := LookupWord(word)
	switch {
	case !ok:
		return Command{}, unknown(word, r.rest())
	case w.Name == BreakGlass:
		return readGlass(r, word)
	case w.Later:
		return Command{}, &Fault{Code: FaultLater, Word: word, Line: string(Pending)}
	case w.Verb != "":
		return readRequest(r, draft{as: word, verb: w.Verb})
	}
	return readOther(w, word, r.rest())
}

// unknown is the fault of a line whose first word is no command.
func unknown(word, rest string) *Fault {
	f := &Fault{Code: FaultUnknownCommand, Word: word, Line: string(Help)}
	first, after, _ := strings.Cut(rest, " ")
	if fold(word) == "break" && fold(first) == "glass" {
		f.Near, f.Line = []string{string(BreakGlass)}, string(BreakGlass)+" "+after
		return f
	}
	if _, ok := LookupWord(first); ok && strings.HasPrefix(word, "/") {
		f.Line = rest // the whole line was pasted after the command
		return f
	}
	_, kind := LookupKind(word)
	item, _, _ := strings.Cut(word, ",")
	if kind || targetFault(approvals.Credential, item) == "" {
		f.Code, f.Line = FaultVerbMissing, string(Deactivate)+" "+word+" "+rest
		return f
	}
	if near := nearestCommand(word); near != "" {
		f.Near, f.Line = []string{near}, near+" "+rest
	}
	return f
}

// readOther reads the commands that change nothing by themselves.
func readOther(w Word, as, rest string) (Command, *Fault) {
	fault := func(code FaultCode, word, line string) (Command, *Fault) {
		return Command{}, &Fault{Code: code, Word: word, Line: line}
	}
	switch {
	case (w.Name == Pending || w.Name == Unfreeze) && rest != "":
		return fault(FaultExtraWords, rest, as)
	case !w.Needs:
		return Command{Word: w.Name, Arg: rest}, nil
	case rest == "":
		_, argument, _ := strings.Cut(w.Example, " ")
		return fault(FaultArgumentMissing, as, as+" "+argument)
	case w.Name == Status || w.Name == Cancel:
		return readRequestID(w, as, rest)
	}
	most := argumentRunes
	if w.Name == Freeze {
		most = ReasonRunes
	}
	if n := utf8.RuneCountInString(rest); n > most {
		c, f := fault(FaultArgumentLong, rest, as+" "+string([]rune(rest)[:most]))
		f.Length, f.Max = n, most
		return c, f
	}
	return Command{Word: w.Name, Arg: rest}, nil
}

func readRequestID(w Word, as, rest string) (Command, *Fault) {
	first, more, extra := strings.Cut(rest, " ")
	id, ok := ParseRequestID(first)
	switch {
	case !ok:
		return Command{}, &Fault{Code: FaultRequestID, Word: first, Line: as + " " + exampleRequest}
	case extra:
		return Command{}, &Fault{Code: FaultExtraWords, Word: more, Line: as + " " + id}
	}
	return Command{Word: w.Name, Arg: id}, nil
}

// reader walks over a line.
type reader struct {
	typed
	at int
}

// word returns the next word and moves past it.
func (r *reader) word() string {
	from, to := r.next(" ")
	r.at = to
	return r.text[from:to]
}

// next tells where the next stretch without any of the stops lies.
func (r *reader) next(stops string) (from, to int) {
	from = r.at
	if from < len(r.text) && r.text[from] == ' ' {
		from++
	}
	if n := strings.IndexAny(r.text[from:], stops); n >= 0 {
		return from, from + n
	}
	return from, len(r.text)
}

func (r *reader) rest() string { return strings.TrimSpace(r.text[r.at:]) }

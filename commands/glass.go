package commands

import (
	"strings"

	"senhasegura-bot/approvals"
)

// readGlass reads what follows break-glass: a request, or as much of it as was
// typed. Its form asks for the rest, and for a reason that is long enough.
func readGlass(r *reader, as string) (Command, *Fault) {
	word := r.word()
	if word == "" {
		return Command{Word: BreakGlass, Kind: approvals.Credential, Missing: []Field{FieldVerb, FieldTargets, FieldReason}}, nil
	}
	w, ok := LookupWord(word)
	switch {
	case !ok:
		return Command{}, notGlass(as, word, r.rest())
	case w.Verb == "":
		return Command{}, &Fault{Code: FaultGlassWord, Word: word, Line: word + " " + r.rest()}
	}
	c, f := readRequest(r, draft{as: as + " " + word, verb: w.Verb})
	if f == nil {
		c.Word = BreakGlass
	}
	return c, f
}

// notGlass is the fault of a word after break-glass that is no command: as
// without break-glass where that line is a request.
func notGlass(as, word, rest string) *Fault {
	f := unknown(word, rest)
	first, _, _ := strings.Cut(f.Line, " ")
	if w, ok := LookupWord(first); ok && w.Verb != "" {
		f.Line = as + " " + f.Line
		return f
	}
	return &Fault{Code: FaultGlassWord, Word: word, Line: as}
}

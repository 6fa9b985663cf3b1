// Package commands is what people may ask: the list of all commands, the
// grammar of a line, the names behind its targets, the call each request ends
// in, and what senhasegura's answer means for people.
//
// # Model
//
// Parse turns the text of a slash command into a Command or a Fault. A Command
// may be incomplete: then the form asks for what is Missing, and FromFields
// reads the form. Resolve names the targets by senhasegura's lists. A Caller
// makes the calls for the approvals desk. Explanation names the messages that
// tell people what an answer means for its operation and who can deal with it;
// Meanings does so for a code or a text that somebody asks about.
//
//	c, fault := commands.Parse("desativar 1042,root@db01 chave vazada")
//	// c.Verb == approvals.Deactivate, c.Targets == [1042 root@db01], c.Reason == "chave vazada"
//	targets, fault := commands.Resolve(lists, c)
//
// SearchLists answers find, Suggest the form's search, and Meant says which names
// are like one that was requested and is in no list; what the search picked
// comes to FromFields beside what was typed.
//
// A request with break-glass before it is read like any other; that its reason is
// too short is for its form to say. Its Word is BreakGlass, and its lines to copy
// keep that word.
//
// # Faults
//
// A Fault quotes the offending word and has one right line to copy, which by
// construction reads without a fault: a proposed line is read as if typed until
// nothing is left to correct. Where nobody can tell what was meant, the line is
// "find <word>", never another target that might exist: such targets are Choices
// beside it, each with what the list calls it. The line goes without the name of
// the slash command, which only Slack knows. The sentences are in
// the message catalogue, under Fault.Key; this package knows no language.
//
// # What Slack does to text
//
// Slack escapes & < > and then writes links and names in angle brackets of its
// own. undo reads the brackets first and undoes the escapes in one pass after
// that, so nothing a person typed is undone twice. A link that shows another
// thing than it leads to, and the name of a person or channel, are text in a
// reason and a fault in a target.
//
// # Decisions
//
// What is read into a target is what is called, shown and stored: invisible
// joiners and direction marks are dropped before that, other invisible
// characters are a fault. Targets are compared regardless of case.
//
// "deactivate 5 and 6 leaked" is as ambiguous as "deactivate 5 6 leaked".
//
// The nearest word is offered only where it is clear, and never the opposite:
// "reactivate" is a single letter away from "deactivate".
//
// A target by id gets its user@host even where another credential has the same
// one: rules of the policy are written for names and must hold for the id too.
// The price is that the two count as one target while a request is open.
//
// A reason that is too long is never offered cut; the line without it opens
// the form.
//
// # What it does not do
//
// It knows no Slack types, no channel and no policy, stores nothing, and does
// not know whether the person may ask. Lists are read from memory; only Call
// goes over the network.
package commands

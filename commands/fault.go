package commands

import (
	"strings"
	"unicode/utf8"

	"senhasegura-bot/approvals"
)

// FaultCode names a fault. Its sentence is the message "fault." + code.
type FaultCode string

// The faults of a line. The set is closed; FaultCodes lists it.
const (
	FaultUnknownCommand  FaultCode = "unknown_command"   // Near holds the word that was probably meant
	FaultVerbMissing     FaultCode = "verb_missing"      // begins with a kind or a target
	FaultLater           FaultCode = "later"             // history, timeline
	FaultGlassWord       FaultCode = "break_glass_word"  // after break-glass comes a verb; Line does without it
	FaultArgumentMissing FaultCode = "argument_missing"  // status, cancel, find, explain alone
	FaultArgumentLong    FaultCode = "argument_long"     // Length of Max code points
	FaultExtraWords      FaultCode = "extra_words"       // after a request id, or after pending
	FaultRequestID       FaultCode = "request_id"        //
	FaultNoCustody       FaultCode = "no_custody"        // release of a password or secret
	FaultMySafeByID      FaultCode = "mysafe_by_id"      // user@host of a password or secret
	FaultKindUnknown     FaultCode = "kind_unknown"      // Near holds the kind that was probably meant
	FaultKindMisplaced   FaultCode = "kind_misplaced"    // the kind comes once, before the targets
	FaultTargetsMissing  FaultCode = "targets_missing"   // the form's field is empty
	FaultCommaLeading    FaultCode = "comma_leading"     //
	FaultCommaDouble     FaultCode = "comma_double"      //
	FaultCommaTrailing   FaultCode = "comma_trailing"    //
	FaultCommaReason     FaultCode = "comma_reason"      // a comma, then words of a reason
	FaultTarget          FaultCode = "target"            // neither an id nor user@host
	FaultIDSign          FaultCode = "id_sign"           //
	FaultIDZero          FaultCode = "id_zero"           // leading zero
	FaultIDLong          FaultCode = "id_long"           // more than Max digits
	FaultIDDigits        FaultCode = "id_digits"         // a fraction, or digits other than 0-9
	FaultNameUser        FaultCode = "name_user"         // the part before @
	FaultNameHost        FaultCode = "name_host"         // the part after @
	FaultNameLong        FaultCode = "name_long"         // Length of Max code points
	FaultMention         FaultCode = "mention"           // a person or channel of Slack as target
	FaultLink            FaultCode = "link"              // shows one thing and leads to Other
	FaultTooMany         FaultCode = "too_many"          // Length of Max targets
	FaultAmbiguous       FaultCode = "ambiguous"         // targets without a comma between them
	FaultTimed           FaultCode = "timed"             // for 2h
	FaultReasonMissing   FaultCode = "reason_missing"    // a form that needs one was sent without
	FaultReasonLong      FaultCode = "reason_long"       // Length of Max code points
	FaultByID            FaultCode = "by_id"             // senhasegura takes only the id here; Line has it
	FaultByIDChoice      FaultCode = "by_id_choice"      // the same, and Lines are several
	FaultByIDUnknown     FaultCode = "by_id_unknown"     // the same, and the list does not hold the name; Near
	FaultByIDUnavailable FaultCode = "by_id_unavailable" // the same, and the list cannot be read now
	FaultNameChoice      FaultCode = "name_choice"       // user@host names several entries; Lines
	FaultPickedKind      FaultCode = "picked_kind"       // the form's search picked one of another kind, Other
)

// FaultCodes is the closed set of faults.
func FaultCodes() []FaultCode {
	return []FaultCode{
		FaultUnknownCommand, FaultVerbMissing, FaultLater, FaultGlassWord, FaultArgumentMissing, FaultArgumentLong, FaultExtraWords, FaultRequestID,
		FaultNoCustody, FaultMySafeByID, FaultKindUnknown, FaultKindMisplaced, FaultTargetsMissing,
		FaultCommaLeading, FaultCommaDouble, FaultCommaTrailing, FaultCommaReason,
		FaultTarget, FaultIDSign, FaultIDZero, FaultIDLong, FaultIDDigits, FaultNameUser, FaultNameHost, FaultNameLong,
		FaultMention, FaultLink, FaultTooMany, FaultAmbiguous, FaultTimed, FaultReasonMissing, FaultReasonLong,
		FaultByID, FaultByIDChoice, FaultByIDUnknown, FaultByIDUnavailable, FaultNameChoice, FaultPickedKind,
	}
}

// Fault says what is wrong with a line and how a right one looks. It is an
// answer to a person, not an error.
type Fault struct {
	Code FaultCode
	// Word is the offending word, as typed; after what Slack did to it was
	// undone it occurs in the line. Empty for fields that are empty.
	Word string
	// Line is one right line to copy, without the name of the slash command;
	// empty only for texts that no line can hold (Reason).
	Line string
	// Lines are all right lines where there is a choice; the first is Line.
	Lines []string
	// Other is where a link leads that shows something else, or the kind of what
	// was picked.
	Other string
	// Near are names that were perhaps meant; beside Lines, what each is for.
	Near []string
	// Choices are the same as Lines, or of the names in Near where there are no
	// Lines, for the form: each is one entry of the list.
	Choices []Choice
	// Length is how much there is and Max how much there may be, in code
	// points, digits or targets.
	Length, Max int
	// Verb and Kind are those of the line, where it got that far.
	Verb approvals.Verb
	Kind approvals.Kind
}

// Choice is the command of a faulty line with an entry of the list, by its id,
// in place of the word that was wrong.
type Choice struct {
	Command
	ID, Label string
}

// Key is the message key of the fault's sentence.
func (f *Fault) Key() string { return "fault." + string(f.Code) }

// Params are the values that the sentence may use. All of them are always
// there, so that a template never meets a missing one.
func (f *Fault) Params() map[string]any {
	return map[string]any{
		"Word": f.Word, "Line": f.Line, "Lines": f.Lines, "Other": f.Other, "Near": strings.Join(f.Near, "; "),
		"Length": f.Length, "Max": f.Max, "Verb": string(f.Verb), "Kind": string(f.Kind),
	}
}

// wordRunes bounds what is quoted.
const wordRunes = 80

// quoted bounds a word for quoting; the rest of it is left out.
func quoted(word string) string {
	if utf8.RuneCountInString(word) <= wordRunes {
		return word
	}
	return strings.TrimSpace(string([]rune(word)[:wordRunes]))
}

// corrections bounds how many faults of one line are corrected for Line.
const corrections = 64

// finish makes a fault ready to be shown: the line that was proposed may have
// a next fault, so it is read as if typed until nothing is left to correct.
func (f *Fault) finish() *Fault {
	if f == nil {
		return nil
	}
	f.Word = quoted(f.Word)
	f.Line = rightLine(f.Line)
	return f
}

func rightLine(line string) string {
	for range corrections {
		t := plain(line)
		_, f := read(t)
		if f == nil {
			return t.text
		}
		line = f.Line
	}
	return string(Help)
}

package commands

import (
	"slices"

	"senhasegura-bot/approvals"
)

// Name is the canonical English word of a command.
type Name string

// The words a line may begin with. Request is the empty line: it opens the
// form that asks for verb, targets and reason.
const (
	Request    Name = ""
	Activate   Name = "activate"
	Deactivate Name = "deactivate"
	Release    Name = "release"
	Help       Name = "help"
	Status     Name = "status"
	Pending    Name = "pending"
	Cancel     Name = "cancel"
	Find       Name = "find"
	Explain    Name = "explain"
	BreakGlass Name = "break-glass"
	Freeze     Name = "freeze"
	Unfreeze   Name = "unfreeze"
	History    Name = "history"
	Timeline   Name = "timeline"
)

// Word is one command as people may type it.
type Word struct {
	Name Name
	// Aliases are other English words, Portuguese the Portuguese ones, the
	// first of which is the one help shows.
	Aliases, Portuguese []string
	// Args is what follows the word, in the notation of help.
	Args string
	// Example is a whole line without the name of the slash command.
	Example string
	// Verb is set on the words that ask for a privileged change.
	Verb approvals.Verb
	// TwoPeople says that a second person decides.
	TwoPeople bool
	// Needs says that the word is a fault without an argument.
	Needs bool
	// Later says that the command does not exist yet.
	Later bool
}

// Key is the message key of the command's one-line description.
func (w Word) Key() string { return "help." + string(w.Name) }

// Words are all spellings, the canonical one first.
func (w Word) Words() []string {
	return slices.Concat([]string{string(w.Name)}, w.Aliases, w.Portuguese)
}

// List is every command there is, in the order of help. The parser, help and
// the test of the manifest all use it.
func List() []Word { return slices.Concat(verbWords(), otherWords()) }

func verbWords() []Word {
	return []Word{
		{
			Name: Deactivate, Verb: approvals.Deactivate, TwoPeople: true,
			Aliases: []string{"disable"}, Portuguese: []string{"desativar", "inativar"},
			Args:    "[credential|password|secret] <id|user@host>[, …] <reason>",
			Example: "deactivate root@db01 key found in a public repository",
		},
		{
			Name: Activate, Verb: approvals.Activate, TwoPeople: true,
			Aliases: []string{"enable"}, Portuguese: []string{"ativar", "habilitar"},
			Args:    "[credential|password|secret] <id>[, …] <reason>",
			Example: "activate 1042 incident closed, key replaced",
		},
		{
			Name: Release, Verb: approvals.Release, TwoPeople: true,
			Portuguese: []string{"liberar"},
			Args:       "[credential] <id>[, …] <reason>",
			Example:    "release 1042 job stopped halfway",
		},
	}
}

func otherWords() []Word {
	return []Word{
		{Name: Pending, Portuguese: []string{"pendentes"}, Example: "pending"},
		{Name: Status, Args: "<request>", Needs: true, Example: "status " + exampleRequest},
		{Name: Cancel, Portuguese: []string{"cancelar"}, Args: "<request>", Needs: true, Example: "cancel " + exampleRequest},
		{Name: Find, Portuguese: []string{"buscar"}, Args: "<text>", Needs: true, Example: "find root@db01"},
		{Name: Explain, Portuguese: []string{"explicar"}, Args: "<code>", Needs: true, Example: "explain 1018"},
		{
			Name: BreakGlass, Aliases: []string{"breakglass"}, Portuguese: []string{"emergencia"},
			Args:    "<verb> [credential|password|secret] <id|user@host>[, …] <reason>",
			Example: "break-glass deactivate root@db01 attacker is logged in right now",
		},
		{Name: Freeze, Portuguese: []string{"congelar"}, Args: "<reason>", Needs: true, Example: "freeze token of the deploy bot stolen"},
		{Name: Unfreeze, Portuguese: []string{"descongelar"}, Example: "unfreeze"},
		{Name: Help, Portuguese: []string{"ajuda"}, Example: "help"},
		{Name: History, Later: true, Example: "history"},
		{Name: Timeline, Later: true, Example: "timeline"},
	}
}

// KindWord is one kind of target as people may type it.
type KindWord struct {
	Kind                approvals.Kind
	Aliases, Portuguese []string
}

// Words are all spellings, the canonical one first.
func (k KindWord) Words() []string {
	return slices.Concat([]string{string(k.Kind)}, k.Aliases, k.Portuguese)
}

// Kinds is every kind of target, the default first.
func Kinds() []KindWord {
	return []KindWord{
		{Kind: approvals.Credential, Aliases: []string{"cred"}, Portuguese: []string{"credencial"}},
		{Kind: approvals.Password, Portuguese: []string{"senha"}},
		{Kind: approvals.Secret, Aliases: []string{"api-secret", "apisecret"}, Portuguese: []string{"segredo"}},
	}
}

// LookupWord finds a command by any of its spellings; case and accents do not
// matter.
func LookupWord(typed string) (Word, bool) {
	f := fold(typed)
	for _, w := range List() {
		if slices.Contains(w.Words(), f) && f != "" {
			return w, true
		}
	}
	return Word{}, false
}

// LookupKind finds a kind by any of its spellings.
func LookupKind(typed string) (approvals.Kind, bool) {
	f := fold(typed)
	for _, k := range Kinds() {
		if slices.Contains(k.Words(), f) {
			return k.Kind, true
		}
	}
	return "", false
}

package commands

import (
	"regexp"
	"strconv"
	"strings"

	"senhasegura-bot/approvals"
	"senhasegura-bot/senhasegura"
)

// Meaning is one entry of senhasegura's catalogue and what it means for each
// operation that can be answered so.
type Meaning struct {
	Code senhasegura.Code
	// On is never empty. Where the words are the same for all operations, one
	// is enough to say.
	On []Explained
}

// Elsewhere reports whether the vendor lists it only for calls that are not
// the bot's.
func (m Meaning) Elsewhere() bool { return m.Code.Module != "" && len(m.Code.Ops) == 0 }

// asked is a number, if need be with what people write before it and with what
// follows it in senhasegura's answer.
var asked = regexp.MustCompile(`^(?i)(?:(?:error|erro|exception|code|c[oó]digo|de|of|http|status)[ :]+)*#?([0-9]{1,9})(?:[:.,;?! ].*)?$`)

// ofModule is the module before a number or a text.
var ofModule = regexp.MustCompile(`^(?i)(pam(?: core)?|mysafe|cofre)[ :]+`)

// Meanings is every meaning of what "explain" was asked: a number, if need be
// with its module ("mysafe 1005"), a text of senhasegura, or an HTTP status
// that comes without a number. None: no explanation is known, and none is
// guessed.
func Meanings(arg string) []Meaning {
	arg = strings.Trim(arg, " \"'`“”")
	module := ofModule.FindStringSubmatch(arg)
	if module != nil {
		arg = arg[len(module[0]):]
	}
	found := senhasegura.KnownText(arg)
	if m := asked.FindStringSubmatch(arg); m != nil {
		number, _ := strconv.Atoi(m[1])
		found = senhasegura.Known(number)
	}
	var all []Meaning
	for _, c := range found {
		if module == nil || of(module[1], c.Module) {
			all = append(all, meaningOf(c))
		}
	}
	return all
}

// of reports whether a module goes by this name; what gateway and server say
// is of both.
func of(name string, m senhasegura.Module) bool {
	return m == "" || strings.HasPrefix(strings.ToLower(name), "pam") == (m == senhasegura.PAMCore)
}

func meaningOf(c senhasegura.Code) Meaning {
	m := Meaning{Code: c}
	for _, o := range operations(c) {
		x := explained(c.Key, o)
		x.Changed, x.Again = ChangedNo, AgainNo
		switch {
		case c.MayHaveChanged && o.Verb == approvals.Release:
			x.Changed, x.Again = ChangedUnknown, AgainLook
		case c.MayHaveChanged:
			x.Changed, x.Again = ChangedUnknown, AgainSafe
		case c.RetryHelps:
			x.Again = AgainLater
		}
		if len(x.Who) == 0 {
			x.Again = ""
		}
		m.On = append(m.On, x)
	}
	return m
}

// operations are those whose meanings may differ.
func operations(c senhasegura.Code) []Operation {
	switch {
	case c.Module == senhasegura.MySafe:
		return []Operation{{Kind: approvals.Password}, {Kind: approvals.Secret}}
	case c.Module == "":
		return []Operation{{Kind: approvals.Credential}, {approvals.Release, approvals.Credential}, {Kind: approvals.Password}, {Kind: approvals.Secret}}
	case len(c.Ops) == 0:
		return []Operation{{Kind: approvals.Credential}}
	}
	verbs := map[string]approvals.Verb{
		senhasegura.OpActivateCredential: approvals.Activate, senhasegura.OpDeactivateCredential: approvals.Deactivate, senhasegura.OpReleaseCustody: approvals.Release,
	}
	var all []Operation
	for _, op := range c.Ops {
		all = append(all, Operation{verbs[op], approvals.Credential})
	}
	return all
}

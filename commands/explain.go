package commands

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"senhasegura-bot/approvals"
	"senhasegura-bot/senhasegura"
)

// Changed is whether a call changed anything.
type Changed string

// What can be said about it.
const (
	ChangedYes     Changed = "yes"
	ChangedNo      Changed = "no"
	ChangedUnknown Changed = "unknown"
)

// Who is who can do something about a failure.
type Who string

// The people of product.md, and the owner of an item in MySafe.
const (
	WhoNobody        Who = "" // nothing to do
	WhoRequester     Who = "requester"
	WhoApprover      Who = "approver"
	WhoAdministrator Who = "administrator" // of senhasegura
	WhoOperator      Who = "operator"      // runs the bot
	WhoOwner         Who = "owner"         // of the item in MySafe
)

// Explained is what people are told about an answer.
type Explained struct {
	// Means and Next are message keys: what the answer means for this
	// operation, and what to do next. Empty for a plain success.
	Means, Next string
	Changed     Changed
	// Retry says that the same call may succeed later although nobody changes
	// anything.
	Retry bool
	Who   Who
	// Code is senhasegura's catalogue entry; zero where there is none.
	Code senhasegura.Code
	// Verb and Kind are set where the meaning is of one operation only.
	Verb approvals.Verb
	Kind approvals.Kind
}

const (
	explainUnknown = "call.unknown" // no explanation known; shown verbatim
	explainAlready = "call.already"
)

// callFaults are the explanations of what has no entry in the catalogue.
func callFaults() []string {
	return []string{
		faultRedirect, faultAuth, faultNotConfigured, faultRateLimited, faultNotSent, faultLost, explainUnknown, explainAlready,
	}
}

// variants are the answers that mean another thing for another verb or kind.
func variants() map[string][]string {
	release, deactivate := string(approvals.Release), string(approvals.Deactivate)
	return map[string][]string{
		"pam.1008":    {release, deactivate},
		"mysafe.1005": {string(approvals.Password), string(approvals.Secret)},
		"mysafe.1009": {string(approvals.Password), string(approvals.Secret)},
		faultLost:     {release},
	}
}

// ExplainKeys are all message keys that explanations use, each once.
func ExplainKeys() []string {
	names := callFaults()
	for _, c := range senhasegura.All() {
		names = append(names, c.Key)
	}
	var keys []string
	for _, name := range names {
		for _, full := range append([]string{name}, suffixed(name)...) {
			keys = append(keys, means(full), next(full))
		}
	}
	return keys
}

func suffixed(name string) []string {
	var all []string
	for _, v := range variants()[name] {
		all = append(all, name+"."+v)
	}
	return all
}

func means(name string) string { return "explain." + name + ".means" }
func next(name string) string  { return "explain." + name + ".next" }

// Explanation says what a settled target's answer means for its operation.
func Explanation(t approvals.Target, v approvals.Verb, k approvals.Kind) Explained {
	a := t.Answer
	x := Explained{Changed: changedBy(t)}
	name := faultOf(t)
	if name == "" {
		return x
	}
	x.Code, _ = catalogued(name)
	x.Who = whoCan(name)
	x.Retry = x.Code.RetryHelps || a.Kind == approvals.AnswerWait || a.Kind == approvals.AnswerNotSent || a.Kind == approvals.AnswerLost
	if v == approvals.Release && x.Changed == ChangedUnknown {
		x.Retry = false // somebody has to look first
	}
	for _, special := range []string{string(v), string(k)} {
		if slices.Contains(variants()[name], special) {
			name += "." + special
			break
		}
	}
	x.Means, x.Next = means(name), next(name)
	return x
}

// faultOf is the name of what is to be explained, empty where nothing is.
func faultOf(t approvals.Target) string {
	known := slices.Contains(callFaults(), t.Answer.Fault)
	if _, ok := catalogued(t.Answer.Fault); ok {
		known = true
	}
	switch {
	case t.Answer.Kind == approvals.AnswerDone || t.Answer.Kind == approvals.AnswerChecked:
		return ""
	case t.Answer.Kind == approvals.AnswerAlready:
		return explainAlready
	case known:
		return t.Answer.Fault
	case t.Answer.Kind == approvals.AnswerLost || t.Answer.Kind == "" && t.Result == approvals.ResultUnknown:
		return faultLost
	case t.Answer.Kind == approvals.AnswerNotSent || t.Answer.Kind == "" && t.Result == approvals.ResultNotSent:
		return faultNotSent
	case t.Answer.Kind == "":
		return ""
	}
	return explainUnknown
}

// changedBy counts the attempts before the last one too: a refusal that
// follows a lost answer does not undo what that one may have done.
func changedBy(t approvals.Target) Changed {
	switch t.Answer.Kind {
	case approvals.AnswerDone:
		return ChangedYes
	case approvals.AnswerLost, approvals.AnswerChecked:
		return ChangedUnknown
	}
	if t.Lost || t.Result == approvals.ResultUnknown {
		return ChangedUnknown
	}
	return ChangedNo
}

func catalogued(key string) (senhasegura.Code, bool) {
	for _, c := range senhasegura.All() {
		if c.Key == key {
			return c, true
		}
	}
	return senhasegura.Code{}, false
}

// whoCan is who can do something about it. Faults between the bot and
// senhasegura are for the person who runs the bot, all others that are not
// listed for the administrator of senhasegura.
func whoCan(name string) Who {
	switch name {
	case "pam.1043", explainAlready, faultRateLimited:
		return WhoNobody
	case "pam.1007", "pam.1008", "pam.1010", "pam.1018", "mysafe.1005", "mysafe.1009", "mysafe.1010":
		return WhoRequester
	case "mysafe.1006":
		return WhoOwner
	case faultLost:
		return WhoApprover
	case faultRedirect, faultAuth, faultNotConfigured, faultNotSent, "mysafe.1001", "gateway.resource_not_found",
		"gateway.client_authentication", "gateway.no_route", "gateway.timed_out", "gateway.invalid_upstream", "gateway.upstream_timeout":
		return WhoOperator
	}
	return WhoAdministrator
}

var asked = regexp.MustCompile(`^(?i)(?:(pam(?: core)?|mysafe|cofre) ?)?#?([0-9]{1,9})(?:[:. ].*)?$`)

// Meanings is every meaning of what "explain" was asked: a number, if need be
// with its module ("mysafe 1005"), or a text of senhasegura. None: no
// explanation is known, and none is guessed.
func Meanings(arg string) []Explained {
	m := asked.FindStringSubmatch(arg)
	if m == nil {
		c, ok := senhasegura.ExplainText(arg)
		if !ok {
			return nil
		}
		return meaningsOf(c)
	}
	number, _ := strconv.Atoi(m[2])
	var all []Explained
	for _, c := range senhasegura.Known(number) {
		if wanted := strings.ToLower(m[1]); wanted == "" || strings.HasPrefix(wanted, "pam") == (c.Module == senhasegura.PAMCore) {
			all = append(all, meaningsOf(c)...)
		}
	}
	return all
}

// meaningsOf is one meaning, or one for each operation that has its own.
func meaningsOf(c senhasegura.Code) []Explained {
	x := Explained{Code: c, Retry: c.RetryHelps, Who: whoCan(c.Key), Changed: ChangedNo, Means: means(c.Key), Next: next(c.Key)}
	if c.MayHaveChanged {
		x.Changed = ChangedUnknown
	}
	special := variants()[c.Key]
	if len(special) == 0 {
		return []Explained{x}
	}
	var all []Explained
	for _, s := range special {
		one := x
		one.Means, one.Next = means(c.Key+"."+s), next(c.Key+"."+s)
		if approvals.Possible(approvals.Verb(s), approvals.Credential) {
			one.Verb = approvals.Verb(s)
		} else {
			one.Kind = approvals.Kind(s)
		}
		all = append(all, one)
	}
	return all
}

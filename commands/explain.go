package commands

import (
	"slices"

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

// Again is whether the same call may succeed later although nobody changes
// anything.
type Again string

// What can be said about it; empty where there is nothing to try or nobody
// knows.
const (
	AgainNo    Again = "no"
	AgainLater Again = "later"
	AgainSafe  Again = "safe" // a state is set: a second time does no harm
	AgainLook  Again = "look" // a release: somebody has to look first
)

// Operation is what an answer is the answer to. Verb is empty where its
// meaning is the same for all of them.
type Operation struct {
	Verb approvals.Verb
	Kind approvals.Kind
}

// Explained is what people are told about an answer.
type Explained struct {
	// Means and Next are message keys: what the answer means for this
	// operation, and what to do next. Empty for a plain success.
	Means, Next string
	Changed     Changed
	Again       Again
	// Who can do it, in that order; empty where nothing is left to do.
	Who []Who
	// Code is senhasegura's catalogue entry; zero where there is none.
	Code senhasegura.Code
	Operation
}

const (
	explainUnknown = "call.unknown" // no explanation known; shown verbatim
	explainAlready = "call.already"
)

// callFaults are the explanations of what has no entry in the catalogue.
func callFaults() []string {
	return []string{faultRedirect, faultAuth, faultNotConfigured, faultNotSent, faultLost, explainUnknown, explainAlready}
}

// ExplainKeys are all message keys that explanations use, each once.
func ExplainKeys() []string {
	var keys []string
	for _, name := range explainable() {
		keys = append(keys, means(name), next(name))
	}
	return keys
}

func explainable() []string {
	names := callFaults()
	for _, c := range senhasegura.All() {
		names = append(names, c.Key)
	}
	return names
}

func means(name string) string { return "explain." + name + ".means" }
func next(name string) string  { return "explain." + name + ".next" }

// Explanation says what a settled target's answer means for its operation.
func Explanation(t approvals.Target, v approvals.Verb, k approvals.Kind) Explained {
	name := faultOf(t)
	if name == "" {
		return Explained{Changed: changedBy(t)}
	}
	x := explained(name, Operation{v, k})
	x.Changed = changedBy(t)
	x.Again = againAfter(t.Answer.Kind, x)
	return x
}

// explained is what the name of a fault alone tells.
func explained(name string, o Operation) Explained {
	c, _ := catalogued(name)
	return Explained{Means: means(name), Next: next(name), Who: whoCan(name, o), Code: c, Operation: o}
}

// againAfter is judged by what is known of the answers to this very target.
func againAfter(answer approvals.AnswerKind, x Explained) Again {
	switch {
	case len(x.Who) == 0 || x.Means == means(explainUnknown):
		return ""
	case x.Changed == ChangedUnknown && x.Verb == approvals.Release:
		return AgainLook
	case answer == approvals.AnswerRefused:
		return AgainNo
	case x.Changed == ChangedUnknown:
		return AgainSafe
	}
	return AgainLater
}

// faultOf is the name of what is to be explained, empty where nothing is.
func faultOf(t approvals.Target) string {
	switch {
	case t.Answer.Kind == approvals.AnswerDone || t.Answer.Kind == approvals.AnswerChecked:
		return ""
	case t.Answer.Kind == approvals.AnswerAlready:
		return explainAlready
	case slices.Contains(explainable(), t.Answer.Fault):
		return t.Answer.Fault
	case t.Answer.Kind == approvals.AnswerWait: // under another name in what was stored before the catalogue held it
		return faultRateLimited
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

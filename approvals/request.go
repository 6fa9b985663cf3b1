package approvals

import (
	"slices"
	"time"
)

// Verb is what is done to a target.
type Verb string

// The verbs of product.md §1.
const (
	Activate   Verb = "activate"
	Deactivate Verb = "deactivate"
	Release    Verb = "release"
)

// Kind is what a target is.
type Kind string

// The kinds of target. Credential belongs to PAM Core, the other two to MySafe.
const (
	Credential Kind = "credential"
	Password   Kind = "password"
	Secret     Kind = "secret"
)

// Possible reports whether senhasegura has a call for verb on kind:
// custody exists for credentials only.
func Possible(v Verb, k Kind) bool {
	switch v {
	case Activate, Deactivate:
		return k == Credential || k == Password || k == Secret
	case Release:
		return k == Credential
	}
	return false
}

// Result is how one target ended.
type Result string

// The results of product.md §3.
const (
	ResultDone    Result = "done"
	ResultAlready Result = "already"
	ResultFailed  Result = "failed"
	ResultUnknown Result = "unknown"
	ResultNotSent Result = "not_sent"
)

// AnswerKind is what an answer allows to be concluded.
type AnswerKind string

// The kinds of answer a call can end with.
const (
	AnswerDone    AnswerKind = "done"     // senhasegura said so
	AnswerAlready AnswerKind = "already"  // it was in that state before
	AnswerRefused AnswerKind = "refused"  // definite: nothing was changed
	AnswerNotSent AnswerKind = "not_sent" // no byte of the call left: repeat freely
	AnswerWait    AnswerKind = "wait"     // refused for now (429): repeat after After
	AnswerLost    AnswerKind = "lost"     // anything may have happened
	AnswerChecked AnswerKind = "checked"  // a person looked and said so
)

// Answer is what one call to senhasegura came to. It holds no secret.
type Answer struct {
	Kind AnswerKind `json:"kind,omitempty"`
	// Module, Code and Status name the error for its explanation; zero where
	// senhasegura gave none.
	Module string `json:"module,omitempty"`
	Code   int    `json:"code,omitempty"`
	Status int    `json:"status,omitempty"`
	// Fault is the stable name of the explanation (see senhasegura's
	// catalogue); empty when there is none.
	Fault string `json:"fault,omitempty"`
	// Message is senhasegura's own text, verbatim and bounded.
	Message string `json:"message,omitempty"`
	// After is how long to wait before another attempt (429 only).
	After time.Duration `json:"after,omitempty"`
}

// Person is one human being as Slack's users.info knew them. Persons are
// compared by Key, never by name.
type Person struct {
	// Key identifies the human across accounts: enterprise_user.id where there
	// is one, else team and id.
	Key string `json:"key"`
	// User is the account's id in this workspace (U… or W…), for mentions.
	User string `json:"user"`
	Name string `json:"name,omitempty"`
}

// Vote is one approval. Seal binds it to what the card showed (see seal.go).
type Vote struct {
	Person Person    `json:"person"`
	At     time.Time `json:"at"`
	Seal   string    `json:"seal"`
}

// Decision is how a request was ended by a person or by the bot.
type Decision struct {
	By     Person    `json:"by,omitzero"` // zero: the bot
	At     time.Time `json:"at"`
	Reason string    `json:"reason,omitempty"`
	// Cause says why the bot ended it; empty when a person did.
	Cause Cause `json:"cause,omitempty"`
}

// Cause is why the bot itself cancelled a request.
type Cause string

// The causes of product.md §3's table.
const (
	CauseRequester Cause = "requester_not_eligible"
	CausePolicy    Cause = "policy_denies"
	CauseCard      Cause = "card_cannot_be_posted"
	CauseGlass     Cause = "break_glass" // somebody did the same under break-glass
)

// Run is one execution of a request's targets.
type Run struct {
	// Number is 1 for the run that follows the approval, then one more for
	// each run_again.
	Number int `json:"number"`
	// By pressed run_again; zero for the first run. Seal proves it (seal.go).
	By   Person `json:"by,omitzero"`
	Seal string `json:"seal,omitempty"`
	// StartBy is the last instant at which the run may begin.
	StartBy  time.Time `json:"start_by,omitzero"`
	Began    time.Time `json:"began,omitzero"`
	Deadline time.Time `json:"deadline,omitzero"`
	Ended    time.Time `json:"ended,omitzero"`
}

// Checked is a person's word on a request whose outcome was unknown.
type Checked struct {
	By   Person    `json:"by"`
	At   time.Time `json:"at"`
	Done bool      `json:"done"`
	Note string    `json:"note,omitempty"`
}

// Request is one privileged change somebody asked for, with all that happened
// to it. It is a value: Apply returns a changed copy.
type Request struct {
	// ID is R- and six characters; Nonce makes button values unguessable.
	ID    string `json:"id"`
	Nonce string `json:"nonce"`
	// Seal proves that the requester asked for exactly this (seal.go).
	Seal string `json:"seal,omitempty"`
	// Key is the idempotency key of the submission.
	Key  string `json:"key"`
	Team string `json:"team"`
	// Command is the slash command it was made with, as answers name it.
	Command string `json:"command,omitempty"`
	// Version starts at 1 and grows by one with each stored change; by more only
	// where the store went back (EventRewound).
	Version int   `json:"version"`
	State   State `json:"state"`

	Requester   Person   `json:"requester"`
	Channel     string   `json:"channel"`
	ChannelName string   `json:"channel_name,omitempty"`
	Verb        Verb     `json:"verb"`
	Kind        Kind     `json:"kind"`
	Targets     []Target `json:"targets"`
	Reason      string   `json:"reason,omitempty"`
	// Rule is the policy's rule as it stood when the request was made.
	Rule Rule `json:"rule"`
	// Eligible is how many people besides the requester could approve then;
	// under break-glass, how many could sign its review.
	Eligible int `json:"eligible"`
	// AtLeast says that not everybody could be looked up then: there may be more.
	AtLeast bool `json:"at_least,omitempty"`
	// Glass is set on a request that began without an approval (glass.go).
	Glass Glass `json:"glass,omitzero"`

	Created time.Time `json:"created"`
	Expires time.Time `json:"expires"`
	Votes   []Vote    `json:"votes,omitempty"`
	// Lapsed are voters who lost their vote because they are no longer eligible.
	Lapsed []Person `json:"lapsed,omitempty"`
	// Decision is set on denied, cancelled and expired requests.
	Decision Decision  `json:"decision,omitzero"`
	Approved time.Time `json:"approved,omitzero"`
	Run      Run       `json:"run,omitzero"`
	Checked  Checked   `json:"checked,omitzero"`
	// Ended is when the request reached the state it is in, for states that
	// end it and for unknown.
	Ended time.Time `json:"ended,omitzero"`
	// Rewound is when the record was found to be older than what was shown, so
	// that what became of the request is not known (rewound.go); zero: never.
	Rewound time.Time `json:"rewound,omitzero"`
	// Notices counts the outcomes that are owed to the card's thread.
	Notices int `json:"notices,omitempty"`

	// Lease is who runs the request now. It is kept beside the version: a
	// renewed lease is no change of the request.
	Lease Lease `json:"-"`
}

// Lease names the process that may run a request, until when. Fence grows
// with every claim; a process whose fence is older writes nothing.
type Lease struct {
	Holder string
	Fence  int64
	Until  time.Time
}

// Held reports whether somebody holds the lease at now.
func (l Lease) Held(now time.Time) bool { return l.Holder != "" && now.Before(l.Until) }

// Voted reports whether the person behind key has a vote on the request.
func (r Request) Voted(key string) bool {
	return slices.ContainsFunc(r.Votes, func(v Vote) bool { return v.Person.Key == key })
}

// Value is what the request's buttons carry.
func (r Request) Value() string { return r.ID + "." + r.Nonce }

// Needed is how many approvals the stored rule asks for.
func (r Request) Needed() int { return max(r.Rule.Approvals, 1) }

// Keys are the keys of all targets, without repeats.
func (r Request) Keys() []string {
	var keys []string
	for _, t := range r.Targets {
		for _, k := range t.Keys(r.Kind) {
			if !slices.Contains(keys, k) {
				keys = append(keys, k)
			}
		}
	}
	return keys
}

// clone copies what Apply may change.
func (r Request) clone() Request {
	r.Targets = slices.Clone(r.Targets)
	r.Votes = slices.Clone(r.Votes)
	r.Lapsed = slices.Clone(r.Lapsed)
	return r
}

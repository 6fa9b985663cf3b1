package approvals

import (
	"context"
	"log/slog"
	"time"
)

// Config is what a Desk needs; every field is required unless it says so.
type Config struct {
	Team      string // workspace
	Process   string // names this process in leases and the audit; unique
	Store     Store
	Directory Directory
	// Policy returns the policy now in force; never nil.
	Policy func() *Policy
	Caller Caller
	Sealer Sealer
	Logger *slog.Logger
	// Changed is told the id of a request after each change made here, so that
	// its card follows at once. It must not block. May be nil.
	Changed func(id string)
	// Noted is given an entry for each refusal of a person's command or click.
	// It must not block. May be nil.
	Noted func(Entry)
	// RunDeadline bounds a run (2m), CallTimeout a call (15s), Lease how long a
	// dead process keeps a run (10s); Calls is how many calls may be under way
	// over all processes (4).
	RunDeadline, CallTimeout, Lease time.Duration
	Calls                           int
}

// Caller makes the privileged calls.
type Caller interface {
	// Admit gives leave for one call on a target of this kind, before it is
	// marked; nil while senhasegura is known not to answer or asked for a pause,
	// or while enough calls are under way here: then the target waits, and Admit
	// is asked again shortly.
	Admit(k Kind) Permit
	// Changed reports whether the list, at most 60 s old, now shows another
	// thing under the target's names than the card does. What the list does
	// not know has not changed.
	Changed(k Kind, t Target) bool
}

// Permit is leave to make one call. It ends with Call or with Return, whichever
// comes first; until then nobody else may find out whether senhasegura is back.
type Permit interface {
	// Call changes one target. The gate must be asked right before the first
	// byte of the call is written; when it refuses, nothing is sent and the
	// answer is AnswerNotSent.
	Call(ctx context.Context, v Verb, k Kind, ref string, gate func(context.Context) error) Answer
	// Return gives the leave back unused. After Call it does nothing.
	Return()
}

// Desk is where requests are made and decided.
type Desk struct {
	Config
	memory memory
}

// NewDesk makes a Desk. It starts nothing.
func NewDesk(c Config) *Desk { return &Desk{Config: c} }

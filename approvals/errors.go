package approvals

import (
	"errors"
	"time"
)

// What the transition table can answer.
var (
	// ErrNotNow: the request's state, or the time, does not allow the event.
	ErrNotNow = errors.New("not possible in this state")
	// ErrExpired: the time to decide is up.
	ErrExpired = errors.New("the request has expired")
	// ErrOwnRequest: the requester tried to decide.
	ErrOwnRequest = errors.New("the requester cannot decide")
	// ErrAlreadyVoted: this person's approval is counted already.
	ErrAlreadyVoted = errors.New("already approved by this person")
	// ErrNotRequester: only the requester cancels.
	ErrNotRequester = errors.New("only the requester can cancel")
	// ErrLeaseHeld: another process runs the request.
	ErrLeaseHeld = errors.New("another process holds the run")
	// ErrLeaseLost: another process took the run over.
	ErrLeaseLost = errors.New("the run was taken over")
	// ErrTooLate: the deadline of the event has passed.
	ErrTooLate = errors.New("too late")
	// ErrSeal: the votes on record were not cast by people on what is shown.
	ErrSeal = errors.New("the votes on record are not sealed for this request")
	// ErrRewound: the store lost what became of the request; nothing runs again.
	ErrRewound = errors.New("the record of the request went back")
	// ErrTooOften: run_again was pressed as often as it may be.
	ErrTooOften = errors.New("run again too often")
)

// What a Store can answer.
var (
	// ErrNotFound: there is no such request.
	ErrNotFound = errors.New("no such request")
	// ErrStale: the request changed since it was read. Nothing was written.
	ErrStale = errors.New("the request changed meanwhile")
	// ErrLate: the change arrived after its NotAfter. Nothing was written.
	ErrLate = errors.New("the change came too late")
	// ErrBusy: as many calls as allowed are under way, or another run holds
	// the target. Nothing was written; try again shortly.
	ErrBusy = errors.New("no call can begin right now")
	// ErrTouched: a later request touched one of the targets. Nothing was written.
	ErrTouched = errors.New("a later request touched a target")
	// ErrTaken: the id or nonce is in use. Nothing was written.
	ErrTaken = errors.New("the request id is taken")
	// ErrFourEyes: the store refuses to approve without as many other people
	// as the request needs. Nothing was written.
	ErrFourEyes = errors.New("not enough other people approved")
	// ErrReviewed: the break-glass was signed before.
	ErrReviewed = errors.New("the review is signed already")
	// ErrFrozen: the change acts, and everything is frozen. Nothing was written.
	ErrFrozen = errors.New("everything is frozen")
	// ErrUnavailable: the store could not be reached and nothing was written.
	ErrUnavailable = errors.New("the store cannot be reached")
	// ErrUnconfirmed: the store may have written, its answer was lost.
	ErrUnconfirmed = errors.New("the store's answer was lost")
)

// Why names the reason of a refusal; it is the key of the sentence people read.
type Why string

// The refusals of product.md §2, §3 and §6.
const (
	WhyNotMember      Why = "not_member"        // guest, stranger, bot, deactivated
	WhyNotRequester   Why = "not_in_requesters" // the policy's requesters leave them out
	WhyNotEligible    Why = "not_eligible"      // not among the approvers
	WhyOwnRequest     Why = "own_request"
	WhyAlreadyVoted   Why = "already_voted"
	WhyDecided        Why = "decided"
	WhyExpired        Why = "expired"
	WhyUnknownRequest Why = "unknown_request"
	WhyNotYours       Why = "not_yours" // cancel by somebody else
	WhyDirectMessage  Why = "direct_message"
	WhyNotInChannel   Why = "not_in_channel"
	WhyShared         Why = "shared_channel"
	WhyChannel        Why = "channel_unreadable"
	WhyArchived       Why = "channel_archived"
	WhyRoom           Why = "post_to" // Err says why the bot cannot post the card where Rule sends it
	WhyDenied         Why = "policy_denies"
	WhyRulesDiffer    Why = "rules_differ"
	WhyReason         Why = "reason_required"
	WhyTooFew         Why = "too_few_eligible"
	WhyDuplicate      Why = "duplicate"
	// WhyDuplicateElsewhere: the first request is in a channel the person cannot see.
	WhyDuplicateElsewhere Why = "duplicate_elsewhere"
	WhyOutside            Why = "not_in_private_channel" // the person who asks is not a member
	WhyPersonMinute       Why = "limit_person_minute"
	WhyPersonPending      Why = "limit_person_pending"
	WhyPending            Why = "limit_pending"
	WhySlack              Why = "slack_unavailable"
	WhyStore              Why = "store_unavailable"
	WhyUnconfirmed        Why = "unconfirmed"
	WhyTooLate            Why = "too_late"
	WhyTooOften           Why = "too_often"
	WhyTouched            Why = "touched"
	WhyWithdrawn          Why = "withdrawn" // this click found that the bot must cancel
	WhyNothingToRerun     Why = "not_unknown"
	WhyNotReady           Why = "not_ready"      // the card is being posted
	WhyStopping           Why = "stopping"       // the process was told to stop
	WhyNotConfigured      Why = "not_configured" // no access key for this kind
	WhyFrozen             Why = "frozen"
	WhyNotFreezer         Why = "not_freezer"             // not among the policy's freeze people
	WhyNoFreeze           Why = "no_freeze"               // the policy has no freeze
	WhyNoGlass            Why = "no_break_glass"          // the policy has none
	WhyNotGlass           Why = "not_in_break_glass"      // not among its people
	WhyGlassVerb          Why = "break_glass_verb"        // not among its verbs
	WhyGlassReason        Why = "break_glass_reason"      // shorter than Need code points
	WhyNoReviewer         Why = "break_glass_no_reviewer" // nobody besides the person could sign
	WhyUnreviewed         Why = "break_glass_unreviewed"  // ID is this person's last one, unsigned
	WhyReviewed           Why = "reviewed"                // signed already
	WhyNotReviewer        Why = "not_reviewer"
	WhyOwnReview          Why = "own_review"
	WhyRewound            Why = "rewound"   // the store lost what became of the request
	WhyReadLate           Why = "read_late" // the process was stopped, and reads it long after it came
	// WhyFreezeUnconfirmed: a freeze, or its end, may have been stored.
	WhyFreezeUnconfirmed Why = "freeze_unconfirmed"
)

// Refusal is why a person's command or click did nothing. It is an answer, not
// a fault.
type Refusal struct {
	Why Why
	// Request is the request it is about, where there is one (for a duplicate:
	// the first one).
	Request Request
	// Rule is the rule that refused, where one did.
	Rule Rule
	// Have and Need count people (too few eligible) or requests (limits).
	Have, Need int
	// Groups are the targets of each rule (rules_differ), in typed order;
	// Request then holds what was asked.
	Groups [][]Target
	// ID names a request whose storing is not confirmed.
	ID string
	// Wait is how long until a limit lets the next request through.
	Wait time.Duration
	// Freeze is the one in force (frozen); zero where it could not be read.
	Freeze Freeze
	// Err is the cause for the log; never shown.
	Err error
}

func (r *Refusal) Error() string {
	if r.Err != nil {
		return "refused: " + string(r.Why) + ": " + r.Err.Error()
	}
	return "refused: " + string(r.Why)
}

func (r *Refusal) Unwrap() error { return r.Err }

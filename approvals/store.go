package approvals

import (
	"context"
	"strings"
	"time"
)

// Store keeps requests and what is due. Its promises, held by the suites of
// approvalstest for every implementation:
//
//   - A change, its places in the indexes and its audit entry are one atomic
//     step, or nothing is written at all.
//   - Time is the store's own (Now, and the now that Load gives): clocks of
//     processes decide nothing.
//   - Submit and Commit are idempotent: sent again with the same key or op
//     they answer as the first time and write nothing.
//   - A change lands only on the version it was made from (else ErrStale), goes
//     one version further (Change.Follows), and lands not after its NotAfter (else ErrLate), so that "nothing happened" can be
//     said truthfully.
//   - While a freeze is in force no change that acts (Change.Acts) and no
//     break-glass is written (ErrFrozen), from the instant that Freeze
//     returned, on every process.
//   - No request becomes approved, or runs, without as many distinct people
//     besides its requester as the stored rule needs (ErrFourEyes), whatever
//     the caller believes. A break-glass, which is one from its birth on, needs
//     nobody before it runs; its review needs somebody else (ErrFourEyes).
//
// Every method returns ErrUnavailable, wrapped, when it is certain that
// nothing was written, and ErrUnconfirmed when an answer was lost.
type Store interface {
	// Now is the store's clock.
	Now(ctx context.Context) (time.Time, error)

	// Submit stores a new pending request with Created and Expires set from
	// the store's clock (Expires = Created + lifetime), Version 1; a break-glass
	// is stored approved instead. If its
	// Key was used before, the request stored then is returned and nothing is
	// written. Refusals: *Taken for a target that another open request with the same verb
	// holds, *OverLimit, ErrTaken for an id in use, ErrLate; of a break-glass
	// also ErrFrozen, and *Unreviewed while the person's last one is unsigned, by
	// whichever of their accounts.
	Submit(ctx context.Context, s Submission) (Request, error)

	// Load returns a request and the store's time. ErrNotFound.
	Load(ctx context.Context, id string) (Request, time.Time, error)

	// Commit replaces Before by After. ErrStale, ErrLate, ErrFourEyes,
	// ErrNotFound; ErrFrozen when the change acts during a freeze; ErrBusy when
	// it marks a target and the call may not begin now; ErrTouched or *Taken when
	// it reopens a request whose target another request touched or holds.
	Commit(ctx context.Context, c Change) error

	// Renew extends a lease that is still held under its fence to now+d and
	// returns its new end. ErrLeaseLost.
	Renew(ctx context.Context, id string, fence int64, d time.Duration) (time.Time, error)

	// Unlease ends a lease under its fence, so that another process can go on at once.
	Unlease(ctx context.Context, id string, fence int64) error

	// Due lists up to limit ids of each index whose time has come, and says
	// whether the store went back since this Store last asked.
	Due(ctx context.Context, limit int) (Due, error)

	// Undecided lists the ids of pending requests, those that expire first first.
	Undecided(ctx context.Context, limit int) ([]string, error)

	// Watched lists the ids of requests whose cards are behind, or will be looked
	// at again: those of all that may still change by themselves.
	Watched(ctx context.Context, limit int) ([]string, error)

	// Card returns what is known of the request's card. ErrNotFound only when
	// the request is unknown.
	Card(ctx context.Context, id string) (Card, error)

	// TakeCard gives the caller the right to draw the card for d, and the
	// request to draw. ErrLeaseHeld while another process draws.
	TakeCard(ctx context.Context, id, holder string, d time.Duration) (Card, Request, time.Time, error)

	// PutCard stores what a drawing came to, under the card's fence
	// (ErrLeaseLost), and gives the right back. If the card then shows the
	// request's version and the freeze as it is, has told every outcome and
	// nothing is due, the request leaves the index behind. With Tries above zero, or Hold, nobody
	// takes the card before due has passed: Slack said so, or we go easy on it.
	PutCard(ctx context.Context, id string, c Card, due time.Duration) error

	// CardOf returns the id of the request whose card the message is, or was
	// before it was posted again; empty when it is nobody's.
	CardOf(ctx context.Context, channel, ts string) (string, error)

	// Freeze puts f into force, with At set from the store's clock, leaves the
	// cards of all open requests behind and appends the entry, in one atomic
	// step; it returns what is now in force. While one is in force already it
	// writes nothing and returns that one and false. Sent again with the same
	// op it answers as the first time.
	Freeze(ctx context.Context, op string, f Freeze, entry Entry) (Freeze, bool, error)

	// Unfreeze ends the freeze in the same way and returns it as it was; false
	// when none is in force.
	Unfreeze(ctx context.Context, op string, entry Entry) (Freeze, bool, error)

	// Frozen returns the freeze in force; zero when there is none.
	Frozen(ctx context.Context) (Freeze, error)

	// Touched reports whether another request touched, since this one's last
	// run began, a target that run_again would call: then it is not offered.
	Touched(ctx context.Context, r Request) (bool, error)

	// Trim removes requests that ended more than age ago, at most limit of
	// them, and returns how many it removed.
	Trim(ctx context.Context, age time.Duration, limit int) (int, error)

	// Note appends an entry that changes nothing: a refusal. Of one person it
	// lists ten a minute; the others are counted, and the count is appended
	// when the minute is over. Best effort: what fails is not tried again.
	Note(ctx context.Context, e Entry) error

	// Forget takes an id that names no request out of the indexes. A request
	// that exists stays where it is.
	Forget(ctx context.Context, id string) error

	// Ping reports whether the store answers and can be written.
	Ping(ctx context.Context) error
}

// Submission is a request to store.
type Submission struct {
	Request  Request
	Lifetime time.Duration
	// Window bounds, from the instant of the call, how late the store may
	// still write; zero is five seconds.
	Window time.Duration
	Limits Limits
	// Accounts are those that count as the requester's now; of a break-glass only.
	Accounts []string
	Entry    Entry
}

// Limits bound what one person, and everybody, may have open. Zero is none.
type Limits struct {
	PerPersonMinute  int `json:"per_person_minute"`
	PendingPerPerson int `json:"pending_per_person"`
	Pending          int `json:"pending"`
}

// Change is one step of a request.
type Change struct {
	// Op makes the commit idempotent: unique per change.
	Op            string
	Before, After Request
	// NotAfter is the last instant, by the store's clock, at which the change
	// may be written; zero is no bound.
	NotAfter time.Time
	// Calls is how many calls may be under way over all processes (marks only).
	Calls int
	Entry Entry
}

// Follows reports whether After is one step of Before: the same request one
// version further, or above the version shown, and not to run, when its record
// went back.
func (c Change) Follows() bool {
	same := c.After.ID == c.Before.ID
	if c.Entry.Event == EventRewound {
		return same && c.After.Version > c.Before.Version && !c.After.State.Open()
	}
	return same && c.After.Version == c.Before.Version+1
}

// Due is what the indexes hold for now.
type Due struct {
	// Back says that the store no longer holds what it held when it was asked
	// before: it lost changes that it had confirmed. Doubtful are then all
	// requests that wait for their run, or run, by what is left.
	Back     bool
	Doubtful []string
	Expired  []string // pending, time is up
	Runnable []string // approved, or running with nobody holding it
	Behind   []string // the card does not show the request's version
}

// Card is the message that shows a request, and how far it has come.
type Card struct {
	Channel string
	TS      string // empty until posted
	// Shown is the version the message shows; Told how many outcomes its
	// thread was told.
	Shown, Told int
	// Frozen is when the freeze began that the message shows; zero when it
	// shows none. TakeCard gives, as Freeze, the one in force.
	Frozen time.Time
	Freeze Freeze
	// Reminded counts the reminders (Request.Reminders) that are behind us, sent
	// or left out.
	Reminded int
	// Pointer is the message that tells where the card is, in the channel where
	// it was asked; none where that is the card's own.
	Pointer Pointer
	// Shrunk says that the message shows the request's id and state only, as its
	// channel is shared with another organization; or will, once it is updated.
	Shrunk bool
	// Directs are the cards in direct messages, where a shrunk one is decided.
	Directs []Direct
	// Again asks for one more drawing: an earlier one may still arrive late.
	Again bool
	// Tries counts failed drawings in a row.
	Tries int
	// Hold keeps everybody from drawing before what PutCard says is due.
	Hold bool
	// Fence is the holder's; Resumed says that the last holder never gave the
	// card back (it died, or stalled past its lease).
	Fence   int64
	Resumed bool
}

// Pointer is a message in the channel where a request was asked. State is what
// it shows, or was left out for; empty when that is not known.
type Pointer struct {
	TS    string `json:"ts,omitempty"`
	State State  `json:"state,omitempty"`
	// Shrunk says that it shows id and state only.
	Shrunk bool `json:"shrunk,omitempty"`
	// Told counts the outcomes that the requester, who may not see the card's
	// thread, was told directly, or need not be.
	Told int `json:"told,omitempty"`
}

// Direct is a card in a direct message to one account. Shown names what it
// shows; empty when that is not known. Left says that it cannot be posted, or
// not be updated any more.
type Direct struct {
	User    string `json:"user"`
	Channel string `json:"channel,omitempty"`
	TS      string `json:"ts,omitempty"` // empty until posted
	Shown   string `json:"shown,omitempty"`
	Tries   int    `json:"tries,omitempty"` // failed ones in a row
	Left    bool   `json:"left,omitempty"`
}

// Sent reports whether the message is one of the card's direct ones, and
// whether it was sent to that account.
func (c Card) Sent(user, channel, ts string) (direct, theirs bool) {
	for _, d := range c.Directs {
		if d.TS != "" && d.TS == ts && d.Channel == channel {
			return true, d.User == user
		}
	}
	return false, false
}

// Taken says that open requests hold a target already: their ids, each once, in
// the order of the targets; never empty. A commit stops at the first.
type Taken struct{ By []string }

func (t *Taken) Error() string { return "open requests hold a target: " + strings.Join(t.By, ", ") }

// Unreviewed says that nobody signed the person's last break-glass.
type Unreviewed struct{ ID string }

func (u *Unreviewed) Error() string { return "an earlier break-glass is not reviewed: " + u.ID }

// OverLimit says which limit refused a request.
type OverLimit struct {
	Why  Why // WhyPersonMinute, WhyPersonPending or WhyPending
	Have int
	Wait time.Duration // per minute only
}

func (o *OverLimit) Error() string { return "over the limit: " + string(o.Why) }

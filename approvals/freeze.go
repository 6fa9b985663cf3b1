package approvals

import (
	"context"
	"errors"
	"time"
)

// Freeze stops everything at once: while it is in force no vote counts, no run
// begins and no call is marked, on any process.
type Freeze struct {
	By     Person `json:"by"`
	Reason string `json:"reason"`
	// At is the store's clock when it began; zero when nothing is frozen.
	At time.Time `json:"-"`
}

// On reports whether the freeze is in force.
func (f Freeze) On() bool { return !f.At.IsZero() }

// The entries of a freeze; no transitions.
const (
	EventFreeze   EventKind = "freeze"
	EventUnfreeze EventKind = "unfreeze"
)

// Acts reports whether the change brings a call nearer: a vote, the start of a
// run, a mark. These a freeze refuses; what ends or settles a request passes.
func (c Change) Acts() bool {
	// A mark that is made again may leave every field as it was.
	return c.Entry.Event == EventMark || len(c.After.Votes) > len(c.Before.Votes) ||
		c.Before.State != Running && c.After.State == Running
}

// Freezing is somebody's command to freeze, or to end a freeze.
type Freezing struct {
	User    string // account
	Channel string // where it was typed; for the audit
	Reason  string // freeze only
}

// Freeze puts a freeze into force, or says as a *Refusal why not. It returns
// the freeze that holds now; false when somebody else's was in force before,
// which stays as it is.
func (d *Desk) Freeze(ctx context.Context, f Freezing) (Freeze, bool, error) {
	return d.freezing(ctx, f, func(by Person) (Freeze, bool, error) {
		return d.Store.Freeze(ctx, newNonce(), Freeze{By: by, Reason: f.Reason}, d.freezeEntry(EventFreeze, f, by))
	})
}

// Unfreeze ends the freeze and returns it as it was; false when none was in force.
func (d *Desk) Unfreeze(ctx context.Context, f Freezing) (Freeze, bool, error) {
	return d.freezing(ctx, f, func(by Person) (Freeze, bool, error) {
		return d.Store.Unfreeze(ctx, newNonce(), d.freezeEntry(EventUnfreeze, f, by))
	})
}

// freezing takes a step of the freeze for a person who may.
func (d *Desk) freezing(ctx context.Context, f Freezing, step func(Person) (Freeze, bool, error)) (Freeze, bool, error) {
	by, err := d.freezer(ctx, f.User)
	if err != nil {
		return Freeze{}, false, err
	}
	frozen, changed, err := step(by)
	switch {
	case errors.Is(err, ErrUnavailable):
		err = &Refusal{Why: WhyStore, Err: err}
	case err != nil:
		err = &Refusal{Why: WhyFreezeUnconfirmed, Err: err}
	}
	return frozen, changed, err
}

// freezer judges a person who freezes or ends a freeze, by groups that are as
// fresh as at a deciding vote.
func (d *Desk) freezer(ctx context.Context, user string) (Person, error) {
	account, err := d.member(ctx, user, AgeDeciding)
	if err != nil {
		return Person{}, err
	}
	p := d.Policy()
	if p.Freezers == nil {
		return Person{}, &Refusal{Why: WhyNoFreeze}
	}
	may, err := d.mayFreeze(ctx, p, user, AgeDeciding)
	switch {
	case err != nil:
		return Person{}, &Refusal{Why: WhySlack, Err: err}
	case !may:
		return Person{}, &Refusal{Why: WhyNotFreezer, Rule: Rule{Approvers: [][]Approver{p.Freezers}}}
	}
	return p.Canonical(account.Person), nil
}

func (d *Desk) mayFreeze(ctx context.Context, p *Policy, user string, maxAge time.Duration) (bool, error) {
	e := electorate{dir: d.Directory, policy: p, lists: [][]Approver{p.Freezers}, maxAge: maxAge}
	return e.holds(ctx, user)
}

func (d *Desk) freezeEntry(kind EventKind, f Freezing, by Person) Entry {
	return Entry{Event: kind, Team: d.Team, By: by, Channel: f.Channel, Reason: f.Reason, Process: d.Process}
}

// Frozen returns the freeze in force; zero when there is none.
func (d *Desk) Frozen(ctx context.Context) (Freeze, error) { return d.Store.Frozen(ctx) }

// Speaks says as a *Refusal why the bot must not speak in a channel, or nil.
func (d *Desk) Speaks(ctx context.Context, channel string) error {
	_, err := d.channel(ctx, d.Policy(), channel, AgeActor)
	return err
}

// frozen words the store's refusal of a step; the freeze is told where it can
// still be read.
func (d *Desk) frozen(ctx context.Context, r Request, err error) error {
	if !errors.Is(err, ErrFrozen) {
		return err
	}
	f, unread := d.Store.Frozen(ctx)
	return &Refusal{Why: WhyFrozen, Request: r, Freeze: f, Err: unread}
}

package approvals

import (
	"context"
	"errors"
	"slices"
	"time"
	"unicode/utf8"
)

// BreakGlass is the policy's rule for acting before somebody approves. The
// second person comes after the call: a reviewer, in time.
type BreakGlass struct {
	// People may break the glass, among those who may ask at all.
	People []Approver
	Verbs  []Verb
	// ReviewWithin is how long a reviewer has to sign.
	ReviewWithin time.Duration
	Reviewers    []Approver
}

// MinGlassReason is how many code points the reason of a break-glass has at least.
const MinGlassReason = 20

// Glass marks a request that began without an approval, and keeps its review.
// Such a request is approved from its birth on, and stays a break-glass.
type Glass struct {
	// At is when the person confirmed, by the store's clock; zero: no break-glass.
	At time.Time `json:"at,omitzero"`
	// Within is how long a reviewer has, Reviewers the lists that each hold who
	// may sign; both as the policy had them.
	Within    time.Duration `json:"within,omitempty"`
	Reviewers [][]Approver  `json:"reviewers,omitempty"`
	// Signed is who reviewed it, and when; zero: nobody has.
	Signed   Person    `json:"signed,omitzero"`
	SignedAt time.Time `json:"signed_at,omitzero"`
	// Overdue says that the time to sign passed unsigned.
	Overdue bool `json:"overdue,omitempty"`
}

// On reports whether the request is a break-glass.
func (g Glass) On() bool { return !g.At.IsZero() }

// Unsigned reports whether the review of a break-glass is still owed.
func (g Glass) Unsigned() bool { return g.On() && g.SignedAt.IsZero() }

// Due is when the review is overdue.
func (g Glass) Due() time.Time { return g.At.Add(g.Within) }

// EventGlass is the entry of a break-glass's birth; no transition.
const EventGlass EventKind = "break_glass"

// review signs a break-glass. A late signature is one, too: the record says
// that it was late.
func (r *Request) review(e Event, now time.Time) error {
	switch {
	case !r.Glass.On():
		return ErrNotNow
	case !r.Glass.Unsigned():
		return ErrReviewed
	case e.By.Key == r.Requester.Key || e.By.User == r.Requester.User:
		return ErrOwnRequest
	}
	r.Glass.Signed, r.Glass.SignedAt = e.By, now
	return nil
}

// overdue records that the time to sign has passed.
func (r *Request) overdue(_ Event, now time.Time) error {
	if !r.Glass.Unsigned() || r.Glass.Overdue || now.Before(r.Glass.Due()) {
		return ErrNotNow
	}
	r.Glass.Overdue = true
	return nil
}

// BreakGlass stores a request that begins at once, or says as a *Refusal why
// nothing was done. A pending request that holds a target with the same verb is
// withdrawn for it: nobody may keep an emergency waiting by asking first.
func (d *Desk) BreakGlass(ctx context.Context, a Ask) (Request, error) {
	r, err := d.glass(ctx, a)
	if err != nil {
		return Request{}, err
	}
	now, err := d.Store.Now(ctx)
	if err != nil {
		return Request{}, &Refusal{Why: WhyStore, Err: err}
	}
	r.Glass.At = now.Truncate(time.Millisecond)
	r.Approved, r.Run = r.Glass.At, Run{Number: 1, StartBy: r.Glass.At.Add(StartWithin)}
	for {
		stored, err := d.store(ctx, Limits{}, r)
		var pending *givesWay
		if !errors.As(err, &pending) || ctx.Err() != nil {
			return stored, err
		}
		for _, id := range pending.ids {
			if err := d.Withdraw(ctx, id, CauseGlass, a.User); err != nil {
				return Request{}, d.refuse(Request{ID: id}, err)
			}
		}
	}
}

// givesWay says that only pending requests stand in the way of a break-glass.
type givesWay struct{ ids []string }

func (g *givesWay) Error() string { return "pending requests hold a target" }

// inTheWay finds out whether the requests that hold the targets all give way,
// whoever may see them. One that runs does not, and then none is withdrawn for
// nothing: it is the one that err tells first.
func (d *Desk) inTheWay(ctx context.Context, err error) error {
	var taken *Taken
	if !errors.As(err, &taken) {
		return err
	}
	for _, id := range taken.By {
		if holder, _, unread := d.Store.Load(ctx, id); unread != nil || holder.State.Open() && holder.State != Pending {
			return &Taken{By: []string{id}}
		}
	}
	return &givesWay{ids: taken.By}
}

// MayBreakGlass says as a *Refusal why the person could not break the glass
// now, or nil: asked before a form opens. What only the store knows (an
// unsigned review, a freeze) is found when the form is sent, and so is a
// reason that is too short.
func (d *Desk) MayBreakGlass(ctx context.Context, a Ask) error {
	_, err := d.glass(ctx, a)
	var refusal *Refusal
	if errors.As(err, &refusal) && refusal.Why == WhyGlassReason {
		return nil
	}
	return err
}

// glass makes the request, without its names, for a person who may.
func (d *Desk) glass(ctx context.Context, a Ask) (Request, error) {
	p := d.Policy()
	bg := p.BreakGlass
	if bg == nil {
		return Request{}, &Refusal{Why: WhyNoGlass}
	}
	requester, err := d.glassPerson(ctx, p, a)
	if err != nil {
		return Request{}, err
	}
	if !slices.Contains(bg.Verbs, a.Verb) {
		return Request{}, &Refusal{Why: WhyGlassVerb, Rule: Rule{Verbs: bg.Verbs}}
	}
	ch, rule, err := d.glassRule(ctx, p, a)
	if err != nil {
		return Request{}, err
	}
	r := Request{
		Key: a.Key, Team: d.Team, Command: a.Command, State: Approved, Requester: requester, Channel: ch.ID, ChannelName: ch.Name,
		Verb: a.Verb, Kind: a.Kind, Targets: a.Targets, Reason: a.Reason, Rule: rule,
		Glass: Glass{Within: bg.ReviewWithin, Reviewers: [][]Approver{bg.Reviewers}},
	}
	reviewers, all, err := d.signers(ctx, r)
	switch {
	case err != nil:
		return Request{}, &Refusal{Why: WhySlack, Err: err}
	case len(reviewers) == 0:
		return Request{}, &Refusal{Why: WhyNoReviewer, Rule: Rule{Approvers: r.Glass.Reviewers}}
	case utf8.RuneCountInString(a.Reason) < MinGlassReason:
		return Request{}, &Refusal{Why: WhyGlassReason, Have: utf8.RuneCountInString(a.Reason), Need: MinGlassReason}
	}
	r.Eligible, r.AtLeast = len(reviewers), !all
	return r, nil
}

// glassPerson judges who breaks the glass by facts as fresh as at a deciding
// vote: nobody else is asked before the call.
func (d *Desk) glassPerson(ctx context.Context, p *Policy, a Ask) (Person, error) {
	account, err := d.member(ctx, a.User, 0)
	if err != nil {
		return Person{}, err
	}
	may, err := d.mayAsk(ctx, p, a.User, a.Channel, AgeDeciding)
	if err != nil {
		return Person{}, &Refusal{Why: WhySlack, Err: err}
	}
	if !may {
		return Person{}, &Refusal{Why: WhyNotRequester}
	}
	people := electorate{dir: d.Directory, policy: p, lists: [][]Approver{p.BreakGlass.People}, channel: Channel{ID: a.Channel}, maxAge: AgeDeciding}
	may, err = people.holds(ctx, a.User)
	switch {
	case err != nil:
		return Person{}, &Refusal{Why: WhySlack, Err: err}
	case !may:
		return Person{}, &Refusal{Why: WhyNotGlass, Rule: Rule{Approvers: people.lists}}
	}
	return p.Canonical(account.Person), nil
}

// glassRule finds the rule that run_again and resolve will go by. Where the
// policy denies, the glass is not broken either; targets under different rules
// are no reason to wait: the strictest holds.
func (d *Desk) glassRule(ctx context.Context, p *Policy, a Ask) (Channel, Rule, error) {
	ch, err := d.channel(ctx, p, a.Channel, AgeDeciding)
	if err != nil {
		return ch, Rule{}, err
	}
	if may, err := d.sees(ctx, a.User, ch.ID); err != nil || !may {
		return ch, Rule{}, &Refusal{Why: WhyOutside, Err: err}
	}
	rule := p.strictestOf(a.asked(ch))
	if rule.Deny {
		return ch, rule, &Refusal{Why: WhyDenied, Rule: rule}
	}
	_, err = d.room(ctx, p, ch, rule, AgeDeciding)
	return ch, rule, err
}

// signers lists who could sign the review, by facts at most AgeCounting old;
// all is false where there may be more.
func (d *Desk) signers(ctx context.Context, r Request) (people []Person, all bool, err error) {
	p := d.Policy()
	ch, err := d.Directory.Channel(ctx, r.Room(), AgeCounting)
	if err != nil {
		return nil, false, err
	}
	return d.reviewers(p, r, ch, AgeCounting).people(ctx, r.Requester)
}

// reviewers are those of today's policy; those stored with the request where it
// has none any more. Unlike a vote, a review must not come to be impossible: it
// is owed until it is signed.
func (d *Desk) reviewers(p *Policy, r Request, ch Channel, maxAge time.Duration) electorate {
	lists := r.Glass.Reviewers
	if bg := p.BreakGlass; bg != nil {
		lists = [][]Approver{bg.Reviewers}
	}
	return d.electorate(p, Rule{Approvers: lists}, ch, maxAge)
}

// Sign records the review of a break-glass by a person besides the one who
// broke it, or says as a *Refusal why not.
func (d *Desk) Sign(ctx context.Context, p Press) (Request, error) {
	return d.decide(ctx, p, d.sign)
}

func (d *Desk) sign(ctx context.Context, o opened, _ Account, press Press) (Request, error) {
	switch {
	case !o.Glass.On():
		return o.Request, ErrNotNow
	case !o.Glass.Unsigned():
		return o.Request, ErrReviewed
	}
	account, err := d.member(ctx, press.User, 0) // the second person on record
	if err != nil {
		return o.Request, err
	}
	p := d.Policy()
	if own, err := d.own(ctx, p, o, account, 0); err != nil {
		return o.Request, &Refusal{Why: WhySlack, Request: o.Request, Err: err}
	} else if own {
		return o.Request, &Refusal{Why: WhyOwnReview, Request: o.Request}
	}
	_, room, err := d.places(ctx, p, o, AgeDeciding)
	if err != nil {
		return o.Request, err
	}
	electors := d.reviewers(p, o.Request, room, AgeDeciding)
	may, err := electors.holds(ctx, press.User)
	switch {
	case err != nil:
		return o.Request, &Refusal{Why: WhySlack, Request: o.Request, Err: err}
	case !may:
		return o.Request, &Refusal{Why: WhyNotReviewer, Request: o.Request, Rule: Rule{Approvers: electors.lists}}
	}
	return d.commit(ctx, o, Event{Kind: EventReview, By: p.Canonical(account.Person)}, o.now(), o.now().Add(remaining(ctx)))
}

// Overdue records that nobody signed in time; nil when there is nothing to record.
func (d *Desk) Overdue(ctx context.Context, id string) error {
	for {
		o, err := d.load(ctx, id)
		if err != nil {
			return err
		}
		_, err = d.commit(ctx, o, Event{Kind: EventOverdue}, o.now(), time.Time{})
		if errors.Is(err, ErrStale) {
			continue
		}
		if errors.Is(err, ErrNotNow) {
			return nil
		}
		return err
	}
}

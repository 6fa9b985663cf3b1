package approvals

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"time"
)

// Press is a button that somebody pressed, or a command about one request.
type Press struct {
	// Value is the button's, or that of the request which a command names.
	Value  string
	User   string
	Reason string // deny: why; resolve: the note
	Done   bool   // resolve
	// Shown is the version that the request's own card showed; zero where there
	// was no card, or it is not known to be that.
	Shown int
	// Direct says that it was pressed on the card's direct message to this very
	// person: then no stranger reads along, whoever shares the card's channel.
	Direct bool
}

// Approve counts one person's approval, or says as a *Refusal why not. With
// the deciding one the request is approved and anybody may run it.
func (d *Desk) Approve(ctx context.Context, p Press) (Request, error) {
	return d.decide(ctx, p, d.approve)
}

// Deny ends the request with a reason.
func (d *Desk) Deny(ctx context.Context, p Press) (Request, error) {
	return d.decide(ctx, p, d.deny)
}

// Cancel ends the request for the person who made it.
func (d *Desk) Cancel(ctx context.Context, p Press) (Request, error) {
	return d.decide(ctx, p, d.cancel)
}

// RunAgain starts another run over what is not known to be done.
func (d *Desk) RunAgain(ctx context.Context, p Press) (Request, error) {
	return d.decide(ctx, p, d.runAgain)
}

// Resolve records a person's word on a request whose outcome is unknown.
func (d *Desk) Resolve(ctx context.Context, p Press) (Request, error) {
	return d.decide(ctx, p, d.resolve)
}

// MayDeny returns the request if the person's denial could count now, or the
// *Refusal: asked before a form opens.
func (d *Desk) MayDeny(ctx context.Context, p Press) (Request, error) {
	return d.decide(ctx, p, func(ctx context.Context, o opened, a Account, _ Press) (Request, error) {
		_, err := d.pendingFor(ctx, o, a)
		return o.Request, err
	})
}

// MayResolve is MayDeny for Resolve.
func (d *Desk) MayResolve(ctx context.Context, p Press) (Request, error) {
	return d.decide(ctx, p, func(ctx context.Context, o opened, a Account, _ Press) (Request, error) {
		return o.Request, d.unknownFor(ctx, o, a)
	})
}

// Member judges the person behind a click, before anything is said about the
// request: only full members of the bot's home learn anything.
func (d *Desk) Member(ctx context.Context, user string) (Account, error) {
	return d.member(ctx, user, AgeActor)
}

// Open returns the request that a button's value was made for. Of the press it
// reads Value, User and Shown: a record that is older than that is closed as
// unknown. Whoever asks makes sure that the message is the request's card before
// they say what it shows.
func (d *Desk) Open(ctx context.Context, p Press) (Request, error) {
	o, err := d.press(ctx, p)
	return o.Request, err
}

// errAgain makes decide read the request anew.
var errAgain = errors.New("read the request again")

// decide is the way of every press: the person, the request, the step; and
// once more from the start while others change the request meanwhile. Each
// round that loses means that another person's step was counted.
func (d *Desk) decide(ctx context.Context, p Press, step func(context.Context, opened, Account, Press) (Request, error)) (Request, error) {
	account, err := d.member(ctx, p.User, AgeActor)
	if err != nil {
		return Request{}, err
	}
	for {
		o, err := d.press(ctx, p)
		if err != nil {
			return Request{}, err
		}
		o.direct = p.Direct
		if !d.Sealer.Asked(o.Request) {
			d.Logger.Error("a request that nobody asked for so was refused", "request", o.ID)
			return Request{}, &Refusal{Why: WhyUnknownRequest}
		}
		r, err := step(ctx, o, account, p)
		if (errors.Is(err, errAgain) || errors.Is(err, ErrStale) || errors.Is(err, ErrLate)) && ctx.Err() == nil {
			continue
		}
		return r, d.refuse(r, d.frozen(ctx, r, err))
	}
}

// refuse turns the table's and the store's errors into answers for people.
func (d *Desk) refuse(r Request, err error) error {
	var refusal *Refusal
	var taken *Taken
	switch {
	case err == nil || errors.As(err, &refusal):
		return err
	case errors.As(err, &taken):
		return &Refusal{Why: WhyTouched, Request: r, ID: taken.By[0], Err: err}
	}
	for _, known := range []struct {
		err error
		why Why
	}{
		{ErrOwnRequest, WhyOwnRequest}, {ErrAlreadyVoted, WhyAlreadyVoted}, {ErrNotRequester, WhyNotYours},
		{ErrExpired, WhyExpired}, {ErrNotNow, WhyDecided}, {ErrTooLate, WhyTooLate}, {ErrTooOften, WhyTooOften},
		{ErrTouched, WhyTouched}, {ErrReviewed, WhyReviewed}, {ErrRewound, WhyRewound}, {ErrNotFound, WhyUnknownRequest},
	} {
		if errors.Is(err, known.err) {
			return &Refusal{Why: known.why, Request: r}
		}
	}
	refusal, _ = unstored(r.ID, err).(*Refusal)
	refusal.Request = r
	return refusal
}

// until bounds a step: it is written before the instant at which the request
// expires, and not after the person stopped waiting.
func (o opened) until(ctx context.Context) time.Time {
	return earlier(o.Expires.Add(-1), o.now().Add(remaining(ctx)))
}

// pendingFor says why this account's decision cannot count now, or returns the
// rule that holds today.
func (d *Desk) pendingFor(ctx context.Context, o opened, a Account) (Rule, error) {
	switch {
	case o.State != Pending:
		return Rule{}, &Refusal{Why: o.decided(), Request: o.Request}
	case !o.now().Before(o.Expires):
		return Rule{}, d.close(ctx, o, Event{Kind: EventExpire}, WhyExpired)
	}
	return d.eligible(ctx, o, a, AgeActor)
}

// unknownFor says why this account cannot act on an unknown outcome, or nil.
func (d *Desk) unknownFor(ctx context.Context, o opened, a Account) error {
	if o.State != Unknown {
		return &Refusal{Why: WhyNothingToRerun, Request: o.Request}
	}
	_, err := d.eligible(ctx, o, a, AgeActor)
	return err
}

// close ends the request for the bot, found by somebody's click.
func (d *Desk) close(ctx context.Context, o opened, e Event, why Why) error {
	after, err := d.commit(ctx, o, e, o.now(), time.Time{})
	if err != nil {
		return err
	}
	return &Refusal{Why: why, Request: after}
}

// eligible says why the account may not decide the request, or returns the
// rule that holds today. The stored rule and today's policy must both allow it.
func (d *Desk) eligible(ctx context.Context, o opened, a Account, maxAge time.Duration) (Rule, error) {
	p := d.Policy()
	own, err := d.own(ctx, p, o, a, maxAge)
	if err != nil {
		return Rule{}, &Refusal{Why: WhySlack, Request: o.Request, Err: err}
	}
	if own {
		return Rule{}, &Refusal{Why: WhyOwnRequest, Request: o.Request}
	}
	asked, room, err := d.places(ctx, p, o, maxAge)
	if err != nil {
		return Rule{}, err
	}
	today := p.Today(o.Request, asked)
	if today.Deny && o.State == Pending {
		return today, d.close(ctx, o, Event{Kind: EventWithdraw, Cause: CausePolicy, Reason: today.Name}, WhyWithdrawn)
	}
	rules := []Rule{o.Rule}
	if !reflect.DeepEqual(o.Rule, today) { // each rule costs questions to Slack
		rules = append(rules, today)
	}
	for _, rule := range rules {
		may, err := d.electorate(p, rule, room, maxAge).holds(ctx, a.User)
		if err != nil {
			return today, &Refusal{Why: WhySlack, Request: o.Request, Err: err}
		}
		if !may || rule.Deny {
			return today, &Refusal{Why: WhyNotEligible, Request: o.Request, Rule: rule}
		}
	}
	return today, nil
}

// own reports whether the account is the requester, as on record or as Slack
// and the policy know that person now: the key on record may be of an older policy.
func (d *Desk) own(ctx context.Context, p *Policy, o opened, a Account, maxAge time.Duration) (bool, error) {
	who := p.Canonical(a.Person).Key
	if a.User == o.Requester.User || who == p.Canonical(o.Requester).Key {
		return true, nil
	}
	requester, err := d.Directory.Account(ctx, o.Requester.User, maxAge)
	return err == nil && who == p.Canonical(requester.Person).Key, err
}

func (d *Desk) approve(ctx context.Context, o opened, a Account, _ Press) (Request, error) {
	today, err := d.pendingFor(ctx, o, a)
	if err != nil {
		return o.Request, err
	}
	p := d.Policy()
	who := p.Canonical(a.Person)
	if slices.ContainsFunc(o.Votes, func(v Vote) bool { return v.Person.User == a.User || p.Canonical(v.Person).Key == who.Key }) {
		return o.Request, ErrAlreadyVoted
	}
	if needed := max(o.Needed(), today.Approvals); len(o.Votes)+1 >= needed {
		if a, today, err = d.recheck(ctx, o, a, today); err != nil {
			return o.Request, err
		}
	}
	now := o.now()
	who = d.Policy().Canonical(a.Person) // as it is now: it may have been found to be another's
	seal := d.Sealer.Seal
	if len(o.Votes)+1 >= max(o.Needed(), today.Approvals) {
		seal = d.Sealer.SealLast
	}
	e := Event{Kind: EventVote, By: who, Seal: seal(o.Request, who, now), Needed: today.Approvals}
	return d.commit(ctx, o, e, now, o.until(ctx))
}

func (d *Desk) deny(ctx context.Context, o opened, a Account, p Press) (Request, error) {
	if _, err := d.pendingFor(ctx, o, a); err != nil {
		return o.Request, err
	}
	e := Event{Kind: EventDeny, By: d.Policy().Canonical(a.Person), Reason: p.Reason}
	return d.commit(ctx, o, e, o.now(), o.until(ctx))
}

func (d *Desk) cancel(ctx context.Context, o opened, a Account, _ Press) (Request, error) {
	switch {
	case a.User != o.Requester.User && d.Policy().Canonical(a.Person).Key != o.Requester.Key:
		return o.Request, ErrNotRequester
	case o.State != Pending:
		return o.Request, &Refusal{Why: o.decided(), Request: o.Request}
	case !o.now().Before(o.Expires):
		return o.Request, d.close(ctx, o, Event{Kind: EventExpire}, WhyExpired)
	}
	return d.commit(ctx, o, Event{Kind: EventCancel, By: o.Requester}, o.now(), o.until(ctx))
}

func (d *Desk) runAgain(ctx context.Context, o opened, a Account, _ Press) (Request, error) {
	if err := d.unknownFor(ctx, o, a); err != nil {
		return o.Request, err
	}
	now, who := o.now(), d.Policy().Canonical(a.Person)
	e := Event{Kind: EventAgain, By: who, Limit: d.RunDeadline,
		Seal: d.Sealer.SealAgain(o.Request, o.Run.Number+1, who, now)}
	return d.commit(ctx, o, e, now, now.Add(remaining(ctx)))
}

func (d *Desk) resolve(ctx context.Context, o opened, a Account, p Press) (Request, error) {
	if err := d.unknownFor(ctx, o, a); err != nil {
		return o.Request, err
	}
	e := Event{Kind: EventResolve, By: d.Policy().Canonical(a.Person), Reason: p.Reason, Done: p.Done}
	return d.commit(ctx, o, e, o.now(), o.now().Add(remaining(ctx)))
}

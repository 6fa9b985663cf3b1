package approvals

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"
)

// LiveWithin bounds all live questions that a deciding vote asks.
const LiveWithin = 1500 * time.Millisecond

// judged is what the live look-ups said about one person of a request.
type judged struct {
	person  Person
	account Account
	err     error
}

// recheck asks Slack, live and in parallel, about the requester, every voter
// and the person whose vote would decide. A requester who is no longer
// eligible has the request cancelled; a voter who is not loses the vote; if
// Slack cannot be asked, nothing is counted. today is the rule as it was found
// before; the one that holds now is returned, with the account as it is now.
func (d *Desk) recheck(ctx context.Context, o opened, a Account, today Rule) (Account, Rule, error) {
	live, cancel := context.WithTimeout(ctx, LiveWithin)
	defer cancel()
	asked := []Person{o.Requester, a.Person}
	for _, v := range o.Votes {
		asked = append(asked, v.Person)
	}
	var looking sync.WaitGroup
	looking.Go(func() { d.look(live, o, today) })
	answers := d.judge(live, asked)
	looking.Wait()
	for _, j := range answers {
		if j.err != nil {
			return a, today, &Refusal{Why: WhySlack, Request: o.Request, Err: j.err}
		}
	}
	requester, a := answers[0].account, answers[1].account
	if p := d.Policy(); p.Canonical(a.Person).Key == p.Canonical(requester.Person).Key {
		return a, today, &Refusal{Why: WhyOwnRequest, Request: o.Request}
	}
	today, err := d.eligible(live, o, a, AgeDeciding)
	if err != nil {
		return a, today, err
	}
	if err := d.requesterStands(live, o, requester); err != nil {
		return a, today, err
	}
	if !a.Member {
		return a, today, &Refusal{Why: WhyNotMember, Request: o.Request}
	}
	return a, today, d.lapse(live, o, a, requester, answers[2:])
}

// look asks at once about the channels and every list that the judging after it
// rests on: one by one they would take longer than LiveWithin. What fails here
// is asked again there, and refuses there.
func (d *Desk) look(ctx context.Context, o opened, today Rule) {
	lists := slices.Concat(o.Rule.Approvers, today.Approvers)
	if ch, err := d.Directory.Channel(ctx, o.Room(), AgeActor); err == nil && ch.Private {
		lists = append(lists, []Approver{{Channel: true}})
	}
	var asking sync.WaitGroup
	asking.Go(func() { _, _ = d.Directory.Channel(ctx, o.Room(), AgeDeciding) })
	asking.Go(func() { _, _ = d.Directory.Channel(ctx, o.Channel, AgeDeciding) })
	var ask func([]Approver, string)
	ask = func(list []Approver, channel string) {
		for _, a := range list {
			switch {
			case a.Group != "":
				asking.Go(func() { _, _ = d.Directory.Group(ctx, a.Group, a.Handle, AgeDeciding) })
			case a.Channel:
				asking.Go(func() { _, _ = d.Directory.Members(ctx, channel, AgeDeciding) })
				ask(a.In, channel)
			}
		}
	}
	for _, list := range lists {
		ask(list, o.Room())
	}
	ask(d.Policy().Requesters, o.Channel)
	asking.Wait()
}

// judge asks about all at once; the answers keep the order.
func (d *Desk) judge(ctx context.Context, people []Person) []judged {
	answers := make([]judged, len(people))
	done := make(chan struct{})
	for i, person := range people {
		go func() {
			defer func() { done <- struct{}{} }()
			account, err := d.Directory.Account(ctx, person.User, 0)
			answers[i] = judged{person: person, account: account, err: err}
		}()
	}
	for range people {
		<-done
	}
	return answers
}

// requesterStands cancels the request if its requester may no longer ask.
func (d *Desk) requesterStands(ctx context.Context, o opened, requester Account) error {
	may := requester.Member
	if may {
		var err error
		if may, err = d.mayAsk(ctx, d.Policy(), o.Requester.User, o.Channel, AgeDeciding); err != nil {
			return &Refusal{Why: WhySlack, Request: o.Request, Err: err}
		}
	}
	if may {
		return nil
	}
	return d.close(ctx, o, Event{Kind: EventWithdraw, Cause: CauseRequester}, WhyWithdrawn)
}

// lapse takes back the vote of one voter who is no longer eligible, or who
// turns out to be the same person as another; the caller then reads again and
// finds the next.
func (d *Desk) lapse(ctx context.Context, o opened, clicker, requester Account, voters []judged) error {
	p := d.Policy()
	seen := map[string]bool{p.Canonical(clicker.Person).Key: true, p.Canonical(o.Requester).Key: true, p.Canonical(requester.Person).Key: true}
	for _, v := range voters {
		_, err := d.eligible(ctx, o, v.account, AgeDeciding)
		var refusal *Refusal
		if err != nil && !(errors.As(err, &refusal) && (refusal.Why == WhyNotEligible || refusal.Why == WhyOwnRequest)) {
			return err
		}
		key := p.Canonical(v.account.Person).Key // live: a key on record may be of an older policy
		if err == nil && v.account.Member && !seen[key] {
			seen[key] = true
			continue
		}
		if _, err := d.commit(ctx, o, Event{Kind: EventLapse, By: v.person}, o.now(), time.Time{}); err != nil {
			return err
		}
		return errAgain
	}
	return nil
}

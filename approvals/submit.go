package approvals

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"time"
)

// Ask is what somebody typed, with its targets as the list knows them.
type Ask struct {
	// Key makes asking idempotent: the same for every delivery of one command.
	Key     string
	User    string // account that asks
	Channel string
	Command string // name of the slash command, for answers; display only
	Verb    Verb
	Kind    Kind
	Targets []Target
	Reason  string
}

// Submit stores a pending request, or says as a *Refusal why nothing was
// requested. Nothing is stored unless enough people besides the requester can
// approve it.
func (d *Desk) Submit(ctx context.Context, a Ask) (Request, error) {
	p := d.Policy()
	w, err := d.weigh(ctx, p, a)
	if err != nil {
		return Request{}, err
	}
	return d.store(ctx, p.Limits, Request{
		Key: a.Key, Team: d.Team, Command: a.Command, State: Pending, Requester: w.requester, Channel: w.channel.ID, ChannelName: w.channel.Name,
		Verb: a.Verb, Kind: a.Kind, Targets: a.Targets, Reason: a.Reason, Rule: w.rule, Eligible: len(w.people), AtLeast: !w.all,
	})
}

// weighed is what is known of an ask by the time it is stored.
type weighed struct {
	requester Person
	channel   Channel
	rule      Rule
	people    []Person // who may approve
	all       bool     // there are no more of them
}

// weigh finds everything that can refuse an ask before the store is asked.
// Its error is a *Refusal.
func (d *Desk) weigh(ctx context.Context, p *Policy, a Ask) (weighed, error) {
	account, err := d.asker(ctx, p, a.User, a.Channel)
	if err != nil {
		return weighed{}, err
	}
	ch, err := d.channel(ctx, p, a.Channel, AgeActor)
	if err != nil {
		return weighed{}, err
	}
	if may, err := d.sees(ctx, a.User, ch.ID); err != nil || !may {
		return weighed{}, &Refusal{Why: WhyOutside, Err: err}
	}
	rule, err := p.allow(a.asked(ch), a.Reason)
	if err != nil {
		return weighed{}, err
	}
	room, err := d.room(ctx, p, ch, rule, AgeActor)
	if err != nil {
		return weighed{}, err
	}
	requester := p.Canonical(account.Person)
	people, all, err := d.electorate(p, rule, room, AgeCounting).people(ctx, requester)
	if err != nil {
		return weighed{}, &Refusal{Why: WhySlack, Err: err}
	}
	if len(people) < rule.Approvals {
		return weighed{}, &Refusal{Why: WhyTooFew, Rule: rule, Have: len(people), Need: rule.Approvals}
	}
	return weighed{requester: requester, channel: ch, rule: rule, people: people, all: all}, nil
}

// asked is what the policy looks at.
func (a Ask) asked(ch Channel) Asked {
	return Asked{Verb: a.Verb, Kind: a.Kind, Channel: ch, Targets: a.Targets, Requester: a.User}
}

// allow returns the rule, or what the policy alone refuses, as a *Refusal.
func (p *Policy) allow(a Asked, reason string) (Rule, error) {
	rule, choices, err := p.Choose(a)
	switch {
	case err != nil:
		return Rule{}, &Refusal{Why: WhyRulesDiffer, Groups: groups(choices), Request: Request{Verb: a.Verb, Kind: a.Kind, Reason: reason}}
	case rule.Deny:
		return Rule{}, &Refusal{Why: WhyDenied, Rule: rule}
	case reason == "" && !rule.ReasonOptional:
		return Rule{}, &Refusal{Why: WhyReason, Rule: rule}
	}
	return rule, nil
}

func groups(choices []Choice) [][]Target {
	var all [][]Target
	for _, c := range choices {
		all = append(all, c.Targets)
	}
	return all
}

// asker judges the person who asks.
func (d *Desk) asker(ctx context.Context, p *Policy, user, channel string) (Account, error) {
	account, err := d.member(ctx, user, AgeActor)
	if err != nil {
		return Account{}, err
	}
	may, err := d.mayAsk(ctx, p, user, channel, AgeActor)
	if err != nil {
		return Account{}, &Refusal{Why: WhySlack, Err: err}
	}
	if !may {
		return Account{}, &Refusal{Why: WhyNotRequester}
	}
	return account, nil
}

// member judges an account that acts: only full members do anything.
func (d *Desk) member(ctx context.Context, user string, maxAge time.Duration) (Account, error) {
	account, err := d.Directory.Account(ctx, user, maxAge)
	if err != nil {
		return Account{}, &Refusal{Why: WhySlack, Err: err}
	}
	if !account.Member {
		return Account{}, &Refusal{Why: WhyNotMember}
	}
	return account, nil
}

// mayAsk reports whether the policy lets the account ask at all.
func (d *Desk) mayAsk(ctx context.Context, p *Policy, user, channel string, maxAge time.Duration) (bool, error) {
	if p.Requesters == nil {
		return true, nil
	}
	e := electorate{dir: d.Directory, policy: p, lists: [][]Approver{p.Requesters}, channel: Channel{ID: channel}, maxAge: maxAge}
	return e.holds(ctx, user)
}

// channel judges where something is asked or decided.
func (d *Desk) channel(ctx context.Context, p *Policy, id string, maxAge time.Duration) (Channel, error) {
	if id == "" || id[0] == 'D' {
		return Channel{}, &Refusal{Why: WhyDirectMessage}
	}
	ch, err := d.Directory.Channel(ctx, id, maxAge)
	switch {
	case err != nil:
		return ch, &Refusal{Why: WhyChannel, Err: err}
	case ch.Direct:
		return ch, &Refusal{Why: WhyDirectMessage}
	case !ch.Visible, !ch.Joined:
		return ch, &Refusal{Why: WhyNotInChannel}
	case ch.Archived:
		return ch, &Refusal{Why: WhyArchived}
	case ch.Shared && !p.AllowShared:
		return ch, &Refusal{Why: WhyShared}
	}
	return ch, nil
}

// store gives the request its names and stores it.
func (d *Desk) store(ctx context.Context, limits Limits, r Request) (Request, error) {
	born := EventSubmit
	var accounts []string
	if r.Glass.On() {
		born, accounts = EventGlass, d.Policy().Accounts(r.Requester.User)
	}
	for {
		r.ID, r.Nonce, r.Version = newID(), newNonce(), 1
		r.Seal = d.Sealer.SealAsked(r)
		stored, err := d.Store.Submit(ctx, Submission{
			Request: r, Lifetime: r.Rule.Expires, Window: remaining(ctx), Limits: limits, Accounts: accounts,
			Entry: Record(Request{}, r, Event{Kind: born, By: r.Requester}, d.Process),
		})
		if errors.Is(err, ErrTaken) && ctx.Err() == nil {
			continue // a billion ids, one of them in use
		}
		if r.Glass.On() {
			err = d.inTheWay(ctx, err)
		}
		if err != nil {
			return Request{}, d.refuseSubmit(ctx, r, err)
		}
		d.changed(stored.ID)
		return stored, nil
	}
}

// refuseSubmit says what a store's refusal means for the person who asked.
func (d *Desk) refuseSubmit(ctx context.Context, r Request, err error) error {
	var taken *Taken
	var over *OverLimit
	var unreviewed *Unreviewed
	switch {
	case errors.As(err, new(*givesWay)):
		return err
	case errors.Is(err, ErrFrozen):
		return d.frozen(ctx, Request{}, err)
	case errors.As(err, &unreviewed):
		return &Refusal{Why: WhyUnreviewed, ID: unreviewed.ID}
	case errors.As(err, &taken):
		first, _, loadErr := d.Store.Load(ctx, taken.By[0])
		if loadErr != nil && !errors.Is(loadErr, ErrNotFound) {
			return &Refusal{Why: WhyStore, Err: loadErr}
		}
		if may, seeErr := d.reads(ctx, r.Requester.User, first); loadErr != nil || seeErr != nil || !may {
			return &Refusal{Why: WhyDuplicateElsewhere}
		}
		return &Refusal{Why: WhyDuplicate, Request: first}
	case errors.As(err, &over):
		limits := d.Policy().Limits
		need := map[Why]int{WhyPersonMinute: limits.PerPersonMinute, WhyPersonPending: limits.PendingPerPerson, WhyPending: limits.Pending}
		return &Refusal{Why: over.Why, Have: over.Have, Need: need[over.Why], Wait: over.Wait}
	}
	return unstored(r.ID, err)
}

// unstored tells "certainly nothing" from "not known" after a store's fault.
func unstored(id string, err error) error {
	if errors.Is(err, ErrUnavailable) || errors.Is(err, ErrLate) {
		return &Refusal{Why: WhyStore, ID: id, Err: err}
	}
	return &Refusal{Why: WhyUnconfirmed, ID: id, Err: err}
}

func (d *Desk) changed(id string) {
	if d.Changed != nil {
		d.Changed(id)
	}
}

// remaining is how long the caller still waits for an answer.
func remaining(ctx context.Context) time.Duration {
	if deadline, ok := ctx.Deadline(); ok {
		return max(time.Until(deadline), time.Millisecond)
	}
	return 5 * time.Second
}

// alphabet is Crockford's: no I, L, O or U to misread.
const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

func newID() string {
	b := make([]byte, 6)
	rand.Read(b)
	for i := range b {
		b[i] = alphabet[b[i]%32]
	}
	return "R-" + string(b)
}

func newNonce() string {
	b := make([]byte, 16)
	rand.Read(b)
	return base64.RawURLEncoding.EncodeToString(b)
}

package approvals

import (
	"context"
	"errors"
	"slices"
)

// Fit is what became of one rule while the rule for a target was sought.
type Fit string

// How a rule can fit. Where it does not, the first key of it that does not
// match.
const (
	FitHolds      Fit = "holds"       // every key matches: the search ends
	FitCandidate  Fit = "candidate"   // might match: the list does not know the target
	FitNotVerb    Fit = "verbs"       // another verb
	FitNotKind    Fit = "kinds"       // another kind
	FitNotChannel Fit = "channels"    // another channel
	FitOwnChannel Fit = "own_channel" // by its name only, and the requester created the channel
	FitNotTarget  Fit = "targets"     // another target
	FitNotReached Fit = "not_reached" // the search had ended
)

// Step is one rule and what became of it.
type Step struct {
	Rule Rule
	Fit  Fit
}

// Steps is the search for the rule of one target: every rule in the order of
// the policy, the defaults last.
func (p *Policy) Steps(a Asked, t Target) []Step {
	if p.Canonical(account(a.Requester)).Key == p.Canonical(account(a.Channel.Creator)).Key {
		a.Channel.Creator = a.Requester // by another account
	}
	var steps []Step
	held := false
	for _, r := range append(slices.Clone(p.Rules), p.Defaults) {
		step := Step{Rule: r, Fit: FitNotReached}
		if !held {
			step.Fit = r.fit(a, t)
			held = step.Fit == FitHolds
		}
		steps = append(steps, step)
	}
	return steps
}

func (r Rule) fit(a Asked, t Target) Fit {
	// A credential whose user@host the list does not tell is not known either:
	// rules are written for names.
	known := t.Label != "" && (a.Kind != Credential || t.Name != "")
	switch {
	case len(r.Verbs) > 0 && !slices.Contains(r.Verbs, a.Verb):
		return FitNotVerb
	case len(r.Kinds) > 0 && !slices.Contains(r.Kinds, a.Kind):
		return FitNotKind
	case len(r.Channels) > 0 && !a.inAny(r.Channels):
		if a.Channel.Creator = ""; a.inAny(r.Channels) {
			return FitOwnChannel
		}
		return FitNotChannel
	case len(r.Targets) == 0 || r.names(t):
		return FitHolds
	case !known:
		return FitCandidate
	}
	return FitNotTarget
}

func (a Asked) inAny(channels []string) bool { return slices.ContainsFunc(channels, a.inChannel) }

// Explanation is what asking would come to, and why.
type Explanation struct {
	Requester Account
	Channel   Channel
	// Room is the channel of the card, where approvers are judged; the one
	// asked in unless one rule holds that posts elsewhere.
	Room Channel
	// Choices are the rules that hold and their targets; more than one is a
	// refusal. Steps tells for each target of the Ask how its rule was found.
	Choices []Choice
	Steps   [][]Step
	// Named are the accounts that the rule's lists name in the channel, and
	// Eligible the people among them who count: full members, each once,
	// without the requester. Both are empty unless one rule holds that does
	// not deny.
	Named    []string
	Eligible []Person
	// Refusal is why nothing would be stored; nil if it would.
	Refusal *Refusal
}

// Explain says what the policy alone says to an ask in the channel: who asks
// and who could approve is not looked at.
func (p *Policy) Explain(a Ask, ch Channel) Explanation {
	e := Explanation{Requester: Account{Person: account(a.User)}, Channel: ch, Room: ch}
	asked := a.asked(ch)
	for _, t := range a.Targets {
		e.Steps = append(e.Steps, p.Steps(asked, t))
	}
	_, e.Choices, _ = p.Choose(asked)
	if len(e.Choices) == 1 {
		e.Room = e.Choices[0].Rule.room(ch)
	}
	_, err := p.allow(asked, a.Reason)
	errors.As(err, &e.Refusal)
	return e
}

// Explain says what Submit would answer, and why, by the same steps, and
// stores nothing. The rules are explained even where something else refuses
// first. What only the store knows is not looked at: open requests and limits.
// The error is the Directory's.
func (d *Desk) Explain(ctx context.Context, a Ask) (Explanation, error) {
	p := d.Policy()
	ch, err := d.Directory.Channel(ctx, a.Channel, AgeActor)
	if err != nil {
		return Explanation{}, err
	}
	e := p.Explain(a, ch)
	if e.Requester, err = d.Directory.Account(ctx, a.User, AgeActor); err != nil {
		return e, err
	}
	if len(e.Choices) == 1 && !e.Choices[0].Rule.Deny {
		if e.Room.ID != ch.ID {
			if e.Room, err = d.Directory.Channel(ctx, e.Room.ID, AgeActor); err != nil {
				return e, err
			}
		}
		voters := d.electorate(p, e.Choices[0].Rule, e.Room, AgeCounting)
		if e.Named, err = voters.accounts(ctx); err != nil {
			return e, err
		}
		if e.Eligible, _, err = voters.people(ctx, p.Canonical(e.Requester.Person)); err != nil {
			return e, err
		}
	}
	_, err = d.weigh(ctx, p, a)
	e.Refusal = nil
	errors.As(err, &e.Refusal)
	return e, nil
}

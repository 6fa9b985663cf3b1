package approvals

import (
	"context"
	"errors"
	"slices"
)

// Look returns one request for a person who may read it: a full member who may
// ask or approve, and sees the channel where it was asked or that of its card. Anything else is answered
// as if there were no such request.
func (d *Desk) Look(ctx context.Context, id, user string) (Request, error) {
	if _, err := d.Reader(ctx, user, ""); err != nil {
		return Request{}, err
	}
	o, err := d.load(ctx, id)
	if err != nil {
		return Request{}, err
	}
	may, err := d.reads(ctx, user, o.Request)
	switch {
	case err != nil:
		return Request{}, &Refusal{Why: WhySlack, Err: err}
	case !may:
		return Request{}, &Refusal{Why: WhyUnknownRequest, ID: id}
	}
	return o.Request, nil
}

// Undecided lists the pending requests a person may read, those that expire
// first first, at most limit of them, and how many more there are.
func (d *Desk) Undecided(ctx context.Context, user string, limit int) ([]Request, int, error) {
	if _, err := d.Reader(ctx, user, ""); err != nil {
		return nil, 0, err
	}
	ids, err := d.Store.Undecided(ctx, sweepLimit*5)
	if err != nil {
		return nil, 0, &Refusal{Why: WhyStore, Err: err}
	}
	var found []Request
	more, seen := 0, map[string]bool{}
	for _, id := range ids {
		r, now, err := d.Store.Load(ctx, id)
		if errors.Is(err, ErrNotFound) || err == nil && (r.State != Pending || !now.Before(r.Expires)) {
			continue
		}
		if err != nil {
			return nil, 0, &Refusal{Why: WhyStore, Err: err}
		}
		place := r.Channel + " " + r.Room()
		if _, asked := seen[place]; !asked {
			if seen[place], err = d.reads(ctx, user, r); err != nil {
				return nil, 0, &Refusal{Why: WhySlack, Err: err}
			}
		}
		switch {
		case seen[place] && len(found) < limit:
			found = append(found, r)
		case seen[place]:
			more++
		}
	}
	return found, more, nil
}

// Reader judges a person who wants to read: a full member who may ask or
// freeze, or who is an approver of some rule in the channel.
func (d *Desk) Reader(ctx context.Context, user, channel string) (Account, error) {
	account, err := d.member(ctx, user, AgeActor)
	if err != nil {
		return account, err
	}
	p := d.Policy()
	may, err := d.mayAsk(ctx, p, user, channel, AgeActor)
	for _, rule := range append(slices.Clone(p.Rules), p.Defaults) {
		if may || err != nil {
			break
		}
		e := electorate{dir: d.Directory, policy: p, lists: named(rule.Approvers), channel: Channel{ID: channel}, maxAge: AgeActor}
		may, err = e.holds(ctx, user)
	}
	if !may && err == nil {
		may, err = d.mayFreeze(ctx, p, user, AgeActor)
	}
	switch {
	case err != nil:
		return account, &Refusal{Why: WhySlack, Err: err}
	case !may:
		return account, &Refusal{Why: WhyNotRequester}
	}
	return account, nil
}

// named leaves out the entries that mean the members of a channel: outside a
// channel they name nobody by themselves, but what narrows them does.
func named(lists [][]Approver) [][]Approver {
	all := make([][]Approver, len(lists))
	for i, list := range lists {
		for _, a := range list {
			if a.Channel {
				all[i] = append(all[i], a.In...)
				continue
			}
			all[i] = append(all[i], a)
		}
	}
	return all
}

// sees reports whether the account may read requests of the channel.
func (d *Desk) sees(ctx context.Context, user, channel string) (bool, error) {
	ch, err := d.Directory.Channel(ctx, channel, AgeActor)
	if err != nil || !ch.Visible || !ch.Private && !ch.Direct {
		return err == nil && ch.Visible, err
	}
	members, err := d.Directory.Members(ctx, channel, AgeActor)
	return slices.Contains(members, user), err
}

package approvals

import (
	"context"
	"math"
	"slices"
	"strings"
)

// Deciders lists the people who may approve a pending request, run an unknown
// one again, or sign the review of a break-glass, by account, at most limit of
// them; never the requester. What it knows of people is at most AgeCounting old.
func (d *Desk) Deciders(ctx context.Context, r Request, limit int) ([]Person, error) {
	p := d.Policy()
	room, err := d.Directory.Channel(ctx, r.Room(), AgeCounting)
	if err != nil || !room.Visible {
		return nil, err
	}
	asked, err := d.Directory.Channel(ctx, r.Channel, AgeCounting)
	if err != nil || !asked.Visible { // then nobody can decide it now
		return nil, err
	}
	electors := d.electorate(p, Rule{Approvers: slices.Concat(r.Rule.Approvers, p.Today(r, asked).Approvers)}, room, AgeCounting)
	if r.Glass.Unsigned() {
		electors = d.reviewers(p, r, room, AgeCounting)
	}
	people, _, err := electors.people(ctx, r.Requester)
	slices.SortFunc(people, func(a, b Person) int { return strings.Compare(a.User, b.User) })
	return people[:min(len(people), limit)], err
}

// Outside lists those of the Deciders who are not in the card's channel. In a
// private channel nobody outside is eligible.
func (d *Desk) Outside(ctx context.Context, r Request, limit int) ([]Person, error) {
	room, err := d.Directory.Channel(ctx, r.Room(), AgeCounting)
	if err != nil || room.Private {
		return nil, err
	}
	people, err := d.Deciders(ctx, r, math.MaxInt)
	if err != nil || len(people) == 0 {
		return nil, err
	}
	members, err := d.Directory.Members(ctx, room.ID, AgeCounting)
	if err != nil {
		return nil, err
	}
	in := make(map[string]bool, len(members))
	for _, user := range members {
		in[user] = true
	}
	people = slices.DeleteFunc(people, func(who Person) bool { return in[who.User] })
	return people[:min(len(people), limit)], nil
}

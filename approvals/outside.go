package approvals

import (
	"context"
	"slices"
	"strings"
)

// Outside lists the people who may approve a pending request, or sign the
// review of a break-glass, and are not in its card's channel, by account, at
// most limit of them. What it knows of people is at most AgeCounting old. In a
// private channel nobody outside is eligible.
func (d *Desk) Outside(ctx context.Context, r Request, limit int) ([]Person, error) {
	p := d.Policy()
	room, err := d.Directory.Channel(ctx, r.Room(), AgeCounting)
	if err != nil || !room.Visible || room.Private {
		return nil, err
	}
	asked, err := d.Directory.Channel(ctx, r.Channel, AgeCounting)
	if err != nil || !asked.Visible { // then nobody can decide it now
		return nil, err
	}
	electors := d.electorate(p, Rule{Approvers: slices.Concat(r.Rule.Approvers, p.Today(r, asked).Approvers)}, room, AgeCounting)
	if r.Glass.On() {
		electors = d.reviewers(p, r, room, AgeCounting)
	}
	people, err := electors.people(ctx, r.Requester)
	if err != nil {
		return nil, err
	}
	members, err := d.Directory.Members(ctx, r.Room(), AgeCounting)
	if err != nil {
		return nil, err
	}
	in := make(map[string]bool, len(members))
	for _, user := range members {
		in[user] = true
	}
	people = slices.DeleteFunc(people, func(who Person) bool { return in[who.User] })
	slices.SortFunc(people, func(a, b Person) int { return strings.Compare(a.User, b.User) })
	return people[:min(len(people), limit)], nil
}

package approvals

import (
	"context"
	"errors"
	"time"
)

// A rule is chosen by the channel where somebody asks. Who may approve is
// judged in the channel of the card (Request.Room), because people see it and
// decide there: who its members are, and that in a private one only they count.

// Room is the channel of the request's card: where it was asked, unless the
// rule posts it elsewhere.
func (r Request) Room() string {
	if r.Rule.PostTo != "" {
		return r.Rule.PostTo
	}
	return r.Channel
}

// room is the channel of the card; of another one than asked only the id is known.
func (r Rule) room(asked Channel) Channel {
	if r.PostTo == "" || r.PostTo == asked.ID {
		return asked
	}
	return Channel{ID: r.PostTo}
}

// room judges where the card of an ask would be posted: the bot must be able
// to speak there as where it was asked.
func (d *Desk) room(ctx context.Context, p *Policy, asked Channel, rule Rule, maxAge time.Duration) (Channel, error) {
	room := rule.room(asked)
	if room.ID == asked.ID {
		return asked, nil
	}
	room, err := d.channel(ctx, p, room.ID, maxAge)
	var refusal *Refusal
	switch {
	case errors.As(err, &refusal) && refusal.Why == WhyChannel:
		return room, &Refusal{Why: WhySlack, Err: err}
	case err != nil:
		return room, &Refusal{Why: WhyRoom, Rule: rule, Err: err}
	}
	return room, nil
}

// places judges the channel of a request's card, where it is decided, and
// returns it with the one where it was asked, by which its rule is chosen.
// That one need only be readable: nobody decides there.
func (d *Desk) places(ctx context.Context, p *Policy, o opened, maxAge time.Duration) (asked, room Channel, err error) {
	room, err = d.channel(ctx, p, o.Room(), maxAge)
	var refusal *Refusal
	if errors.As(err, &refusal) && refusal.Why == WhyShared {
		if refusal.Request = o.Request; o.direct {
			err = nil
		}
	}
	if err != nil || o.Room() == o.Channel {
		return room, room, err
	}
	asked, err = d.Directory.Channel(ctx, o.Channel, maxAge)
	if err != nil || !asked.Visible {
		return asked, room, &Refusal{Why: WhyChannel, Request: o.Request, Err: err}
	}
	return asked, room, nil
}

// reads reports whether the account may read the request: it sees the channel
// where it was asked, or that of its card.
func (d *Desk) reads(ctx context.Context, user string, r Request) (bool, error) {
	may, err := d.sees(ctx, user, r.Channel)
	if err != nil || may || r.Room() == r.Channel {
		return may, err
	}
	return d.sees(ctx, user, r.Room())
}

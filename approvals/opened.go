package approvals

import (
	"context"
	"crypto/subtle"
	"errors"
	"strings"
	"time"
)

// opened is a request as it was read, with the store's clock running on.
type opened struct {
	Request
	read  time.Time // the store's
	since time.Time // ours, monotonic
	asked time.Time // ours, before the store was asked
	// direct is that of the Press.
	direct bool
}

// latest is the latest that the store's clock can be: now is never ahead of
// it, and behind by what the answer took.
func (o opened) latest() time.Time { return o.read.Add(time.Since(o.asked)) }

// now is the store's clock, to the millisecond.
func (o opened) now() time.Time { return o.read.Add(time.Since(o.since)).Truncate(time.Millisecond) }

// load reads a request. One whose record went back is closed first.
func (d *Desk) load(ctx context.Context, id string) (opened, error) {
	known := d.Known(id).Version
	asked := time.Now()
	r, read, err := d.Store.Load(ctx, id)
	switch {
	case errors.Is(err, ErrNotFound):
		return opened{}, &Refusal{Why: WhyUnknownRequest, ID: id, Err: err}
	case err != nil:
		return opened{}, &Refusal{Why: WhyStore, ID: id, Err: err}
	}
	d.saw(r)
	return d.atLeast(ctx, opened{Request: r, read: read, since: time.Now(), asked: asked}, known, "")
}

// errSlow: the store answers too slowly for its clock to be known.
var errSlow = errors.New("the store answers too slowly to run anything")

// timely is load for a run. How long the store took is how little is known of its
// clock for as long as the run lasts, and what is not known is missing from the
// time of every call: so what took long is read again, and nothing is run on it.
func (d *Desk) timely(ctx context.Context, id string) (opened, error) {
	for range 3 {
		o, err := d.load(ctx, id)
		if err != nil || o.since.Sub(o.asked) <= d.CallTimeout/4 {
			return o, err
		}
	}
	return opened{}, errSlow
}

// press loads the request that a button's value names, and nothing for a value
// that was not given out by us. A record older than what the card showed is closed.
func (d *Desk) press(ctx context.Context, p Press) (opened, error) {
	id, nonce, _ := strings.Cut(p.Value, ".")
	o, err := d.load(ctx, id)
	if err != nil {
		return o, err
	}
	if o.Team != d.Team || subtle.ConstantTimeCompare([]byte(nonce), []byte(o.Nonce)) != 1 {
		return opened{}, &Refusal{Why: WhyUnknownRequest}
	}
	return d.atLeast(ctx, o, p.Shown, p.User)
}

// commit applies an event and stores the step. Errors are those of Apply and
// of Store.Commit.
func (d *Desk) commit(ctx context.Context, o opened, e Event, now, notAfter time.Time) (Request, error) {
	after, err := o.Apply(e, now)
	if err != nil {
		return o.Request, err
	}
	err = d.Store.Commit(ctx, Change{
		Op: newNonce(), Before: o.Request, After: after, NotAfter: notAfter, Calls: d.Calls,
		Entry: Record(o.Request, after, e, d.Process),
	})
	if err != nil {
		return o.Request, err
	}
	d.saw(after)
	d.changed(after.ID)
	return after, nil
}

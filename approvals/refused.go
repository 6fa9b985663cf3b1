package approvals

import (
	"context"
	"errors"
	"log/slog"
	"time"
)

// EventRefuse is the entry of a command or click that did nothing; no
// transition.
const EventRefuse EventKind = "refuse"

// Refused is a person's command or click that was refused.
type Refused struct {
	User    string // account
	Channel string
	Tried   string // the button or the command's word
	Verb    Verb   // and what follows: what was asked for, where it is known
	Kind    Kind
	Targets []string
	Reason  string
	Err     error // a *Refusal, or a fault
}

// Refused hands a refusal to the audit. It never blocks and never fails: the
// answer to the person does not wait for it.
func (d *Desk) Refused(r Refused) {
	if d.Noted == nil {
		return
	}
	e := Entry{Event: EventRefuse, Team: d.Team, By: Person{User: r.User}, Channel: r.Channel, Tried: r.Tried,
		Verb: r.Verb, Kind: r.Kind, Targets: r.Targets, Reason: r.Reason, Process: d.Process}
	var refusal *Refusal
	if errors.As(r.Err, &refusal) {
		about := refusal.Request
		e.Note, e.About, e.State, e.Rule = string(refusal.Why), about.ID, about.State, refusal.Rule.Name
		if e.About == "" {
			e.About = refusal.ID
		}
		if e.Verb == "" {
			e.Verb, e.Kind = about.Verb, about.Kind
		}
	}
	d.Noted(e)
}

// notesWaiting bounds the refusals that wait to be written; noteWithin the
// writing of one.
const (
	notesWaiting = 1000
	noteWithin   = 3 * time.Second
)

// Notes writes refusals to the audit behind the answers.
type Notes struct {
	store     Store
	directory Directory
	logger    *slog.Logger
	waiting   chan Entry
}

// NewNotes makes Notes. It starts nothing.
func NewNotes(s Store, d Directory, logger *slog.Logger) *Notes {
	return &Notes{store: s, directory: d, logger: logger, waiting: make(chan Entry, notesWaiting)}
}

// Add takes an entry to write. It never blocks: when too many wait, the entry
// is lost, and the log says so.
func (n *Notes) Add(e Entry) {
	select {
	case n.waiting <- e:
	default:
		n.logger.Warn("a refusal is not in the audit: too many at once", "user", e.By.User, "why", e.Note)
	}
}

// Run writes until ctx ends, and then what still waits, within grace.
func (n *Notes) Run(ctx context.Context, grace time.Duration) error {
	work := context.WithoutCancel(ctx)
	for {
		select {
		case e := <-n.waiting:
			n.write(work, e)
		case <-ctx.Done():
			for end := time.Now().Add(grace); len(n.waiting) > 0 && time.Now().Before(end); {
				n.write(work, <-n.waiting)
			}
			return nil
		}
	}
}

// write names the person as known now and appends the entry.
func (n *Notes) write(ctx context.Context, e Entry) {
	ctx, cancel := context.WithTimeout(ctx, noteWithin)
	defer cancel()
	if account, err := n.directory.Account(ctx, e.By.User, AgeCounting); err == nil {
		e.By = account.Person
	}
	if err := n.store.Note(ctx, e); err != nil {
		n.logger.Warn("a refusal is not in the audit", "user", e.By.User, "why", e.Note, "error", err)
	}
}

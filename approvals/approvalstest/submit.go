package approvalstest

import (
	"errors"
	"time"

	"github.com/google/go-cmp/cmp"

	"senhasegura-bot/approvals"
)

func submitting() []scenario {
	return []scenario{
		{"a request gets its times from the store's clock", func(b *bench) {
			before := b.now()
			s := b.ask("R-1", approvals.Release, "5", "root@db1")
			s.Request.Created, s.Request.Version, s.Request.State = time.Unix(1, 0), 7, approvals.Done
			stored, err := b.submit(s)
			b.must(err)
			loaded, after := b.load("R-1")
			if diff := cmp.Diff(stored, loaded); diff != "" {
				b.t.Fatalf("loaded another request than was returned:\n%s", diff)
			}
			if stored.Created.Before(before) || stored.Created.After(after) || !stored.Expires.Equal(stored.Created.Add(long)) {
				b.t.Fatalf("created %v, expires %v; the store's clock went from %v to %v", stored.Created, stored.Expires, before, after)
			}
			if stored.Version != 1 || stored.State != approvals.Pending {
				b.t.Fatalf("stored as %s version %d", stored.State, stored.Version)
			}
		}},
		{"sent again it answers the same and writes nothing", submittedTwice},
		{"an id in use is refused", func(b *bench) {
			was := b.asked("R-1", approvals.Release, "5")
			s := b.ask("R-1", approvals.Release, "6")
			s.Request.Key = "another"
			_, err := b.submit(s)
			b.want(err, approvals.ErrTaken)
			b.untouched(was, 1)
		}},
		{"past its window nothing is written", func(b *bench) {
			s := b.ask("R-1", approvals.Release, "5")
			s.Window = time.Nanosecond
			_, err := b.submit(s)
			b.want(err, approvals.ErrLate)
			_, _, err = b.Store.Load(b.ctx, "R-1")
			b.want(err, approvals.ErrNotFound)
			b.entries(0)
			b.asked("R-2", approvals.Release, "5")
		}},
		{"a target is held against a second request with the same verb", heldTargets},
		{"a target is free again once its request has ended", func(b *bench) {
			for _, end := range []approvals.Event{cancel, deny, {Kind: approvals.EventWithdraw}} {
				b.asked("R-"+string(end.Kind), approvals.Release, "5", "6")
				b.do("R-"+string(end.Kind), end)
			}
			b.running("R-run", approvals.Release, "5", "6")
			_, err := b.submit(b.ask("R-2", approvals.Release, "6"))
			b.wantTaken(err, "R-run")
			b.do("R-run", mark, answer(approvals.AnswerDone), at(mark, 1), at(answer(approvals.AnswerLost), 1))
			b.asked("R-3", approvals.Release, "6", "5")
		}},
	}
}

func submittedTwice(b *bench) {
	s := b.ask("R-1", approvals.Release, "5")
	first, err := b.submit(s)
	b.must(err)
	second, err := b.submit(s)
	b.must(err)
	if diff := cmp.Diff(first, second); diff != "" {
		b.t.Fatalf("the second answer differs:\n%s", diff)
	}
	voted := b.do("R-1", vote)
	s.Request.ID = "R-2" // a sender that forgot its first attempt makes a new id
	s.Window = long
	third, err := b.submit(s)
	b.must(err)
	if diff := cmp.Diff(voted, third); diff != "" {
		b.t.Fatalf("the third answer is not the request as it stands:\n%s", diff)
	}
	_, _, err = b.Store.Load(b.ctx, "R-2")
	b.want(err, approvals.ErrNotFound)
	b.entries(2)
}

func heldTargets(b *bench) {
	s := b.ask("R-1", approvals.Deactivate, "root@db1", "9")
	s.Request.Targets[0].ID = "5"
	was, err := b.submit(s)
	b.must(err)
	for _, ref := range []string{"root@db1", "ROOT@DB1", "5", "9"} {
		_, err := b.submit(b.ask("R-2", approvals.Deactivate, "8", ref))
		b.wantTaken(err, "R-1")
	}
	b.untouched(was, 1)
	b.asked("R-3", approvals.Release, "5")
	b.asked("R-4", approvals.Deactivate, "8") // no refusal above left it held
	secret := b.ask("R-5", approvals.Deactivate, "5")
	secret.Request.Kind = approvals.Secret
	_, err = b.submit(secret)
	b.must(err)
	b.do("R-1", vote)
	_, err = b.submit(b.ask("R-6", approvals.Deactivate, "7", "8", "9", "5"))
	b.wantTaken(err, "R-4", "R-1")
}

func limiting() []scenario {
	return []scenario{
		{"what one person asks in a minute", perMinute},
		{"what one person has undecided", func(b *bench) {
			limits := approvals.Limits{PendingPerPerson: 2}
			b.limited(limits, "R-1", ana, nil)
			b.limited(limits, "R-2", ana, nil)
			b.limited(limits, "R-3", ana, &approvals.OverLimit{Why: approvals.WhyPersonPending, Have: 2})
			b.limited(limits, "R-4", bruno, nil)
			b.do("R-1", vote)
			b.limited(limits, "R-5", ana, nil)
			b.do("R-2", cancel)
			b.limited(limits, "R-6", ana, nil)
			b.limited(limits, "R-7", ana, &approvals.OverLimit{Why: approvals.WhyPersonPending, Have: 2})
		}},
		{"what everybody has undecided", func(b *bench) {
			limits := approvals.Limits{Pending: 2}
			b.limited(limits, "R-1", ana, nil)
			b.limited(limits, "R-2", bruno, nil)
			b.limited(limits, "R-3", carla, &approvals.OverLimit{Why: approvals.WhyPending, Have: 2})
			b.do("R-1", deny)
			b.limited(limits, "R-3", carla, nil)
			b.limited(approvals.Limits{}, "R-4", carla, nil)
		}},
	}
}

// limited submits a request on a target of its own and checks the refusal.
func (b *bench) limited(l approvals.Limits, id string, by approvals.Person, want *approvals.OverLimit) time.Duration {
	b.t.Helper()
	s := b.ask(id, approvals.Release, "target of "+id)
	s.Request.Requester, s.Limits = by, l
	_, err := b.submit(s)
	if want == nil {
		b.must(err)
		return 0
	}
	var over *approvals.OverLimit
	if !errors.As(err, &over) || over.Why != want.Why || over.Have != want.Have {
		b.t.Fatalf("got %v %+v, want %+v", err, over, want)
	}
	return over.Wait
}

func perMinute(b *bench) {
	limits := approvals.Limits{PerPersonMinute: 2}
	full := &approvals.OverLimit{Why: approvals.WhyPersonMinute, Have: 2}
	b.limited(limits, "R-1", ana, nil)
	b.do("R-1", cancel) // asked is asked
	b.Advance(b.Unit)
	b.limited(limits, "R-2", ana, nil)
	wait := b.limited(limits, "R-3", ana, full)
	if wait <= 0 || wait > time.Minute-b.Unit {
		b.t.Fatalf("told to wait %v", wait)
	}
	lowered := b.limited(approvals.Limits{PerPersonMinute: 1}, "R-3", ana, full)
	if lowered <= wait || lowered > time.Minute {
		b.t.Fatalf("told to wait %v until the second is a minute old, %v for the first", lowered, wait)
	}
	b.limited(limits, "R-4", bruno, nil)
	if b.Unit < time.Second {
		return // a minute cannot pass here, see doc.go
	}
	b.Advance(wait)
	b.limited(limits, "R-3", ana, nil)
	if wait = b.limited(limits, "R-5", ana, full); wait > b.Unit {
		b.t.Fatalf("told to wait %v for the second of the two", wait)
	}
	b.Advance(time.Minute)
	b.limited(limits, "R-5", ana, nil)
}

package approvals

import (
	"errors"
	"testing"
	"time"
)

// broken is a break-glass of Ana's as it is stored.
func broken() (Request, time.Time) {
	r := Request{ID: "R-ABC123", Nonce: "n", Team: "T1", Version: 1, State: Approved, Requester: ana, Verb: Deactivate, Kind: Credential,
		Targets: []Target{{Ref: "5"}}, Reason: "key leaked, nobody answers", Created: t0, Expires: t0.Add(time.Hour), Approved: t0,
		Glass: Glass{At: t0, Within: time.Hour, Reviewers: [][]Approver{{{Group: "S1"}}}}, Run: Run{Number: 1, StartBy: t0.Add(StartWithin)}}
	return r, t0.Add(time.Second)
}

func TestABreakGlassIsReviewedOnceByAnother(t *testing.T) {
	r, now := broken()
	for _, own := range []Person{ana, {Key: "other", User: ana.User}, {Key: ana.Key, User: "UOTHER"}} {
		if _, err := r.Apply(Event{Kind: EventReview, By: own}, now); !errors.Is(err, ErrOwnRequest) {
			t.Errorf("signed by %v: %v", own, err)
		}
	}
	signed, err := r.Apply(Event{Kind: EventReview, By: bruno}, now)
	if err != nil || signed.State != Approved || signed.Glass.Signed != bruno || signed.Glass.Unsigned() {
		t.Fatalf("signed: %s, %+v, %v", signed.State, signed.Glass, err)
	}
	if _, err := signed.Apply(Event{Kind: EventReview, By: clara}, now); !errors.Is(err, ErrReviewed) {
		t.Errorf("signed twice: %v", err)
	}
	if _, err := signed.Apply(Event{Kind: EventOverdue}, now.Add(2*time.Hour)); !errors.Is(err, ErrNotNow) {
		t.Errorf("overdue although signed: %v", err)
	}
}

func TestABreakGlassGoesOverdueOnceAndCanStillBeSigned(t *testing.T) {
	r, now := broken()
	if _, err := r.Apply(Event{Kind: EventOverdue}, now); !errors.Is(err, ErrNotNow) {
		t.Errorf("overdue too early: %v", err)
	}
	late, err := r.Apply(Event{Kind: EventOverdue}, r.Glass.Due())
	if err != nil || !late.Glass.Overdue || !late.Glass.Unsigned() {
		t.Fatalf("overdue: %+v, %v", late.Glass, err)
	}
	if _, err := late.Apply(Event{Kind: EventOverdue}, r.Glass.Due()); !errors.Is(err, ErrNotNow) {
		t.Errorf("overdue twice: %v", err)
	}
	if signed, err := late.Apply(Event{Kind: EventReview, By: bruno}, r.Glass.Due()); err != nil || signed.Glass.Unsigned() || !signed.Glass.Overdue {
		t.Errorf("signed late: %+v, %v", signed.Glass, err)
	}
}

func TestTheReviewOutlivesTheRun(t *testing.T) {
	for _, end := range []AnswerKind{AnswerDone, AnswerRefused} {
		r, now := broken()
		for _, e := range []Event{claim("p1"), mark(), answered(end), {Kind: EventReview, By: bruno}} {
			var err error
			if r, err = r.Apply(e, now); err != nil {
				t.Fatal(err)
			}
		}
		if !r.State.Final() || r.Glass.Unsigned() {
			t.Errorf("after %s: %s, %+v", end, r.State, r.Glass)
		}
	}
}

// TestSealedGlass: who can write to the store makes no break-glass of another
// request, moves none to another target, and keeps none for later.
func TestSealedGlass(t *testing.T) {
	s := NewSealer([]byte("audit key"))
	honest, now := broken()
	honest.Seal = s.SealAsked(honest)
	if err := s.Check(honest, now, time.Minute); err != nil {
		t.Fatalf("an honest one: %v", err)
	}
	plain := honest
	plain.Glass = Glass{}
	plain.Seal = s.SealAsked(plain)
	for name, bend := range map[string]func(r *Request){
		"another target":          func(r *Request) { r.Targets = []Target{{Ref: "6"}} },
		"another verb":            func(r *Request) { r.Verb = Activate },
		"another requester":       func(r *Request) { r.Requester = bruno },
		"another time":            func(r *Request) { r.Glass.At = now },
		"longer to sign":          func(r *Request) { r.Glass.Within = 24 * time.Hour },
		"other reviewers":         func(r *Request) { r.Glass.Reviewers = [][]Approver{{{Person: "UEVE"}}} },
		"no break-glass any more": func(r *Request) { r.Glass = Glass{} },
		"made of a plain request": func(r *Request) { *r = plain; r.Glass = honest.Glass },
		"a plain one unvoted":     func(r *Request) { *r = plain },
		"votes beside it":         func(r *Request) { r.Votes = []Vote{{Person: bruno}} },
	} {
		r := honest
		if bend(&r); s.Check(r, now, time.Minute) == nil {
			t.Errorf("%s: a call is allowed", name)
		}
	}
	if s.Check(honest, honest.Glass.At.Add(StartWithin+2*time.Minute), time.Minute) == nil {
		t.Error("a call is allowed long after it was confirmed")
	}
	signed := honest
	signed.Glass.Signed, signed.Glass.SignedAt, signed.Glass.Overdue = bruno, now, true
	if err := s.Check(signed, now, time.Minute); err != nil {
		t.Errorf("signed while it runs: %v", err)
	}
}

func TestReminders(t *testing.T) {
	r, _ := in(t, Pending)
	if at := r.Reminders(); at != nil {
		t.Errorf("reminds at %v although the rule does not say so", at)
	}
	r.Rule.Remind = 10 * time.Minute
	want(t, r.Reminders(), t0.Add(10*time.Minute), t0.Add(55*time.Minute))
	r.Rule.Remind = 2 * time.Hour
	want(t, r.Reminders(), t0.Add(55*time.Minute))
	r.Expires = t0.Add(10 * time.Minute)
	want(t, r.Reminders(), t0.Add(8*time.Minute))
	done, _ := in(t, Done)
	done.Rule.Remind = time.Minute
	want(t, done.Reminders())
	g, _ := broken()
	at := g.Reminders()
	want(t, at[:5], t0.Add(15*time.Minute), t0.Add(30*time.Minute), t0.Add(45*time.Minute), t0.Add(time.Hour), t0.Add(25*time.Hour))
	g.Glass.SignedAt = t0
	want(t, g.Reminders())
}

func want(t *testing.T, got []time.Time, all ...time.Time) {
	t.Helper()
	if len(got) != len(all) {
		t.Fatalf("reminds at %v, want %v", got, all)
	}
	for i := range got {
		if !got[i].Equal(all[i]) {
			t.Fatalf("reminds at %v, want %v", got, all)
		}
	}
}

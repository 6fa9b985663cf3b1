package approvals

import (
	"errors"
	"slices"
	"testing"
	"time"
)

var (
	t0    = time.Date(2026, 5, 4, 3, 2, 1, 0, time.UTC)
	ana   = Person{Key: "T1:UANA", User: "UANA"}
	bruno = Person{Key: "T1:UBRUNO", User: "UBRUNO"}
	clara = Person{Key: "T1:UCLARA", User: "UCLARA"}
)

// in returns a request of Ana's in the state, and the instant at which every
// event that the table knows for that state is possible.
func in(t *testing.T, s State) (Request, time.Time) {
	t.Helper()
	r := Request{ID: "R-ABC123", Version: 1, State: Pending, Requester: ana, Verb: Deactivate, Kind: Credential,
		Targets: []Target{{Ref: "5"}}, Rule: Rule{Approvals: 1}, Created: t0, Expires: t0.Add(time.Hour)}
	steps := map[State][]Event{
		Pending:   {},
		Approved:  {vote(bruno)},
		Running:   {vote(bruno), claim("p1")},
		Unknown:   {vote(bruno), claim("p1"), mark(), answered(AnswerLost), deadline()},
		Done:      {vote(bruno), claim("p1"), mark(), answered(AnswerDone)},
		Failed:    {vote(bruno), claim("p1"), mark(), answered(AnswerRefused)},
		Partial:   {vote(bruno), claim("p1"), mark(), answered(AnswerDone), markOf(1), answeredOf(1, AnswerRefused)},
		Denied:    {{Kind: EventDeny, By: bruno, Reason: "no"}},
		Cancelled: {{Kind: EventCancel, By: ana}},
		Expired:   {{Kind: EventExpire}},
	}
	if s == Partial {
		r.Targets = append(r.Targets, Target{Ref: "6"})
	}
	now := t0.Add(time.Second)
	for _, e := range steps[s] {
		if e.Kind == EventDeadline {
			now = now.Add(3 * time.Minute)
		}
		if e.Kind == EventExpire {
			now = r.Expires
		}
		var err error
		if r, err = r.Apply(e, now); err != nil {
			t.Fatalf("on the way to %s: %v", s, err)
		}
	}
	if r.State != s {
		t.Fatalf("meant to be %s, is %s", s, r.State)
	}
	return r, now
}

func vote(p Person) Event { return Event{Kind: EventVote, By: p, Seal: "seal"} }
func claim(holder string) Event {
	return Event{Kind: EventClaim, Lease: Lease{Holder: holder, Until: t0.Add(time.Hour)}, Limit: 2 * time.Minute}
}

// firstFence is what the first holder of a run has it under, a second after t0.
var firstFence = t0.Add(time.Second).UnixMilli()

func mark() Event { return markOf(0) }
func markOf(i int) Event {
	return Event{Kind: EventMark, Target: i, Lease: Lease{Fence: firstFence}, Timeout: 15 * time.Second}
}
func answered(k AnswerKind) Event {
	return answeredOf(0, k)
}
func answeredOf(i int, k AnswerKind) Event {
	return Event{Kind: EventAnswer, Target: i, Lease: Lease{Fence: firstFence}, Answer: Answer{Kind: k}}
}
func deadline() Event { return Event{Kind: EventDeadline} }

// TestTransitionTable walks every state with every event: the table of
// product.md §3, and nothing else.
func TestTransitionTable(t *testing.T) {
	late := 24 * time.Hour
	type step struct {
		event Event
		after time.Duration
	}
	steps := map[EventKind]step{
		EventVote: {event: vote(bruno)}, EventLapse: {event: Event{Kind: EventLapse, By: bruno}},
		EventDeny: {event: Event{Kind: EventDeny, By: bruno, Reason: "no"}}, EventCancel: {event: Event{Kind: EventCancel, By: ana}},
		EventExpire: {event: Event{Kind: EventExpire}, after: late}, EventWithdraw: {event: Event{Kind: EventWithdraw, Cause: CausePolicy}},
		EventClaim: {event: claim("p1")}, EventMark: {event: mark()}, EventAnswer: {event: answered(AnswerDone)},
		EventDeadline: {event: deadline(), after: late},
		EventReview:   {event: Event{Kind: EventReview, By: clara}}, EventOverdue: {event: Event{Kind: EventOverdue}, after: late}, // of no break-glass: glass_test.go has those
		EventRewound: {event: Event{Kind: EventRewound}}, // Shown is set below
		EventAgain:   {event: Event{Kind: EventAgain, By: clara, Limit: time.Minute}}, EventResolve: {event: Event{Kind: EventResolve, By: clara, Done: true}},
	}
	want := map[State]map[EventKind]State{
		Pending:  {EventVote: Approved, EventDeny: Denied, EventCancel: Cancelled, EventExpire: Expired, EventWithdraw: Cancelled},
		Approved: {EventClaim: Running, EventDeadline: Failed},
		Running:  {EventMark: Running, EventDeadline: Failed},
		Unknown:  {EventAgain: Running, EventResolve: Done},
	}
	// Where no answer says what became of a target, a record that went back says
	// nothing of it; where each has its answer, the end stays.
	rewound := map[State]State{Pending: Unknown, Approved: Unknown, Running: Unknown, Unknown: Unknown,
		Denied: Unknown, Cancelled: Unknown, Expired: Unknown, Done: Done, Failed: Failed, Partial: Partial}
	for _, state := range States() {
		for _, kind := range EventKinds() {
			r, now := in(t, state)
			s, ok := steps[kind]
			if !ok {
				t.Fatalf("no step for event %s", kind)
			}
			target, possible := want[state][kind]
			if kind == EventRewound {
				target, possible = rewound[state]
				s.event.Shown = r.Version
			}
			after, err := r.Apply(s.event, now.Add(s.after))
			switch {
			case possible && (err != nil || after.State != target || after.Version != r.Version+1):
				t.Errorf("%s + %s = %s (version %d → %d, %v), want %s", state, kind, after.State, r.Version, after.Version, err, target)
			case !possible && (err == nil || after.Version != r.Version || after.State != state):
				t.Errorf("%s + %s = %s, want a refusal that changes nothing", state, kind, after.State)
			}
		}
	}
}

func TestNobodyApprovesTheirOwnAndNobodyCountsTwice(t *testing.T) {
	r, now := in(t, Pending)
	r.Rule.Approvals = 2
	if _, err := r.Apply(vote(ana), now); !errors.Is(err, ErrOwnRequest) {
		t.Errorf("own vote: %v", err)
	}
	r, _ = r.Apply(vote(bruno), now)
	if _, err := r.Apply(vote(bruno), now); !errors.Is(err, ErrAlreadyVoted) {
		t.Errorf("second vote of one person: %v", err)
	}
	if r.State != Pending {
		t.Fatalf("one of two votes made it %s", r.State)
	}
	if r, _ = r.Apply(vote(clara), now); r.State != Approved {
		t.Errorf("two votes of two people left it %s", r.State)
	}
}

func TestTheLargerNumberOfApprovalsHolds(t *testing.T) {
	r, now := in(t, Pending)
	e := vote(bruno)
	e.Needed = 2
	if r, _ = r.Apply(e, now); r.State != Pending {
		t.Errorf("today's policy asks for two, one made it %s", r.State)
	}
}

func TestADepartedVoterLosesTheVote(t *testing.T) {
	r, now := in(t, Pending)
	r.Rule.Approvals = 2
	r, _ = r.Apply(vote(bruno), now)
	r, err := r.Apply(Event{Kind: EventLapse, By: bruno}, now)
	if err != nil || len(r.Votes) != 0 || len(r.Lapsed) != 1 {
		t.Fatalf("votes %v, lapsed %v, %v", r.Votes, r.Lapsed, err)
	}
}

// TestAnswers is what each answer of senhasegura leads to, for an absolute
// state and for a release.
func TestAnswers(t *testing.T) {
	for _, c := range []struct {
		verb   Verb
		answer AnswerKind
		after  time.Duration // before the deadline of two minutes
		want   Result
		state  State
	}{
		{Deactivate, AnswerDone, 0, ResultDone, Done},
		{Deactivate, AnswerAlready, 0, ResultAlready, Done},
		{Deactivate, AnswerRefused, 0, ResultFailed, Failed},
		{Deactivate, AnswerLost, 0, "", Running},
		{Deactivate, AnswerNotSent, 0, "", Running},
		{Deactivate, AnswerWait, 0, "", Running},
		{Deactivate, AnswerLost, 119 * time.Second, ResultUnknown, Unknown},
		{Deactivate, AnswerNotSent, 119 * time.Second, ResultNotSent, Failed},
		{Release, AnswerLost, 0, ResultUnknown, Unknown},
		{Release, AnswerNotSent, 0, "", Running},
		{Release, AnswerDone, 0, ResultDone, Done},
	} {
		r, now := in(t, Running)
		r.Verb = c.verb
		now = now.Add(c.after)
		r, err := r.Apply(mark(), now)
		if err != nil {
			t.Fatal(err)
		}
		r, err = r.Apply(answered(c.answer), now)
		if err != nil || r.Targets[0].Result != c.want || r.State != c.state {
			t.Errorf("%s answered %s after %s: %q, %s, %v; want %q, %s", c.verb, c.answer, c.after, r.Targets[0].Result, r.State, err, c.want, c.state)
		}
	}
}

func TestPausesAfterLostAnswers(t *testing.T) {
	r, now := in(t, Running)
	for _, want := range []time.Duration{2, 5, 10, 20, 40} {
		r, _ = r.Apply(mark(), now)
		r, _ = r.Apply(answered(AnswerLost), now)
		if got := r.Targets[0].NextAt.Sub(now); got != want*time.Second {
			t.Errorf("attempt %d: next after %s, want %ds", r.Targets[0].Attempts, got, want)
		}
		if _, err := r.Apply(mark(), r.Targets[0].NextAt.Add(-time.Millisecond)); err == nil {
			t.Error("a call began before its pause was over")
		}
		now = r.Targets[0].NextAt
	}
}

func TestAForeignFenceWritesNothing(t *testing.T) {
	r, now := in(t, Running)
	r, _ = r.Apply(mark(), now)
	r.Lease.Until = now
	taken := claim("p2")
	taken.Lease.Until = now.Add(time.Hour)
	r, err := r.Apply(taken, now.Add(time.Second))
	if err != nil || r.Lease.Fence <= firstFence {
		t.Fatalf("taking over: fence %d, %v", r.Lease.Fence, err)
	}
	for _, e := range []Event{mark(), answered(AnswerDone)} {
		if _, err := r.Apply(e, now.Add(2*time.Second)); !errors.Is(err, ErrLeaseLost) {
			t.Errorf("%s with the old fence: %v", e.Kind, err)
		}
	}
	if !r.Targets[0].Abandoned(now.Add(16 * time.Second)) {
		t.Error("the mark of the process that died is not taken for abandoned")
	}
}

func TestOutcomes(t *testing.T) {
	for _, c := range []struct {
		results []Result
		want    State
	}{
		{[]Result{ResultDone, ResultAlready}, Done},
		{[]Result{ResultFailed, ResultNotSent}, Failed},
		{[]Result{ResultDone, ResultFailed}, Partial},
		{[]Result{ResultAlready, ResultNotSent}, Partial},
		{[]Result{ResultDone, ResultUnknown}, Unknown},
		{[]Result{ResultFailed, ResultUnknown}, Unknown},
	} {
		var targets []Target
		for _, result := range c.results {
			targets = append(targets, Target{Result: result})
		}
		if got, ended := outcome(targets); got != c.want || !ended {
			t.Errorf("%v = %s, want %s", c.results, got, c.want)
		}
		slices.Reverse(targets)
		if got, _ := outcome(targets); got != c.want {
			t.Errorf("%v reversed = %s, want %s", c.results, got, c.want)
		}
	}
}

func TestRunAgain(t *testing.T) {
	again := Event{Kind: EventAgain, By: bruno, Limit: 2 * time.Minute}
	r, now := in(t, Unknown)
	if _, err := r.Apply(Event{Kind: EventAgain, By: ana}, now); !errors.Is(err, ErrOwnRequest) {
		t.Errorf("run again by the requester: %v", err)
	}
	if _, err := r.Apply(again, r.Ended.Add(AgainWithin+time.Second)); !errors.Is(err, ErrTooLate) {
		t.Errorf("after half an hour: %v", err)
	}
	r.Targets = append(r.Targets, Target{Ref: "6", Result: ResultDone}, Target{Ref: "7", Result: ResultNotSent})
	r, err := r.Apply(again, now)
	if err != nil || r.State != Running || r.Lease.Held(now) {
		t.Fatalf("run again: %s, %v", r.State, err)
	}
	for i, want := range []Result{"", ResultDone, ""} {
		if r.Targets[i].Result != want {
			t.Errorf("target %d is %q, want %q", i, r.Targets[i].Result, want)
		}
	}
	if !r.Targets[0].Lost {
		t.Error("what an earlier run may have done was forgotten")
	}
	r.State, r.Run.Number = Unknown, 1+MaxAgain
	r.Ended = now
	if _, err := r.Apply(again, now); !errors.Is(err, ErrTooOften) {
		t.Errorf("a fourth time: %v", err)
	}
}

func TestSeals(t *testing.T) {
	s := NewSealer([]byte("an audit key of more than 32 characters"))
	limit := 2 * time.Minute
	r, now := in(t, Pending)
	r.Rule.Approvals = 2
	r.Seal = s.SealAsked(r)
	r, _ = r.Apply(Event{Kind: EventVote, By: bruno, Seal: s.Seal(r, bruno, now)}, now)
	one := r.clone()
	r, err := r.Apply(Event{Kind: EventVote, By: clara, Seal: s.SealLast(r, clara, now)}, now)
	if err != nil || s.Check(r, now, limit) != nil {
		t.Fatalf("two good votes: %v, %v", err, s.Check(r, now, limit))
	}
	approvedBy := func(votes ...Vote) func(*Request) { return func(r *Request) { r.Votes = votes } }
	for name, bend := range map[string]func(*Request){
		"no votes":               approvedBy(),
		"the first alone":        approvedBy(r.Votes[0]),
		"the last alone":         approvedBy(r.Votes[1]),
		"one voter twice":        approvedBy(r.Votes[1], r.Votes[1]),
		"not the last one last":  approvedBy(r.Votes[1], r.Votes[0]),
		"another voter":          func(r *Request) { r.Votes[0].Person = Person{Key: "T1:UX", User: "UX"} },
		"the requester":          func(r *Request) { r.Votes[0].Person = ana },
		"another target":         func(r *Request) { r.Targets[0].Ref = "6" },
		"another label":          func(r *Request) { r.Targets[0].Label = "root@db01" },
		"no word of rotation":    func(r *Request) { r.Targets[0].Rotates = true },
		"rotation is not known":  func(r *Request) { r.Targets[0].RotationUnknown = true },
		"no word of read-only":   func(r *Request) { r.Targets[0].ReadOnly = true },
		"no word of the list":    func(r *Request) { r.Targets[0].Unnamed = NotListed },
		"another verb":           func(r *Request) { r.Verb = Activate },
		"another requester":      func(r *Request) { r.Requester = Person{Key: "T1:UX", User: "UX"} },
		"another channel":        func(r *Request) { r.Channel = "C9" },
		"another request":        func(r *Request) { r.ID = "R-ZZZZZZ" },
		"another team":           func(r *Request) { r.Team = "T2" },
		"a later expiry":         func(r *Request) { r.Expires = r.Expires.Add(time.Hour) },
		"a later vote":           func(r *Request) { r.Votes[0].At = r.Votes[0].At.Add(time.Minute) },
		"a laxer rule":           func(r *Request) { r.Rule.Approvals = 1 },
		"no seal of the asking":  func(r *Request) { r.Seal = "" },
		"an unsealed rerun":      func(r *Request) { r.Run = Run{Number: 2, By: clara, Began: now} },
		"a run before the first": func(r *Request) { r.Run.Number = 0 },
	} {
		bent := r.clone()
		bend(&bent)
		if err := s.Check(bent, now, limit); !errors.Is(err, ErrSeal) {
			t.Errorf("%s: %v, want a refusal", name, err)
		}
	}
	if err := s.Check(r, now.Add(StartWithin+limit+time.Second), limit); !errors.Is(err, ErrSeal) {
		t.Error("an old vote was good for a call")
	}
	if err := NewSealer([]byte("another key")).Check(r, now, limit); !errors.Is(err, ErrSeal) {
		t.Error("a seal of another key was good")
	}
	// A vote that was taken back cannot be put beside a later deciding one.
	back, _ := one.Apply(Event{Kind: EventLapse, By: bruno}, now)
	dora := Person{Key: "T1:UDORA", User: "UDORA"}
	back, _ = back.Apply(Event{Kind: EventVote, By: clara, Seal: s.Seal(back, clara, now)}, now)
	back, _ = back.Apply(Event{Kind: EventVote, By: dora, Seal: s.SealLast(back, dora, now)}, now)
	if err := s.Check(back, now, limit); err != nil {
		t.Fatalf("two other votes: %v", err)
	}
	back.Votes[0] = one.Votes[0]
	if err := s.Check(back, now, limit); !errors.Is(err, ErrSeal) {
		t.Error("a vote that was taken back counted again")
	}
}

// TestKeys: the same thing typed by name and by id is held for itself; two
// things that share a name are not taken for each other.
func TestKeys(t *testing.T) {
	byID, byName := Target{Ref: "5", ID: "5", Name: "Root@db01"}, Target{Ref: "root@DB01", ID: "5", Name: "root@db01"}
	if !slices.Equal(byID.Keys(Credential), []string{"credential/5", "credential/root@db01"}) || len(byName.Keys(Credential)) != 2 {
		t.Errorf("%v, %v", byID.Keys(Credential), byName.Keys(Credential))
	}
	shared := Target{Ref: "110", ID: "110", Name: "admin@app", Shared: true}
	if keys := shared.Keys(Credential); !slices.Equal(keys, []string{"credential/110"}) {
		t.Errorf("a name of two things is a key: %v", keys)
	}
}

package approvals

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"
)

func rewoundBelow(shown int) Event { return Event{Kind: EventRewound, Shown: shown} }

// TestARecordThatWentBackIsClosedAndNeverRuns: from every state that is not an
// end with all its answers, above every version that was shown.
func TestARecordThatWentBackIsClosedAndNeverRuns(t *testing.T) {
	for _, state := range States() {
		r, now := in(t, state)
		const shown = 41
		after, err := r.Apply(rewoundBelow(shown), now)
		if err != nil || after.Version != shown+1 {
			t.Fatalf("%s went back to version %d, %v", state, after.Version, err)
		}
		if !slices.Equal(after.Votes, r.Votes) {
			t.Errorf("%s: the votes became %v", state, after.Votes)
		}
		if state == Done || state == Failed || state == Partial {
			if after.State != state || !after.Rewound.IsZero() || after.Notices != r.Notices {
				t.Errorf("%s, with all its answers, became %s", state, after.State)
			}
			continue
		}
		if after.State != Unknown || after.Rewound.IsZero() || after.Notices != r.Notices+1 || after.Targets[0].Result != ResultUnknown || after.Lease.Holder != "" {
			t.Errorf("%s became %+v", state, after)
		}
		for _, kind := range EventKinds() {
			e := Event{Kind: kind, By: clara, Seal: "seal", Limit: time.Minute, Timeout: time.Second, Lease: Lease{Holder: "p1", Fence: after.Lease.Fence, Until: now.Add(time.Hour)}}
			if next, err := after.Apply(e, now.Add(time.Minute)); err == nil && next.State.Open() {
				t.Errorf("%s, set back, became %s by a %s", state, next.State, kind)
			}
		}
		if err := after.CanRunAgain(now); !errors.Is(err, ErrRewound) {
			t.Errorf("%s, set back, offers to run again: %v", state, err)
		}
		if resolved, err := after.Apply(Event{Kind: EventResolve, By: clara, Done: true}, now); err != nil || resolved.State != Done {
			t.Errorf("%s, set back, cannot be resolved: %s, %v", state, resolved.State, err)
		}
	}
}

// TestOnlyWhatWasAboveSetsBack: a version that the record has passed says nothing.
func TestOnlyWhatWasAboveSetsBack(t *testing.T) {
	r, now := in(t, Running)
	if after, err := r.Apply(rewoundBelow(r.Version-1), now); !errors.Is(err, ErrNotNow) || after.Version != r.Version {
		t.Errorf("version %d, %v", after.Version, err)
	}
}

// TestWhatIsSettledStaysSettled: an answer stays true, a person's word too;
// what was not sent may have been sent since.
func TestWhatIsSettledStaysSettled(t *testing.T) {
	r, now := in(t, Unknown)
	r.Targets = []Target{{Ref: "5", Result: ResultDone}, {Ref: "6", Result: ResultFailed}, {Ref: "7", Result: ResultNotSent}, {Ref: "8", Result: ResultAlready}}
	after, err := r.Apply(rewoundBelow(r.Version+3), now)
	if err != nil {
		t.Fatal(err)
	}
	var got []Result
	for _, target := range after.Targets {
		got = append(got, target.Result)
	}
	if want := []Result{ResultDone, ResultFailed, ResultUnknown, ResultAlready}; !slices.Equal(got, want) {
		t.Errorf("results %v, want %v", got, want)
	}
	r.State, r.Checked = Failed, Checked{By: clara, At: now}
	if after, err := r.Apply(rewoundBelow(r.Version+3), now); err != nil || after.State != Failed {
		t.Errorf("a person's word was overruled: %s, %v", after.State, err)
	}
}

// TestMemoryIsBounded: the last requests are remembered, however many there were.
func TestMemoryIsBounded(t *testing.T) {
	d := NewDesk(Config{})
	for i := range 5 * memoryLimit {
		d.saw(Request{ID: fmt.Sprint("R-", i), Version: i + 1})
		d.saw(Request{ID: "R-often", Version: 7})
	}
	if n := len(d.Remembered()); n < memoryLimit || n > 2*memoryLimit {
		t.Errorf("%d requests are remembered", n)
	}
	last := 5*memoryLimit - 1
	for i := last; i > last-memoryLimit+1; i-- {
		if k := d.Known(fmt.Sprint("R-", i)); k.Version != i+1 {
			t.Fatalf("R-%d is remembered as %+v", i, k)
		}
	}
	if d.saw(Request{ID: "R-often", Version: 3}); d.Known("R-often").Version != 7 {
		t.Error("an older version took the place of a newer one")
	}
	if d.Forgotten("R-often"); d.Known("R-often").Version != 0 {
		t.Error("what was to be forgotten is remembered")
	}
}

package senhasegura

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

var (
	silence = &Error{Kind: KindLost, Err: errTimeout}
	refused = &Error{Kind: KindRefused, Code: 1007}
)

func newBreaker(log *bytes.Buffer) *breaker {
	return &breaker{log: slog.New(slog.NewTextHandler(log, nil)), most: 4, told: map[Module]time.Time{}}
}

// call makes one call that comes to err; false where it is held back.
func (b *breaker) call(err error) bool {
	p := b.admit(PAMCore)
	if p == nil {
		return false
	}
	p.Done(err)
	return true
}

func (b *breaker) fail(t *testing.T, times int) {
	t.Helper()
	for range times {
		if !b.call(silence) {
			t.Fatal("held back")
		}
	}
}

func TestFiveFailuresInARowHoldCallsBack(t *testing.T) {
	var log bytes.Buffer
	b := newBreaker(&log)
	b.fail(t, 4)
	b.call(nil)
	b.fail(t, 4)
	b.call(refused) // an answer, if not the one hoped for
	b.fail(t, 4)
	if b.heldBack(PAMCore) || log.Len() > 0 {
		t.Fatal("holds back after four failures")
	}
	b.fail(t, 1)
	if !b.heldBack(PAMCore) || !b.heldBack(MySafe) || !b.holds() {
		t.Error("lets calls through after five failures")
	}
	if n := strings.Count(log.String(), "does not answer"); n != 1 {
		t.Errorf("said %d times that it opened:\n%s", n, &log)
	}
}

// TestProbes: one at a time, after pauses that grow; what answers ends it.
func TestProbes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		b := newBreaker(&log)
		b.fail(t, breakAfter)
		for _, seconds := range []time.Duration{1, 2, 4, 8, 15, 15} {
			time.Sleep(seconds*time.Second - time.Millisecond)
			if b.admit(PAMCore) != nil {
				t.Fatalf("a probe before %d s were over", seconds)
			}
			time.Sleep(time.Millisecond)
			probe := b.admit(PAMCore)
			if probe == nil {
				t.Fatalf("no probe after %d s", seconds)
			}
			time.Sleep(time.Minute) // it hangs
			if b.admit(PAMCore) != nil || b.admit(MySafe) != nil {
				t.Fatal("a second call beside the probe")
			}
			probe.Done(silence)
		}
		time.Sleep(15 * time.Second)
		b.call(nil)
		first, second := b.admit(PAMCore), b.admit(MySafe)
		if first == nil || second == nil {
			t.Error("still held back after an answer")
		}
		b.fail(t, breakAfter)
		time.Sleep(time.Second)
		if !b.call(nil) {
			t.Error("the pauses did not begin anew")
		}
		if opened, closed := strings.Count(log.String(), "does not answer"), strings.Count(log.String(), "answers again"); opened != 2 || closed != 2 {
			t.Errorf("opened %d times, closed %d times:\n%s", opened, closed, &log)
		}
	})
}

// TestNoMoreLeaveThanCalls: a call that has leave goes out even when the calls
// before it found nobody, so there are never many of them.
func TestNoMoreLeaveThanCalls(t *testing.T) {
	b := newBreaker(&bytes.Buffer{})
	var leave []*Permit
	for range 4 {
		leave = append(leave, b.admit(PAMCore))
	}
	if b.admit(PAMCore) != nil || b.admit(MySafe) != nil {
		t.Error("leave for a fifth call")
	}
	leave[0].Return()
	leave[1].Done(nil)
	leave[1].Return() // counts once
	if b.admit(PAMCore) == nil || b.admit(MySafe) == nil || b.admit(MySafe) != nil {
		t.Error("as many as ended may follow, no more")
	}
}

func TestAProbeThatWasNotMadeMakesRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBreaker(&bytes.Buffer{})
		b.fail(t, breakAfter)
		time.Sleep(time.Second)
		for _, give := range []func(*Permit){
			(*Permit).Return,
			func(p *Permit) { p.Done(&Error{Kind: KindNotSent, ours: true}) },
			func(p *Permit) { p.Done(&Error{Kind: KindLost, Err: context.Canceled}) },
			func(p *Permit) { p.Done(&Error{Kind: KindNotConfigured}) },
			func(p *Permit) { p.Done(errors.New("?")) },
		} {
			probe := b.admit(PAMCore)
			if probe == nil {
				t.Fatal("the one before was kept")
			}
			give(probe)
			if b.opened.IsZero() {
				t.Fatal("closed without an answer")
			}
			give(probe) // counts once
		}
	})
}

// TestCallsFromBefore: of what was under way when calls were held back, failures
// say nothing new and an answer says all.
func TestCallsFromBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBreaker(&bytes.Buffer{})
		late := []*Permit{b.admit(PAMCore), b.admit(PAMCore), b.admit(MySafe)}
		b.fail(t, breakAfter)
		time.Sleep(time.Second)
		late[0].Done(silence)
		probe := b.admit(PAMCore)
		if probe == nil {
			t.Fatal("a late failure made the pause longer")
		}
		late[1].Done(silence)
		if b.admit(PAMCore) != nil {
			t.Fatal("a late failure made room beside the probe")
		}
		late[2].Done(nil)
		if b.admit(PAMCore) == nil {
			t.Error("a late answer did not end it")
		}
		probe.Done(silence) // one failure, of now
		if b.heldBack(PAMCore) {
			t.Error("holds back after one failure")
		}
	})
}

// TestToldToWait: a 429 holds its module back as told, and is an answer.
func TestToldToWait(t *testing.T) {
	for _, c := range []struct{ told, waits time.Duration }{
		{7 * time.Second, 7 * time.Second}, {0, 2 * time.Second}, {24 * time.Hour, time.Minute},
	} {
		synctest.Test(t, func(t *testing.T) {
			b := newBreaker(&bytes.Buffer{})
			late := b.admit(PAMCore)
			b.fail(t, breakAfter)
			time.Sleep(time.Second)
			b.call(&Error{Kind: KindRateLimited, RetryAfter: c.told})
			if !b.opened.IsZero() || b.heldBack(MySafe) || b.holds() {
				t.Error("the other module, or a list, is held back")
			}
			time.Sleep(c.waits - time.Millisecond)
			if b.admit(PAMCore) != nil {
				t.Errorf("told to wait %s, and called before %s", c.told, c.waits)
			}
			late.Done(nil) // of a call from before: what was told stays
			if b.admit(PAMCore) != nil {
				t.Error("called before the time it was told")
			}
			time.Sleep(time.Millisecond)
			if b.admit(PAMCore) == nil {
				t.Errorf("told to wait %s, and not called after %s", c.told, c.waits)
			}
		})
	}
}

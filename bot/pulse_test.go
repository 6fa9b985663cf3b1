package bot

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

// TestPulse: what is read while, or right after, the process was stopped is
// told from what is read as it comes.
func TestPulse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p pulse
		if p.slept() {
			t.Error("without a beat it says that it was stopped")
		}
		says := func(when string, want bool) {
			t.Helper()
			if got := p.slept(); got != want {
				t.Errorf("%s: slept is %v, want %v", when, got, want)
			}
		}
		p.beat()
		time.Sleep(stoppedFor)
		says("a beat that is just not late", false)
		p.beat()
		time.Sleep(stoppedFor + time.Millisecond)
		says("before the late beat", true)
		p.beat()
		says("at the late beat", true)
		for range 5 {
			time.Sleep((drains - time.Millisecond) / 5)
			p.beat()
		}
		says("while the rest is read", true)
		time.Sleep(2 * time.Millisecond)
		says("afterwards", false)
		p.end()
		time.Sleep(time.Minute)
		says("after its end", false)
	})
}

// TestPulseOfASuspendedMachine: its monotonic clock stood still, the other went on.
func TestPulseOfASuspendedMachine(t *testing.T) {
	var p pulse
	p.beat()
	p.last = p.last.Round(0).Add(-stoppedFor - time.Second)
	if !p.slept() {
		t.Error("a suspended machine goes unnoticed")
	}
	p.beat()
	if !p.slept() {
		t.Error("what came in while it was suspended is taken for new")
	}
}

// TestBeatIsNeverLateByItself: the bot beats often enough, and ends quietly.
func TestBeatIsNeverLateByItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := New(Config{})
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- b.Beat(ctx) }()
		for range 1000 {
			time.Sleep(17 * time.Millisecond)
			if b.pulse.slept() {
				t.Fatal("it says that it was stopped")
			}
		}
		cancel()
		if err := <-ended; err != nil || b.pulse.slept() {
			t.Errorf("it ended with %v, stopped %v", err, b.pulse.slept())
		}
	})
}

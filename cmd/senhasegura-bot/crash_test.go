package main

import (
	"strings"
	"testing"

	"senhasegura-bot/approvals"
	"senhasegura-bot/bot/fakeslack"
	"senhasegura-bot/senhasegura/senhaseguratest"
)

// TestKilledBetweenApprovalAndCall: the decision is on record, the call is
// not yet made; the next start makes it, once.
func TestKilledBetweenApprovalAndCall(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{env: map[string]string{"LEASE": "2s"}})
	// Another run holds the only place, so that the approved run waits for it.
	w.appliance.Inject(senhaseguratest.Fault{Method: "DELETE", Path: "*/pam/credential/6", Times: 1, Kind: senhaseguratest.Hang})
	blocking := w.asks(ana, "deactivate 6 leaked")
	first := w.processes[0]
	w.clicks(bruno, blocking, "approve")
	w.eventually("the first call hangs", func() bool { return len(w.calls()) == 1 })
	card := w.asks(ana, "activate 6 wrong one") // the same target: waits for the first run
	w.clicks(bruno, card, "approve")
	w.becomes(card, "running")
	first.kill()
	w.appliance.ClearFaults()
	if n := len(w.calls()); n != 1 {
		t.Fatalf("%d calls before the restart", n)
	}
	w.start()
	w.becomesWithin(blocking, "done", 60)
	w.becomesWithin(card, "done", 60)
	activations := 0
	for _, c := range w.calls() {
		if strings.HasPrefix(c, "PUT") {
			activations++
		}
	}
	if activations != 1 {
		t.Errorf("activated %d times: %v", activations, w.calls())
	}
	if n := w.appliance.MostWritesAtOnce(); n > 1 {
		t.Errorf("%d writes to one target at once", n)
	}
}

// TestKilledDuringTheCall: an absolute state is asked for again after the
// mark's time, a release is not and becomes unknown.
func TestKilledDuringTheCall(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		typed, path, state string
		calls              int
	}{
		{"deactivate 5 leaked", "*/pam/credential/5", "done", 2},
		{"release 94 job is done", "*/custody/94", "unknown", 1},
	} {
		t.Run(strings.Fields(c.typed)[0], func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, setup{env: map[string]string{"LEASE": "2s", "CALL_TIMEOUT": "3s"}})
			w.appliance.Inject(senhaseguratest.Fault{Method: "DELETE", Path: c.path, Times: 1, Kind: senhaseguratest.Hang, Act: true})
			card := w.asks(ana, c.typed)
			w.clicks(bruno, card, "approve")
			w.eventually("the call is under way", func() bool { return len(w.calls()) == 1 })
			w.processes[0].kill()
			w.appliance.ClearFaults()
			w.start()
			card = w.becomesWithin(card, c.state, 60)
			if n := len(w.calls()); n != c.calls {
				t.Errorf("%d calls, want %d: %v", n, c.calls, w.calls())
			}
			if n := w.appliance.MostWritesAtOnce(); n != 1 {
				t.Errorf("%d writes at once", n)
			}
			w.told(card)
			w.grows(card)
		})
	}
}

// TestKilledBeforeTheCard: a request that was stored gets its card from the
// next start.
func TestKilledBeforeTheCard(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	w.ws.Fail("chat.postMessage", fakeslack.Fault{Times: 1, Hang: true})
	shown := w.requests(incident, ana, "deactivate 5 leaked")
	contains(t, shown, "is requested")
	w.eventually("the card is being posted", func() bool { return len(w.ws.Calls("chat.postMessage")) > 0 })
	w.processes[0].kill()
	w.start()
	w.eventuallyWithin(60, "the card is there", func() bool { return len(w.cards()) == 1 })
}

// TestStop: SIGTERM lets a call end, stores its answer, and exits with 0.
func TestStop(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	w.appliance.Inject(senhaseguratest.Fault{Method: "DELETE", Path: "*/pam/credential/5", Times: 1, Kind: senhaseguratest.Delay, DelayMS: 1500})
	card := w.asks(ana, "deactivate 5 leaked")
	w.clicks(bruno, card, "approve")
	w.eventually("the call is under way", func() bool { return len(w.calls()) == 1 })
	if code := w.processes[0].stop(); code != 0 {
		t.Errorf("exit %d\n%s", code, w.processes[0].log)
	}
	events := []approvals.EventKind{}
	for _, e := range w.audit(meta(card).Request) {
		events = append(events, e.Event)
	}
	if events[len(events)-1] != approvals.EventAnswer {
		t.Errorf("the answer is not on record: %v", events)
	}
	w.start()
	w.becomes(card, "done")
	if n := len(w.calls()); n != 1 {
		t.Errorf("%d calls, want 1", n)
	}
}

// TestTwoProcesses: one Redis, two processes; clicks reach either, one runs.
func TestTwoProcesses(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{socket: true})
	w.start()
	var cards []fakeslack.Message
	for _, id := range []string{"5", "6", "94", "12", "130"} {
		cards = append(cards, w.asks(ana, "deactivate "+id+" leaked"))
	}
	for _, card := range cards {
		w.clicks(bruno, card, "approve")
	}
	for _, card := range cards {
		w.becomes(card, "done")
		w.entries(meta(card).Request, approvals.EventSubmit, approvals.EventVote, approvals.EventClaim, approvals.EventMark, approvals.EventAnswer)
	}
	if n := len(w.calls()); n != len(cards) {
		t.Errorf("%d calls for %d requests", n, len(cards))
	}
}

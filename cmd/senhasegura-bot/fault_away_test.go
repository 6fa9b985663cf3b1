package main

import (
	"strings"
	"testing"
	"time"

	"senhasegura-bot/approvals"
	"senhasegura-bot/senhasegura/senhaseguratest"
)

// away has five calls of one request find nobody and the next one, the probe,
// hang: from then on the process holds calls back. It returns its calls.
func (w *world) away() []*treated {
	w.t.Helper()
	w.appliance.Inject(senhaseguratest.Fault{Method: "DELETE", Path: "*/pam/*", Times: 5, Kind: senhaseguratest.Reset})
	w.appliance.Inject(senhaseguratest.Fault{Method: "DELETE", Path: "*/pam/*", Kind: senhaseguratest.Hang})
	ids := []string{"5", "6", "12", "94", "110", "130"}
	one := &treated{typed: "deactivate " + strings.Join(ids, ", ") + " leaked"}
	w.approves([]*treated{one})
	var calls []*treated
	for _, id := range ids {
		calls = append(calls, &treated{typed: one.typed, method: "DELETE", path: "/api/pam/credential/" + id, card: one.card})
	}
	w.eventuallyWithin(30, "the probe hangs", func() bool {
		writes := w.appliance.Writes()
		return len(writes) == 6 && writes[5].Finished.IsZero()
	})
	return calls
}

// TestFaultApplianceComesBack: while nobody answers, one call at a time is made,
// and what waits is not even marked: its card says what it waits for, and its
// audit holds no attempt. When the appliance is back everything is done, each
// call once.
func TestFaultApplianceComesBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{env: map[string]string{"CALL_TIMEOUT": "20s"}})
	p := w.processes[0]
	if got := p.metric("senhasegura_bot_breaker_open"); got != "0" {
		t.Errorf("senhasegura_bot_breaker_open is %q before", got)
	}
	calls := w.away()
	waiting := badly()[3] // the other module, the same appliance
	w.approves([]*treated{waiting})
	w.eventually("the card says what it waits for", func() bool {
		card, _ := w.ws.Message(waiting.card.Ref())
		return meta(card).State == "running" && containsAll(plainText(card), "senhasegura does not answer at the moment", "not called yet")
	})
	if got := p.metric("senhasegura_bot_breaker_open"); got != "1" {
		t.Errorf("senhasegura_bot_breaker_open is %q while away", got)
	}
	w.entries(meta(waiting.card).Request, approvals.EventSubmit, approvals.EventVote, approvals.EventClaim)
	if n := len(w.appliance.Writes()); n != 6 {
		t.Errorf("%d writes, want the five and the probe", n)
	}

	w.appliance.ClearFaults() // the probe is let go without an answer: one more pause
	for _, c := range append(calls, waiting) {
		w.endsAs(c, "done", 1+attemptsBefore(w, c))
	}
	w.entries(meta(waiting.card).Request, approvals.EventSubmit, approvals.EventVote, approvals.EventClaim, approvals.EventMark, approvals.EventAnswer)
	if got := p.metric("senhasegura_bot_breaker_open"); got != "0" {
		t.Errorf("senhasegura_bot_breaker_open is %q after", got)
	}
	if opened, closed := p.logged("senhasegura does not answer"), p.logged("senhasegura answers again"); opened != 1 || closed != 1 {
		t.Errorf("the log says %d times that it was away and %d times that it is back", opened, closed)
	}
}

// attemptsBefore counts the writes for the call that were treated badly.
func attemptsBefore(w *world, c *treated) int {
	n := 0
	for _, got := range w.received(c) {
		if got.Answer == string(senhaseguratest.Reset) || got.Answer == string(senhaseguratest.Hang) {
			n++
		}
	}
	return n
}

// TestFaultStoppedWhileAway: a process that holds calls back stops in time, and
// hands over what it did not begin: another one finishes it, once.
func TestFaultStoppedWhileAway(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{env: map[string]string{"CALL_TIMEOUT": "6s"}})
	calls := w.away()
	waiting := badly()[3]
	w.approves([]*treated{waiting})
	w.becomes(waiting.card, "running")
	began := time.Now()
	if code := w.processes[0].stop(); code != 0 {
		t.Errorf("exit %d", code)
	}
	if took := time.Since(began); took > 15*time.Second { // the probe ends first
		t.Errorf("stopped after %s", took)
	}
	w.entries(meta(waiting.card).Request, approvals.EventSubmit, approvals.EventVote, approvals.EventClaim)
	w.appliance.ClearFaults()
	w.start()
	for _, c := range append(calls, waiting) {
		w.endsAs(c, "done", 1+attemptsBefore(w, c))
	}
	w.entries(meta(waiting.card).Request, approvals.EventSubmit, approvals.EventVote, approvals.EventClaim, approvals.EventClaim, approvals.EventMark, approvals.EventAnswer)
}

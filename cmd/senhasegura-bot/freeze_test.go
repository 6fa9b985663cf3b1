package main

import (
	"slices"
	"strings"
	"testing"
	"time"

	"senhasegura-bot/approvals"
	"senhasegura-bot/bot/fakeslack"
	"senhasegura-bot/senhasegura/senhaseguratest"
)

const (
	freezePolicy = standardPolicy + "freeze: {people: [UCLARA]}\n"
	twelve       = "deactivate 5, 6, 7, 12, 18, 21, 94, 101, 110, 111, 120, 130 leaked"
)

// hesitates has senhasegura take its time over each deactivation after the first n,
// until release.
func (w *world) hesitates(n int) (release func()) {
	if n > 0 {
		w.appliance.Inject(senhaseguratest.Fault{Method: "DELETE", Kind: senhaseguratest.Delay, DelayMS: 1, Times: n})
	}
	w.appliance.Inject(senhaseguratest.Fault{Method: "DELETE", Kind: senhaseguratest.Delay, DelayMS: int(time.Hour.Milliseconds())})
	return w.appliance.ClearFaults
}

// said waits for a message of the bot in the channel that is no card.
func (w *world) said(part string) string {
	w.t.Helper()
	var text string
	w.eventually("the channel reads "+part, func() bool {
		return slices.ContainsFunc(w.ws.Messages(incident), func(m fakeslack.Message) bool {
			text = plainText(m)
			return meta(m).Request == "" && strings.Contains(text, part)
		})
	})
	return text
}

// reads waits until the card as it stands holds all parts.
func (w *world) reads(card fakeslack.Message, parts ...string) {
	w.t.Helper()
	w.eventually("the card reads "+strings.Join(parts, ", "), func() bool {
		now, _ := w.ws.Message(card.Ref())
		return containsAll(plainText(now), parts...)
	})
}

// marks counts the marks on record of a request, in all and those that came
// after the first freeze and before its end.
func (w *world) marks(request string) (all, frozen int) {
	w.t.Helper()
	var began, ended int64
	for _, e := range w.audit("") {
		switch {
		case e.Event == approvals.EventFreeze && began == 0:
			began = e.Seq
		case e.Event == approvals.EventUnfreeze && ended == 0:
			ended = e.Seq
		}
	}
	for _, e := range w.audit(request) {
		if e.Event != approvals.EventMark {
			continue
		}
		if all++; began > 0 && e.Seq > began && (ended == 0 || e.Seq < ended) {
			frozen++
		}
	}
	return all, frozen
}

// TestFreezeInTheMiddleOfABulkRun: typed at one replica, it stops the run of
// another before its next target; votes are refused, denying and cancelling
// are not, and after the end the rest runs, each target once.
func TestFreezeInTheMiddleOfABulkRun(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{policy: freezePolicy, env: map[string]string{"SENHASEGURA_CONCURRENCY": "1"}})
	release := w.hesitates(2)
	one, waits := w.processes[0], w.asks(ana, "activate 5 wrong one")
	card := w.asks(ana, twelve)
	w.clicks(bruno, card, "approve")
	w.eventually("the run is in its middle", func() bool { return len(w.calls()) == 3 })
	two := w.start() // what people do from now on reaches the other replica
	if one.url == two.url {
		t.Fatal("one replica only")
	}
	contains(t, w.types(clara, "freeze token stolen <!channel>"), "Everything is frozen", "unfreeze")
	contains(t, w.said("Everything is frozen"), "token stolen", clara)
	w.reads(card, "Running", "Frozen", "no further call", "token stolen")
	w.reads(waits, "Waiting", "Frozen", "no approval counts", "token stolen")
	release()
	w.eventually("the call under way is answered", func() bool {
		last := w.audit(meta(card).Request)
		return last[len(last)-1].Event == approvals.EventAnswer
	})
	all, frozen := w.marks(meta(card).Request)
	if frozen > 0 || all != 3 || len(w.calls()) != 3 {
		t.Fatalf("%d targets marked, %d of them while frozen, %d called; want 3", all, frozen, len(w.calls()))
	}

	w.clicks(bruno, waits, "approve")
	contains(t, w.whispered(bruno, "everything is frozen"), "token stolen", clara)
	w.entries(meta(waits).Request, approvals.EventSubmit)
	shown := w.requests(incident, ana, "deactivate 10 late")
	contains(t, shown, "is requested", "Everything is frozen")
	contains(t, w.types(ana, "pending"), "Everything is frozen", "token stolen", meta(waits).Request)
	contains(t, w.types(ana, "status "+meta(card).Request), "Everything is frozen", "Running")
	contains(t, w.types(ana, "cancel "+meta(waits).Request), "You cancelled")
	w.mayNotFreeze("unfreeze")
	contains(t, w.types(clara, "freeze again"), "frozen already", "token stolen")
	if now, _ := w.marks(meta(card).Request); now != all || len(w.calls()) != all {
		t.Fatalf("%d targets marked and %d called while frozen, %d before", now, len(w.calls()), all)
	}

	contains(t, w.types(clara, "unfreeze"), "You ended the freeze")
	w.said("No longer frozen")
	card = w.becomesWithin(card, "partial", 60) // some of the sample's credentials refuse
	if strings.Contains(plainText(card), "Frozen") {
		t.Error("the card is still frozen")
	}
	if all, _ := w.marks(meta(card).Request); all != 12 || len(w.calls()) != 12 {
		t.Errorf("%d marks, %d calls; want one for each of 12 targets", all, len(w.calls()))
	}
	if strings.Contains(plainText(card), "not sent") {
		t.Errorf("a target was left out:\n%s", plainText(card))
	}
	contains(t, w.types(clara, "unfreeze"), "nothing is frozen")
	w.froze("token stolen")
}

// froze checks the audit of one freeze and its end, by Clara.
func (w *world) froze(reason string) {
	w.t.Helper()
	all := slices.DeleteFunc(w.audit(""), func(e approvals.Logged) bool {
		return e.Event != approvals.EventFreeze && e.Event != approvals.EventUnfreeze
	})
	if len(all) != 2 || all[0].Event != approvals.EventFreeze || all[1].Event != approvals.EventUnfreeze {
		w.t.Fatalf("the audit has %+v", all)
	}
	for _, e := range all {
		if e.By.User != clara || e.By.Name == "" || e.Channel != incident || e.Process == "" {
			w.t.Errorf("the audit says %+v", e)
		}
	}
	if !strings.Contains(all[0].Reason, reason) {
		w.t.Errorf("the audit has the reason %q", all[0].Reason)
	}
}

// mayNotFreeze types a line as everybody who may not.
func (w *world) mayNotFreeze(line string) {
	w.t.Helper()
	for _, who := range []string{ana, bruno, dora} {
		contains(w.t, w.types(who, line), "Nothing changed", clara)
	}
	contains(w.t, w.types(guest, line), "Only full members")
}

// TestFreezeSurvivesARestart: and a run that it outlasts ends at its deadline
// with the rest not sent.
func TestFreezeSurvivesARestart(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{policy: freezePolicy, env: map[string]string{
		"SENHASEGURA_CONCURRENCY": "1", "RUN_DEADLINE": "15s", "CALL_TIMEOUT": "5s", "LEASE": "1s"}})
	release := w.hesitates(1)
	card := w.asks(ana, "deactivate 5, 6, 7, 12, 18, 94, 101, 110, 111, 130 leaked") // none is refused: whichever come first are done
	w.clicks(bruno, card, "approve")
	w.eventually("the run is in its middle", func() bool { return len(w.calls()) == 2 })
	w.types(clara, "congelar tudo suspeito")
	release()
	w.processes[0].stop()
	w.start()
	waits := w.asks(ana, "deactivate secret 10 leaked")
	w.clicks(bruno, waits, "approve")
	w.whispered(bruno, "everything is frozen")
	card = w.becomesWithin(card, "partial", 60)
	contains(t, plainText(card), "not sent")
	if all, frozen := w.marks(meta(card).Request); frozen > 0 || len(w.calls()) > all {
		t.Errorf("%d marked while frozen; %d marks, %d calls", frozen, all, len(w.calls()))
	}
	w.types(clara, "descongelar")
	w.clicks(bruno, waits, "approve")
	w.becomes(waits, "done")
	w.froze("tudo suspeito")
}

// TestWhoMayFreeze: nobody without the policy's key; with it the people it
// names; nobody while Slack cannot be asked who they are.
func TestWhoMayFreeze(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	contains(t, w.types(clara, "freeze now"), "not set up")
	contains(t, w.types(clara, "unfreeze"), "not set up")
	contains(t, w.types(clara, "freeze"), "comes what it is about")
	w.writePolicy(standardPolicy + "freeze: {people: [\"@sre\"]}\n")
	w.processes[0].cmd.Process.Signal(hangup)
	w.eventually("the policy is in force", func() bool { return strings.Contains(w.processes[0].log.String(), "policy reloaded") })
	w.ws.Fail("usergroups.users.list", fakeslack.Fault{Times: -1, Error: "internal_error"})
	contains(t, w.types(clara, "freeze now"), "could not ask Slack")
	w.ws.Heal("usergroups.users.list")
	contains(t, w.types(ana, "freeze now"), "Nothing changed")
	contains(t, w.types(ana, "pending"), "No request waits")
	contains(t, w.typesIn(shared, heitor, "congelar agora"), "Tudo está congelado", "avise os outros")
	contains(t, w.types(ana, "pending"), "Everything is frozen")
	contains(t, w.types(clara, "unfreeze"), "You ended the freeze")
	for _, m := range w.ws.Messages(shared) {
		t.Errorf("a channel of others reads %q", plainText(m))
	}
	card := w.asks(ana, "deactivate 5 leaked")
	w.clicks(bruno, card, "approve")
	w.becomes(card, "done")
}

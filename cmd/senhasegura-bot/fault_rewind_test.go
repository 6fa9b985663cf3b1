package main

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"senhasegura-bot/approvals"
	"senhasegura-bot/approvals/redisstore/redistest"
	"senhasegura-bot/bot/fakeslack"
	"senhasegura-bot/senhasegura/senhaseguratest"
)

// One approval for a release, two for the rest.
const rewindPolicy = `
defaults:
  approvers: [S0SRE]
  approvals: 2
rules:
  - name: releases
    verbs: [release]
    approvals: 1
limits: {per_person_minute: 0, pending_per_person: 0, pending: 0}
`

// recorded waits until the store knows that the card shows its version.
func (w *world) recorded(cards ...fakeslack.Message) {
	w.t.Helper()
	for _, card := range cards {
		w.eventually("the card of "+meta(card).Request+" is on record", func() bool {
			known, err := w.store().Card(w.t.Context(), meta(card).Request)
			now, _ := w.ws.Message(card.Ref())
			return err == nil && known.TS == card.TS && known.Shown >= meta(now).Version
		})
	}
}

// copied takes a copy of what Redis holds once the cards are on record and nobody
// draws them: who draws in a copy keeps everybody else from it for 20 s after.
func (w *world) copied(cards ...fakeslack.Message) redistest.Copy {
	w.t.Helper()
	w.recorded(cards...)
	var all redistest.Copy
	w.eventually("nobody draws a card while the copy is taken", func() bool {
		before, held := w.drawings(cards)
		all = w.redis.Copy(w.t)
		after, _ := w.drawings(cards)
		return !held && slices.Equal(before, after)
	})
	return all
}

// drawings is how often the right to draw each card was given, and whether
// somebody has it.
func (w *world) drawings(cards []fakeslack.Message) (fences []any, held bool) {
	w.t.Helper()
	for _, card := range cards {
		found := w.redis.Must(w.t, "HMGET", "senhasegura-bot:{T0FAKE}:card:"+meta(card).Request, "fence", "holder").([]any)
		fences, held = append(fences, found[0]), held || found[1] != ""
	}
	return fences, held
}

// approvedOnly is the record of a request as it was between the deciding vote
// and the claim, in a copy from before.
func (w *world) approvedOnly(id string) [][]string {
	w.t.Helper()
	r, _, err := w.store().Load(w.t.Context(), id)
	if err != nil {
		w.t.Fatal(err)
	}
	r.State, r.Version, r.Ended, r.Notices = approvals.Approved, 2, time.Time{}, 0
	r.Run = approvals.Run{Number: 1, StartBy: r.Approved.Add(approvals.StartWithin)}
	r.Targets = []approvals.Target{{Ref: r.Targets[0].Ref, ID: r.Targets[0].ID, Name: r.Targets[0].Name, Label: r.Targets[0].Label, Rotates: r.Targets[0].Rotates}}
	record, err := json.Marshal(r)
	if err != nil {
		w.t.Fatal(err)
	}
	const base = "senhasegura-bot:{T0FAKE}:"
	return [][]string{
		{"HSET", base + "request:" + id, "record", string(record), "version", "2", "state", "approved"},
		{"ZREM", base + "pending", id}, {"ZADD", base + "runnable", "1", id},
	}
}

// closed waits until the card says that the outcome is unknown, and holds it to
// being closed: a version above the one it showed, and nothing that runs.
func (w *world) closed(was fakeslack.Message, says string, pressable ...string) fakeslack.Message {
	w.t.Helper()
	shown := meta(was).Version
	card := w.becomes(was, "unknown")
	contains(w.t, plainText(card), "Outcome unknown", says, "PAM Core > Credentials")
	if meta(card).Version <= shown {
		w.t.Errorf("the card of %s showed version %d and shows version %d", meta(card).Request, shown, meta(card).Version)
	}
	for _, action := range []string{"approve", "deny", "cancel", "run_again", "resolve"} {
		_, err := w.ws.ClickPayload(fakeslack.Press{User: bruno, Message: card.Ref(), ActionID: action})
		if there := err == nil; there != slices.Contains(pressable, action) {
			w.t.Errorf("the card of %s has a button %s: %v", meta(card).Request, action, there)
		}
	}
	w.grows(card)
	return card
}

// resolves has Bruno record that he checked; the card then shows that end.
func (w *world) resolves(card fakeslack.Message) {
	w.t.Helper()
	w.clicks(bruno, card, "resolve")
	if out, err := w.ws.Submit(bruno, w.opened(bruno, "resolve"), fakeslack.Values{"outcome": "done"}); err != nil || !out.Closed {
		w.t.Fatalf("sending the form: %+v, %v", out, err)
	}
	contains(w.t, plainText(w.becomes(card, "done")), "Checked by")
}

const setBackText = "is lost: the storage I keep it in (Redis) lost changes that it had confirmed"

// TestFaultStoreGoesBack: the store loses confirmed writes under a process that
// lives on. Requests that waited, ran and were done, and one that is gone, are
// closed within seconds, by nobody's click; nothing is called again.
func TestFaultStoreGoesBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{policy: rewindPolicy})
	w.appliance.Inject(senhaseguratest.Fault{Method: "DELETE", Path: "*/custody/94", Times: 1, Kind: senhaseguratest.Hang, Act: true})
	waits, runs, ran := w.asks(ana, "deactivate 6 leaked"), w.asks(ana, "release 94 job is done"), w.asks(ana, "release 12 job is done")
	old := w.copied(waits, runs, ran)

	w.clicks(bruno, waits, "approve")
	w.eventually("the vote shows", func() bool { waits, _ = w.ws.Message(waits.Ref()); return meta(waits).Version == 2 })
	w.clicks(bruno, runs, "approve")
	runs = w.becomes(runs, "running")
	w.clicks(bruno, ran, "approve")
	ran = w.becomes(ran, "done")
	gone := w.asks(ana, "deactivate 130 leaked")
	w.eventually("the call of the run is under way", func() bool { return len(w.calls()) == 2 })
	w.recorded(waits, runs, ran, gone)

	w.redis.GoBack(t, old, w.approvedOnly(meta(ran).Request)...)
	before := waits
	waits, runs = w.closed(waits, setBackText, "resolve"), w.closed(runs, setBackText, "resolve")
	ran = w.closed(ran, setBackText, "resolve")
	w.closed(gone, "I have no record of this request any more")
	contains(t, w.told(runs), "Outcome unknown", setBackText)

	w.clicks(clara, before, "approve") // as she still has it before her
	w.whispered(clara, setBackText[:12])
	w.appliance.ClearFaults()
	for _, card := range []fakeslack.Message{waits, runs, ran} {
		w.resolves(card)
		w.onRecordOnce(meta(card).Request, approvals.EventRewound)
	}
	if calls := w.calls(); len(calls) != 2 {
		t.Errorf("calls: %v", calls)
	}
}

// onRecordOnce holds the audit to one such entry of a request.
func (w *world) onRecordOnce(id string, kind approvals.EventKind) {
	w.t.Helper()
	n := 0
	for _, e := range w.audit(id) {
		if e.Event == kind {
			n++
		}
	}
	if n != 1 {
		w.t.Errorf("the audit of %s has %d entries of %s", id, n, kind)
	}
}

// TestFaultStoreGoesBackWhileNobodyRuns: process and store are gone together,
// and the store comes back older. A press on what a card shows is enough to
// notice: it counts for nothing, and the card is closed.
func TestFaultStoreGoesBackWhileNobodyRuns(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{policy: rewindPolicy})
	waits := w.asks(ana, "deactivate 6 leaked")
	old := w.copied(waits)
	w.clicks(bruno, waits, "approve")
	w.eventually("the vote shows", func() bool { waits, _ = w.ws.Message(waits.Ref()); return meta(waits).Version == 2 })
	gone := w.asks(ana, "release 94 job is done")
	w.recorded(waits, gone)

	w.processes[0].kill()
	w.redis.GoBack(t, old)
	w.start()
	w.clicks(bruno, waits, "approve") // on record are none: two would follow
	w.clicks(clara, waits, "approve")
	w.whispered(clara, setBackText[:12])
	waits = w.closed(waits, setBackText, "resolve")
	w.clicks(bruno, gone, "approve")
	w.whispered(bruno, "I have no record of "+meta(gone).Request)
	w.closed(gone, "I have no record of this request any more")
	w.resolves(waits)

	w.processes[0] = w.processes[1]
	w.redis.GoBack(t, redistest.Copy{})
	w.clicks(dora, gone, "approve") // once more, as she still has it before her
	w.whispered(dora, "I have no record of "+meta(gone).Request)
	if calls := w.calls(); len(calls) != 0 {
		t.Errorf("calls: %v", calls)
	}
}

// TestFaultFormOfACardThatWentBack: a form that was opened before the store went
// back decides nothing after it.
func TestFaultFormOfACardThatWentBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{policy: rewindPolicy})
	card := w.asks(ana, "deactivate 6 leaked")
	old := w.copied(card)
	w.clicks(bruno, card, "approve")
	w.eventually("the vote shows", func() bool { card, _ = w.ws.Message(card.Ref()); return meta(card).Version == 2 })
	w.clicks(clara, card, "deny")
	form := w.opened(clara, "deny")
	w.processes[0].kill()
	w.redis.GoBack(t, old)
	w.start()
	if out, err := w.ws.Submit(clara, form, fakeslack.Values{"reason": "wrong host"}); err != nil || out.Closed {
		t.Errorf("the form was taken: closed %v, %v", out.Closed, err)
	}
	w.closed(card, setBackText, "resolve")
}

// TestFaultALostCardStaysOpen: there is no record of a card's request, and Slack
// is in trouble when somebody presses it. They are not told that it was closed,
// and the next press closes it.
func TestFaultALostCardStaysOpen(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	card := w.asks(ana, "deactivate 6 leaked")
	w.recorded(card)
	w.processes[0].kill()
	w.redis.GoBack(t, redistest.Copy{})
	w.start()
	w.ws.Fail("chat.update", fakeslack.Fault{Error: "internal_error"})
	w.clicks(bruno, card, "approve")
	contains(t, w.whispered(bruno, "I have no record of "+meta(card).Request), "I could not close its card just now")
	if now, _ := w.ws.Message(card.Ref()); meta(now).State != "pending" {
		t.Fatalf("the card became %s", meta(now).State)
	}
	w.clicks(clara, card, "approve")
	contains(t, w.whispered(clara, "I have no record of "+meta(card).Request), "I closed its card")
	w.closed(card, "I have no record of this request any more")
}

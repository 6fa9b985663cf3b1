package main

import (
	"strings"
	"testing"
)

// TestReminders: the thread asks those who can still act once after a while and
// once more before the request expires; two replicas do not ask twice, and
// nobody is asked about what is decided.
func TestReminders(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{policy: `
defaults:
  approvers: [UBRUNO, UCLARA, UHEITOR]
  approvals: 2
  expires: 20s
  remind: 6s
limits: {per_person_minute: 0, pending_per_person: 0, pending: 0}
`})
	w.start()
	decided := w.asks(ana, "deactivate 6 leaked too")
	w.clicks(bruno, decided, "approve")
	w.clicks(clara, decided, "approve")
	w.becomes(decided, "done")
	card := w.asks(ana, "deactivate 5 leaked")
	w.clicks(bruno, card, "approve")
	w.eventually("the thread reminds", func() bool { return len(w.reminders(card, "still waits for 1 approval")) == 1 })
	first := w.reminders(card, "still waits")[0]
	contains(t, first, meta(card).Request, "@"+clara, "@"+heitor)
	if strings.Contains(first, "@"+bruno) {
		t.Errorf("who has approved is asked again: %s", first)
	}
	w.eventually("and again before it expires", func() bool { return len(w.reminders(card, "expires soon")) == 1 })
	w.becomesWithin(card, "expired", 30)
	w.eventually("the outcome is told", func() bool { return len(w.reminders(card, "Nobody decided in time")) == 1 })
	if n := len(w.ws.Thread(card.Channel, card.TS)); n != 3 {
		t.Errorf("%d replies, want two reminders and the outcome: %q", n, w.reminders(card, ""))
	}
	if n := len(w.ws.Thread(decided.Channel, decided.TS)); n != 1 {
		t.Errorf("%d replies to what was decided at once: %q", n, w.reminders(decided, ""))
	}
}

// TestNoRemindersDuringAFreeze: nobody is asked to approve what would be
// refused; the end of the freeze makes up for it.
func TestNoRemindersDuringAFreeze(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{policy: strings.Replace(standardPolicy, "approvers", "remind: 2s\n  approvers", 1) + "freeze: {people: [UCLARA]}\n"})
	contains(t, w.types(clara, "freeze somebody else has our tokens"), "Everything is frozen")
	card := w.asks(ana, "deactivate 5 leaked")
	second := w.asks(ana, "deactivate 6 leaked")
	w.eventually("time to remind", func() bool {
		now, err := w.store().Now(t.Context())
		r, _, unread := w.store().Load(t.Context(), meta(second).Request)
		return err == nil && unread == nil && now.After(r.Reminders()[0].Add(sweepEvery*2))
	})
	if n := len(w.ws.Thread(card.Channel, card.TS)) + len(w.ws.Thread(second.Channel, second.TS)); n != 0 {
		t.Errorf("%d reminders during the freeze", n)
	}
	w.types(clara, "unfreeze")
	w.eventually("both threads remind", func() bool {
		return len(w.reminders(card, "still waits for 1 approval")) == 1 && len(w.reminders(second, "still waits for 1 approval")) == 1
	})
}

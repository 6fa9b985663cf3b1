package main

import (
	"slices"
	"strings"
	"testing"

	"senhasegura-bot/approvals"
	"senhasegura-bot/bot/fakeslack"
)

// transports runs a scenario over HTTP and over Socket Mode.
func transports(t *testing.T, scenario func(t *testing.T, socket bool)) {
	t.Parallel()
	for _, socket := range []bool{false, true} {
		t.Run(map[bool]string{false: "http", true: "socket"}[socket], func(t *testing.T) {
			t.Parallel()
			scenario(t, socket)
		})
	}
}

// TestSevenOperations: request, card, approval by a second person, exactly one
// call with the right method, path and client, the outcome on the card and in
// the thread; under both prefixes and over both transports.
func TestSevenOperations(t *testing.T) {
	transports(t, func(t *testing.T, socket bool) {
		for _, prefix := range []string{"/api", "/iso"} {
			t.Run(strings.Trim(prefix, "/"), func(t *testing.T) {
				w := newWorld(t, setup{socket: socket, prefix: prefix})
				for _, o := range []struct{ typed, call string }{
					{"deactivate 5 leaked in INC-42", "DELETE " + prefix + "/pam/credential/5 by PAM Core"},
					{"deactivate root@db02 leaked in INC-42", "DELETE " + prefix + "/pam/credential/root@db02 by PAM Core"},
					{"activate credential 5 all clear", "PUT " + prefix + "/pam/credential/5 by PAM Core"},
					{"release 94 job is done", "DELETE " + prefix + "/pam/credential/custody/94 by PAM Core"},
					{"deactivate password 10 leaked", "POST /api/mysafe/password/inactive/10 by MySafe"},
					{"activate password 10 all clear", "POST /api/mysafe/password/active/10 by MySafe"},
					{"deactivate secret 10 leaked", "POST /api/mysafe/secretapi/inactive/10 by MySafe"},
					{"activate secret 10 all clear", "POST /api/mysafe/secretapi/active/10 by MySafe"},
				} {
					w.operation(o.typed, o.call)
				}
			})
		}
	})
}

// operation takes one request the whole way and checks what came of it.
func (w *world) operation(typed, call string) {
	w.t.Helper()
	before := len(w.calls())
	card := w.asks(ana, typed)
	id := meta(card).Request
	contains(w.t, fakeslack.PlainText(card), "Waiting", id, typed[strings.LastIndex(typed, " ")+1:])
	if made := w.calls()[before:]; len(made) > 0 {
		w.t.Fatalf("%s: called before anybody approved: %v", typed, made)
	}
	w.clicks(bruno, card, "approve")
	card = w.becomes(card, "done")
	if made := w.calls()[before:]; !slices.Equal(made, []string{call}) {
		w.t.Errorf("%s: senhasegura received %v, want exactly %s", typed, made, call)
	}
	if buttons := fakeslack.Buttons(card); len(buttons) > 0 {
		w.t.Errorf("%s: buttons stay on a card that is done: %v", typed, buttons)
	}
	contains(w.t, fakeslack.PlainText(card), "Done", id)
	contains(w.t, w.told(card), "Done", id)
	if replies := w.ws.Thread(card.Channel, card.TS); len(replies) != 1 || !slices.Contains(fakeslack.Mentions(replies[0]), ana) {
		w.t.Errorf("%s: the thread has %d replies, want one that mentions the requester", typed, len(replies))
	}
	w.grows(card)
	w.entries(id, approvals.EventSubmit, approvals.EventVote, approvals.EventClaim, approvals.EventMark, approvals.EventAnswer)
}

// grows checks that a card never showed an older version after a newer one.
func (w *world) grows(card fakeslack.Message) {
	w.t.Helper()
	last := 0
	for _, v := range card.History {
		version := metaOf(v.Metadata).Version
		if version < last {
			w.t.Errorf("the card of %s went back from version %d to %d", meta(card).Request, last, version)
		}
		last = version
	}
}

// entries checks the audit of a request: one entry for each change, in order.
func (w *world) entries(id string, want ...approvals.EventKind) {
	w.t.Helper()
	var got []approvals.EventKind
	for i, e := range w.audit(id) {
		got = append(got, e.Event)
		if e.Version != i+1 {
			w.t.Errorf("entry %d of %s is of version %d", i, id, e.Version)
		}
	}
	if !slices.Equal(got, want) {
		w.t.Errorf("the audit of %s has %v, want %v", id, got, want)
	}
}

// TestNoGreenBeforeTheCall: no version of a card says that something was done
// before senhasegura said so.
func TestNoGreenBeforeTheCall(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	card := w.asks(ana, "deactivate 5 leaked")
	w.clicks(bruno, card, "approve")
	card = w.becomes(card, "done")
	var answered bool
	for _, c := range w.appliance.Writes() {
		for _, v := range card.History {
			if metaOf(v.Metadata).State == "done" {
				answered = true
				if v.At.Before(c.Finished) {
					t.Error("the card was green before the call ended")
				}
			}
		}
	}
	if !answered {
		t.Error("the history holds no done")
	}
}

// TestSeveralTargets: one request, a call for each target, each with its own
// result.
func TestSeveralTargets(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	card := w.asks(ana, "deactivate 5, 7, 120 rotation after INC-42")
	w.clicks(bruno, card, "approve")
	card = w.becomes(card, "partial") // done, already inactive, no access
	text := fakeslack.PlainText(card)
	contains(t, text, "Partly done", "root@db01")
	contains(t, w.told(card), "1009: No access to credential")
	if n := len(w.calls()); n != 3 {
		t.Errorf("%d calls, want 3: %v", n, w.calls())
	}
	if n := w.appliance.MostWritesAtOnce(); n > 4 {
		t.Errorf("%d calls at once, want at most 4", n)
	}
}

package main

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"senhasegura-bot/bot/fakeslack"
)

const readLateText = "too late: I was not running"

// stopped holds the process still while work is done, until Slack has given up
// on each delivery of it.
func (w *world) stopped(work ...func() error) { w.t.Helper(); w.stoppedUntil(func() {}, work...) }

// stoppedUntil does something more before the process goes on.
func (w *world) stoppedUntil(then func(), work ...func() error) {
	w.t.Helper()
	process := w.processes[0].cmd.Process
	if err := process.Signal(syscall.SIGSTOP); err != nil {
		w.t.Fatal(err)
	}
	w.eventually("nothing of the process runs", w.processes[0].lies) // else it may take a delivery before
	var doing sync.WaitGroup
	for _, do := range work {
		doing.Go(func() {
			if err := do(); !errors.Is(err, fakeslack.ErrTimeout) {
				w.t.Errorf("a delivery to a stopped process ended with %v", err)
			}
		})
	}
	doing.Wait()
	then()
	if err := process.Signal(syscall.SIGCONT); err != nil {
		w.t.Fatal(err)
	}
}

// TestFaultReadTooLate: a stopped process goes on and reads what Slack told
// people had failed. It requests and counts nothing, tells them, and takes the
// next.
func TestFaultReadTooLate(t *testing.T) {
	for name, s := range map[string]setup{"http": {}, "socket": {socket: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s.policy = "defaults:\n  approvers: [S0SRE]\n  approvals: 2\n"
			w := newWorld(t, s)
			card := w.asks(ana, "deactivate 5 leaked")
			w.recorded(card)
			w.clicks(clara, card, "deny")
			form := w.opened(clara, "deny")
			w.stopped(
				func() error { _, err := w.ws.Command(heitor, incident, "/pam", "deactivate 6 vazou"); return err },
				func() error { _, err := w.ws.ClickOld(bruno, card, "approve"); return err },
				func() error {
					_, err := w.ws.Submit(clara, form, fakeslack.Values{"reason": "wrong host"})
					return err
				})
			w.whispered(heitor, "Li seu `/pam` tarde demais")
			w.whispered(bruno, readLateText)
			w.whispered(clara, readLateText)
			r, _, err := w.store().Load(t.Context(), meta(card).Request)
			if err != nil || r.Version != 1 || len(w.cards()) != 1 {
				t.Errorf("the request is at version %d, %v; %d cards", r.Version, err, len(w.cards()))
			}

			w.eventually("what came in late is read", func() bool {
				w.clicks(bruno, card, "approve")
				r, _, err := w.store().Load(t.Context(), meta(card).Request)
				return err == nil && len(r.Votes) == 1
			})
			w.asks(heitor, "deactivate 6 vazou")
		})
	}
}

// TestFaultReadTooLateFromASlowStore: the store is as slow as the machine when it
// wakes, so that it takes most of a second to ask whether what came in is new. It
// counts for nothing all the same.
func TestFaultReadTooLateFromASlowStore(t *testing.T) {
	for name, socket := range map[string]bool{"http": false, "socket": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := setup{socket: socket, env: map[string]string{}, policy: "defaults:\n  approvers: [S0SRE]\n  approvals: 2\n"}
			network := s.network(t)
			w := newWorld(t, s)
			card := w.asks(ana, "deactivate 5 leaked")
			w.recorded(card)
			w.stoppedUntil(func() { network.Silence(true) },
				func() error { _, err := w.ws.ClickOld(bruno, card, "approve"); return err })
			lasts(1150 * time.Millisecond)
			network.Silence(false)
			w.eventually("Bruno is told that it counted nothing", func() bool {
				return slices.ContainsFunc(w.ws.Ephemerals(bruno), func(m fakeslack.Message) bool {
					// The second: on a busy machine the store took too long to be asked at all.
					return strings.Contains(plainText(m), readLateText) || strings.Contains(plainText(m), "Nothing was requested or decided")
				})
			})
			r, _, err := w.store().Load(t.Context(), meta(card).Request)
			if err != nil || r.Version != 1 {
				t.Errorf("the request is at version %d, %v", r.Version, err)
			}
		})
	}
}

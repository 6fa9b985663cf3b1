package main

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"senhasegura-bot/bot/fakeslack"
)

// burst is people who type without a pause, and what they were answered.
type burst struct {
	*world
	other  *process // where a load balancer sends whoever finds the door closed
	typing sync.WaitGroup
	over   atomic.Bool

	mu             sync.Mutex
	ids            []string // requested
	refused, moved int
	lost           int // Slack's own failure, and nothing on record
}

// begins lets four people type.
func (b *burst) begins() {
	for who := range 4 {
		b.typing.Go(func() {
			for i := 0; !b.over.Load(); i++ {
				b.types(fmt.Sprintf("deactivate %d leaked", 1000*(who+1)+i))
			}
		})
	}
}

// types sends a command that must be requested or politely refused.
func (b *burst) types(line string) {
	reply, err := b.ws.Command(ana, incident, "/pam", line)
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case errors.Is(err, fakeslack.ErrDispatch):
		b.moved++
		b.ws.SetBot(b.other.url)
	case errors.Is(err, fakeslack.ErrTimeout):
		b.lost++
	case err != nil:
		b.t.Errorf("%s: %v", line, err)
	case strings.Contains(reply.Text(), "is requested"):
		b.ids = append(b.ids, anyID.FindString(reply.Text()))
	case strings.Contains(reply.Text(), "being shut down"):
		b.refused++
	default:
		b.t.Errorf("%s was answered %q", line, reply.Text())
	}
}

func (b *burst) requested() int { b.mu.Lock(); defer b.mu.Unlock(); return len(b.ids) }
func (b *burst) refusals() int  { b.mu.Lock(); defer b.mu.Unlock(); return b.refused }

// TestStopInABurst: of commands that arrive from before the stop to after it,
// each is requested, and is then on record and has its card, or is told that it
// was not. Over sockets Slack finds the other process by itself; only what was on
// its way as a socket closed, one for each, may end with Slack's own failure, and
// then nothing was requested.
func TestStopInABurst(t *testing.T) {
	transports(t, func(t *testing.T, socket bool) {
		w := newWorld(t, setup{socket: socket})
		w.slowCall("5")
		w.underWay("deactivate 5 leaked")
		b := &burst{world: w, other: w.other()}
		b.begins()
		w.eventually("some are requested", func() bool { return b.requested() >= 8 })
		end := w.processes[0].stopping()
		if socket {
			w.eventually("its sockets are closed", func() bool { return w.ws.Sockets() == 2 })
		} else {
			w.eventually("some are refused", func() bool { return b.refusals() >= 8 })
		}
		w.appliance.ClearFaults()
		end(limit / 2)
		b.over.Store(true)
		b.typing.Wait()
		b.types("deactivate 9999 leaked") // the last before it may have found the door closed
		b.types("deactivate 9998 leaked")
		t.Logf("%d requested, %d refused, %d found the door closed, %d were on their way as a socket closed", len(b.ids), b.refused, b.moved, b.lost)
		if most := map[bool]int{true: 2}[socket]; b.lost > most {
			t.Errorf("%d commands were answered by Slack's failure", b.lost)
		}
		for _, id := range b.ids {
			if _, _, err := w.store().Load(t.Context(), id); err != nil {
				t.Errorf("%s was acknowledged: %v", id, err)
			}
		}
		w.eventuallyWithin(60, "each has one card, and no other is there", func() bool { return len(w.cards()) == len(b.ids)+1 })
	})
}

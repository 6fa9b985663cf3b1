package main

import (
	"errors"
	"fmt"
	"net/http"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"senhasegura-bot/approvals"
	"senhasegura-bot/bot/fakeslack"
	"senhasegura-bot/senhasegura/senhaseguratest"
)

// limit is what an orchestrator waits before it kills; quick is a stop that
// waits for nothing, on a machine that has other things to do.
const (
	limit = 30 * time.Second
	quick = 5 * time.Second
)

// stopping tells a process to stop and waits until it has heard; end waits for
// its end, which must come within a time and with exit status 0.
func (p *process) stopping() (end func(within time.Duration) time.Duration) {
	p.t.Helper()
	began := time.Now()
	p.cmd.Process.Signal(syscall.SIGTERM)
	if !pollUntil(func() bool { return p.ended() || strings.Contains(p.log.String(), `"msg":"stopping"`) }) {
		p.t.Fatalf("the process does not hear SIGTERM\n%s", p.log)
	}
	return func(within time.Duration) time.Duration { return p.ends(began, within) }
}

func (p *process) ended() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

func (p *process) ends(began time.Time, within time.Duration) time.Duration {
	p.t.Helper()
	select {
	case <-p.done:
	case <-time.After(limit):
		p.t.Fatalf("the process still runs 30 s after SIGTERM\n%s", p.log)
	}
	took := time.Since(began)
	if exit := new(exec.ExitError); errors.As(p.err, &exit) || took > within {
		p.t.Errorf("it ended after %s, want at most %s, with %v\n%s", took, within, p.err, p.log)
	}
	p.t.Logf("ended after %s", took.Round(10*time.Millisecond))
	return took
}

// other starts a second process; Slack goes on delivering to the first.
func (w *world) other() *process {
	w.t.Helper()
	p := w.start()
	w.ws.SetBot(w.processes[0].url)
	return p
}

// slowCall lets the next call to a credential wait until the faults are cleared.
func (w *world) slowCall(id string) {
	w.appliance.Inject(senhaseguratest.Fault{Path: "*/" + id, Times: 1, Kind: senhaseguratest.Delay, DelayMS: 60_000})
}

// underWay asks for a change, has it approved and waits for its call.
func (w *world) underWay(line string) fakeslack.Message {
	w.t.Helper()
	before := len(w.calls())
	card := w.asks(ana, line)
	w.clicks(bruno, card, "approve")
	w.eventually("the call of "+line+" is under way", func() bool {
		w.insists(card)
		return len(w.calls()) == before+1
	})
	return card
}

// holders are the processes that took the request's run, in order.
func (w *world) holders(card fakeslack.Message) []string {
	var all []string
	for _, e := range w.audit(meta(card).Request) {
		if e.Event == approvals.EventClaim {
			all = append(all, e.Process)
		}
	}
	return all
}

// TestStopIdle: who has nothing to do ends at once.
func TestStopIdle(t *testing.T) {
	transports(t, func(t *testing.T, socket bool) {
		w := newWorld(t, setup{socket: socket})
		w.processes[0].stopping()(quick)
	})
}

// TestStopAnswersToTheEnd: while a call ends, nothing new is taken up, politely
// and in the person's language, and whoever only reads is answered. The outcome
// is on the card before the process ends.
func TestStopAnswersToTheEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	p := w.processes[0]
	waits := w.asks(ana, "deactivate 6 leaked")
	w.clicks(clara, waits, "deny")
	form := w.opened(clara, "deny")
	found := w.shown(incident, dora, "find db01")
	w.slowCall("5")
	card := w.underWay("deactivate 5 leaked")
	end := p.stopping()

	if status, body := p.get("/readyz"); status != http.StatusServiceUnavailable || !strings.Contains(body, "stopping") {
		t.Errorf("/readyz: %d %s", status, body)
	}
	if status, _ := p.get("/healthz"); status != http.StatusOK {
		t.Errorf("/healthz: %d", status)
	}
	for _, line := range []string{"deactivate 12 leaked", "", "activate", "cancel " + meta(waits).Request, "freeze now", "break-glass deactivate 12"} {
		contains(t, w.types(ana, line), "Nothing was requested or counted", "being shut down", "Try again in a moment")
	}
	contains(t, w.types(heitor, "desativar 12 vazou"), "Nada foi pedido nem contado", "Tente de novo")
	w.clicks(bruno, waits, "approve")
	w.whispered(bruno, "being shut down")
	w.clicks(heitor, waits, "deny")
	w.whispered(heitor, "sendo desligado")
	w.clicks(dora, found, "ask_deactivate")
	w.whispered(dora, "being shut down")
	out, err := w.ws.Submit(clara, form, fakeslack.Values{"reason": "wrong host"})
	if err != nil || out.Closed || !strings.Contains(string(out.View.Body), "being shut down") {
		t.Errorf("the form: %+v, %v", out, err)
	}
	for line, part := range map[string]string{
		"help": "form", "status " + meta(waits).Request: "Waiting", "pending": "1 request", "explain 1018": "1018", "find db01": "root",
	} {
		contains(t, w.types(bruno, line), part)
	}

	w.appliance.ClearFaults()
	end(limit / 2)
	if state := meta(w.becomes(card, "done")).State; state != "done" || len(w.calls()) != 1 {
		t.Errorf("%s, after %v", state, w.calls())
	}
	contains(t, w.told(card), "disabled")
	w.still(waits)
	w.start()
	w.clicks(bruno, waits, "approve")
	w.becomes(waits, "done")
}

// TestStopFinishesWhatItTookUp: a command that was being answered is answered
// as ever, and what it was told exists.
func TestStopFinishesWhatItTookUp(t *testing.T) {
	transports(t, func(t *testing.T, socket bool) {
		w := newWorld(t, setup{socket: socket})
		asked, heard := make(chan struct{}), make(chan struct{})
		w.ws.Fail("users.info", fakeslack.Fault{Times: 1, Delay: 1200 * time.Millisecond, Until: heard,
			When: func(fakeslack.Call) bool { close(asked); return true }})
		answered := make(chan string, 1)
		go func() {
			reply, err := w.ws.Command(ana, incident, "/pam", "deactivate 5 leaked")
			if err != nil {
				answered <- err.Error()
				return
			}
			answered <- reply.Text()
		}()
		<-asked // who types: the first thing that takes time
		end := w.processes[0].stopping()
		close(heard)
		contains(t, <-answered, "is requested")
		end(limit / 2)
		if pending, err := w.store().Undecided(t.Context(), 10); err != nil || len(pending) != 1 {
			t.Errorf("on record is %v, %v", pending, err)
		}
		w.start()
		w.eventually("its card is there", func() bool { return len(w.cards()) == 1 })
	})
}

// TestStopSocketsGoAtOnce: while a call ends, Slack delivers to the other process.
func TestStopSocketsGoAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{socket: true})
	w.slowCall("5")
	card := w.underWay("deactivate 5 leaked")
	w.start()
	end := w.processes[0].stopping()
	w.eventually("its sockets are closed", func() bool { return w.ws.Sockets() == 2 })
	for i := range 6 { // Slack takes turns
		contains(t, w.requests(incident, ana, fmt.Sprintf("deactivate %d leaked", 400+i)), "is requested")
	}
	if w.processes[0].ended() {
		t.Error("it did not wait for the call")
	}
	w.appliance.ClearFaults()
	end(limit / 2)
	w.becomes(card, "done")
	if n := len(w.calls()); n != 1 {
		t.Errorf("%d calls", n)
	}
}

// TestStopHandsOver: what waits for its next attempt, and what hangs for longer
// than the grace, is given back: the other process goes on long before the lease
// would have ended. A release whose answer was lost is not sent again.
func TestStopHandsOver(t *testing.T) {
	t.Parallel()
	env := map[string]string{"LEASE": "60s", "CALL_TIMEOUT": "60s", "SENHASEGURA_CONCURRENCY": "8"}
	t.Run("waiting", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, setup{env: env})
		w.appliance.Inject(senhaseguratest.Fault{Path: "*/credential/5", Times: 1, Kind: senhaseguratest.RateLimited, RetryAfter: "8"})
		card := w.underWay("deactivate 5 leaked")
		w.eventually("the answer is on record", func() bool {
			all := w.audit(meta(card).Request)
			return all[len(all)-1].Event == approvals.EventAnswer
		})
		w.other()
		w.processes[0].stopping()(quick)
		w.becomesWithin(card, "done", 30)
		if n, who := len(w.calls()), w.holders(card); n != 2 || len(who) != 2 || who[0] == who[1] {
			t.Errorf("%d calls, runs of %v", n, who)
		}
	})
	t.Run("hanging", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, setup{env: env})
		for _, path := range []string{"*/credential/5", "*/custody/94"} {
			w.appliance.Inject(senhaseguratest.Fault{Path: path, Times: 1, Kind: senhaseguratest.Hang, Act: true})
		}
		again, once := w.underWay("deactivate 5 leaked"), w.underWay("release 94 job is done")
		w.other()
		if took := w.processes[0].stopping()(limit); took < runGrace {
			t.Errorf("the calls had %s to end", took)
		}
		w.becomes(once, "unknown")
		w.becomes(again, "done")
		if got := strings.Join(w.calls(), "\n"); strings.Count(got, "/custody/94") != 1 || strings.Count(got, "/credential/5") != 2 {
			t.Errorf("senhasegura received\n%s", got)
		}
		if n := w.appliance.MostWritesAtOnce(); n != 2 {
			t.Errorf("%d writes at once", n)
		}
	})
}

// TestStopTwice: who does not want to wait says so once more. What was under way
// is as after a crash.
func TestStopTwice(t *testing.T) {
	t.Parallel()
	for name, second := range map[string]syscall.Signal{"SIGTERM": syscall.SIGTERM, "SIGINT": syscall.SIGINT} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, setup{env: map[string]string{"LEASE": "2s", "CALL_TIMEOUT": "5s"}})
			w.slowCall("5")
			card := w.underWay("deactivate 5 leaked")
			w.other()
			p := w.processes[0]
			p.stopping()
			began := time.Now()
			p.cmd.Process.Signal(second)
			<-p.done
			status, _ := p.cmd.ProcessState.Sys().(syscall.WaitStatus)
			if took := time.Since(began); took > quick/2 || !status.Signaled() || status.Signal() != second {
				t.Errorf("it ended after %s with %v", took, p.err)
			}
			w.becomesWithin(card, "done", 40)
			if n := len(w.calls()); n != 2 || w.appliance.MostWritesAtOnce() != 1 {
				t.Errorf("%d calls, %d at once", n, w.appliance.MostWritesAtOnce())
			}
		})
	}
}

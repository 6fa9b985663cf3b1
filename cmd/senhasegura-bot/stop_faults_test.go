package main

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"senhasegura-bot/bot/fakeslack"
	"senhasegura-bot/senhasegura/senhaseguratest"
)

// halts stops the machine under Redis: it takes connections and answers nothing.
func (w *world) halts() (goesOn func()) {
	w.t.Helper()
	info := w.dial().Info(w.t.Context(), "server").Val()
	_, rest, _ := strings.Cut(info, "process_id:")
	line, _, _ := strings.Cut(rest, "\r\n")
	pid, err := strconv.Atoi(line)
	if err != nil {
		w.t.Fatalf("whose process is Redis? %q", info)
	}
	syscall.Kill(pid, syscall.SIGSTOP)
	goesOn = func() { syscall.Kill(pid, syscall.SIGCONT) }
	w.t.Cleanup(goesOn)
	return goesOn
}

// closed is an address on which nobody listens.
const closed = "127.0.0.1:1"

// TestFaultAtTheStart: a process that cannot begin, because something it needs
// is away, ends when it is told to.
func TestFaultAtTheStart(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		socket  bool
		fails   func(w *world)
		reached func(w *world, p *process) bool
	}{
		"Slack is away": {
			fails:   func(w *world) { w.env["SLACK_API_URL"] = "http://" + closed + "/api/" },
			reached: func(_ *world, p *process) bool { return strings.Contains(p.log.String(), "trying again") },
		},
		"Slack hangs": {
			fails:   func(w *world) { w.ws.Fail("auth.test", fakeslack.Fault{Times: -1, Hang: true}) },
			reached: func(w *world, _ *process) bool { return len(w.ws.Calls("auth.test")) > 0 },
		},
		"Slack hangs at the handles": {
			fails: func(w *world) {
				w.writePolicy(strings.Replace(standardPolicy, "S0SRE", `"@sre"`, 1))
				w.ws.Fail("usergroups.list", fakeslack.Fault{Times: -1, Hang: true})
			},
			reached: func(w *world, _ *process) bool { return len(w.ws.Calls("usergroups.list")) > 0 },
		},
		"Slack opens no socket": {
			socket:  true,
			fails:   func(w *world) { w.ws.Fail("apps.connections.open", fakeslack.Fault{Times: -1, Hang: true}) },
			reached: func(w *world, _ *process) bool { return len(w.ws.Calls("apps.connections.open")) > 0 },
		},
		"the lists hang": {
			fails: func(w *world) {
				w.ws.Fail("users.list", fakeslack.Fault{Times: -1, Hang: true})
				w.appliance.Inject(senhaseguratest.Fault{Method: "GET", Kind: senhaseguratest.Hang})
			},
			reached: func(w *world, _ *process) bool { return len(w.ws.Calls("users.list")) > 0 },
		},
		"Redis is away": {
			fails:   func(w *world) { w.env["REDIS_URL"] = "redis://" + closed + "/0" },
			reached: func(_ *world, p *process) bool { return servedAt(p.log.String()) != "" },
		},
		"Redis hangs": {
			fails:   func(w *world) { w.halts() },
			reached: func(_ *world, p *process) bool { return servedAt(p.log.String()) != "" },
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, setup{stays: true, socket: c.socket})
			c.fails(w)
			p := w.launch("serve")
			w.eventually(name, func() bool { return c.reached(w, p) })
			began := time.Now()
			p.cmd.Process.Signal(syscall.SIGTERM)
			within := quick
			if name == "Redis hangs" { // what was sent to it is waited for
				within = limit / 2
			}
			p.ends(began, within)
		})
	}
}

// TestFaultWhileStopping: what hangs, or is away, when the process is told to
// stop does not keep it, and what was under way is finished by the next.
func TestFaultWhileStopping(t *testing.T) {
	t.Parallel()
	slackHangs := func(w *world) func() {
		w.ws.Fail("*", fakeslack.Fault{Times: -1, Hang: true})
		return func() { w.ws.Heal("*") }
	}
	for name, c := range map[string]struct {
		socket bool
		fails  func(w *world) (heals func())
	}{
		"Redis is away":             {false, func(w *world) func() { w.redis.Stop(); return nil }},
		"Redis hangs":               {false, (*world).halts},
		"Redis hangs, over sockets": {true, (*world).halts},
		"Slack hangs":               {false, slackHangs},
		"Slack hangs, over sockets": {true, slackHangs},
		"senhasegura is away": {false, func(w *world) func() {
			w.appliance.Inject(senhaseguratest.Fault{Kind: senhaseguratest.Reset})
			return w.appliance.ClearFaults
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, setup{socket: c.socket, env: map[string]string{"LEASE": "2s"}})
			card := w.asks(ana, "deactivate 5 leaked")
			w.recorded(card)
			heals := c.fails(w)
			click := make(chan struct{})
			go func() { // whatever it is answered
				defer close(click)
				_, _ = w.ws.ClickOld(bruno, card, "approve")
			}()
			end := w.processes[0].stopping()
			if status, _ := w.processes[0].get("/readyz"); status == http.StatusOK {
				t.Error("it says that it is ready")
			}
			within := limit / 2
			if strings.HasPrefix(name, "Redis") { // a drawing that is not on record waits for it, to the end of the grace
				within = runGrace + 7*time.Second
			}
			end(within)
			<-click
			if heals == nil { // everything is lost, by this Redis's settings
				return
			}
			heals()
			w.start()
			now, _ := w.ws.Message(card.Ref())
			if r, _, err := w.store().Load(t.Context(), meta(card).Request); err == nil && r.State == "pending" {
				w.clicks(bruno, now, "approve")
			}
			w.becomesWithin(card, "done", 60)
			if n := w.appliance.MostWritesAtOnce(); n > 1 {
				t.Errorf("%d writes at once", n)
			}
		})
	}
}

// TestFaultInTheMiddleOfACall: Redis hangs, or Slack, while a call ends and the
// process stops. An answer that could not be stored counts as lost: the state is
// asked for again, and a release is unknown. But it may be stored: what was sent
// to a Redis that hangs is carried out when it goes on. One that is on record is
// told later.
func TestFaultInTheMiddleOfACall(t *testing.T) {
	t.Parallel()
	env := map[string]string{"LEASE": "2s", "CALL_TIMEOUT": "3s"}
	for line, want := range map[string]struct {
		states []string
		calls  int // at most
	}{"deactivate 5 leaked": {[]string{"done"}, 2}, "release 94 job is done": {[]string{"unknown", "done"}, 1}} {
		verb, _, _ := strings.Cut(line, " ")
		t.Run("Redis hangs, "+verb, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, setup{env: env})
			w.appliance.Inject(senhaseguratest.Fault{Path: "*/pam/*", Method: "DELETE", Times: 1, Kind: senhaseguratest.Delay, DelayMS: 2500})
			card := w.underWay(line)
			goesOn := w.halts()
			w.processes[0].stopping()(limit)
			goesOn()
			w.start()
			w.eventuallyWithin(60, "the card tells the outcome", func() bool {
				card, _ = w.ws.Message(card.Ref())
				return slices.Contains(want.states, meta(card).State)
			})
			if n := len(w.calls()); n > want.calls || w.appliance.MostWritesAtOnce() != 1 {
				t.Errorf("%d calls, want at most %d; %d at once", n, want.calls, w.appliance.MostWritesAtOnce())
			}
			t.Logf("%s after %d calls", meta(card).State, len(w.calls()))
		})
	}
	t.Run("Slack hangs", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, setup{})
		w.slowCall("5")
		card := w.underWay("deactivate 5 leaked")
		w.becomes(card, "running")
		w.ws.Fail("*", fakeslack.Fault{Times: -1, Hang: true})
		end := w.processes[0].stopping()
		w.appliance.ClearFaults()
		end(limit)
		if r, _, err := w.store().Load(t.Context(), meta(card).Request); err != nil || r.State != "done" {
			t.Errorf("on record is %s, %v", r.State, err)
		}
		w.ws.Heal("*")
		w.start()
		w.becomesWithin(card, "done", 60)
		w.told(card)
		if n := len(w.calls()); n != 1 {
			t.Errorf("%d calls", n)
		}
	})
	t.Run("the card's post hangs", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, setup{})
		w.ws.Fail("chat.postMessage", fakeslack.Fault{Times: 1, Hang: true})
		contains(t, w.requests(incident, ana, "deactivate 5 leaked"), "is requested")
		w.eventually("the card is being posted", func() bool { return len(w.ws.Calls("chat.postMessage")) > 0 })
		w.other()
		w.processes[0].stopping()(limit)
		w.eventuallyWithin(60, "the card is there", func() bool { return len(w.cards()) == 1 })
	})
}

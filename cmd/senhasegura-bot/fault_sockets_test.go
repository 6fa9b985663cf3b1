package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"senhasegura-bot/bot/fakeslack"
)

// slackWaits is how long Slack waits for an acknowledgement.
const slackWaits = 3 * time.Second

// stream types commands all the time, from a few people at once, until the
// returned function is called; that reports how many were typed, and which were
// not answered in time.
func (w *world) stream() (end func() (typed int, lost []string)) {
	var mu sync.Mutex
	var typed int
	var lost []string
	var people sync.WaitGroup
	stop := make(chan struct{})
	for _, who := range []string{ana, bruno, clara, dora} {
		people.Go(func() {
			for pace := time.NewTicker(20 * time.Millisecond); ; <-pace.C {
				select {
				case <-stop:
					pace.Stop()
					return
				default:
				}
				_, err := w.ws.Command(who, incident, "/pam", "help")
				mu.Lock()
				if typed++; err != nil {
					lost = append(lost, err.Error())
				}
				mu.Unlock()
			}
		})
	}
	return func() (int, []string) { close(stop); people.Wait(); return typed, lost }
}

// TestFaultSocketsRefreshed: Slack replaces all connections at once, again and
// again, while people type: a connection is open at every moment, every command
// is answered, and no more connections stay than are kept.
func TestFaultSocketsRefreshed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{socket: true})
	w.ws.FewestSockets()
	end := w.stream()
	const rounds = 4
	for range rounds {
		w.ws.Refresh(2 * time.Second)
	}
	typed, lost := end()
	fewest, now := w.ws.FewestSockets()
	opened := len(w.ws.Calls("apps.connections.open"))
	t.Logf("%d commands during %d refreshes, %d lost; sockets: fewest %d, now %d, opened %d", typed, rounds, len(lost), fewest, now, opened)
	if len(lost) > 0 {
		t.Errorf("%d of %d commands were lost: %v", len(lost), typed, lost[0])
	}
	if fewest < 1 || now != 2 {
		t.Errorf("sockets: fewest %d (want at least 1), now %d (want 2)", fewest, now)
	}
	if opened != 2+2*rounds {
		t.Errorf("opened %d connections for %d refreshes of two", opened, rounds)
	}
}

// TestFaultSocketsBroken: connections that break without a word are replaced at
// once, and not in a storm while every new one breaks.
func TestFaultSocketsBroken(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{socket: true})
	began := time.Now()
	w.ws.BreakSockets()
	w.eventually("both are back", func() bool { return w.ws.Sockets() == 2 })
	if took := time.Since(began); took > 4*time.Second {
		t.Errorf("back after %s", took)
	}
	contains(t, w.types(ana, "help"), "deactivate")
	mark := len(w.ws.Calls("apps.connections.open"))
	began = time.Now()
	w.eventuallyWithin(30, "each place tried three times", func() bool {
		w.ws.BreakSockets()
		return len(w.ws.Calls("apps.connections.open"))-mark >= 2*3
	})
	if took := time.Since(began); took < 2900*time.Millisecond { // at once, after 1 s, after 2 s, or later
		t.Errorf("three connections for each place within %s, while each broke", took)
	}
	w.eventually("both are back", func() bool { return w.ws.Sockets() == 2 })
}

// TestFaultSocketsCrowded: where the app has as many connections as Slack
// allows, a refresh lets one go at a time, so that one is always there: also
// where Slack counts the one that went for a while yet, and so refuses its
// successor at first. Nobody types then: a connection by which nothing comes is
// let go soonest.
func TestFaultSocketsCrowded(t *testing.T) {
	for name, lag := range map[string]time.Duration{"at once": 0, "counted late": 500 * time.Millisecond} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, setup{socket: true})
			w.ws.Crowd(8) // others' connections, beside our two
			w.ws.CountsLate(lag)
			mark := len(w.ws.Calls("apps.connections.open"))
			w.ws.FewestSockets()
			if lag == 0 {
				end := w.stream()
				defer func() {
					// What Slack sends as a connection is closed from our side may reach nobody.
					if typed, lost := end(); len(lost) > typed/50 {
						t.Errorf("%d of %d commands were lost: %v", len(lost), typed, lost[0])
					}
				}()
			}
			w.ws.Refresh(6 * time.Second)
			w.eventually("both are back", func() bool { return w.ws.Sockets() == 2 })
			if fewest, _ := w.ws.FewestSockets(); fewest < 1 {
				t.Error("no connection was open for a while")
			}
			if opened := len(w.ws.Calls("apps.connections.open")) - mark; opened > 12 {
				t.Errorf("asked %d times for a connection", opened)
			}
			contains(t, w.types(ana, "help"), "deactivate")
		})
	}
}

// TestFaultEnvelopeTwice: one envelope over every connection of two processes at
// the same time: each is acknowledged, one thing is done.
func TestFaultEnvelopeTwice(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{socket: true})
	w.start()
	for _, id := range []string{"5", "6", "12", "94", "130"} {
		form, err := w.ws.CommandForm(ana, incident, "/pam", "deactivate "+id+" leaked")
		if err != nil {
			t.Fatal(err)
		}
		fields := map[string]string{}
		for name := range form {
			fields[name] = form.Get(name)
		}
		payload, err := json.Marshal(fields)
		if err != nil {
			t.Fatal(err)
		}
		if n := w.ws.Everywhere(fakeslack.Delivery{Kind: "slash_commands", Payload: payload}); n != 4 {
			t.Errorf("%d of 4 connections acknowledged", n)
		}
	}
	w.eventually("five cards", func() bool { return len(w.cards()) >= 5 })
	contains(t, w.types(bruno, "pending"), "5 requests")
	var cards []fakeslack.Message
	for _, ts := range w.cards() {
		card, _ := w.ws.Message(fakeslack.MessageRef{Channel: incident, TS: ts})
		cards = append(cards, card)
		w.clicks(bruno, card, "approve")
	}
	for _, card := range cards {
		w.becomes(card, "done")
	}
	if len(cards) != 5 || len(w.calls()) != 5 {
		t.Errorf("%d cards and %d calls for 5 commands", len(cards), len(w.calls()))
	}
}

// TestFaultSocketFlood: five hundred deliveries at once, reading and writing,
// over two connections: each is acknowledged before Slack stops waiting. Not
// beside other tests, because it is about time.
func TestFaultSocketFlood(t *testing.T) {
	w := newWorld(t, setup{socket: true})
	const deliveries = 500
	took := make([]time.Duration, deliveries)
	var failed atomic.Int64
	var all sync.WaitGroup
	for i := range deliveries {
		all.Go(func() {
			ack, err := w.flood(i)
			if took[i] = ack.Took; err != nil {
				failed.Add(1)
				t.Logf("delivery %d: %v", i, err)
			}
		})
	}
	all.Wait()
	slices.Sort(took)
	t.Logf("%d deliveries at once: half acknowledged within %s, the last after %s", deliveries, took[deliveries/2].Round(time.Millisecond), took[deliveries-1].Round(time.Millisecond))
	if n := failed.Load(); n > 0 || took[deliveries-1] >= slackWaits {
		t.Errorf("%d of %d were not acknowledged in time; the slowest took %s", n, deliveries, took[deliveries-1])
	}
}

// flood sends one of many deliveries: every fifth asks for something.
func (w *world) flood(i int) (fakeslack.Ack, error) {
	switch i % 5 {
	case 0:
		reply, err := w.ws.Command(ana, incident, "/pam", fmt.Sprintf("deactivate %d leaked", 2000+i))
		return reply.Ack, err
	case 1, 2:
		return w.ws.Event("user_change", map[string]any{"user": map[string]any{"id": dora}})
	}
	reply, err := w.ws.Command([]string{ana, bruno, clara, dora}[i%4], incident, "/pam", []string{"help", "pending"}[i%2])
	return reply.Ack, err
}

// TestFaultSocketsCannotOpen: while Slack cannot open connections, it is asked
// again and not in a storm, as late as it says, and the bot is back when Slack is.
func TestFaultSocketsCannotOpen(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault fakeslack.Fault
		calls int           // how many are waited for
		least time.Duration // from the first to the last of them
	}{
		"500":     {fakeslack.Fault{Times: -1, Status: 500}, 2 * 3, 2900 * time.Millisecond}, // after 1 s, after 2 s
		"refused": {fakeslack.Fault{Times: -1, Error: "internal_error"}, 2 * 3, 2900 * time.Millisecond},
		"429":     {fakeslack.Fault{Times: -1, RetryAfter: 4 * time.Second}, 3, 3900 * time.Millisecond},
		"hang":    {fakeslack.Fault{Times: -1, Hang: true}, 2, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, setup{socket: true})
			w.ws.Fail("apps.connections.open", c.fault)
			mark := len(w.ws.Calls("apps.connections.open"))
			w.ws.BreakSockets()
			var asked []fakeslack.Call
			w.eventually("it is asked again", func() bool {
				asked = w.ws.Calls("apps.connections.open")[mark:]
				return len(asked) >= c.calls
			})
			slices.SortFunc(asked, func(a, b fakeslack.Call) int { return a.At.Compare(b.At) }) // both ask at once
			if took := asked[c.calls-1].At.Sub(asked[0].At); took < c.least {
				t.Errorf("asked %d times within %s", c.calls, took)
			}
			w.ws.Heal("apps.connections.open")
			w.eventually("both are back", func() bool { return w.ws.Sockets() == 2 })
			contains(t, w.types(ana, "help"), "deactivate")
		})
	}
}

// TestFaultTokensRevoked: over sockets a token that Slack refuses ends the
// process with a reason that names it and says what to do.
func TestFaultTokensRevoked(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ method, says string }{
		"the app token": {"apps.connections.open", "SLACK_APP_TOKEN is refused by Slack: "},
		"the bot token": {"auth.test", "SLACK_BOT_TOKEN is refused by Slack: token_revoked; install the app"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, setup{socket: true})
			p := w.processes[0]
			w.ws.Fail(c.method, fakeslack.Fault{Times: -1, Error: "token_revoked"})
			if c.method == "apps.connections.open" {
				w.ws.BreakSockets()
			}
			w.eventually("the process ended", func() bool {
				select {
				case <-p.done:
					return true
				default:
					return false
				}
			})
			if code := p.cmd.ProcessState.ExitCode(); code <= 0 {
				t.Errorf("exit %d", code)
			}
			out := p.log.String()
			last := out[strings.LastIndex(strings.TrimSpace(out), "\n")+1:]
			contains(t, last, c.says, "token_revoked", "start again")
		})
	}
}

// TestFaultTokenRevokedHTTP: over HTTP the process is not ready while Slack
// refuses the token, says why, and is ready again when Slack takes it.
func TestFaultTokenRevokedHTTP(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	p := w.processes[0]
	w.ws.Fail("auth.test", fakeslack.Fault{Times: -1, Error: "account_inactive"})
	w.eventually("not ready", func() bool {
		status, body := p.get("/readyz")
		return status == 503 && strings.Contains(body, "slack refuses the bot token: account_inactive")
	})
	if status, _ := p.get("/healthz"); status != 200 {
		t.Errorf("not alive: %d", status)
	}
	w.ws.Heal("auth.test")
	w.eventually("ready again", func() bool { status, _ := p.get("/readyz"); return status == 200 })
}

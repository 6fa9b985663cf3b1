package main

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"senhasegura-bot/approvals"
	"senhasegura-bot/senhasegura/senhaseguratest"
)

// What a storm is made of: forty requests of three targets, over two processes.
const (
	stormRequests, stormTargets, stormProcesses = 40, 3, 2
	stormConcurrency                            = 4 // SENHASEGURA_CONCURRENCY
	stormDeadline                               = 12 * time.Second
	// stormFew requests are enough where the appliance answers.
	stormFew = 12
)

// mostCalls is how many calls two processes make at most in a time in which
// none is answered. Each opens its breaker at five in a row; by then it gave
// leave for at most as many as may be under way, less that one; then each makes
// a probe after 1, 2, 4, 8 and 15 seconds.
func mostCalls(span time.Duration) int {
	probes := 0
	for at, pause := time.Duration(0), time.Second; at+pause <= span; pause = min(2*pause, 15*time.Second) {
		at, probes = at+pause, probes+1
	}
	return stormProcesses * (5 + stormConcurrency - 1 + probes)
}

// TestFaultStorm: the appliance is down while everybody asks. What leaves the
// processes stays within mostCalls, however many targets wait; every request
// ends by its deadline, and of each target it is known whether it may have
// been carried out.
func TestFaultStorm(t *testing.T) {
	t.Parallel()
	const api, token = "*/pam/*", "*/oauth2/token"
	for name, fault := range map[string]senhaseguratest.Fault{
		"nobody listens":       {},
		"hang":                 {Path: api, Kind: senhaseguratest.Hang},
		"reset after it acted": {Path: api, Kind: senhaseguratest.Reset, Act: true},
		"token endpoint 500":   {Path: token, Kind: senhaseguratest.Unexpected},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, d := storm(t)
			switch fault.Path {
			case "":
				d.shut()
			case token:
				w.appliance.RevokeTokens()
				fallthrough
			default:
				w.appliance.Inject(fault)
			}
			before := len(w.appliance.Calls())
			began := time.Now()
			ids := w.storms(stormRequests)
			w.calm(ids)
			span := time.Since(began)

			failed, opened := 0, 0
			for _, p := range w.processes {
				failed += p.logged("a call to senhasegura failed")
				opened += min(1, p.logged("senhasegura does not answer"))
			}
			tokens, writes, lists := w.since(before)
			bound := mostCalls(span)
			t.Logf("%s: %d requests of %d targets in %s: %d calls made (at most %d), received %d writes, %d token requests, %d lists; %d at once",
				name, stormRequests, stormTargets, span.Round(time.Second), failed, bound, writes, tokens, lists, w.atOnce())
			if failed > bound || writes > bound+stormConcurrency { // a write that finds its token revoked is made twice
				t.Errorf("%d calls were made and %d writes arrived, at most %d may be", failed, writes, bound)
			}
			// Each call may ask for a token, and each list that is read for the two modules.
			if tokens > bound+2*stormProcesses*(1+int(span/(10*time.Second))) {
				t.Errorf("%d token requests", tokens)
			}
			if n := w.atOnce(); n > stormConcurrency {
				t.Errorf("%d writes at once", n)
			}
			if opened != stormProcesses {
				t.Errorf("%d processes held calls back, want %d: the storm was not theirs", opened, stormProcesses)
			}
			w.toldApart(ids)
		})
	}
}

// storm is two processes before an appliance with enough credentials.
func storm(t *testing.T) (*world, *door) {
	t.Helper()
	w := newWorld(t, setup{stays: true, socket: true, env: map[string]string{"RUN_DEADLINE": stormDeadline.String(), "CALL_TIMEOUT": "1s"}})
	var items senhaseguratest.Data
	for i := range stormRequests * stormTargets {
		items.Credentials = append(items.Credentials, senhaseguratest.Credential{ID: 1000 + i, Username: "root", Hostname: fmt.Sprint("host", i)})
	}
	w.appliance.SetItems(items)
	d := w.door()
	for range stormProcesses {
		w.start()
	}
	return w, d
}

// storms asks for n requests and has them approved, all at once.
func (w *world) storms(n int) []string {
	w.t.Helper()
	for i := range n {
		var targets []string
		for j := range stormTargets {
			targets = append(targets, fmt.Sprint(1000+stormTargets*i+j))
		}
		w.types(ana, "deactivate "+strings.Join(targets, ", ")+" leaked")
	}
	w.eventuallyWithin(60, "every card", func() bool { return len(w.cards()) == n })
	var ids []string
	var clicks sync.WaitGroup
	store := w.store()
	for _, card := range w.ws.Messages(incident) {
		if id := meta(card).Request; id != "" {
			ids = append(ids, id)
			clicks.Go(func() {
				var err error
				for range 1 + tries { // a busy machine answers late: the person presses again
					_, err = w.ws.ClickOld(bruno, card, "approve")
					if r, _, unread := store.Load(w.t.Context(), id); err == nil && unread == nil && r.State != approvals.Pending {
						return
					}
				}
				w.t.Errorf("approving %s comes to nothing: %v", id, err)
			})
		}
	}
	clicks.Wait()
	return ids
}

// calm waits until every request has ended.
func (w *world) calm(ids []string) {
	w.t.Helper()
	w.eventuallyWithin(90, "every request ends", func() bool {
		for _, id := range ids {
			r, _, err := w.store().Load(w.t.Context(), id)
			if err != nil || !r.State.Final() && r.State != approvals.Unknown {
				time.Sleep(200 * time.Millisecond) // the machine is busy enough
				return false
			}
		}
		return true
	})
}

// since counts what the appliance received after the first n.
func (w *world) since(n int) (tokens, writes, lists int) {
	for _, c := range w.appliance.Calls()[n:] {
		switch {
		case c.Token():
			tokens++
		case c.Write():
			writes++
		default:
			lists++
		}
	}
	return tokens, writes, lists
}

// atOnce is how many writes were under way at most. The appliance learns late
// that a caller has left, so a call counts for no longer than its timeout.
func (w *world) atOnce() int {
	const timeout = 600 * time.Millisecond // CALL_TIMEOUT, less the way there on a busy machine
	most, writes := 0, w.appliance.Writes()
	for _, c := range writes {
		under := 0
		for _, other := range writes {
			left := other.Started.Add(timeout)
			if !other.Finished.IsZero() && other.Finished.Before(left) {
				left = other.Finished
			}
			if !other.Started.After(c.Started) && left.After(c.Started) {
				under++
			}
		}
		most = max(most, under)
	}
	return most
}

// toldApart holds each target to what arrived for it: unknown where a write
// did, else not sent; and each request to its deadline. Unknown, too, is what
// was under way when the time was up.
func (w *world) toldApart(ids []string) {
	w.t.Helper()
	arrived, cut := w.appliance.Writes(), 0
	for _, id := range ids {
		r, _, err := w.store().Load(w.t.Context(), id)
		if err != nil {
			w.t.Fatal(err)
		}
		if late := r.Ended.Sub(r.Run.Deadline); late > 3*time.Second {
			w.t.Errorf("%s ended %s after its deadline", id, late)
		}
		for _, target := range r.Targets {
			writes := slices.DeleteFunc(slices.Clone(arrived), func(c senhaseguratest.Call) bool {
				return c.Client == "" || !strings.HasSuffix(c.Path, "/"+target.Ref)
			})
			switch {
			case target.Result == approvals.ResultUnknown && len(writes) == 0:
				cut++
			case target.Result != approvals.ResultUnknown && (target.Result != approvals.ResultNotSent || len(writes) > 0):
				w.t.Errorf("%s of %s is %s; %d writes arrived for it", target.Ref, id, target.Result, len(writes))
			}
			for _, c := range writes {
				if c.Started.After(r.Run.Deadline.Add(50 * time.Millisecond)) {
					w.t.Errorf("%s was called %s after its deadline", target.Ref, c.Started.Sub(r.Run.Deadline))
				}
			}
		}
	}
	if cut > stormConcurrency {
		w.t.Errorf("%d targets are unknown although nothing arrived for them", cut)
	}
}

// TestFaultOneBadToken: every token is revoked while many calls are made. Each
// process asks for one new one.
func TestFaultOneBadToken(t *testing.T) {
	t.Parallel()
	w, _ := storm(t)
	w.appliance.RevokeTokens()
	before := len(w.appliance.Calls())
	ids := w.storms(stormFew)
	w.calm(ids)
	tokens, writes, _ := w.since(before)
	t.Logf("%d calls, %d writes received, %d token requests", stormFew*stormTargets, writes, tokens)
	for _, id := range ids {
		if r, _, err := w.store().Load(t.Context(), id); err != nil || r.State != approvals.Done {
			t.Errorf("%s is %s, %v", id, r.State, err)
		}
	}
	// MySafe's token is asked for by the lists, which may be read meanwhile.
	if most := 2 * stormProcesses; tokens > most || tokens < 1 {
		t.Errorf("%d token requests, at most %d may be", tokens, most)
	}
	// Only what was under way with the bad one is made again.
	if most := stormFew*stormTargets + stormProcesses*stormConcurrency; writes > most {
		t.Errorf("%d writes, at most %d may be", writes, most)
	}
}

// TestFaultToldToWait: a 429 holds back the whole module of the process that
// was told, not the one target; the other module goes on.
func TestFaultToldToWait(t *testing.T) {
	t.Parallel()
	w, _ := storm(t)
	w.appliance.Inject(senhaseguratest.Fault{Method: "DELETE", Path: "*/pam/*", Kind: senhaseguratest.RateLimited, RetryAfter: "3"})
	items := w.appliance.Items()
	items.Passwords = senhaseguratest.Sample().Passwords
	w.appliance.SetItems(items)
	began := time.Now()
	ids := w.storms(stormFew)
	other := w.asks(ana, "deactivate password 10 leaked")
	w.clicks(bruno, other, "approve")
	w.becomes(other, "done")
	w.calm(ids)
	span := time.Since(began)
	limited := 0
	for _, c := range w.appliance.Writes() {
		if c.Client == senhaseguratest.PAMCore {
			limited++
		}
	}
	// After each wait as many as may call at once find out together.
	most := stormProcesses * stormConcurrency * (1 + int(span/(3*time.Second)))
	t.Logf("%d targets in %s: %d calls, at most %d may be", stormFew*stormTargets, span.Round(time.Second), limited, most)
	if limited > most {
		t.Errorf("%d calls in %s, at most %d may be", limited, span, most)
	}
}

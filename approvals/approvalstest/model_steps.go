package approvalstest

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"pgregory.net/rapid"

	"senhasegura-bot/approvals"
)

// What people and processes of the model do.

func (w *world) submitSome(t *rapid.T) {
	refs := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"1", "2", "3"}), 1, 2, rapid.ID).Draw(t, "targets")
	verb := rapid.SampledFrom([]approvals.Verb{approvals.Deactivate, approvals.Release}).Draw(t, "verb")
	s := w.ask(fmt.Sprint("R-", len(w.ids)), verb, refs...)
	s.Request.Requester = w.person(t)
	s.Request.Rule.Approvals = rapid.IntRange(1, 2).Draw(t, "needed")
	s.Lifetime = w.units(rapid.IntRange(5, 30).Draw(t, "lifetime"))
	holders := w.openHolders(verb, s.Request.Keys())
	r, err := w.submit(s)
	if len(holders) > 0 {
		w.wantTaken(err, holders...)
		return
	}
	w.must(err)
	w.ids, w.stepped = append(w.ids, r.ID), r.ID
	w.truth[r.ID], w.holds[r.ID] = r, r.Keys()
	w.events = append(w.events, r.ID+" 1 submit")
}

// openHolders are the open requests that hold the keys, as the truth has it.
func (w *world) openHolders(v approvals.Verb, keys []string) []string {
	var all []string
	for _, k := range keys {
		for _, id := range w.ids {
			if r := w.truth[id]; r.State.Open() && r.Verb == v && slices.Contains(w.holds[id], k) && !slices.Contains(all, id) {
				all = append(all, id)
			}
		}
	}
	return all
}

// vote is a click on Approve of a request that waits.
func (w *world) vote(t *rapid.T) {
	id, some := w.which(t, approvals.Pending)
	if !some {
		w.submitSome(t)
		return
	}
	e := approvals.Event{Kind: approvals.EventVote, By: w.person(t)}
	_, _ = w.step(t, w.look(t, w.process(t), id), e) // their own, twice, too late
}

// press is somebody's click, or the end of a request's time.
func (w *world) press(t *rapid.T) {
	kind := rapid.SampledFrom([]approvals.EventKind{approvals.EventVote, approvals.EventDeny, approvals.EventCancel, approvals.EventExpire,
		approvals.EventWithdraw, approvals.EventLapse, approvals.EventResolve}).Draw(t, "event")
	p := w.process(t)
	_, _ = w.step(t, w.view(t, p), approvals.Event{Kind: kind, By: w.person(t)}) // refusals are legal here
}

func (w *world) claim(t *rapid.T) {
	p := w.process(t)
	id, some := w.which(t, approvals.Approved, approvals.Running)
	if !some {
		w.vote(t)
		return
	}
	e := claim
	e.Lease = approvals.Lease{Holder: p, Until: w.now().Add(w.units(rapid.IntRange(3, 10).Draw(t, "lease")))}
	e.Limit = w.units(20)
	before := w.look(t, p, id)
	if after, err := w.step(t, before, e); err == nil {
		w.seen[p][after.ID] = after
		if before.State == approvals.Approved {
			w.newRun(after.ID)
		}
	}
}

// newRun forgets what calls of the run before came to.
func (w *world) newRun(id string) {
	for at := range w.last {
		if at.id == id {
			delete(w.last, at)
		}
	}
}

// held draws a run that a process believes it holds; when there is none, a
// process claims one.
func (w *world) held(t *rapid.T) (string, approvals.Request, bool) {
	type hold struct{ process, id string }
	var all []hold
	for _, p := range processes {
		for _, id := range w.ids {
			if r := w.seen[p][id]; r.State == approvals.Running && r.Lease.Holder == p {
				all = append(all, hold{p, id})
			}
		}
	}
	if len(all) == 0 {
		w.claim(t)
		return "", approvals.Request{}, false
	}
	h := rapid.SampledFrom(all).Draw(t, "held")
	return h.process, w.seen[h.process][h.id], true
}

func (w *world) mark(t *rapid.T) { w.marking(t, false) }

// remark is a mark made again because the first grew too old.
func (w *world) remark(t *rapid.T) { w.marking(t, true) }

func (w *world) marking(t *rapid.T, renew bool) {
	p, r, some := w.held(t)
	if !some {
		return
	}
	i := rapid.IntRange(0, len(r.Targets)-1).Draw(t, "target")
	here := place{r.ID, i}
	if renew && w.calls[here].by != p {
		return // no call of ours to make again
	}
	e := at(mark, i)
	e.Timeout, e.Renew = w.units(4), renew
	after, err := w.step(t, r, e)
	if err != nil {
		return // stale, busy, too late: the call is not made
	}
	w.seen[p][r.ID] = after
	w.callBegins(p, here, after, renew)
}

// callBegins holds the beginning of a call to the rules of calls.
func (w *world) callBegins(p string, here place, r approvals.Request, renew bool) {
	w.t.Helper()
	keys, now, under := r.Targets[here.target].Keys(r.Kind), w.now(), 1
	for there, c := range w.calls {
		if there == here && c.by == p || !now.Before(c.until) {
			continue
		}
		under++
		if slices.ContainsFunc(c.keys, func(k string) bool { return slices.Contains(keys, k) }) {
			w.t.Fatalf("%s calls %v for %s while %s does for %s", p, keys, here.id, c.by, there.id)
		}
	}
	if under > maxCalls {
		w.t.Fatalf("%d calls are under way", under)
	}
	if last := w.last[here]; r.Verb == approvals.Release && !renew && last != "" && last != approvals.AnswerNotSent && last != approvals.AnswerWait {
		w.t.Fatalf("release of %v is called again after %q", keys, last)
	}
	w.calls[here] = inFlight{by: p, until: r.Targets[here.target].CallUntil, keys: keys}
	w.last[here] = begun
}

// answer ends a call of ours, or settles one that its process did not live to end.
func (w *world) answer(t *rapid.T) {
	p, r, some := w.held(t)
	if !some {
		return
	}
	i := rapid.IntRange(0, len(r.Targets)-1).Draw(t, "target")
	here := place{r.ID, i}
	kind := rapid.SampledFrom([]approvals.AnswerKind{approvals.AnswerDone, approvals.AnswerRefused,
		approvals.AnswerNotSent, approvals.AnswerLost, approvals.AnswerWait}).Draw(t, "answer")
	switch {
	case w.calls[here].by == p:
	case r.Targets[i].Abandoned(w.now()):
		kind = approvals.AnswerLost
	default:
		return // no call to end
	}
	e := at(answer(kind), i)
	e.Answer.After = w.Unit
	after, err := w.step(t, r, e)
	if err == nil {
		w.seen[p][r.ID] = after
		w.last[here] = kind
		delete(w.calls, here)
	}
}

func (w *world) end(t *rapid.T) {
	if id, some := w.which(t, approvals.Running); some {
		_, _ = w.step(t, w.look(t, w.process(t), id), deadline) // refused before its time
	}
}

func (w *world) again(t *rapid.T) {
	id, some := w.which(t, approvals.Unknown)
	if !some {
		w.mark(t)
		return
	}
	r := w.look(t, w.process(t), id)
	e := again
	e.By, e.Limit = w.person(t), w.units(20)
	var rerun []string
	for _, target := range r.Targets {
		if target.Result == approvals.ResultUnknown || target.Result == approvals.ResultNotSent {
			rerun = append(rerun, target.Keys(r.Kind)...)
		}
	}
	holders := w.openHolders(r.Verb, rerun)
	if _, err := w.step(t, r, e); err == nil {
		if len(holders) > 0 {
			w.t.Fatalf("%s runs again although %s hold a target", r.ID, holders)
		}
		w.newRun(r.ID)
		w.holds[r.ID] = rerun
	}
}

// renew extends a lease or gives it back.
func (w *world) renew(t *rapid.T) {
	_, r, some := w.held(t)
	if !some {
		return
	}
	truth := w.truth[r.ID]
	if rapid.Bool().Draw(t, "give back") {
		err := w.Store.Unlease(w.ctx, r.ID, r.Lease.Fence)
		if r.Lease.Fence != truth.Lease.Fence {
			w.want(err, approvals.ErrLeaseLost)
			return
		}
		w.must(err)
		truth.Lease.Holder, truth.Lease.Until = "", time.Time{}
		w.truth[r.ID] = truth
		return
	}
	now := w.now()
	until, err := w.Store.Renew(w.ctx, r.ID, r.Lease.Fence, w.units(5))
	switch {
	case r.Lease.Fence != truth.Lease.Fence || !truth.Lease.Held(now):
		w.want(err, approvals.ErrLeaseLost)
	case err == nil:
		truth.Lease.Until = until
		w.truth[r.ID] = truth
	case !errors.Is(err, approvals.ErrLeaseLost) || truth.Lease.Held(w.now()):
		w.t.Fatalf("renewing a lease that is held: %v", err)
	}
}

func (w *world) advance(t *rapid.T) { w.Advance(w.units(rapid.IntRange(1, 6).Draw(t, "units"))) }

// crash is a process that starts anew and knows nothing. Its calls go on.
func (w *world) crash(t *rapid.T) {
	p := w.process(t)
	clear(w.seen[p])
	for at, c := range w.calls {
		if c.by == p {
			c.by = "dead " + p
			w.calls[at] = c
		}
	}
}

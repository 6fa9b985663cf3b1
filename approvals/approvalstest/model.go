package approvalstest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"senhasegura-bot/approvals"
)

// Model makes random events by several people and processes, and compares the
// store with a plain copy of what it should hold. Processes work from what
// they last saw, die, and lose answers. It ends when at least that many
// steps were made, each of them compared.
func Model(t *testing.T, maker Maker, steps int) {
	made := 0
	for made < steps && !t.Failed() {
		made += modelled(t, maker)
	}
	t.Logf("%d steps", made)
}

// modelled is one round of lives of a store; it returns how many steps they had.
func modelled(t *testing.T, maker Maker) (steps int) {
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(rt, maker(t))
		w.submitSome(rt)
		actions := map[string]func(*rapid.T){
			"":        w.check,
			"submit":  w.submitSome,
			"vote":    w.vote,
			"press":   w.press,
			"claim":   w.claim,
			"mark":    w.mark,
			"remark":  w.remark,
			"answer":  w.answer,
			"end":     w.end,
			"again":   w.again,
			"renew":   w.renew,
			"advance": w.advance,
			"crash":   w.crash,
			"freeze":  w.stop,
			"rewind":  w.setBack,
		}
		for range repeats {
			rt.Repeat(actions)
		}
		w.checkAll()
		steps += w.steps
	})
	return steps
}

// repeats is how many times about thirty events make one life of a store: fewer
// seldom get as far as a second run.
const repeats = 3

// maxCalls is how many calls the model's processes may make at once.
const maxCalls = 2

// place is one target of one request.
type place struct {
	id     string
	target int
}

// inFlight is a call that a process began and that may be under way until then.
type inFlight struct {
	by    string
	until time.Time
	keys  []string
}

// world is the model: what the store should hold, and what processes believe.
type world struct {
	*bench
	flaky *Flaky
	// ids are the requests in the order of their making, truth what each is.
	ids   []string
	truth map[string]approvals.Request
	// holds are the target keys a request holds while it is open: all of them,
	// or, when it runs again, those that run again.
	holds map[string][]string
	// seen is what a process last saw of a request: process, id.
	seen map[string]map[string]approvals.Request
	// calls are those under way; last is what the last call to a target in this
	// run came to, "begun" while nobody knows.
	calls   map[place]inFlight
	last    map[place]approvals.AnswerKind
	icy     bool     // everything is frozen
	steps   int      // compared
	stepped string   // the request that was stepped last
	events  []string // what the audit must say
}

const begun approvals.AnswerKind = "begun"

var processes = []string{"p1", "p2", "p3"}

func newWorld(t tb, h Harness) *world {
	w := &world{
		flaky: &Flaky{Store: h.Store}, truth: map[string]approvals.Request{},
		holds: map[string][]string{}, seen: map[string]map[string]approvals.Request{},
		calls: map[place]inFlight{}, last: map[place]approvals.AnswerKind{},
	}
	h.Store = w.flaky
	w.bench = newBench(t, h)
	w.bench.calls = maxCalls
	for _, p := range processes {
		w.seen[p] = map[string]approvals.Request{}
	}
	return w
}

// sent commits as a process does: what never arrived is given up, what may
// have arrived is sent again until the answer is in.
func (w *world) sent(t *rapid.T, c approvals.Change) error {
	was := w.truth[c.Before.ID]
	w.stepped = c.Before.ID
	how := rapid.SampledFrom([]Failure{0, 0, 0, 0, Before, After}).Draw(t, "failure")
	if how != 0 {
		w.flaky.Fail(how)
	}
	err := w.Store.Commit(w.ctx, c)
	switch how {
	case Before:
		w.want(err, approvals.ErrUnavailable)
	case After:
		w.want(err, approvals.ErrUnconfirmed)
		err = w.Store.Commit(w.ctx, c)
	}
	if stale := c.Before.Version != was.Version; stale && how != Before {
		w.want(err, approvals.ErrStale)
	}
	return err
}

// step applies an event to what a process saw and commits it. What the table
// refuses is no step.
func (w *world) step(t *rapid.T, before approvals.Request, e approvals.Event) (approvals.Request, error) {
	c, err := w.from(before, w.now(), e)
	if err != nil {
		return before, err
	}
	if err := w.sent(t, c); err != nil {
		return before, err
	}
	was := w.truth[before.ID]
	w.legal(was, c.After, e)
	w.thawed(was, e)
	after := c.After
	if leased := before.Lease != after.Lease; !leased {
		after.Lease = was.Lease
	}
	w.truth[before.ID] = after
	w.events = append(w.events, fmt.Sprint(before.ID, " ", after.Version, " ", e.Kind))
	return after, nil
}

// legal holds a committed step to the rules that nothing may break.
func (w *world) legal(was, is approvals.Request, e approvals.Event) {
	w.t.Helper()
	if !goesOn(was, is, e) {
		w.t.Fatalf("%s was %s version %d and became %s version %d by a %s", is.ID, was.State, was.Version, is.State, is.Version, e.Kind)
	}
	if !is.Rewound.IsZero() || is.State == approvals.Pending || is.State == approvals.Denied || is.State == approvals.Cancelled || is.State == approvals.Expired {
		return
	}
	people := map[string]bool{}
	for _, v := range is.Votes {
		people[v.Person.Key] = true
	}
	if people[is.Requester.Key] || len(people) < is.Rule.Approvals {
		w.t.Fatalf("%s by %s became %s with the approvals of %v, of %d needed", is.ID, is.Requester.Key, is.State, people, is.Rule.Approvals)
	}
}

// view draws a request as a process sees it: as it is, or as it last saw it.
func (w *world) view(t *rapid.T, process string) approvals.Request {
	return w.look(t, process, rapid.SampledFrom(w.ids).Draw(t, "request"))
}

func (w *world) look(t *rapid.T, process, id string) approvals.Request {
	old, known := w.seen[process][id]
	if known && rapid.Bool().Draw(t, "old view") {
		return old
	}
	r, _ := w.load(id)
	w.seen[process][id] = r
	return r
}

// which draws a request in one of the states, if there is one.
func (w *world) which(t *rapid.T, states ...approvals.State) (string, bool) {
	var ids []string
	for _, id := range w.ids {
		if slices.Contains(states, w.truth[id].State) {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return "", false
	}
	return rapid.SampledFrom(ids).Draw(t, "request"), true
}

func (w *world) process(t *rapid.T) string { return rapid.SampledFrom(processes).Draw(t, "process") }
func (w *world) person(t *rapid.T) approvals.Person {
	return rapid.SampledFrom([]approvals.Person{ana, bruno, carla, davi}).Draw(t, "person")
}

package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"senhasegura-bot/approvals"
	"senhasegura-bot/bot/fakeslack"
	"senhasegura-bot/senhasegura/senhaseguratest"
)

// seen is what is known of all flows from outside, once they have ended: the
// store, the audit and the appliance's own journal.
type seen struct {
	requests map[string]approvals.Request
	entries  map[string][]approvals.Logged // changes, without refusals
	asked    map[string][]string           // ids by who asked
	writes   map[string][]senhaseguratest.Call
}

// judge holds every flow against what is seen.
func (c *crowd) judge() row {
	s := c.sees()
	r := row{}
	silent, nothing, unsure, repeated, unknown := 0, 0, 0, 0, 0
	for _, f := range c.flows {
		f.judgeAsker(s)
		if request, ok := s.requests[f.id]; ok {
			f.judgeCalls(s, request)
			f.judgeCard(request)
			f.judgePresses(s)
			repeated += max(len(f.writes(s))-1, 0)
			if request.State == approvals.Unknown {
				unknown++
			}
		}
		silent, nothing, unsure = silent+f.silent, nothing+f.nothing, unsure+len(f.unsure)
		r.lost, r.doubled, r.bad = r.lost+len(f.lost), r.doubled+len(f.doubled), r.bad+len(f.bad)
		faults := slices.Concat(f.lost, f.doubled, f.bad)
		for _, what := range faults {
			c.t.Errorf("flow %d (%s %s %d, %s): %s", f.i, f.id, f.verb, f.ref, f.end, what)
		}
		if len(faults) > 0 {
			f.tells(s)
		}
	}
	r.doubled += c.overlaps(s)
	c.verifies()
	r.aside = fmt.Sprintf("told %d times that nothing was requested, %d times that it is not confirmed; %d answers Slack did not wait for, %d calls repeated by the rule, %d releases unknown, %d copies of cards, %d threads told twice as a process died",
		nothing, unsure, silent, repeated, unknown, c.copies(s), c.windows)
	return r
}

// tells logs what is on record of the flow, and what its people read.
func (f *flow) tells(s seen) {
	for _, e := range s.entries[f.id] {
		f.c.t.Logf("%s  %d %s by %q: %s", e.At.Format(time.TimeOnly), e.Version, e.Event, e.By.User, e.State)
	}
	for _, user := range []string{f.asker, f.one, f.two} {
		f.c.t.Logf("%s pressed at %v and read:", user, f.acked[user])
		for _, m := range f.c.w.ws.Ephemerals(user) {
			f.c.t.Logf("  %q", plainText(m))
		}
	}
}

func (c *crowd) sees() seen {
	s := seen{requests: map[string]approvals.Request{}, entries: map[string][]approvals.Logged{}, asked: map[string][]string{}, writes: map[string][]senhaseguratest.Call{}}
	c.w.eventuallyWithin(60, "Redis serves", func() bool { return c.w.store().Ping(c.t.Context()) == nil })
	all, err := c.w.store().Audit(c.t.Context(), 0, 1_000_000)
	if err != nil {
		c.t.Fatal(err)
	}
	for _, e := range all {
		if e.Event == approvals.EventSubmit {
			s.asked[e.By.User] = append(s.asked[e.By.User], e.Request)
		}
		if e.Event != approvals.EventRefuse {
			s.entries[e.Request] = append(s.entries[e.Request], e)
		}
	}
	for _, f := range c.flows {
		if r, _, err := c.w.store().Load(c.t.Context(), f.id); err == nil {
			s.requests[f.id] = r
		}
	}
	for _, call := range c.w.appliance.Writes() {
		s.writes[call.String()] = append(s.writes[call.String()], call)
	}
	return s
}

// judgeAsker holds what the asker was told against what there is.
func (f *flow) judgeAsker(s seen) {
	if _, ok := s.requests[f.id]; !ok {
		f.lost = append(f.lost, "there is no such request")
	}
	for _, id := range f.absent {
		if slices.Contains(s.asked[f.asker], id) {
			f.lost = append(f.lost, "a look did not find "+id+", which came to be")
		}
	}
	for _, id := range s.asked[f.asker] {
		if id != f.id && !slices.Contains(f.unsure, id) && f.silent == 0 {
			f.lost = append(f.lost, "nobody was told of "+id)
		}
	}
	if n := len(s.asked[f.asker]); n > 1 {
		f.doubled = append(f.doubled, fmt.Sprintf("%d requests on record", n))
	}
}

// wants is the end of the flow.
func (f *flow) wants() approvals.State {
	switch f.end {
	case "deny":
		return approvals.Denied
	case "cancel":
		return approvals.Cancelled
	}
	return approvals.Done
}

func (f *flow) writes(s seen) []senhaseguratest.Call {
	path := map[string]string{"activate": "PUT /api/pam/credential/%d", "deactivate": "DELETE /api/pam/credential/%d", "release": "DELETE /api/pam/credential/custody/%d"}
	return s.writes[fmt.Sprintf(path[f.verb], f.ref)]
}

// judgeCalls holds the calls against the rule of product.md §4.
func (f *flow) judgeCalls(s seen, r approvals.Request) {
	calls, want := f.writes(s), f.wants()
	lost := r.State == approvals.Unknown && f.verb == "release" // whose answer nobody could keep
	if r.State != want && !lost {
		f.lost = append(f.lost, fmt.Sprintf("it is %s, not %s", r.State, want))
	}
	t := r.Targets[0]
	switch n := len(calls); {
	case want != approvals.Done && n > 0:
		f.doubled = append(f.doubled, "called without an approval")
	case want == approvals.Done && n == 0 && !lost:
		f.lost = append(f.lost, "no call was made")
	case n > 1 && (f.verb == "release" || !t.Lost || n > t.Attempts):
		f.doubled = append(f.doubled, fmt.Sprintf("%d calls, %d attempts, an answer was lost: %v", n, t.Attempts, t.Lost))
	}
	for _, call := range calls {
		if call.Started.Add(f.c.ahead).After(r.Run.Deadline) {
			f.doubled = append(f.doubled, "a call after the deadline")
		}
	}
	if n := len(s.entries[f.id]); n != r.Version {
		f.lost = append(f.lost, fmt.Sprintf("%d entries for version %d", n, r.Version))
	}
}

// judgeCard holds the card, and its thread, against the store.
func (f *flow) judgeCard(r approvals.Request) {
	card, err := f.c.w.store().Card(context.Background(), f.id)
	if err != nil {
		f.bad = append(f.bad, err.Error())
		return
	}
	m, _ := f.c.w.ws.Message(messageRef(card.Channel, card.TS))
	if is := meta(m); is.Request != f.id || is.State != string(r.State) || is.Version != r.Version {
		f.bad = append(f.bad, fmt.Sprintf("the card shows %+v, stored is %s version %d", is, r.State, r.Version))
	}
	told := 1
	if f.end == "cancel" {
		told = 0
	}
	replies := f.c.w.ws.Thread(card.Channel, card.TS)
	switch n := len(replies); {
	case n == told+1 && told > 0 && f.c.diedAfter(replies[0]):
		f.c.windows++
	case n != told:
		f.bad = append(f.bad, fmt.Sprintf("its thread was told %d times", n))
	}
}

// judgePresses holds the answers to the approvers' clicks against their votes.
func (f *flow) judgePresses(s seen) {
	for user, pressed := range f.acked {
		acked, votes := len(pressed), 0
		for _, e := range s.entries[f.id] {
			if e.Event == approvals.EventVote && e.By.User == user || e.Event == approvals.EventCancel && e.By.User == user {
				votes++
			}
		}
		answers, nothing := 0, 0
		for _, m := range f.c.w.ws.Ephemerals(user) {
			if m.Via == "command" || m.Via == "slackbot" {
				continue
			}
			answers++
			if strings.Contains(plainText(m), "Nothing was requested or decided") {
				nothing++
			}
		}
		switch {
		case votes != 1:
			f.doubled = append(f.doubled, fmt.Sprintf("%s is on record %d times", user, votes))
		case answers < acked-votes-f.c.unanswered(pressed):
			f.lost = append(f.lost, fmt.Sprintf("%s pressed %d times and was answered %d times", user, acked, answers))
		case f.silent == 0 && nothing >= acked:
			f.lost = append(f.lost, user+" was told that nothing was decided, and it was")
		}
	}
}

// diedAfter reports whether a process died, or was stopped, when the message had
// just been posted: perhaps between Slack's accept and the record of it, the one
// window in which product.md §5 lets a thread be told twice.
func (c *crowd) diedAfter(m fakeslack.Message) bool {
	posted, err := strconv.ParseFloat(m.TS, 64)
	return err == nil && c.diedSoonAfter(time.UnixMicro(int64(posted*1e6)))
}

func (c *crowd) diedSoonAfter(then time.Time) bool {
	return slices.ContainsFunc(c.deaths, func(at time.Time) bool {
		since := at.Sub(then)
		return since > -100*time.Millisecond && since < 2*time.Second
	})
}

// unanswered counts the presses right before a process died: why one came to
// nothing is told after Slack's delivery is acknowledged, and is on no record.
func (c *crowd) unanswered(pressed []time.Time) int {
	n := 0
	for _, at := range pressed {
		if c.diedSoonAfter(at) {
			n++
		}
	}
	return n
}

// overlaps counts the calls that began while another to the same target was
// under way.
func (c *crowd) overlaps(s seen) int {
	byTarget := map[string][]senhaseguratest.Call{}
	for _, calls := range s.writes {
		for _, call := range calls {
			ref := call.Path[strings.LastIndex(call.Path, "/"):]
			byTarget[ref] = append(byTarget[ref], call)
		}
	}
	n := 0
	for _, calls := range byTarget {
		slices.SortFunc(calls, func(a, b senhaseguratest.Call) int { return a.Started.Compare(b.Started) })
		for i := range calls[min(1, len(calls)):] {
			if before := calls[i]; before.Finished.IsZero() || calls[i+1].Started.Before(before.Finished) {
				n++
				c.t.Errorf("%s and %s overlapped", before, calls[i+1])
			}
		}
	}
	return n
}

// verifies waits until the audit is sealed, and holds it to be whole.
func (c *crowd) verifies() {
	c.w.eventuallyWithin(60, "the audit is sealed and good", func() bool {
		out, status := c.w.tool("audit", "verify", "redis", "--team", "T0FAKE")
		if status == exitFailed {
			c.t.Fatalf("audit verify redis:\n%s", out)
		}
		return status == exitGood && !strings.Contains(out, "not sealed yet")
	})
}

// copies counts messages that look like a request's card and are not it.
func (c *crowd) copies(s seen) int {
	n := 0
	for _, m := range c.w.ws.Messages(incident) {
		id := meta(m).Request
		if id == "" || m.ThreadTS != "" {
			continue
		}
		card, err := c.w.store().Card(context.Background(), id)
		if err == nil && m.TS != card.TS {
			n++
		}
	}
	return n
}

// lasts is how long a fault lasts.
func lasts(d time.Duration) { <-time.After(d) }

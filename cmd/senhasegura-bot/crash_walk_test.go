package main

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"senhasegura-bot/approvals"
	"senhasegura-bot/bot/fakeslack"
	"senhasegura-bot/senhasegura/senhaseguratest"
)

// truthWithin is how soon a card tells the truth after a process that lives
// (product.md §4).
const truthWithin = 60 * time.Second

// atOnceHere is how many deaths of the walk go on beside each other: most of
// the time each waits for a lease to end.
const atOnceHere = 20

// The ways of a death: started again; another process was there; and stopped,
// so that another one goes on, and the first one too when all is over.
const (
	restarted = "restarted"
	replica   = "replica"
	stopped   = "stopped"
)

// TestFaultCrashAnywhere: a process dies at each point of the flow, and is
// started again or leaves the rest to another one that was there; or it is
// stopped there and comes back when the other one is through. The request
// exists, its card tells the truth within a minute and goes on telling it,
// senhasegura is called as often as product.md §4 allows and never twice at
// once, the audit has one entry for each change. With FAULT_FULL=1 each point is
// walked in all three ways, else in one.
func TestFaultCrashAnywhere(t *testing.T) {
	t.Parallel()
	turn := make(chan struct{}, atOnceHere)
	var walking sync.WaitGroup
	for i, point := range points() {
		for j, way := range []string{restarted, replica, stopped} {
			if j != i%3 && os.Getenv("FAULT_FULL") == "" {
				continue
			}
			walking.Go(func() {
				turn <- struct{}{}
				defer func() { <-turn }()
				t.Run(strings.ReplaceAll(point, " ", "_")+"/"+way, func(t *testing.T) { walk(t, point, way) })
			})
		}
	}
	walking.Wait()
}

// walk plays the play of a point with a process that dies there.
func walk(t *testing.T, point, way string) {
	p := plays()[playOf(point)]
	d := &drama{play: p, point: point, way: way}
	d.world = newWorld(t, setup{stays: true, policy: p.policy, env: map[string]string{
		"LEASE": "1s", "CALL_TIMEOUT": first(p.callTimeout, "2s"), "RUN_DEADLINE": first(p.deadline, "30s"), "IDENTITY_CACHE": "0s"}})
	if way != restarted {
		d.replica = d.start()
		d.replica.cmd.Process.Signal(syscall.SIGSTOP)
	}
	if p.before != nil {
		p.before(d)
	}
	d.begin()
	p.acts(d)
	d.comesTo("the process dies at its point", truthWithin, func() bool { return d.dead() })
	d.judge()
	if way == stopped {
		before := len(d.appliance.Writes())
		d.mortal.cmd.Process.Signal(syscall.SIGCONT)
		d.settles()
		d.judge()
		// What stays, and is documented: it stood between its check and its write.
		if late := len(d.appliance.Writes()) - before; late > 0 && point != "before senhasegura.write" {
			t.Errorf("a process that came back made %d calls", late)
		}
	}
}

// settles waits until what the process still did is over: it serves, unless it
// was told to end, and no card is due any more but for what it offers.
func (d *drama) settles() {
	d.t.Helper()
	d.comesTo("the process serves again", truthWithin, func() bool {
		d.mortal.url = servedAt(d.mortal.log.String())
		status, _ := d.mortal.get("/healthz")
		return status == http.StatusOK || d.mortal.ended()
	})
	client := d.dial()
	d.comesTo("no card is due", truthWithin, func() bool {
		at, err := client.ZScore(d.t.Context(), behind, d.id).Result()
		r := d.request()
		offers := r.State == approvals.Unknown || r.Glass.Unsigned()
		return offers || errors.Is(err, redis.Nil) || err == nil && time.Until(time.UnixMilli(int64(at))) > time.Minute
	})
}

// drama is one play with one death.
type drama struct {
	*world
	play            play
	point, way      string
	mortal, replica *process
	heir            *process
	since           time.Time // when the heir went on
	id              string    // of the request, once there is one
	old             string    // an earlier request, to be trimmed
}

// begin starts the process that will die, and waits until it serves or is dead.
func (d *drama) begin() {
	d.t.Helper()
	self, err := os.Executable()
	if err != nil {
		d.t.Fatal(err)
	}
	cmd := exec.Command(self, "serve")
	cmd.Env = []string{map[bool]string{false: diesAt, true: stopsAt}[d.way == stopped] + "=" + d.point}
	d.mortal = d.launchAs(cmd)
	d.eventually("the process serves", func() bool {
		if d.dead() {
			return true
		}
		if d.mortal.url == "" { // once it is known, those that ask below read it
			d.mortal.url = servedAt(d.mortal.log.String())
		}
		if d.mortal.url == "" {
			return false
		}
		d.ws.SetBot(d.mortal.url)
		ready := make(chan bool, 1) // it may be stopped before it answers
		go func() { status, _ := d.mortal.get("/readyz"); ready <- status == http.StatusOK }()
		select {
		case r := <-ready:
			return r
		case <-time.After(time.Second):
			return false
		}
	})
	if strings.HasPrefix(d.point, during) {
		d.appliance.Inject(senhaseguratest.Fault{Path: "*/pam/*", Times: 1, Kind: senhaseguratest.Hang, Act: d.point == duringActed})
	}
}

// dead reports whether the process died; then another one goes on, once.
func (d *drama) dead() bool {
	if strings.HasPrefix(d.point, during) && d.heir == nil && len(d.appliance.Writes()) > 0 {
		if d.mortal.cmd.Process.Signal(syscall.SIGSTOP); d.way != stopped {
			d.mortal.kill()
		}
	}
	if !d.mortal.lies() {
		return false
	}
	if d.heir != nil {
		return true
	}
	if d.replica != nil {
		d.heir = d.replica
		d.heir.cmd.Process.Signal(syscall.SIGCONT)
		d.ws.SetBot(d.heir.url)
	} else {
		d.heir = d.start()
	}
	d.since = time.Now()
	return true
}

// lies reports whether the process ended or is stopped.
func (p *process) lies() bool {
	if p.ended() {
		return true
	}
	// Each thread: a signal that stops a process reaches them one after another.
	stats, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/stat", p.cmd.Process.Pid))
	return err == nil && len(stats) > 0 && !slices.ContainsFunc(stats, func(path string) bool {
		stat, err := os.ReadFile(path)
		_, state, _ := strings.Cut(string(stat), ") ")
		return err == nil && !strings.HasPrefix(state, "T")
	})
}

// comesTo polls; meanwhile the process may die and another go on.
func (d *drama) comesTo(what string, within time.Duration, done func() bool) {
	d.t.Helper()
	look := time.NewTicker(100 * time.Millisecond) // there are many of us
	defer look.Stop()
	for deadline := time.Now().Add(within); ; <-look.C {
		d.dead()
		if done() {
			return
		}
		if time.Now().After(deadline) {
			d.t.Fatalf("never came true: %s", what)
		}
	}
}

// insists has somebody try until it is so: whoever is told by Slack that the
// bot did not answer looks, and does it again when it is not there.
func (d *drama) insists(what string, done func() bool, try func() error) {
	d.t.Helper()
	var tried time.Time
	d.comesTo(what, truthWithin, func() bool {
		if done() {
			return true
		}
		if time.Since(tried) > 2500*time.Millisecond {
			if tried = time.Now(); try() != nil {
				tried = time.Time{}
				d.dead()
			}
		}
		return done()
	})
}

// asks makes the request of the play.
func (d *drama) asks(user, text string) {
	d.t.Helper()
	d.insists(user+" types "+text, d.exists, func() error {
		_, err := d.ws.Command(user, incident, "/pam", text)
		return err
	})
}

// presses a button until the request is as it should be then.
func (d *drama) presses(user, action string, then func(approvals.Request) bool) {
	d.t.Helper()
	d.insists(user+" presses "+action, func() bool { return then(d.request()) }, func() error {
		card, posted := d.card()
		if !posted || !has(card, action) {
			return nil
		}
		_, err := d.ws.Click(user, card.Ref(), action)
		return err
	})
}

func has(card fakeslack.Message, action string) bool {
	return slices.ContainsFunc(fakeslack.Buttons(card), func(b fakeslack.Button) bool { return b.ActionID == action })
}

// sends a form that a button opens.
func (d *drama) sends(user, action string, values fakeslack.Values, then func(approvals.Request) bool) {
	d.t.Helper()
	d.insists(user+" sends the form "+action, func() bool { return then(d.request()) }, func() error {
		if view, open := d.ws.OpenView(user); open && view.CallbackID == action {
			out, err := d.ws.Submit(user, view, values)
			if err == nil && !out.Closed {
				_, err = d.ws.CloseView(user)
			}
			return err
		}
		card, posted := d.card()
		if !posted {
			return nil
		}
		_, err := d.ws.Click(user, card.Ref(), action)
		return err
	})
}

// is waits for a state.
func (d *drama) is(state approvals.State) {
	d.t.Helper()
	d.comesTo("it is "+string(state), truthWithin, func() bool { return d.request().State == state })
}

func in(states ...approvals.State) func(approvals.Request) bool {
	return func(r approvals.Request) bool { return slices.Contains(states, r.State) }
}

func votes(n int) func(approvals.Request) bool {
	return func(r approvals.Request) bool { return len(r.Votes) >= n || r.State != approvals.Pending }
}

// exists reports whether the request is on record.
func (d *drama) exists() bool {
	if all := d.requests(); d.id == "" && len(all) > 0 {
		d.id = all[0]
	}
	return d.id != ""
}

// requests are the ids of all that were made, by the audit.
func (d *drama) requests() []string {
	all, err := d.store().Audit(d.t.Context(), 0, 10_000)
	if err != nil {
		d.t.Fatal(err)
	}
	var ids []string
	for _, e := range all {
		if (e.Event == approvals.EventSubmit || e.Event == approvals.EventGlass) && e.Request != d.old {
			ids = append(ids, e.Request)
		}
	}
	return ids
}

func (d *drama) request() approvals.Request {
	d.t.Helper()
	d.exists()
	r, _, err := d.store().Load(d.t.Context(), d.id)
	if err != nil {
		d.t.Fatal(err)
	}
	return r
}

// card is the message on record.
func (d *drama) card() (fakeslack.Message, bool) {
	d.t.Helper()
	card, err := d.store().Card(d.t.Context(), d.id)
	if err != nil {
		d.t.Fatal(err)
	}
	return d.ws.Message(fakeslack.MessageRef{Channel: card.Channel, TS: card.TS})
}

// judge holds what must be true of every play, wherever the process died.
func (d *drama) judge() {
	d.t.Helper()
	if ids := d.requests(); len(ids) != 1 {
		d.t.Fatalf("%d requests were made: %v", len(ids), ids)
	}
	var card fakeslack.Message
	var r approvals.Request
	d.comesTo("card and record tell the end", truthWithin, func() bool {
		r = d.request()
		card, _ = d.card()
		return r.State == d.play.ends && meta(card) == shown{Request: r.ID, State: string(r.State), Version: r.Version}
	})
	if took := time.Since(d.since); took > truthWithin {
		d.t.Errorf("the card told the truth %s after the next process went on", took)
	}
	if d.play.ends != approvals.Unknown && has(card, "approve") {
		d.t.Error("the card can still be approved")
	}
	if d.way != stopped { // a late update may come, and is drawn over
		d.grows(card)
	}
	d.judgeMessages(r)
	d.judgeCalls(r)
	if d.play.forked {
		return
	}
	for i, e := range d.audit(r.ID) {
		if e.Version != i+1 {
			d.t.Errorf("entry %d of the audit is of version %d", i+1, e.Version)
		}
	}
	if n := len(d.audit(r.ID)); n != r.Version {
		d.t.Errorf("%d entries for %d versions", n, r.Version)
	}
}

// judgeMessages: one card, and each outcome told once; both may be doubled only
// by a death between Slack's accept and the record of it (product.md §5).
func (d *drama) judgeMessages(r approvals.Request) {
	d.t.Helper()
	var cards []string
	for _, channel := range []string{incident, desk} {
		for _, m := range d.ws.Messages(channel) {
			if meta(m).Request == r.ID {
				cards = append(cards, m.TS)
			}
		}
	}
	if most := 1 + d.window("slack.chat.postMessage.card"); len(cards) < 1 || len(cards) > most {
		d.t.Errorf("%d cards, want 1, %d at most", len(cards), most)
	}
	if d.play.told == 0 {
		return
	}
	told := func() int {
		card, _ := d.card()
		return len(slices.DeleteFunc(d.ws.Thread(card.Channel, card.TS), func(m fakeslack.Message) bool {
			return !strings.Contains(plainText(m), r.ID+":")
		}))
	}
	d.comesTo("the thread is told", truthWithin, func() bool { return told() >= d.play.told })
	if most := d.play.told + d.window("slack.chat.postMessage.reply"); told() > most {
		d.t.Errorf("the thread was told %d times, want %d, %d at most", told(), d.play.told, most)
	}
}

// window is 1 where the process died, or may have, between Slack's accept of the
// message and the record of it.
func (d *drama) window(message string) int {
	if d.play.beside || d.point == "after "+message || d.point == "before store.put_card" {
		return 1
	}
	return 0
}

// judgeCalls: as many writes as the play has, and another one only after an
// answer that is on record as lost, of a verb that sets a state; none at the
// same time as another, none after the deadline.
func (d *drama) judgeCalls(r approvals.Request) {
	d.t.Helper()
	writes := d.appliance.Writes()
	most := d.play.calls
	if d.lostWithTheProcess(r) {
		most++
	}
	if len(writes) < d.play.calls || len(writes) > most {
		d.t.Errorf("senhasegura received %d writes, want %d, %d at most: %v", len(writes), d.play.calls, most, writes)
	}
	for i, c := range writes {
		if i > 0 && writes[i-1].Finished.After(c.Started) && c.Started.Before(writes[i-1].Started.Add(d.callTimeout())) {
			d.t.Errorf("two writes at the same time: %v and %v", writes[i-1], c)
		}
		if c.Started.After(r.Run.Deadline) {
			d.t.Errorf("a write %s after the deadline of the run", c.Started.Sub(r.Run.Deadline))
		}
	}
}

// callTimeout is how long a call may be under way: after that a process that
// still waits for the answer is one that was stopped.
func (d *drama) callTimeout() time.Duration {
	timeout, err := time.ParseDuration(d.env["CALL_TIMEOUT"])
	if err != nil {
		d.t.Fatal(err)
	}
	return timeout
}

// lostWithTheProcess reports whether another process found a mark without an
// answer, and settled it as lost before it called again.
func (d *drama) lostWithTheProcess(r approvals.Request) bool {
	open := "" // whose mark is not answered
	for _, e := range d.audit(r.ID) {
		switch e.Event {
		case approvals.EventMark:
			open = e.Process
		case approvals.EventAnswer:
			if open != "" && e.Process != open && r.Verb != approvals.Release {
				return true
			}
			open = ""
		}
	}
	return false
}

func playOf(point string) string {
	for _, s := range steps() {
		if strings.HasSuffix(point, " "+s.name) || s.name == "senhasegura.write" && strings.HasPrefix(point, during) {
			return s.play
		}
	}
	panic(fmt.Sprintf("no step of the point %q", point))
}

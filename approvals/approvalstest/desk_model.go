package approvalstest

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"senhasegura-bot/approvals"
)

// DeskModel makes random commands and clicks at several Desks on one store: by
// people who come and go, under a policy that changes, while Slack fails,
// everything is frozen, and processes stall, die and lose answers. A plain
// model says what each press must come to; a ledger in front of the store and a
// stand-in for senhasegura hold every change and every call to the rules,
// whoever made them. It ends when at least that many steps were made.
//
// Over a store whose clock stands still (Harness.Still) it must run in a bubble
// of testing/synctest: there the durations are those of production.
func DeskModel(t *testing.T, maker Maker, steps int) {
	made, met := 0, tally{}
	for made < steps && !t.Failed() {
		// A bubble has no test deadline to ask for.
		rapid.Check(struct{ rapid.TB }{t}, func(rt *rapid.T) {
			o := newOffice(rt, maker(t))
			defer o.leave()
			for range repeats {
				rt.Repeat(o.actions())
			}
			o.finish()
			made += o.steps
			met.add(o.met)
		})
	}
	t.Logf("%d steps: %v", made, met)
	if made >= thorough && !t.Failed() {
		met.complete(t)
	}
}

// thorough is how many steps surely meet everything that can be met.
const thorough = 10_000

// office is the model: the people, the processes, and what happened so far.
type office struct {
	*bench
	people *people
	ledger *ledger
	pam    *pam
	desks  []*process   // alive
	gone   []*process   // stopping, or dead
	starts int          // processes started
	asks   int          // submissions tried
	late   atomic.Int64 // presses that are under way
	steps  int
	met    tally
}

// The bounds of product.md §4 in units: over a clock that stands still a unit
// is a second.
const (
	runUnits, callUnits, leaseUnits = 120, 15, 10
	// deskCalls is how many calls may be under way over all processes.
	deskCalls = 3
)

func newOffice(t tb, h Harness) *office {
	o := &office{bench: newBench(t, h), met: tally{}}
	o.people = newPeople(h.Still && rapid.Bool().Draw(t.(*rapid.T), "facts are as old as they may be"), o.units(200))
	o.ledger = newLedger(o)
	o.pam = newPAM(o)
	for range 3 {
		o.desks = append(o.desks, o.start())
	}
	return o
}

// actions are the steps, the frequent ones more than once.
func (o *office) actions() map[string]func(*rapid.T) {
	actions := map[string]func(*rapid.T){
		"": o.check, "refuse": o.refuse, "again": o.again, "resolve": o.resolve,
		"move": o.move, "forsake": o.forsake, "depart": o.depart, "reload": o.reload, "freeze": o.freezeOrNot,
		"connect": o.connect, "mood": o.mood, "outlive": o.outlive, "stall": o.stall, "wake": o.wake, "end": o.end, "fail": o.fail, "long": o.nap,
	}
	for i := range 4 {
		actions[fmt.Sprint("approve ", i)] = o.approve
		actions[fmt.Sprint("sweep ", i)] = o.sweep
	}
	for i := range 2 {
		actions[fmt.Sprint("submit ", i)] = o.submit
		actions[fmt.Sprint("break the glass ", i)] = o.breakGlass
		actions[fmt.Sprint("sign ", i)] = o.sign
		actions[fmt.Sprint("mend ", i)] = o.mend
		actions[fmt.Sprint("advance ", i)] = o.pass
		actions[fmt.Sprint("answer ", i)] = o.answer
	}
	return actions
}

// patience is how long a person waits for the answer to a press: three seconds
// in Slack.
func (o *office) patience() time.Duration { return max(o.units(3), time.Second) }

// patient is for what a person waits for; in real time a busy machine may take
// longer, and that is nobody's fault.
func (o *office) patient() (context.Context, context.CancelFunc) {
	if !o.Still {
		return context.WithTimeout(o.ctx, 5*time.Second)
	}
	return context.WithTimeout(o.ctx, o.patience())
}

// let lets time pass.
func (o *office) let(d time.Duration) {
	if o.Still {
		time.Sleep(d) // of the bubble: the store's clock follows with its next use
		return
	}
	o.Advance(d)
}

// settle waits until nothing happens any more by itself. Without a bubble
// there is no such instant.
func (o *office) settle() {
	if o.Still {
		synctest.Wait()
	}
}

// process is one replica.
type process struct {
	name    string
	desk    *approvals.Desk
	wire    *wire
	ctx     context.Context
	cancel  context.CancelFunc
	stop    chan struct{}
	working sync.WaitGroup
	mu      sync.Mutex
	busy    map[string]bool // requests it executes
}

// GoString is how a failing walk names it.
func (p *process) GoString() string { return p.name }

func (o *office) start() *process {
	o.starts++
	p := &process{name: fmt.Sprint("p", o.starts), stop: make(chan struct{}), busy: map[string]bool{}}
	p.ctx, p.cancel = context.WithCancel(o.ctx)
	p.wire = &wire{Store: &Flaky{Store: o.ledger}}
	p.desk = approvals.NewDesk(approvals.Config{
		Team: "T1", Process: p.name, Store: p.wire, Directory: o.people, Policy: o.people.policy, Caller: caller{o.pam, p},
		Sealer: approvals.NewSealer([]byte("an audit key of more than thirty-two characters")), Logger: slog.New(slog.DiscardHandler),
		RunDeadline: o.units(runUnits), CallTimeout: o.units(callUnits), Lease: o.units(leaseUnits), Calls: deskCalls,
	})
	return p
}

// leave ends every process, whatever it does, and waits for it.
func (o *office) leave() {
	for _, p := range o.desks {
		p.kill()
	}
	o.desks, o.gone = nil, append(o.gone, o.desks...)
	for _, p := range o.gone {
		p.cancel() // also of one that was stopping in its own time
		p.wire.wake()
		p.working.Wait()
	}
}

// kill ends a process at once. What it sent and never arrived may still arrive.
func (p *process) kill() {
	p.wire.die()
	p.cancel()
	close(p.stop)
}

// tally counts what the walks met.
type tally map[string]int

func (c tally) add(others tally) {
	for what, n := range others {
		c[what] += n
	}
}

func (o *office) count(what string) {
	o.ledger.mu.Lock()
	defer o.ledger.mu.Unlock()
	o.met[what]++
}

// complete fails when a thorough walk never met what it is made for.
func (c tally) complete(t *testing.T) {
	for _, what := range []string{"approved", "lapsed", "denied", "cancelled", "expired", "withdrawn", "frozen", "called", "unknown",
		"run again", "resolved", "taken over", "fenced", "late press", "held back", "glass broken", "signed", "overdue", "unreviewed", "done", "failed"} {
		if c[what] == 0 {
			t.Errorf("the walk never met: %s", what)
		}
	}
}

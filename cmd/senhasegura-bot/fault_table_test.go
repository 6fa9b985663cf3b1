package main

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// fault is one row of the table: what goes wrong while people work.
type fault struct {
	name string
	// prepare says what world the fault wants, and returns what makes it happen
	// once, from its beginning to its end.
	prepare func(t *testing.T, s *setup) (strike func(c *crowd))
}

// faults is every row there is.
func faults() []fault {
	return slices.Concat(redisFaults(), processFaults(), slackFaults(), applianceFaults())
}

// few is how many flows each fault meets where nobody asks for more: one of each
// kind. manyAtOnce is how many faults happen beside each other otherwise.
const few, manyAtOnce = 8, 3

// faultFlows is how many flows each fault meets: what FAULT_FLOWS says, or a few.
func faultFlows(t *testing.T) int {
	said := os.Getenv("FAULT_FLOWS")
	if said == "" {
		return few
	}
	n, err := strconv.Atoi(said)
	if err != nil {
		t.Fatalf("FAULT_FLOWS: %v", err)
	}
	return n
}

// row is what a fault came to. The last three must be zero.
type row struct {
	fault              string
	times, flows       int
	lost, doubled, bad int
	aside              string // what is no fault and worth knowing
}

// TestFaultTable: people ask, approve, deny and cancel while something goes
// wrong, once or again and again. Each flow is then judged from outside: nothing
// is lost, nothing is done twice, every card is true.
func TestFaultTable(t *testing.T) {
	t.Parallel()
	all, n := faults(), faultFlows(t)
	rows := make([]row, len(all))
	places := make(chan struct{}, len(all))
	if n > few { // many flows keep a machine busy: what it cannot serve in time would be no fault of the bot
		places = make(chan struct{}, manyAtOnce)
	}
	t.Run("while", func(t *testing.T) {
		for i, f := range all {
			t.Run(strings.ReplaceAll(f.name, " ", "_"), func(t *testing.T) {
				t.Parallel()
				places <- struct{}{}
				defer func() { <-places }()
				rows[i] = f.run(t, n)
			})
		}
	})
	text, sum := "", row{fault: "in all"}
	rows = slices.DeleteFunc(rows, func(r row) bool { return r.flows == 0 }) // not chosen, or broken off
	for _, r := range rows {
		text += r.line()
		sum.times, sum.flows = sum.times+r.times, sum.flows+r.flows
		sum.lost, sum.doubled, sum.bad = sum.lost+r.lost, sum.doubled+r.doubled, sum.bad+r.bad
	}
	t.Logf("\n| fault | times | flows | lost | doubled | cards wrong |\n|---|---:|---:|---:|---:|---:|\n%s%s", text, sum.line())
	for _, r := range rows {
		t.Logf("%s: %s", r.fault, r.aside)
	}
}

func (r row) line() string {
	return fmt.Sprintf("| %s | %d | %d | %d | %d | %d |\n", r.fault, r.times, r.flows, r.lost, r.doubled, r.bad)
}

// faultPolicy wants two approvals for the targets of a quorum's flows.
const faultPolicy = standardPolicy + "rules: [{name: two, targets: [\"2*\"], approvals: 2}]\n"

// breath is between the end of a fault and its next beginning, so that each is
// one by itself.
const breath = 3 * time.Second

// again is how often a fault happens to n flows.
func again(n int) int { return min(1+n/50, 10) }

// run lets n flows meet the fault and judges them.
func (f fault) run(t *testing.T, n int) row {
	s := setup{stays: true, policy: faultPolicy, env: map[string]string{"LEASE": "3s", "CALL_TIMEOUT": "4s", "SENHASEGURA_CONCURRENCY": "8"}}
	strike := f.prepare(t, &s)
	w := newWorld(t, s)
	c := newCrowd(w, n)
	w.start()
	w.start()
	c.balance()
	began := time.Now()
	c.comes()
	times := 0
	for ; times < again(n) && c.ctx.Err() == nil; times++ {
		c.begun(n/8 + times*n/again(n))
		strike(c)
		c.pause(breath)
	}
	c.ends()
	r := c.judge()
	r.fault, r.times, r.flows = f.name, times, n
	r.aside += fmt.Sprintf(", %s", time.Since(began).Round(time.Second))
	return r
}

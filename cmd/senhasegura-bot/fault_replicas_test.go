package main

import (
	"syscall"
	"testing"
	"time"

	"senhasegura-bot/approvals/redisstore/redistest"
	"senhasegura-bot/bot/fakeslack"
	"senhasegura-bot/senhasegura/senhaseguratest"
)

// Clocks of the scenario of replicas: how far Redis's is ahead of Slack's and
// senhasegura's, and those of the processes. A delivery that says it comes from
// more than half a minute ahead is refused (product.md §7).
var (
	redisAhead    = 7 * time.Minute
	processesHave = []time.Duration{-25 * time.Second, 2 * time.Minute, 4 * time.Minute}
)

// TestFaultReplicas: three processes on one Redis, their clocks minutes apart;
// while 200 requests run, one is killed, and another is stopped past its lease
// and goes on. Each request runs once, no card is left behind. (What a stopped
// process finds when it goes on, at each step by itself, is
// TestFaultCrashAnywhere's.)
func TestFaultReplicas(t *testing.T) {
	t.Parallel()
	s := setup{stays: true, policy: faultPolicy, redis: redistest.StartAhead(t, redisAhead),
		env: map[string]string{"LEASE": "3s", "CALL_TIMEOUT": "4s", "SENHASEGURA_CONCURRENCY": "8"}}
	w := newWorld(t, s)
	c := newCrowd(w, 200)
	c.ahead = redisAhead
	for range processesHave {
		w.start()
	}
	c.balance()
	for i, p := range w.processes {
		c.front.ahead[p] = processesHave[i]
	}
	if now, err := w.store().Now(t.Context()); err != nil || time.Until(now) < redisAhead-time.Minute {
		t.Fatalf("Redis's clock says %s, %v", now, err)
	}
	c.comes()
	c.begun(60)
	c.dies(w.processes[0])
	c.begun(110)
	c.stalls(w.processes[1])
	c.ends()
	r := c.judge()
	t.Logf("%d flows: %d lost, %d doubled, %d cards wrong (%s)", len(c.flows), r.lost, r.doubled, r.bad, r.aside)
}

// leaseOfFlows is LEASE in the worlds of flows.
const leaseOfFlows = 3 * time.Second

// dies kills a process.
func (c *crowd) dies(p *process) {
	c.deaths = append(c.deaths, time.Now())
	p.kill()
}

// stalls stops a process past its lease, and lets it go on.
func (c *crowd) stalls(p *process) {
	c.deaths = append(c.deaths, time.Now())
	p.cmd.Process.Signal(syscall.SIGSTOP)
	lasts(2 * leaseOfFlows)
	p.cmd.Process.Signal(syscall.SIGCONT)
}

// processFaults is what happens to the processes.
func processFaults() []fault {
	return []fault{
		{"a process is killed, another starts", func(*testing.T, *setup) func(*crowd) {
			return func(c *crowd) {
				p, _ := c.front.turn()
				c.dies(p)
				c.front.add(c.w.starts())
			}
		}},
		{"a process is stopped past its lease", func(*testing.T, *setup) func(*crowd) {
			return func(c *crowd) {
				p, _ := c.front.turn()
				c.stalls(p)
			}
		}},
		{"a process is told to stop, another starts", func(*testing.T, *setup) func(*crowd) {
			return func(c *crowd) {
				p, _ := c.front.turn()
				if code := p.stop(); code != 0 {
					c.t.Errorf("exit %d", code)
				}
				c.front.add(c.w.starts())
			}
		}},
	}
}

// starts is start for a world whose Slack delivers to a balancer.
func (w *world) starts() *process {
	front := w.ws.Config().BotURL
	p := w.start()
	w.ws.SetBot(front)
	return p
}

// slackFaults is what Slack does. What it accepted and did not answer may stand
// twice in the channel (product.md §5), and is not among them.
func slackFaults() []fault {
	const lasting = 3 * time.Second
	fails := func(name string, f fakeslack.Fault, methods ...string) fault {
		f.Times = -1
		return fault{name, func(*testing.T, *setup) func(*crowd) {
			return func(c *crowd) {
				for _, m := range methods {
					c.w.ws.Fail(m, f)
				}
				lasts(lasting)
				for _, m := range methods {
					c.w.ws.Heal(m)
				}
			}
		}}
	}
	return []fault{
		fails("Slack limits messages for 3 s", fakeslack.Fault{RetryAfter: 2 * time.Second}, "chat.postMessage", "chat.update"),
		fails("Slack answers 503 for 3 s", fakeslack.Fault{Status: 503}, "*"),
		fails("Slack cuts connections for 3 s", fakeslack.Fault{Reset: true}, "*"),
	}
}

// applianceFaults is what senhasegura does.
func applianceFaults() []fault {
	does := func(name string, f senhaseguratest.Fault) fault {
		return fault{name, func(*testing.T, *setup) func(*crowd) {
			return func(c *crowd) {
				c.w.appliance.Inject(f)
				lasts(3 * time.Second)
				c.w.appliance.ClearFaults()
			}
		}}
	}
	return []fault{
		does("senhasegura cuts off for 3 s, done or not", senhaseguratest.Fault{Path: "*/pam/*", Kind: senhaseguratest.Reset, Act: true}),
		does("senhasegura answers 502 for 3 s", senhaseguratest.Fault{Path: "*/pam/*", Kind: senhaseguratest.HTML}),
		does("senhasegura hangs for 3 s", senhaseguratest.Fault{Path: "*/pam/*", Kind: senhaseguratest.Hang}),
		does("no token for 3 s", senhaseguratest.Fault{Path: "*/oauth2/token", Kind: senhaseguratest.Unexpected}),
	}
}

package main

import (
	"slices"
	"strings"
	"syscall"

	"github.com/redis/go-redis/v9"

	"senhasegura-bot/approvals"
	"senhasegura-bot/bot/fakeslack"
	"senhasegura-bot/senhasegura/senhaseguratest"
)

// play is one request from its beginning to its end, whatever dies on the way.
type play struct {
	policy                string
	deadline, callTimeout string         // of a run and a call, where not the walk's
	before                func(d *drama) // before the process starts that will die
	acts                  func(d *drama)
	ends                  approvals.State
	calls                 int  // writes that senhasegura receives when no answer is lost
	told                  int  // outcomes that the thread tells; 0: it is not looked at
	forked                bool // the audit lost entries with the store
	beside                bool // its step comes beside the flow: the process dies at any moment of it
}

func plays() map[string]play {
	const two = "defaults:\n  approvers: [S0SRE]\n  approvals: 2\n"
	return map[string]play{
		"approved": {policy: two, ends: approvals.Done, calls: 1, told: 1, acts: func(d *drama) {
			d.asks(ana, "deactivate 5 leaked")
			d.presses(bruno, "approve", votes(1))
			d.presses(clara, "approve", votes(2))
		}},
		"denied": {ends: approvals.Denied, told: 1, acts: func(d *drama) {
			d.asks(ana, "deactivate 5 leaked")
			d.sends(clara, "deny", fakeslack.Values{"reason": "wrong host"}, in(approvals.Denied))
		}},
		"cancelled": {ends: approvals.Cancelled, acts: func(d *drama) {
			d.asks(ana, "deactivate 5 leaked")
			d.presses(ana, "cancel", in(approvals.Cancelled))
		}},
		"expired": {policy: "defaults:\n  approvers: [S0SRE]\n  expires: 2s\n", ends: approvals.Expired, told: 1,
			acts: func(d *drama) { d.asks(ana, "deactivate 5 leaked") }},
		"lapsed":    {policy: two, ends: approvals.Done, calls: 1, told: 1, acts: voterLeaves},
		"withdrawn": {ends: approvals.Cancelled, told: 1, acts: requesterLeaves},
		"refused": {ends: approvals.Done, calls: 1, told: 1, acts: func(d *drama) {
			d.asks(ana, "deactivate 5 leaked")
			d.insists("Dora is told that she may not", func() bool { return len(d.ws.Ephemerals(dora)) > 0 && d.noted(dora) }, func() error {
				card, posted := d.card()
				if !posted {
					return nil
				}
				_, err := d.ws.Click(dora, card.Ref(), "approve")
				return err
			})
			d.presses(bruno, "approve", votes(1))
		}},
		"frozen":            {policy: freezePolicy, ends: approvals.Done, calls: 1, told: 1, acts: frozenAndThawed},
		"frozen in the run": {policy: freezePolicy, deadline: "5s", ends: approvals.Unknown, calls: 1, told: 1, acts: frozenInTheRun},
		"slow": {ends: approvals.Done, calls: 1, told: 1, acts: func(d *drama) {
			d.appliance.Inject(senhaseguratest.Fault{Path: "*/pam/*", Times: 1, Kind: senhaseguratest.Delay, DelayMS: 1200})
			d.asks(ana, "deactivate 5 leaked")
			d.presses(bruno, "approve", votes(1))
		}},
		"handed over": {ends: approvals.Done, calls: 2, told: 1, acts: handedOver},
		"taken over":  {ends: approvals.Done, calls: 2, told: 1, before: diesInTheCall, acts: func(d *drama) {}},
		"run again": {ends: approvals.Done, calls: 2, told: 2, acts: func(d *drama) {
			d.unknownRelease()
			d.presses(clara, "run_again", func(r approvals.Request) bool { return r.State != approvals.Unknown })
		}},
		"resolved": {ends: approvals.Done, calls: 1, acts: func(d *drama) {
			d.unknownRelease()
			d.sends(clara, "resolve", fakeslack.Values{"outcome": "done", "note": "looked"}, in(approvals.Done))
		}},
		"break-glass": {policy: glassPolicy, ends: approvals.Done, calls: 1, acts: func(d *drama) {
			d.breaksGlass()
			d.is(approvals.Done)
			d.presses(bruno, "review", func(r approvals.Request) bool { return !r.Glass.Unsigned() })
		}},
		"overdue": {policy: strings.Replace(glassPolicy, "1h", "3s", 1), ends: approvals.Done, calls: 1, acts: func(d *drama) {
			d.breaksGlass()
			d.comesTo("it is overdue", truthWithin, func() bool {
				return slices.ContainsFunc(d.audit(d.id), func(e approvals.Logged) bool { return e.Event == approvals.EventOverdue })
			})
		}},
		"outside": {ends: approvals.Done, calls: 1, told: 1, before: func(d *drama) { d.outside(1) }, acts: func(d *drama) {
			d.asks(ana, "deactivate 5 leaked")
			d.comesTo("who may approve and is elsewhere is told", truthWithin, func() bool { return len(d.direct("UOUT00")) > 0 })
			d.presses(bruno, "approve", votes(1))
		}},
		"elsewhere": {policy: postToPolicy, ends: approvals.Done, calls: 1, told: 1, before: func(d *drama) {
			d.ws.AddChannel(fakeslack.Channel{ID: desk, Name: "pam-desk", Creator: dora, Members: []string{"U0BOT", heitor, dora}})
		}, acts: func(d *drama) {
			d.asks(ana, "deactivate root@db01 leaked")
			d.presses(heitor, "approve", votes(1))
			d.comesTo("the pointer tells the end", truthWithin, func() bool {
				return slices.ContainsFunc(d.ws.Messages(incident), func(m fakeslack.Message) bool {
					return strings.Contains(plainText(m), d.id) && strings.Contains(plainText(m), "Done")
				})
			})
		}},
		"went back": {policy: two, ends: approvals.Unknown, told: 1, forked: true, acts: storeGoesBack},
		"trimmed":   {beside: true, ends: approvals.Done, calls: 1, told: 1, before: oldRequest, acts: approvedByBruno},
		"ghost": {beside: true, ends: approvals.Done, calls: 1, told: 1, before: func(d *drama) {
			d.dial().ZAdd(d.t.Context(), "senhasegura-bot:{T0FAKE}:pending", redis.Z{Score: 1, Member: "R-GHXST0"})
		}, acts: approvedByBruno},
	}
}

func approvedByBruno(d *drama) {
	d.asks(ana, "deactivate 5 leaked")
	d.presses(bruno, "approve", votes(1))
}

// voterLeaves: Bruno has voted and leaves; Clara's vote finds it out.
func voterLeaves(d *drama) {
	d.asks(ana, "deactivate 5 leaked")
	d.presses(bruno, "approve", votes(1))
	d.ws.UpdateUser(bruno, func(u *fakeslack.User) { u.Deleted = true })
	d.presses(clara, "approve", func(r approvals.Request) bool {
		return slices.ContainsFunc(r.Votes, func(v approvals.Vote) bool { return v.Person.User == clara })
	})
	d.presses(heitor, "approve", votes(2))
}

// requesterLeaves: a click finds out that whoever asked has left.
func requesterLeaves(d *drama) {
	d.asks(ana, "deactivate 5 leaked")
	d.ws.UpdateUser(ana, func(u *fakeslack.User) { u.Deleted = true })
	d.presses(bruno, "approve", in(approvals.Cancelled))
}

// storeGoesBack: the store loses a vote that the card showed.
func storeGoesBack(d *drama) {
	d.asks(ana, "deactivate 5 leaked")
	d.comesTo("the card is on record", truthWithin, func() bool { _, posted := d.card(); return posted })
	old := d.redis.Copy(d.t)
	d.presses(bruno, "approve", votes(1))
	d.comesTo("the card shows the vote", truthWithin, func() bool { card, _ := d.card(); return meta(card).Version == 2 })
	d.redis.GoBack(d.t, old)
	d.presses(clara, "approve", in(approvals.Unknown)) // what a process does not remember, it learns from the card
}

func frozenAndThawed(d *drama) {
	d.asks(ana, "deactivate 5 leaked")
	d.comesTo("the card is on record", truthWithin, func() bool { _, posted := d.card(); return posted })
	d.frozen(true)
	d.frozen(false)
	d.presses(bruno, "approve", votes(1))
}

// frozen has Clara freeze everything, or end that.
func (d *drama) frozen(on bool) {
	d.t.Helper()
	line := map[bool]string{true: "freeze token stolen", false: "unfreeze"}[on]
	d.insists("Clara types "+line, func() bool {
		f, err := d.store().Frozen(d.t.Context())
		return err == nil && f.On() == on
	}, func() error {
		_, err := d.ws.Command(clara, incident, "/pam", line)
		return err
	})
}

// frozenInTheRun: the first answer is lost, and before the next call everything
// is frozen until the run's time is up.
func frozenInTheRun(d *drama) {
	d.appliance.Inject(senhaseguratest.Fault{Path: "*/pam/*", Times: 1, Kind: senhaseguratest.Reset, Act: true})
	approvedByBruno(d)
	d.comesTo("an answer is lost", truthWithin, func() bool { return d.request().Targets[0].Lost })
	d.frozen(true)
}

// handedOver: the process is told to stop while a target waits for its next
// attempt.
func handedOver(d *drama) {
	d.appliance.Inject(senhaseguratest.Fault{Path: "*/pam/*", Times: 1, Kind: senhaseguratest.Reset, Act: true})
	approvedByBruno(d)
	d.comesTo("an answer is lost", truthWithin, func() bool { return d.request().Targets[0].Lost })
	d.mortal.cmd.Process.Signal(syscall.SIGTERM)
}

// diesInTheCall: an earlier process died while it called; its run is there to
// be taken over.
func diesInTheCall(d *drama) {
	earlier := d.start()
	d.appliance.Inject(senhaseguratest.Fault{Path: "*/pam/*", Times: 1, Kind: senhaseguratest.Hang})
	card := d.world.asks(ana, "deactivate 5 leaked")
	d.clicks(bruno, card, "approve")
	d.eventually("the call is under way", func() bool { return len(d.calls()) == 1 })
	earlier.kill()
	d.appliance.ClearFaults()
}

// oldRequest leaves a request whose time to be removed has come.
func oldRequest(d *drama) {
	p := d.start()
	card := d.world.asks(ana, "deactivate 6 leaked")
	d.clicks(ana, card, "cancel")
	d.becomes(card, "cancelled")
	p.kill()
	d.dial().ZAdd(d.t.Context(), "senhasegura-bot:{T0FAKE}:ended", redis.Z{Score: 1, Member: meta(card).Request})
	d.old = meta(card).Request
}

// unknownRelease releases custody, and the answer is lost.
func (d *drama) unknownRelease() {
	d.t.Helper()
	d.appliance.Inject(senhaseguratest.Fault{Path: "*/custody/94", Times: 1, Kind: senhaseguratest.Reset})
	d.asks(ana, "release 94 job is done")
	d.presses(bruno, "approve", votes(1))
	d.is(approvals.Unknown)
}

func (d *drama) breaksGlass() {
	d.t.Helper()
	d.insists("Ana breaks the glass", d.exists, func() error {
		if view, open := d.ws.OpenView(ana); open {
			_, err := d.ws.Submit(ana, view, nil)
			return err
		}
		_, err := d.ws.Command(ana, incident, "/pam", glassLine)
		return err
	})
}

// noted reports whether a refusal of that person is on record, unless the
// process died with it: what refuses is written behind the answer.
func (d *drama) noted(user string) bool {
	return strings.HasSuffix(d.point, "store.note") && d.heir != nil || len(d.notes(user)) > 0
}

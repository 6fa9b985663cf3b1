package main

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"senhasegura-bot/approvals"
	"senhasegura-bot/bot/fakeslack"
	"senhasegura-bot/senhasegura/senhaseguratest"
)

// treated is a request whose call is treated badly.
type treated struct {
	typed, method, path string
	card                fakeslack.Message
}

// badly are one call of each sort: two of PAM Core set a state, one gives
// custody back, one is of MySafe.
func badly() []*treated {
	return []*treated{
		{typed: "deactivate 5 leaked", method: "DELETE", path: "/api/pam/credential/5"},
		{typed: "activate 7 all clear", method: "PUT", path: "/api/pam/credential/7"},
		{typed: "release 94 job is done", method: "DELETE", path: "/api/pam/credential/custody/94"},
		{typed: "deactivate password 10 leaked", method: "POST", path: "/api/mysafe/password/inactive/10"},
	}
}

func (c treated) release() bool { return strings.HasPrefix(c.typed, "release") }

// received are the writes for the call that came with a valid token.
func (w *world) received(c *treated) []senhaseguratest.Call {
	return slices.DeleteFunc(w.appliance.Writes(), func(got senhaseguratest.Call) bool {
		return got.Method != c.method || got.Path != c.path || got.Client == ""
	})
}

// approves asks for each call and has it approved.
func (w *world) approves(calls []*treated) {
	w.t.Helper()
	for _, c := range calls {
		c.card = w.asks(ana, c.typed)
	}
	for _, c := range calls {
		w.clicks(bruno, c.card, "approve")
	}
}

// ends waits for the outcome, which every call here must have.
func (w *world) ends(c *treated) fakeslack.Message {
	w.t.Helper()
	w.eventuallyWithin(30, c.typed+" ends", func() bool {
		m, _ := w.ws.Message(c.card.Ref())
		state := approvals.State(meta(m).State)
		c.card = m
		return state.Final() || state == approvals.Unknown
	})
	return c.card
}

func offers(m fakeslack.Message, action string) bool {
	return slices.ContainsFunc(fakeslack.Buttons(m), func(b fakeslack.Button) bool { return b.ActionID == action })
}

// endsAs holds one call to its outcome: the state, how many writes arrived, and
// whether it may be run again.
func (w *world) endsAs(c *treated, state string, writes int) {
	w.t.Helper()
	card := w.ends(c)
	if got := meta(card).State; got != state {
		w.t.Errorf("%s became %s, want %s\n%s", c.typed, got, state, plainText(card))
	}
	got := w.received(c)
	if len(got) != writes {
		w.t.Errorf("%s: %d writes arrived, want %d", c.typed, len(got), writes)
	}
	if offers(card, "run_again") != (state == "unknown") {
		w.t.Errorf("%s is %s, and run_again is offered: %v", c.typed, state, offers(card, "run_again"))
	}
	r, _, err := w.store().Load(w.t.Context(), meta(card).Request)
	if err != nil {
		w.t.Fatal(err)
	}
	for i, write := range got {
		if write.Started.After(r.Run.Deadline.Add(50 * time.Millisecond)) {
			w.t.Errorf("%s: a write arrived %s after the deadline", c.typed, write.Started.Sub(r.Run.Deadline))
		}
		if i > 0 && write.Started.Sub(got[i-1].Finished) < 900*time.Millisecond {
			w.t.Errorf("%s: repeated after %s", c.typed, write.Started.Sub(got[i-1].Finished))
		}
	}
}

// again has an eligible person run it again, which finishes it.
func (w *world) again(c *treated, state string, writes int) {
	w.t.Helper()
	w.clicks(clara, c.card, "run_again")
	w.eventually(c.typed+" runs again and ends", func() bool {
		c.card, _ = w.ws.Message(c.card.Ref())
		return meta(c.card).State == state
	})
	if n := len(w.received(c)); n != writes {
		w.t.Errorf("%s, run again: %d writes arrived, want %d", c.typed, n, writes)
	}
}

// TestFaultApplianceOnce: the first answer to each call goes wrong. What sets a
// state is asked for again after its pause and done; a release is not, and its
// outcome is unknown until an eligible person runs it again. What is refused
// stays refused, and changed nothing. Told to wait, everything waits.
func TestFaultApplianceOnce(t *testing.T) {
	t.Parallel()
	const lost, refused, told = "lost", "refused", "told to wait"
	for name, c := range map[string]struct {
		fault senhaseguratest.Fault
		means string
		acted bool
	}{
		"hang":                     {senhaseguratest.Fault{Kind: senhaseguratest.Hang}, lost, false},
		"hang after it acted":      {senhaseguratest.Fault{Kind: senhaseguratest.Hang, Act: true}, lost, true},
		"reset":                    {senhaseguratest.Fault{Kind: senhaseguratest.Reset}, lost, false},
		"reset after it acted":     {senhaseguratest.Fault{Kind: senhaseguratest.Reset, Act: true}, lost, true},
		"500 unexpected error":     {senhaseguratest.Fault{Kind: senhaseguratest.Unexpected}, lost, false},
		"500 after it acted":       {senhaseguratest.Fault{Kind: senhaseguratest.Unexpected, Act: true}, lost, true},
		"502 page":                 {senhaseguratest.Fault{Kind: senhaseguratest.HTML}, lost, false},
		"504 page after it acted":  {senhaseguratest.Fault{Kind: senhaseguratest.Upstream, Act: true}, lost, true},
		"200 page":                 {senhaseguratest.Fault{Kind: senhaseguratest.HTML, Status: 200}, lost, false},
		"empty answer":             {senhaseguratest.Fault{Kind: senhaseguratest.Empty}, lost, false},
		"truncated answer":         {senhaseguratest.Fault{Kind: senhaseguratest.Truncated}, lost, true},
		"answer in drips":          {senhaseguratest.Fault{Kind: senhaseguratest.Drip, DelayMS: 100}, lost, true},
		"huge answer":              {senhaseguratest.Fault{Kind: senhaseguratest.Huge}, lost, false},
		"500 not authorized":       {senhaseguratest.Fault{Kind: senhaseguratest.NotAuthorized}, refused, false},
		"redirect":                 {senhaseguratest.Fault{Kind: senhaseguratest.Redirect}, refused, false},
		"429 with a time to wait":  {senhaseguratest.Fault{Kind: senhaseguratest.RateLimited, RetryAfter: "1"}, told, false},
		"429 of a clock years off": {senhaseguratest.Fault{Kind: senhaseguratest.RateLimited, RetryAfter: "Mon, 02 Jan 2012 03:04:07 GMT", Header: map[string]string{"Date": "Mon, 02 Jan 2012 03:04:06 GMT"}}, told, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, setup{env: map[string]string{"RUN_DEADLINE": "15s", "CALL_TIMEOUT": "1500ms"}})
			calls := badly()
			for _, call := range calls {
				fault := c.fault
				fault.Method, fault.Path, fault.Times = call.method, call.path, 1
				w.appliance.Inject(fault)
			}
			w.approves(calls)
			for _, call := range calls {
				switch {
				case c.means == refused:
					w.endsAs(call, "failed", 1)
					contains(t, w.told(call.card), "nothing was changed")
				case c.means == lost && call.release():
					w.endsAs(call, "unknown", 1)
					w.again(call, map[bool]string{true: "failed", false: "done"}[c.acted], 2) // it was given back already: 1018
				default:
					w.endsAs(call, "done", 2)
				}
			}
			if c.means == refused && !reflect.DeepEqual(w.appliance.Items(), senhaseguratest.Sample()) {
				t.Error("nothing was changed, it is said, and something was")
			}
		})
	}
}

// TestFaultApplianceToTheEnd: the fault stays until the deadline. Unknown is what
// may have been carried out; what was never sent says so, and nothing was changed.
func TestFaultApplianceToTheEnd(t *testing.T) {
	t.Parallel()
	const api, token = "*/pam/*", "*/oauth2/token"
	for name, c := range map[string]struct {
		fault senhaseguratest.Fault
		acted bool
	}{
		"hang":                   {senhaseguratest.Fault{Path: api, Kind: senhaseguratest.Hang}, false},
		"reset after it acted":   {senhaseguratest.Fault{Path: api, Kind: senhaseguratest.Reset, Act: true}, true},
		"500 unexpected error":   {senhaseguratest.Fault{Path: api, Kind: senhaseguratest.Unexpected}, false},
		"token endpoint hangs":   {senhaseguratest.Fault{Path: token, Kind: senhaseguratest.Hang}, false},
		"token endpoint resets":  {senhaseguratest.Fault{Path: token, Kind: senhaseguratest.Reset}, false},
		"token endpoint 500":     {senhaseguratest.Fault{Path: token, Kind: senhaseguratest.Unexpected}, false},
		"token endpoint garbage": {senhaseguratest.Fault{Path: token, Kind: senhaseguratest.Status, Body: `{"access_token":17,`}, false},
		"nobody listens":         {},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, setup{stays: true, env: map[string]string{"RUN_DEADLINE": "6s", "CALL_TIMEOUT": "1s"}})
			d := w.door()
			w.start()
			calls := []*treated{badly()[0], badly()[2]}
			switch c.fault.Path {
			case "":
				d.shut()
			case token:
				w.appliance.RevokeTokens()
				fallthrough
			default:
				w.appliance.Inject(c.fault)
			}
			w.approves(calls)
			for _, call := range calls {
				if c.fault.Path != api {
					w.endsAs(call, "failed", 0)
					contains(t, w.told(call.card), "nothing was sent to senhasegura")
					continue
				}
				w.endsAs(call, "unknown", map[bool]int{true: 1, false: 2}[call.release()])
			}
			if !c.acted && !reflect.DeepEqual(w.appliance.Items(), senhaseguratest.Sample()) {
				t.Error("something was changed")
			}
			if c.fault.Path == api {
				w.appliance.ClearFaults()
				w.again(calls[0], "done", 3)
				w.again(calls[1], map[bool]string{true: "failed", false: "done"}[c.acted], 2)
			}
		})
	}
}

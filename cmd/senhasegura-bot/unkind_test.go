package main

import (
	"testing"

	"senhasegura-bot/senhasegura/senhaseguratest"
)

// TestUnkindAppliance: answers that end or come in ways no manual tells. What
// sets a state is asked for again; a release never is, and is unknown until an
// eligible person runs it again. What is whole is believed, in any form.
func TestUnkindAppliance(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault senhaseguratest.Fault
		lost  bool
	}{
		"the last chunk is missing": {senhaseguratest.Fault{Kind: senhaseguratest.OpenChunk}, true},
		"cut in the headers":        {senhaseguratest.Fault{Kind: senhaseguratest.Cut}, true},
		"dropped after it acted":    {senhaseguratest.Fault{Kind: senhaseguratest.Drop, Act: true}, true},
		"compressed unasked":        {senhaseguratest.Fault{Kind: senhaseguratest.Gzip}, true},
		"answered twice":            {senhaseguratest.Fault{Kind: senhaseguratest.Twice}, false},
		"HTTP/1.0":                  {senhaseguratest.Fault{Kind: senhaseguratest.HTTP10}, false},
		"only in Portuguese":        {senhaseguratest.Fault{Kind: senhaseguratest.IrregularAnswer, Name: "portuguese"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, setup{env: map[string]string{"RUN_DEADLINE": "30s", "CALL_TIMEOUT": "8s"}})
			calls := badly()
			for _, call := range calls {
				fault := c.fault
				fault.Method, fault.Path, fault.Times = call.method, call.path, 1
				w.appliance.Inject(fault)
			}
			w.approves(calls)
			for _, call := range calls {
				switch {
				case !c.lost:
					w.endsAs(call, "done", 1)
				case call.release():
					w.endsAs(call, "unknown", 1)
					w.again(call, "failed", 2) // it was given back already: 1018
				default:
					w.endsAs(call, "done", 2)
				}
			}
		})
	}
}

// TestUnkindTokens: tokens that lapse at once are asked for anew once for each
// call, never in a storm, and nothing is said to be done.
func TestUnkindTokens(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	w.appliance.RevokeTokens()
	w.appliance.Inject(senhaseguratest.Fault{Path: "*/oauth2/token", Kind: senhaseguratest.TokenLapses})
	calls := badly()
	w.approves(calls)
	for _, call := range calls {
		w.endsAs(call, "failed", 0)
		contains(t, w.told(call.card), "nothing was changed")
	}
	if n := len(w.appliance.Writes()); n > 2*len(calls) {
		t.Errorf("%d writes with a refused token for %d calls", n, len(calls))
	}
}

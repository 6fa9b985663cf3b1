package senhasegura_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"senhasegura-bot/senhasegura"
	"senhasegura-bot/senhasegura/senhaseguratest"
)

// deactivate makes one call with leave for it.
func (l *lab) deactivate(ctx context.Context) error {
	l.t.Helper()
	permit := l.client.Admit(senhasegura.PAMCore)
	if permit == nil {
		l.t.Fatal("held back")
	}
	_, err := l.client.DeactivateCredential(ctx, "5")
	permit.Done(err)
	return err
}

// TestWhatSaysThatTheApplianceIsDown: calls that find nobody there count, what
// any answer says of the call does not.
func TestWhatSaysThatTheApplianceIsDown(t *testing.T) {
	const api, token = "*/pam/*", "*/oauth2/token"
	for name, c := range map[string]struct {
		fault senhaseguratest.Fault
		away  bool
	}{
		"reset":                   {senhaseguratest.Fault{Path: api, Kind: senhaseguratest.Reset}, true},
		"hang":                    {senhaseguratest.Fault{Path: api, Kind: senhaseguratest.Hang}, true},
		"unexpected error":        {senhaseguratest.Fault{Path: api, Kind: senhaseguratest.Unexpected}, true},
		"gateway's 504":           {senhaseguratest.Fault{Path: api, Kind: senhaseguratest.Upstream}, true},
		"a proxy's page":          {senhaseguratest.Fault{Path: api, Kind: senhaseguratest.HTML}, true},
		"truncated":               {senhaseguratest.Fault{Path: api, Kind: senhaseguratest.Truncated}, true},
		"huge":                    {senhaseguratest.Fault{Path: api, Kind: senhaseguratest.Huge}, true},
		"token endpoint resets":   {senhaseguratest.Fault{Path: token, Kind: senhaseguratest.Reset}, true},
		"token endpoint hangs":    {senhaseguratest.Fault{Path: token, Kind: senhaseguratest.Hang}, true},
		"token endpoint fails":    {senhaseguratest.Fault{Path: token, Kind: senhaseguratest.Unexpected}, true},
		"token endpoint's page":   {senhaseguratest.Fault{Path: token, Kind: senhaseguratest.HTML, Status: 200}, true},
		"refusal":                 {senhaseguratest.Fault{Path: api, Kind: senhaseguratest.Refusal, Code: 1009}, false},
		"not authorized":          {senhaseguratest.Fault{Path: api, Kind: senhaseguratest.NotAuthorized}, false},
		"already":                 {senhaseguratest.Fault{Path: api, Kind: senhaseguratest.Refusal, Code: 1008}, false},
		"redirect":                {senhaseguratest.Fault{Path: api, Kind: senhaseguratest.Redirect}, false},
		"token refused":           {senhaseguratest.Fault{Path: api, Kind: senhaseguratest.TokenRejected}, false},
		"client refused":          {senhaseguratest.Fault{Path: token, Kind: senhaseguratest.TokenRejected}, false},
		"token endpoint redirect": {senhaseguratest.Fault{Path: token, Kind: senhaseguratest.Redirect}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t, func(_ *senhaseguratest.Config, sc *senhasegura.Config) { sc.CallTimeout = 200 * time.Millisecond })
			l.appliance.Inject(c.fault)
			for range 5 {
				l.deactivate(t.Context())
			}
			if l.client.Away() != c.away {
				t.Errorf("away: %v, want %v", !c.away, c.away)
			}
		})
	}
}

// TestWhatIsOurOwnDoing says nothing about the appliance: a gate that refuses,
// a caller who leaves.
func TestWhatIsOurOwnDoing(t *testing.T) {
	l := newLab(t, nil)
	shut := senhasegura.WithGate(t.Context(), func(context.Context) error { return errGate })
	late := senhasegura.WithGate(t.Context(), func(context.Context) error { return context.DeadlineExceeded })
	left, leave := context.WithCancel(t.Context())
	leave()
	for range 5 {
		for _, ctx := range []context.Context{shut, late, left} {
			if err := l.deactivate(ctx); err == nil {
				t.Fatal("called")
			}
		}
	}
	if l.client.Away() {
		t.Error("the appliance is said to be away")
	}
}

// TestNothingLeavesWhileAway: no token request and no list either; and the
// refused connection that opened it was one for each call.
func TestNothingLeavesWhileAway(t *testing.T) {
	var l *lab
	var lists *senhasegura.Lists
	var admitted, read bool
	for began := (time.Time{}); time.Since(began) >= time.Second; { // by then it may try again: that shows nothing
		l = newLab(t, nil)
		l.appliance.Inject(senhaseguratest.Fault{Path: "*/oauth2/token", Kind: senhaseguratest.Unexpected})
		for range 5 {
			began = time.Now()
			l.deactivate(t.Context())
		}
		admitted = l.client.Admit(senhasegura.PAMCore) != nil || l.client.Admit(senhasegura.MySafe) != nil
		lists = senhasegura.NewLists(senhasegura.ListsConfig{Client: l.client})
		read = lists.Refresh(t.Context()) == nil
	}
	if admitted || read {
		t.Errorf("calls are let through: %v, the lists were read: %v", admitted, read)
	}
	if n := len(l.appliance.Calls()); n != 5 {
		t.Errorf("%d requests left, want the 5 before", n)
	}
	// Its pause over, the lists may ask too: nobody may have a call to make.
	l.appliance.ClearFaults()
	for deadline := time.Now().Add(5 * time.Second); lists.Refresh(t.Context()) != nil; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the lists are held back for good")
		}
	}
	if !l.client.Away() {
		t.Error("a list says that calls would be answered")
	}
}

func TestARefusedConnectionCounts(t *testing.T) {
	c := bothModules()
	c.URL = mustURL(t, closed)
	client := newClient(t, c)
	for range 5 {
		permit := client.Admit(senhasegura.PAMCore)
		_, err := client.DeactivateCredential(t.Context(), "5")
		permit.Done(err)
		if e := new(senhasegura.Error); !errors.As(err, &e) || e.Kind != senhasegura.KindNotSent {
			t.Fatalf("got %v", err)
		}
	}
	if !client.Away() || client.Admit(senhasegura.PAMCore) != nil {
		t.Error("calls are let through")
	}
}

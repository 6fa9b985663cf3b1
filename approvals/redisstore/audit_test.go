package redisstore_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"senhasegura-bot/approvals"
	"senhasegura-bot/approvals/audit"
	"senhasegura-bot/approvals/redisstore"
)

// audited is a store that seals, over a miniredis whose clock is set by hand.
type audited struct {
	*redisstore.Store
	t      *testing.T
	server *miniredis.Miniredis
	client redis.UniversalClient
	now    time.Time
}

func newAudited(t *testing.T) *audited {
	server := miniredis.RunT(t)
	a := &audited{t: t, server: server, client: open(t, "redis://"+server.Addr()), now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
	a.Store = a.another()
	a.pass(0)
	return a
}

// another is the store of another process.
func (a *audited) another() *redisstore.Store {
	return redisstore.New(redisstore.Config{Client: a.client, Team: "T", AuditKey: []byte("key")})
}

func (a *audited) pass(d time.Duration) {
	a.now = a.now.Add(d)
	a.server.SetTime(a.now)
	a.server.FastForward(d)
}

func (a *audited) submits(n int) {
	a.t.Helper()
	for range n {
		id := fmt.Sprintf("R-%d", a.now.UnixMilli())
		if _, err := a.Submit(a.t.Context(), ask(id)); err != nil {
			a.t.Fatal(err)
		}
		a.pass(time.Hour)
	}
}

func (a *audited) seal(want int) {
	a.t.Helper()
	if n, err := a.Seal(a.t.Context(), 100); err != nil || n != want {
		a.t.Fatalf("sealed %d, want %d, %v", n, want, err)
	}
}

func (a *audited) verify(heads ...audit.Head) audit.Report {
	a.t.Helper()
	report, err := a.VerifyAudit(a.t.Context(), heads)
	if err != nil {
		a.t.Fatal(err)
	}
	return report
}

func (a *audited) good(entries, unsealed int) {
	a.t.Helper()
	if r := a.verify(); !r.Good() || r.Entries != entries || r.Unsealed != unsealed {
		a.t.Fatalf("%d entries, %d unsealed, %v", r.Entries, r.Unsealed, r.Faults)
	}
}

func TestSealing(t *testing.T) {
	a := newAudited(t)
	a.good(0, 0)
	a.seal(0)
	a.submits(3)
	a.good(3, 3)
	a.seal(3)
	a.seal(0)
	a.submits(2)
	a.good(5, 2)
	a.seal(2)
	a.good(5, 0)
	// Longer than a page, and by many processes at once.
	for range 1500 {
		a.pass(time.Minute)
		if err := a.Note(t.Context(), approvals.Entry{Event: approvals.EventRefuse, By: approvals.Person{User: fmt.Sprint("U", a.now.Unix())}}); err != nil {
			t.Fatal(err)
		}
	}
	var all sync.WaitGroup
	for range 8 {
		s := a.another()
		all.Go(func() {
			for range 20 {
				if _, err := s.Seal(t.Context(), 100); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	a.good(1505, 0)
}

func TestTrimmedFront(t *testing.T) {
	a := newAudited(t)
	a.submits(6)
	trim := func(age time.Duration, want int) {
		t.Helper()
		if n, err := a.TrimAudit(t.Context(), age, 4); err != nil || n != want {
			t.Fatalf("trimmed %d, want %d, %v", n, want, err)
		}
	}
	trim(time.Minute, 0) // nothing is sealed
	a.seal(6)
	head := a.verify().Head
	trim(4*time.Hour, 2)
	a.good(4, 0)
	trim(time.Minute, 4)
	a.good(0, 0)
	if r := a.verify(head); !r.Good() {
		t.Errorf("against the head of what was trimmed: %v", r.Faults)
	}
	a.submits(1)
	a.seal(1)
	a.good(1, 0)
	if r := a.verify(audit.Head{Seq: 6, Hash: strings.Repeat("0", 64)}); r.Good() {
		t.Error("another head than that of the checkpoint passes")
	}
	a.client.Del(t.Context(), "senhasegura-bot:{T}:audit:checkpoint")
	if r := a.verify(); r.Good() || r.Faults[0].Seq != 1 {
		t.Errorf("without its checkpoint: %v", r.Faults)
	}
}

// TestTrimKeepsWhatWasTamperedWith: a checkpoint covers nothing up.
func TestTrimKeepsWhatWasTamperedWith(t *testing.T) {
	a := newAudited(t)
	a.submits(3)
	a.seal(3)
	const stream = "senhasegura-bot:{T}:audit"
	a.client.XDel(t.Context(), stream, "2-0")
	if n, err := a.TrimAudit(t.Context(), time.Minute, 100); n != 0 || !errors.Is(err, redisstore.ErrBent) {
		t.Errorf("trimmed %d, %v", n, err)
	}
	if r := a.verify(); r.Good() || r.Faults[0].Seq != 2 {
		t.Errorf("afterwards: %v", r.Faults)
	}
}

// TestCutChain: whoever seals notices that the chain was cut back.
func TestCutChain(t *testing.T) {
	a := newAudited(t)
	a.submits(3)
	a.seal(3)
	a.client.XDel(t.Context(), "senhasegura-bot:{T}:audit:chain", "3-0")
	if _, err := a.Seal(t.Context(), 100); !errors.Is(err, redisstore.ErrBent) {
		t.Errorf("sealing a chain that was cut: %v", err)
	}
	a.seal(1) // and goes on
	a.client.XAdd(t.Context(), &redis.XAddArgs{Stream: "senhasegura-bot:{T}:audit:chain", ID: "9-0", Values: []string{"hash", "0", "seal", "0"}})
	if _, err := a.Seal(t.Context(), 100); !errors.Is(err, redisstore.ErrBent) {
		t.Errorf("sealing after a forged link: %v", err)
	}
}

// TestNotes: of one person ten refusals a minute are listed, the others counted.
func TestNotes(t *testing.T) {
	a := newAudited(t)
	who := approvals.Person{Key: "T:UANA", User: "UANA", Name: "Ana"}
	refuse := func(n int) {
		for range n {
			if err := a.Note(t.Context(), approvals.Entry{Event: approvals.EventRefuse, By: who, Note: "own_request"}); err != nil {
				t.Fatal(err)
			}
		}
	}
	entries := func(want int) []approvals.Logged {
		t.Helper()
		if err := a.Tally(t.Context(), "p"); err != nil {
			t.Fatal(err)
		}
		all, err := a.Audit(t.Context(), 0, 100)
		if err != nil || len(all) != want {
			t.Fatalf("%d entries, want %d, %v", len(all), want, err)
		}
		return all
	}
	refuse(25)
	entries(10)
	a.pass(59 * time.Second)
	refuse(5)
	entries(10)
	a.pass(time.Second)
	all := entries(11)
	if last := all[10]; last.Count != 20 || last.By != who || last.Event != approvals.EventRefuse {
		t.Errorf("the count: %+v", last)
	}
	refuse(3)
	entries(14)
	a.seal(14)
	a.good(14, 0)
}

package redisstore_test

import (
	"context"
	"errors"
	"net"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"senhasegura-bot/approvals"
	"senhasegura-bot/approvals/redisstore"
	"senhasegura-bot/approvals/redisstore/redistest"
)

func ask(id string) approvals.Submission {
	return approvals.Submission{Lifetime: time.Hour, Request: approvals.Request{
		ID: id, Key: id, Verb: approvals.Release, Kind: approvals.Credential, Targets: []approvals.Target{{Ref: id}},
		Requester: approvals.Person{Key: "T/UA", User: "UA"}, Rule: approvals.Rule{Approvals: 1},
	}}
}

func store(t *testing.T, addr string) *redisstore.Store {
	return redisstore.New(redisstore.Config{Client: open(t, "redis://"+addr), Team: "T"})
}

func TestNobodyListens(t *testing.T) {
	server := redistest.Start(t)
	s := store(t, server.Addr)
	if err := s.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	server.Stop()
	// The connection in the pool is found broken before or after it was written
	// to; after that, every attempt is refused.
	_, err := s.Submit(t.Context(), ask("R-1"))
	if !errors.Is(err, approvals.ErrUnavailable) && !errors.Is(err, approvals.ErrUnconfirmed) {
		t.Fatalf("submitting: %v", err)
	}
	if _, err = s.Submit(t.Context(), ask("R-1")); !errors.Is(err, approvals.ErrUnavailable) {
		t.Fatalf("submitting again: %v", err)
	}
	if _, err = s.Undecided(t.Context(), 1); !errors.Is(err, approvals.ErrUnavailable) {
		t.Fatalf("listing: %v", err)
	}
}

func TestLostAnswers(t *testing.T) {
	server := redistest.Start(t)
	network := redistest.NewProxy(t, server.Addr)
	s, direct := store(t, network.Addr), store(t, server.Addr)
	if _, err := direct.Submit(t.Context(), ask("R-0")); err != nil { // so that the script is known
		t.Fatal(err)
	}
	if err := s.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}

	network.Lose(1) // one is sent again and answered as the first time
	if r, err := s.Submit(t.Context(), ask("R-1")); err != nil || r.ID != "R-1" {
		t.Fatalf("submitting with one lost answer: %v", err)
	}
	network.Lose(100)
	if _, err := s.Submit(t.Context(), ask("R-2")); !errors.Is(err, approvals.ErrUnconfirmed) || errors.Is(err, approvals.ErrUnavailable) {
		t.Fatalf("submitting with every answer lost: %v", err)
	}
	if _, _, err := direct.Load(t.Context(), "R-2"); err != nil {
		t.Fatalf("what was not confirmed was written: %v", err)
	}
	if entries, err := direct.Audit(t.Context(), 0, 10); err != nil || len(entries) != 3 {
		t.Fatalf("%d entries, %v", len(entries), err)
	}
}

// TestFaultLostTake: the right to draw a card, given and not heard of, is asked
// for until it is; it lasts from then on.
func TestFaultLostTake(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	network := redistest.NewProxy(t, server.Addr)
	s, direct := store(t, network.Addr), store(t, server.Addr)
	if _, err := s.Submit(t.Context(), ask("R-1")); err != nil {
		t.Fatal(err)
	}
	const lease = 20 * time.Second
	if card, _, _, err := direct.TakeCard(t.Context(), "R-1", "warms the script up", lease); err != nil || direct.PutCard(t.Context(), "R-1", card, 0) != nil {
		t.Fatal(err)
	}
	network.Lose(8)
	card, _, _, err := s.TakeCard(t.Context(), "R-1", "p1", lease)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, _, err := direct.TakeCard(t.Context(), "R-1", "p2", lease); !errors.Is(err, approvals.ErrLeaseHeld) {
		t.Errorf("another takes it as well: %v", err)
	}
	if err := s.PutCard(t.Context(), "R-1", card, 0); err != nil {
		t.Errorf("what was drawn cannot be stored: %v", err)
	}
}

// unreachable refuses every connection from the n-th script on.
type unreachable struct{ after int }

func (u *unreachable) DialHook(next redis.DialHook) redis.DialHook { return next }
func (u *unreachable) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}
func (u *unreachable) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		if u.after--; u.after < 0 {
			err := &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
			cmd.SetErr(err)
			return err
		}
		return next(ctx, cmd)
	}
}

// TestFaultStoredThenAway: a submission that was found to be stored already is
// never said to be nothing, although the store went away before it was read.
func TestFaultStoredThenAway(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	client := open(t, server.URL)
	s := redisstore.New(redisstore.Config{Client: client, Team: "T"})
	if _, err := s.Submit(t.Context(), ask("R-1")); err != nil {
		t.Fatal(err)
	}
	client.AddHook(&unreachable{after: 1})
	_, err := s.Submit(t.Context(), ask("R-1"))
	if !errors.Is(err, approvals.ErrUnconfirmed) || errors.Is(err, approvals.ErrUnavailable) {
		t.Errorf("asking again: %v", err)
	}
}

func TestRepliesOfRedis(t *testing.T) {
	server := miniredis.RunT(t)
	s := store(t, server.Addr())
	for reply, want := range map[string]error{
		"LOADING Redis is loading the dataset in memory":           approvals.ErrUnavailable,
		"READONLY You can't write against a read only replica.":    approvals.ErrUnavailable,
		"OOM command not allowed when used memory > 'maxmemory'.":  approvals.ErrUnavailable,
		"MASTERDOWN Link with MASTER is down":                      approvals.ErrUnavailable,
		"CLUSTERDOWN The cluster is down":                          approvals.ErrUnavailable,
		"ERR user_script:1: something in the middle of the script": approvals.ErrUnconfirmed,
	} {
		server.SetError(reply)
		if err := s.Ping(t.Context()); !errors.Is(err, want) {
			t.Errorf("%s: %v", reply, err)
		}
	}
}

func TestOutOfMemoryWritesNothing(t *testing.T) {
	server := redistest.Start(t)
	client, s := open(t, server.URL), store(t, server.Addr)
	client.ConfigSet(t.Context(), "maxmemory", "1")
	if _, err := s.Submit(t.Context(), ask("R-1")); !errors.Is(err, approvals.ErrUnavailable) {
		t.Fatalf("submitting to a full server: %v", err)
	}
	if keys, err := client.DBSize(t.Context()).Result(); err != nil || keys != 0 {
		t.Fatalf("%d keys were written, %v", keys, err)
	}
}

func TestEndedContextIsCertain(t *testing.T) {
	s := store(t, miniredis.RunT(t).Addr())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Submit(ctx, ask("R-1")); !errors.Is(err, approvals.ErrUnavailable) {
		t.Fatal(err)
	}
}

// delay moves the server's clock before scripts arrive.
type delay struct{ move func() }

func (d delay) DialHook(next redis.DialHook) redis.DialHook { return next }
func (d delay) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}
func (d delay) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		if strings.HasPrefix(cmd.Name(), "eval") {
			d.move()
		}
		return next(ctx, cmd)
	}
}

// TestTime is about the window of a submission when the clocks do not agree.
func TestTime(t *testing.T) {
	server := miniredis.RunT(t)
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	move := func(d time.Duration) { now = now.Add(d); server.SetTime(now) }
	move(0)
	client := open(t, "redis://"+server.Addr())
	s := redisstore.New(redisstore.Config{Client: client, Team: "T"})
	for i, d := range []time.Duration{0, time.Hour, -2 * time.Hour} {
		move(d) // Redis moved to another machine: its clock is not the one estimated
		if _, err := s.Submit(t.Context(), ask([]string{"R-1", "R-2", "R-3"}[i])); err != nil {
			t.Fatalf("after the clock moved by %v: %v", d, err)
		}
	}
	client.AddHook(delay{move: func() { move(time.Minute) }})
	if _, err := s.Submit(t.Context(), ask("R-4")); !errors.Is(err, approvals.ErrLate) {
		t.Fatalf("a script that arrives a minute late: %v", err)
	}
	if entries, err := s.Audit(t.Context(), 0, 10); err != nil || len(entries) != 3 {
		t.Fatalf("%d entries, %v", len(entries), err)
	}
}

func TestTrimAudit(t *testing.T) {
	server := miniredis.RunT(t)
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	s := store(t, server.Addr())
	for _, id := range []string{"R-1", "R-2", "R-3"} {
		now = now.Add(time.Hour)
		server.SetTime(now)
		if _, err := s.Submit(t.Context(), ask(id)); err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range []int{1, 0} {
		if n, err := s.TrimAudit(t.Context(), 90*time.Minute, 10); err != nil || n != want {
			t.Fatalf("removed %d, want %d, %v", n, want, err)
		}
	}
	entries, err := s.Audit(t.Context(), 0, 1)
	if err != nil || len(entries) != 1 || entries[0].Seq != 2 {
		t.Fatalf("first of the rest: %+v, %v", entries, err)
	}
	if entries, err = s.Audit(t.Context(), 2, 10); err != nil || len(entries) != 1 || entries[0].Seq != 3 {
		t.Fatalf("after the second: %+v, %v", entries, err)
	}
}

// TestGhosts: an id in the indexes whose request is gone is forgotten when
// asked to; a request that exists is not.
func TestGhosts(t *testing.T) {
	server := miniredis.RunT(t)
	s := store(t, server.Addr())
	if _, err := s.Submit(t.Context(), ask("R-1")); err != nil {
		t.Fatal(err)
	}
	for _, index := range []string{"pending", "runnable", "behind", "ended"} {
		if _, err := server.ZAdd("senhasegura-bot:{T}:"+index, 1, "R-GHOST"); err != nil {
			t.Fatal(err)
		}
	}
	if due, err := s.Due(t.Context(), 10); err != nil || !slices.Contains(due.Expired, "R-GHOST") {
		t.Fatalf("due: %+v, %v", due, err)
	}
	for _, id := range []string{"R-GHOST", "R-1"} {
		if err := s.Forget(t.Context(), id); err != nil {
			t.Fatal(err)
		}
	}
	due, err := s.Due(t.Context(), 10)
	if err != nil || len(due.Expired)+len(due.Runnable) > 0 || !slices.Equal(due.Behind, []string{"R-1"}) {
		t.Errorf("due: %+v, %v", due, err)
	}
	if ids, err := s.Undecided(t.Context(), 10); err != nil || !slices.Equal(ids, []string{"R-1"}) {
		t.Errorf("undecided: %v, %v", ids, err)
	}
}

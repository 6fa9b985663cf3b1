package redisstore_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
	"go.uber.org/goleak"

	"senhasegura-bot/approvals"
	"senhasegura-bot/approvals/approvalstest"
	"senhasegura-bot/approvals/redisstore"
	"senhasegura-bot/approvals/redisstore/redistest"
)

func TestMain(m *testing.M) {
	// As many lives of a store as a minute allows for; -rapid.checks overrides it.
	if err := flag.Set("rapid.checks", "25"); err != nil {
		panic(err)
	}
	goleak.VerifyTestMain(m)
}

// teams gives each harness a workspace of its own on a shared server.
var teams atomic.Int64

func harness(client redis.UniversalClient) approvalstest.Harness {
	s := redisstore.New(redisstore.Config{Client: client, Team: fmt.Sprint("T", teams.Add(1))})
	return approvalstest.Harness{
		Store: s,
		Audit: func(ctx context.Context) ([]approvals.Logged, error) { return s.Audit(ctx, 0, 10000) },
		Tally: s.Tally,
	}
}

func open(t testing.TB, url string) redis.UniversalClient {
	t.Helper()
	client, err := redisstore.Open(url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	return client
}

// overMini makes harnesses over miniredis, whose clock stands still until moved.
func overMini(t *testing.T) approvalstest.Maker {
	server := miniredis.RunT(t)
	client := open(t, "redis://"+server.Addr())
	var mu sync.Mutex
	now := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	server.SetTime(now)
	return func(testing.TB) approvalstest.Harness {
		server.FlushAll() // what earlier harnesses left makes every move of the clock slower
		h := harness(client)
		h.Unit, h.Still = time.Second, true
		h.Advance = func(d time.Duration) {
			mu.Lock()
			defer mu.Unlock()
			now = now.Add(d)
			server.SetTime(now)
			server.FastForward(d)
		}
		return h
	}
}

// overServer makes harnesses over a redis-server, whose clock is everybody's.
func overServer(t *testing.T) approvalstest.Maker {
	client := open(t, redistest.Start(t).URL)
	return func(t testing.TB) approvalstest.Harness {
		h := harness(client)
		h.Unit = 100 * time.Millisecond
		h.Advance = func(d time.Duration) { wait(t, h.Store, d) }
		return h
	}
}

// wait polls until the store's clock has moved on by d.
func wait(t testing.TB, s approvals.Store, d time.Duration) {
	t.Helper()
	start, err := s.Now(t.Context())
	tick := time.NewTicker(max(d/10, time.Millisecond))
	defer tick.Stop()
	for now := start; err == nil && now.Sub(start) < d; <-tick.C {
		now, err = s.Now(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestContract(t *testing.T)   { overBoth(t, approvalstest.Contract) }
func TestContention(t *testing.T) { overBoth(t, approvalstest.Contention) }

func overBoth(t *testing.T, suite func(*testing.T, approvalstest.Maker)) {
	t.Run("miniredis", func(t *testing.T) { suite(t, overMini(t)) })
	t.Run("redis-server", func(t *testing.T) { suite(t, overServer(t)) })
}

// modelSteps is how many steps the model makes at least: what MODEL_STEPS says,
// as CI does, or a short walk.
func modelSteps(t *testing.T) int {
	said := os.Getenv("MODEL_STEPS")
	if said == "" {
		return 1
	}
	steps, err := strconv.Atoi(said)
	if err != nil {
		t.Fatalf("MODEL_STEPS: %v", err)
	}
	return steps
}

// TestModel waits for much time to pass over a real server, so a unit is short
// there: no scenario of the model depends on calls fitting into one. A fifth of
// the steps are made there.
func TestModel(t *testing.T) {
	t.Run("miniredis", func(t *testing.T) { approvalstest.Model(t, overMini(t), modelSteps(t)) })
	t.Run("redis-server", func(t *testing.T) {
		maker := overServer(t)
		approvalstest.Model(t, func(t testing.TB) approvalstest.Harness {
			h := maker(t)
			h.Unit = 2 * time.Millisecond
			return h
		}, max(modelSteps(t)/5, 1))
	})
}

// TestDeskModel is the same for what people and processes may do, through
// Desks. Over miniredis it runs in a bubble, whose clock the store's follows.
func TestDeskModel(t *testing.T) {
	t.Run("miniredis", func(t *testing.T) {
		maker, steps := overMini(t), modelSteps(t) // the server stays outside: what waits for the network holds a bubble's clock
		synctest.Test(t, func(t *testing.T) { approvalstest.DeskModel(t, maker, steps) })
	})
	t.Run("redis-server", func(t *testing.T) {
		maker := overServer(t)
		approvalstest.DeskModel(t, func(t testing.TB) approvalstest.Harness {
			h := maker(t)
			h.Unit = 4 * time.Millisecond
			return h
		}, max(modelSteps(t)/5, 1))
	})
}

package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"senhasegura-bot/approvals/redisstore"
	"senhasegura-bot/bot/fakeslack"
)

// base starts every key of the world's workspace.
const base = "senhasegura-bot:{T0FAKE}:"

// How far the last quarter may be above the first: a part of it, for what the
// collector and the scheduler happen to do, and a little that is nothing on a
// small process. A leak of one goroutine or kilobyte for each flow is far above
// either in ten minutes, and one of each goroutine is above the first in a minute.
const (
	soakFactor = 1.25
	soakIdle   = 30 // goroutines of connections that are kept for the next call
)

var soakSlack = map[string]float64{
	"go_goroutines": 40, "process_open_fds": 20, "process_resident_memory_bytes": 24 << 20, "go_memstats_heap_inuse_bytes": 12 << 20,
}

// soakSettled is how long it takes until as many requests are trimmed as are
// made: they are kept for a minute, and trimmed every minute by each process.
const soakSettled = 6 * time.Minute

// judge compares the last quarter with the first.
func (s *soak) judge() {
	for i := range s.processes {
		for name, slack := range soakSlack {
			first, last := window(s.seen[i], name, 0), window(s.seen[i], name, 3)
			if last > first*soakFactor+slack {
				s.t.Errorf("process %d: %s grew from %.0f to %.0f", i, name, first, last)
			}
		}
	}
	if n := s.appliance.MostWritesAtOnce(); n > 4 {
		s.t.Errorf("%d calls at once", n)
	}
	if s.took < soakSettled {
		return
	}
	for _, name := range []string{"ended", "audit"} {
		if first, last := window(s.redis, name, 0), window(s.redis, name, 3); last > first*soakFactor+100 {
			s.t.Errorf("%s grew from %.0f to %.0f", name, first, last)
		}
	}
}

func (s *soak) report() {
	total := 0
	var names []string
	for _, name := range slices.Sorted(maps.Keys(s.flows)) {
		total += s.flows[name]
		names = append(names, fmt.Sprintf("%s %d", name, s.flows[name]))
	}
	took := time.Since(s.began)
	var b strings.Builder
	fmt.Fprintf(&b, "%s, two processes: %d flows, %.1f a second, slowest answer %s, pace not kept %d times\n", s.took, total, float64(total)/took.Seconds(), s.worst.Round(time.Millisecond), s.held)
	fmt.Fprintf(&b, "  %s\n", strings.Join(names, ", "))
	row := func(what string, samples []sample, name string, unit float64) {
		fmt.Fprintf(&b, "  %-26s %8.1f %8.1f\n", what, window(samples, name, 0)/unit, window(samples, name, 3)/unit)
	}
	fmt.Fprintf(&b, "  %-26s %8s %8s   (medians of the first and last quarter after the warm-up)\n", "", "first", "last")
	for i := range s.processes {
		row(fmt.Sprintf("process %d, goroutines", i), s.seen[i], "go_goroutines", 1)
		row(fmt.Sprintf("process %d, resident MB", i), s.seen[i], "process_resident_memory_bytes", 1<<20)
		row(fmt.Sprintf("process %d, heap MB", i), s.seen[i], "go_memstats_heap_inuse_bytes", 1<<20)
		row(fmt.Sprintf("process %d, files", i), s.seen[i], "process_open_fds", 1)
		last := s.seen[i][len(s.seen[i])-1]["process_cpu_seconds_total"]
		fmt.Fprintf(&b, "  process %d, CPU %.1f s in all, %.1f ms a flow\n", i, last, last/float64(max(total, 1))*1000)
	}
	for _, name := range []string{"keys", "ended", "audit", "clients"} {
		row("Redis, "+name, s.redis, name, 1)
	}
	row("Redis, MB", s.redis, "memory", 1<<20)
	s.t.Log(b.String())
}

// leavesNothing lets the time that requests are kept pass for what ended, and
// then finds nothing in Redis but keys that end by themselves and the indexes,
// which are empty.
func (s *soak) leavesNothing() {
	store, ctx := s.store(), s.t.Context()
	for _, late := range s.cards() { // what was asked for and answered too late, if anything was
		if card, _ := s.ws.Message(fakeslack.MessageRef{Channel: incident, TS: late}); meta(card).State == "pending" {
			_, _ = s.ws.Command(ana, incident, "/pam", "cancel "+meta(card).Request)
			_, _ = s.ws.Command(dora, incident, "/pam", "cancel "+meta(card).Request)
		}
	}
	s.eventuallyWithin(120, "nothing is open, and all that ended is removed", func() bool {
		for {
			if n, err := store.Trim(ctx, 0, 200); err != nil || n == 0 {
				break
			}
		}
		return s.dialed().Exists(ctx, base+"ended", base+"behind", base+"pending", base+"runnable", base+"calls").Val() == 0
	})
	forever := map[string]int{}
	families := map[string]int{}
	keys := s.dialed().Scan(ctx, 0, base+"*", 1000).Iterator()
	for keys.Next(ctx) {
		family, _, _ := strings.Cut(strings.TrimPrefix(keys.Val(), base), ":")
		families[family]++
		if s.dialed().TTL(ctx, keys.Val()).Val() == -1 && family != "audit" { // -2: it went meanwhile
			forever[family]++
		}
	}
	s.t.Logf("keys at the end, by family: %v", families)
	if len(forever) > 0 || families["request"]+families["card"] > 0 {
		s.t.Errorf("these stay for ever: %v", forever)
	}
}

// dialed is one client for all looks.
func (s *soak) dialed() redis.UniversalClient {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.client == nil {
		client, err := redisstore.Open(s.world.redis.URL)
		if err != nil {
			s.t.Fatal(err)
		}
		s.t.Cleanup(func() { client.Close() })
		s.client = client
	}
	return s.client
}

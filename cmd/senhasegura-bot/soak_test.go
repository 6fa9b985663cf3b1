package main

import (
	"cmp"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"senhasegura-bot/senhasegura/senhaseguratest"
)

// The load of a soak. SOAK says how long it takes: 20s where nothing is said,
// 60s in CI, 1h before a release.
const (
	soakShort   = 20 * time.Second
	soakPace    = 200 * time.Millisecond // between two flows
	soakAtOnce  = 40                     // flows; a machine that is slower than the pace goes at its own
	soakTargets = 400                    // of each kind: a target is used again after a minute or more
	soakLook    = 2 * time.Second        // between two samples
	// soakKeep is how long the stand-ins remember: longer than any flow.
	soakKeep = 6 * time.Minute
)

const soakPolicy = `
defaults:
  approvers: [S0SRE]
limits: {per_person_minute: 0, pending_per_person: 0, pending: 0}
rules:
  - {name: soon, kinds: [secret], expires: 2s}
  - {name: two, kinds: [password], approvals: 2}
`

// soak is a world under steady load, and what was seen of it.
type soak struct {
	*world
	processes [2]*process
	began     time.Time
	took      time.Duration

	seen  [2][]sample
	redis []sample
	held  int                    // how often the pace was not kept
	forms map[string]*sync.Mutex // a person fills one form at a time

	mu     sync.Mutex
	flows  map[string]int // by name, those that came to their end
	worst  time.Duration  // of all answers
	client redis.UniversalClient
}

// sample is one look, by name.
type sample map[string]float64

// TestSoak: two processes under a steady load of everything people do, with the
// shortest times to keep things. Every flow ends as it must, and nothing grows:
// memory, goroutines, files, keys.
func TestSoak(t *testing.T) {
	t.Parallel()
	took, err := time.ParseDuration(cmp.Or(os.Getenv("SOAK"), soakShort.String()))
	if err != nil {
		t.Fatalf("SOAK is no duration: %v", err)
	}
	w := newWorld(t, setup{policy: soakPolicy, stays: true, env: map[string]string{"RETENTION": "1m", "AUDIT_RETENTION": "1m"}})
	w.appliance.SetItems(soakItems())
	w.appliance.Inject(senhaseguratest.Fault{Path: "*/custody/8*", Kind: senhaseguratest.Reset, Act: true})
	s := &soak{world: w, took: took, flows: map[string]int{}, forms: map[string]*sync.Mutex{}}
	for _, user := range []string{bruno, clara, heitor} {
		s.forms[user] = &sync.Mutex{}
	}
	s.processes = [2]*process{w.start(), w.start()}
	var idle [2]float64
	for i, p := range s.processes {
		idle[i] = p.measures()["go_goroutines"]
	}
	s.store() // once, for all flows
	s.began = time.Now()
	s.load()
	s.report()
	s.judge()
	for i, p := range s.processes {
		w.eventuallyWithin(120, "as few goroutines as before", func() bool { return p.measures()["go_goroutines"] <= idle[i]+soakIdle })
	}
	s.leavesNothing()
}

// soakItems is an installation with enough to do.
func soakItems() senhaseguratest.Data {
	var d senhaseguratest.Data
	for i := range soakTargets {
		d.Credentials = append(d.Credentials, senhaseguratest.Credential{ID: 2000 + i, Username: "root", Hostname: fmt.Sprintf("db%d", i)},
			senhaseguratest.Credential{ID: 3000 + i, Username: "root", Hostname: fmt.Sprintf("web%d", i)})
		d.Passwords = append(d.Passwords, senhaseguratest.Password{ID: 4000 + i, Name: fmt.Sprintf("site %d", i)})
	}
	return d
}

// load begins flows at the pace until the time is up, and waits for their end.
func (s *soak) load() {
	var running sync.WaitGroup
	free := make(chan struct{}, soakAtOnce)
	pace, look := time.NewTicker(soakPace), time.NewTicker(soakLook)
	defer pace.Stop()
	defer look.Stop()
	end := time.After(s.took)
	for n := 0; ; {
		select {
		case <-end:
			running.Wait()
			return
		case <-look.C:
			s.look()
		case <-pace.C:
			select {
			case free <- struct{}{}:
			default:
				s.held++
				continue
			}
			i := n
			n++
			running.Go(func() { defer func() { <-free }(); s.flow(i) })
		}
	}
}

// look takes a sample, and lets the stand-ins forget.
func (s *soak) look() {
	for i, p := range s.processes {
		s.seen[i] = append(s.seen[i], p.measures())
	}
	s.redis = append(s.redis, s.keys())
	for _, c := range s.appliance.Violations() {
		s.t.Errorf("an item was read: %s", c)
	}
	s.ws.Forget(time.Now().Add(-soakKeep))
	s.appliance.Forget(time.Now().Add(-soakKeep))
}

var measure = regexp.MustCompile(`(?m)^(go_goroutines|go_memstats_heap_inuse_bytes|process_resident_memory_bytes|process_open_fds|process_cpu_seconds_total) (\S+)$`)

// measures are the metrics of a process that a leak would show in.
func (p *process) measures() sample {
	_, body := p.get("/metrics")
	m := sample{}
	for _, found := range measure.FindAllStringSubmatch(body, -1) {
		m[found[1]], _ = strconv.ParseFloat(found[2], 64)
	}
	return m
}

// keys counts what is in Redis: all keys, those of each family that lives as
// long as its request, and the memory.
func (s *soak) keys() sample {
	client, ctx := s.dialed(), s.t.Context()
	m := sample{"keys": float64(client.DBSize(ctx).Val()), "ended": float64(client.ZCard(ctx, base+"ended").Val()),
		"audit": float64(client.XLen(ctx, base+"audit").Val())}
	for section, field := range map[string]string{"memory": "used_memory", "clients": "connected_clients"} {
		_, rest, _ := strings.Cut(client.Info(ctx, section).Val(), field+":")
		line, _, _ := strings.Cut(rest, "\r\n")
		m[section], _ = strconv.ParseFloat(line, 64)
	}
	return m
}

// window is the median of a measure in a part of the time, in quarters of what
// follows the warm-up: 0 the first, 3 the last.
func window(samples []sample, name string, quarter int) float64 {
	warm := samples[len(samples)/3:]
	part := warm[len(warm)*quarter/4 : max(len(warm)*(quarter+1)/4, len(warm)*quarter/4+1)]
	var all []float64
	for _, m := range part {
		all = append(all, m[name])
	}
	slices.Sort(all)
	return all[len(all)/2]
}

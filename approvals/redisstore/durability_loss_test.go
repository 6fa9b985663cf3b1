package redisstore_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"text/tabwriter"
	"time"

	"senhasegura-bot/approvals"
	"senhasegura-bot/approvals/redisstore"
	"senhasegura-bot/approvals/redisstore/redistest"
)

// asking is somebody who asks again and again, at a steady rate, and remembers
// what was confirmed to them.
type asking struct {
	stop      chan struct{}
	done      chan struct{}
	mu        sync.Mutex
	confirmed []confirmed
	refused   int // "nothing was requested", for certain
	unsure    int
	other     []error
}

type confirmed struct {
	id string
	at time.Time
}

// every is the time between two requests.
const every = 10 * time.Millisecond

func startAsking(t *testing.T, s *redisstore.Store) *asking {
	a := &asking{stop: make(chan struct{}), done: make(chan struct{})}
	go func() {
		defer close(a.done)
		tick := time.NewTicker(every)
		defer tick.Stop()
		for n := 0; ; n++ {
			select {
			case <-a.stop:
				return
			case <-tick.C:
			}
			id := fmt.Sprint("R-", n)
			_, err := s.Submit(t.Context(), ask(id))
			a.note(id, err)
		}
	}()
	t.Cleanup(a.end)
	return a
}

func (a *asking) note(id string, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	switch {
	case err == nil:
		a.confirmed = append(a.confirmed, confirmed{id, time.Now()})
	case errors.Is(err, approvals.ErrUnavailable):
		a.refused++
	case errors.Is(err, approvals.ErrUnconfirmed):
		a.unsure++
	default:
		a.other = append(a.other, err)
	}
}

// enough confirmed requests show something.
const enough = 30

// warm reports that so many have been confirmed.
func (a *asking) warm() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.confirmed) >= enough
}

func (a *asking) refusals() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.refused
}

// end stops asking and waits for the last answer.
func (a *asking) end() {
	select {
	case <-a.stop:
	default:
		close(a.stop)
	}
	<-a.done
}

// loss is what came of the confirmed requests.
type loss struct {
	confirmed, lost int
	within          time.Duration // from the first lost one's confirmation to the last's
	gap             bool          // something confirmed later than a lost one is there
}

// count looks each confirmed request up.
func (a *asking) count(t *testing.T, s *redisstore.Store) loss {
	t.Helper()
	a.end()
	if len(a.other) > 0 {
		t.Fatalf("asking failed otherwise: %v", a.other[0])
	}
	l, first := loss{confirmed: len(a.confirmed)}, time.Time{}
	for _, c := range a.confirmed {
		_, _, err := s.Load(t.Context(), c.id)
		switch {
		case err == nil:
			l.gap = l.gap || l.lost > 0
		case errors.Is(err, approvals.ErrNotFound):
			if l.lost++; l.lost == 1 {
				first = c.at
			}
			l.within = c.at.Sub(first)
		default:
			t.Fatalf("looking for %s: %v", c.id, err)
		}
	}
	return l
}

// table collects what the trials measured.
type table struct {
	mu   sync.Mutex
	rows map[int]string
}

func (b *table) row(n int, setting, fault string, l loss) {
	b.mu.Lock()
	defer b.mu.Unlock()
	within := "–"
	if l.lost > 0 {
		within = fmt.Sprintf("%.1f s", l.within.Seconds())
	}
	b.rows[n] = fmt.Sprintf("%s\t%s\t%d\t%d\t%s\n", setting, fault, l.confirmed, l.lost, within)
}

func (b *table) String() string {
	var text strings.Builder
	w := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	fmt.Fprint(w, "setting\tfault\tconfirmed\tlost\twithin\n")
	for n := range 100 {
		_, _ = io.WriteString(w, b.rows[n])
	}
	w.Flush()
	return text.String()
}

// crash is one trial on one machine: what is set, what happens, what may be lost.
type crash struct {
	setting, fault string
	args           []string
	prepare        func(*testing.T, *redistest.Machine) // while requests come in
	when           func(*redistest.Machine) bool        // the worst moment
	hit            func(*redistest.Machine)
	least, most    time.Duration // how much time's requests are lost
}

var (
	always   = []string{"--appendonly", "yes", "--appendfsync", "always"}
	everysec = []string{"--appendonly", "yes", "--appendfsync", "everysec"}
	never    = []string{"--appendonly", "yes", "--appendfsync", "no"}
)

const all = time.Minute // longer than a trial

func crashes() []crash {
	killed, power := (*redistest.Machine).Kill, (*redistest.Machine).PowerCut
	const kill, cut = "Redis is killed", "power of its machine is cut"
	return []crash{
		{setting: "appendfsync always", fault: kill, args: always, hit: killed},
		{setting: "appendfsync always", fault: cut, args: always, hit: power},
		{setting: "appendfsync everysec", fault: kill, args: everysec, hit: killed, when: betweenSyncs},
		{setting: "appendfsync everysec", fault: cut, args: everysec, hit: power, when: beforeSync, least: 500 * time.Millisecond, most: 4 * time.Second},
		{setting: "appendfsync everysec, slow disk", fault: kill, args: everysec, hit: killed, prepare: slowDisk, when: heldBack, least: time.Second, most: 3 * time.Second},
		{setting: "appendfsync everysec, slow disk", fault: cut, args: everysec, hit: power, prepare: slowDisk, when: heldBack, least: time.Second, most: all},
		{setting: "appendfsync no", fault: kill, args: never, hit: killed},
		{setting: "appendfsync no", fault: cut, args: never, hit: power, least: time.Second, most: all},
		{setting: "appendonly no, a snapshot 1 s before", fault: kill, hit: killed, prepare: snapshot, least: 900 * time.Millisecond, most: all},
		{setting: "appendonly no, a snapshot 1 s before", fault: cut, hit: power, prepare: snapshot, least: 900 * time.Millisecond, most: all},
		{setting: "nothing on disk", fault: kill, hit: killed, least: time.Second, most: all},
	}
}

// TestFaultDurability measures, for each setting, how many confirmed requests a
// crash takes back, at the moment that costs most. The power cut is made of a
// kill and of cutting the files back to what was forced to disk (redistest's
// Machine): the least that a disk keeps. What systems write by themselves within
// half a minute counts as lost.
//
//	go test ./approvals/redisstore -run TestFaultDurability -v
func TestFaultDurability(t *testing.T) {
	t.Parallel()
	disk, measured := redistest.WatchDisk(t), &table{rows: map[int]string{}}
	t.Cleanup(func() { t.Logf("one request each %v\n%s", every, measured) })
	var trials sync.WaitGroup // all at once: they mostly wait
	defer trials.Wait()
	for i, c := range crashes() {
		trials.Go(func() {
			t.Run(c.setting+", "+c.fault, func(t *testing.T) {
				l := c.try(t, disk)
				for missed := 0; l.within < c.least && missed < 2; missed++ { // the worst moment is short
					l = c.try(t, disk)
				}
				measured.row(i, c.setting, c.fault, l)
				c.judge(t, l)
			})
		})
	}
	for i, f := range failovers() {
		trials.Go(func() {
			t.Run(f.setting+", "+f.fault, func(t *testing.T) {
				l, refused := f.try(t)
				measured.row(len(crashes())+i, f.setting, f.fault, l)
				f.judge(t, l, refused)
			})
		})
	}
}

func (c crash) try(t *testing.T, disk redistest.Disk) loss {
	m := redistest.NewMachine(t, disk, c.args...)
	s := store(t, m.Addr)
	a := startAsking(t, s)
	eventually(t, "requests come in", a.warm)
	if c.prepare != nil {
		c.prepare(t, m)
	}
	prepared := time.Now()
	eventually(t, "the moment of the fault", func() bool {
		return time.Since(prepared) > time.Second && (c.when == nil || c.when(m))
	})
	c.hit(m)
	a.end()
	m.Boot()
	eventually(t, "the server has read its files", func() bool { return s.Ping(t.Context()) == nil })
	return a.count(t, s)
}

func (c crash) judge(t *testing.T, l loss) {
	switch {
	case l.confirmed < enough:
		t.Errorf("only %d requests were confirmed: the trial shows nothing", l.confirmed)
	case l.gap:
		t.Errorf("what is lost is not the last: %+v", l)
	case l.lost > 0 && c.most == 0:
		t.Errorf("lost %d of %d, want none", l.lost, l.confirmed)
	case l.within < c.least || l.within > c.most:
		t.Errorf("lost the requests of %v, want between %v and %v: %+v", l.within, c.least, c.most, l)
	}
}

// betweenSyncs is when Redis has not forced to disk what it wrote last, and does
// not wait for a disk that is slow either.
func betweenSyncs(m *redistest.Machine) bool {
	since := m.SinceSync()
	return since > 300*time.Millisecond && since < 900*time.Millisecond
}

// beforeSync is when Redis has not forced anything to disk for most of a second.
func beforeSync(m *redistest.Machine) bool { return m.SinceSync() > 800*time.Millisecond }

func slowDisk(_ *testing.T, m *redistest.Machine) { m.SlowDisk(20 * time.Second) }

// heldBack is when Redis waits for the slow disk before it writes on. That wait
// began a second after the last sync and ends after two; then it begins anew.
func heldBack(m *redistest.Machine) bool { return m.SinceSync() > 2500*time.Millisecond }

func snapshot(t *testing.T, m *redistest.Machine) {
	if err := open(t, m.URL).Save(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
}

func eventually(t testing.TB, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !done(); {
		if time.Now().After(deadline) {
			t.Fatalf("never came true: %s", what)
		}
		time.Sleep(5 * time.Millisecond) // between two looks
	}
}

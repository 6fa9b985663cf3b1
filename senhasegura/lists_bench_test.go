package senhasegura_test

import (
	"syscall"
	"testing"
	"time"

	"senhasegura-bot/senhasegura"
)

// searches of a list of 100,000 credentials, by what they find.
var searches = map[string]string{
	"one by id":         "77777",
	"one by name":       "root@srv-rio-app-000001.prod.example.com.br",
	"some, by address":  "10.0.12.",
	"some, three words": "oracle recife vmware",
	"some, by device":   "forti workstation",
	"accents":           "ORÁCLE Récife",
	"everything":        "e",
	"nothing":           "nothing-such",
	"almost nothing":    "prod.example.com.br srv cisco nothing-such",
}

var misspelt = map[string]string{
	"one letter": "rot@srv-rio-app-000001.prod.example.com.br", "nothing near": "zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz", "short": "db1",
}

// references by what Lookup is asked for.
var references = map[string]string{"id": "77777", "name": "ROOT@srv-recife-app-001002.prod.example.com.br", "unknown id": "999999999", "unknown name": "root@nowhere"}

func BenchmarkFindAmong100000(b *testing.B) {
	lists := hundredThousand(b)
	for name, text := range searches {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				lists.Find(text, 11)
			}
		})
	}
}

func BenchmarkLookupAndLabelAmong100000(b *testing.B) {
	lists := hundredThousand(b)
	for name, ref := range references {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				labelOf(lists, ref)
			}
		})
	}
}

func BenchmarkNearestAmong100000(b *testing.B) {
	lists := hundredThousand(b)
	for name, text := range misspelt {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				lists.Nearest(text, 5)
			}
		})
	}
}

// BenchmarkRefreshOf100000 includes the other side, which writes the list.
func BenchmarkRefreshOf100000(b *testing.B) {
	lists := hundredThousand(b)
	b.ReportAllocs()
	for b.Loop() {
		if err := lists.Refresh(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}

// TestSpeedOfLargeLists: searching takes less than 50 ms, a label less than 1 ms, also
// where the machine is busy with something else.
func TestSpeedOfLargeLists(t *testing.T) {
	if raceDetector {
		t.Skip("measured without the race detector")
	}
	lists := hundredThousand(t)
	for name, text := range searches {
		fasterThan(t, 50*time.Millisecond, "find: "+name, func() { lists.Find(text, 11) })
	}
	for name, ref := range references {
		fasterThan(t, time.Millisecond, "label: "+name, func() { labelOf(lists, ref) })
	}
	for name, text := range misspelt {
		fasterThan(t, 150*time.Millisecond, "nearest: "+name, func() { lists.Nearest(text, 5) })
	}
}

func hundredThousand(t testing.TB) *senhasegura.Lists {
	return (&large{credentials: 100_000, line: usual}).lists(t)
}

func labelOf(lists *senhasegura.Lists, ref string) (label string) {
	for _, e := range lists.Lookup(senhasegura.KindCredential, ref).Entries {
		label = e.Label()
	}
	return label
}

// fasterThan fails where work takes most or longer at the best of 20 tries, unless it had less of the
// processor: beside other work it also waits for its turn, which says nothing about it. It may wait so for
// 20 times most.
func fasterThan(t *testing.T, most time.Duration, what string, work func()) {
	t.Helper()
	const tries = 20
	best, before := time.Hour, processorTime(t)
	for range tries {
		began := time.Now()
		work()
		if best = min(best, time.Since(began)); best < most {
			return
		}
	}
	if spent := (processorTime(t) - before) / tries; spent >= most || best > 20*most {
		t.Errorf("%s: %v at best and %v of the processor, want less than %v", what, best, spent, most)
	}
}

// processorTime is what this process has had of the processors so far, in steps of some 10 ms at most.
func processorTime(t *testing.T) time.Duration {
	t.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		t.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

package senhasegura_test

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"testing"
	"time"

	"senhasegura-bot/senhasegura"
)

// TestMemoryOfLargeLists
func TestMemoryOfLargeLists(t *testing.T) {
	for name, l := range map[string]*large{
		"usual":   {credentials: 100_000, line: usual},
		"unusual": {credentials: 100_000, line: unusual},
		"three":   {credentials: 60_000, passwords: 20_000, secrets: 20_000, line: usual},
	} {
		t.Run(name, func(t *testing.T) {
			empty := &large{line: usual}
			lists := empty.lists(t)
			debug.FreeOSMemory()
			before := memory()
			*empty = large{}
			empty.credentials, empty.passwords, empty.secrets, empty.line = l.credentials, l.passwords, l.secrets, l.line
			start := time.Now()
			peak := peakWhile(func() {
				for range 3 {
					if err := lists.Refresh(t.Context()); err != nil {
						t.Fatal(err)
					}
				}
			})
			took := time.Since(start) / 3
			runtime.GC()
			after := memory()
			runtime.KeepAlive(lists)
			const mib = 1 << 20
			t.Logf("held: %.1f MiB; peak of objects %.1f MiB, of the heap %.1f MiB; one refresh %v", float64(after.objects-before.objects)/mib,
				float64(peak.objects-before.objects)/mib, float64(peak.heap-before.heap)/mib, took)
			_ = senhasegura.KindCredential
		})
	}
}

type usage struct{ objects, heap int64 }

func memory() usage {
	s := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}, {Name: "/memory/classes/heap/unused:bytes"}, {Name: "/memory/classes/heap/free:bytes"}}
	metrics.Read(s)
	objects := int64(s[0].Value.Uint64())
	return usage{objects, objects + int64(s[1].Value.Uint64()+s[2].Value.Uint64())}
}

func peakWhile(work func()) usage {
	done, peak := make(chan struct{}), make(chan usage)
	go func() {
		var most usage
		tick := time.NewTicker(500 * time.Microsecond)
		defer tick.Stop()
		for {
			now := memory()
			most.objects, most.heap = max(most.objects, now.objects), max(most.heap, now.heap)
			select {
			case <-done:
				peak <- most
				return
			case <-tick.C:
			}
		}
	}()
	work()
	close(done)
	return <-peak
}

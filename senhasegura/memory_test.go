package senhasegura_test

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"testing"
	"time"
)

// 100,000 entries need less than 64 MiB, at the worst moment of a refresh too: then the old lists are held
// beside the new ones, and what was needed to read them is not collected yet. The bound is on the heap as the
// system sees it, above what it is with empty lists.
func TestMemoryOfLargeLists(t *testing.T) {
	if raceDetector {
		t.Skip("measured without the race detector")
	}
	const most = 64 << 20
	for name, full := range map[string]*large{
		"all hosts change":  {credentials: 100_000, line: usual, changes: true},
		"long names change": {credentials: 100_000, line: unusual, changes: true},
		"three lists":       {credentials: 60_000, passwords: 20_000, secrets: 20_000, line: usual},
	} {
		t.Run(name, func(t *testing.T) {
			served := &large{}
			lists := served.lists(t)
			debug.FreeOSMemory()
			before := heapMemory()
			served.become(full)
			peak := peakWhile(func() {
				for range 2 { // from nothing, and beside the first
					if err := lists.Refresh(t.Context()); err != nil {
						t.Fatal(err)
					}
				}
			})
			runtime.GC()
			held := heapObjects() - before
			if peak -= before; peak > most {
				t.Errorf("the heap grew by %d MiB, more than %d", peak>>20, most>>20)
			}
			if age, ok := lists.Age(); !ok { // and keeps the lists alive until here
				t.Errorf("not read, age %v", age)
			}
			t.Logf("peak %.1f MiB, then held %.1f MiB", float64(peak)/(1<<20), float64(held)/(1<<20))
		})
	}
}

// heapMemory is what the heap takes in bytes: objects, what is not collected yet, and what is free inside.
func heapMemory() int64 {
	return sum("/memory/classes/heap/objects:bytes", "/memory/classes/heap/unused:bytes", "/memory/classes/heap/free:bytes")
}

func heapObjects() int64 { return sum("/memory/classes/heap/objects:bytes") }

func sum(names ...string) (total int64) {
	for _, name := range names {
		sample := []metrics.Sample{{Name: name}}
		metrics.Read(sample)
		total += int64(sample[0].Value.Uint64())
	}
	return total
}

// peakWhile returns the most memory that the heap took while work ran.
func peakWhile(work func()) int64 {
	done, peak := make(chan struct{}), make(chan int64)
	go func() {
		tick := time.NewTicker(time.Millisecond)
		defer tick.Stop()
		most := heapMemory()
		for {
			select {
			case <-done:
				peak <- most
				return
			case <-tick.C:
				most = max(most, heapMemory())
			}
		}
	}()
	defer close(done)
	work()
	done <- struct{}{}
	return <-peak
}

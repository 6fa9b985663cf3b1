package approvalstest

import (
	"context"
	"testing"
	"time"

	"senhasegura-bot/approvals"
)

// Harness is a store under test: empty, and its own.
type Harness struct {
	Store approvals.Store
	// Audit reads every entry written so far.
	Audit func(ctx context.Context) ([]approvals.Logged, error)
	// Tally appends, in the name of a process, the counts of refusals that were
	// not listed and whose minute is over (Store.Note), as processes do now and then.
	Tally func(ctx context.Context, process string) error
	// Advance returns once the store's clock has moved on by d or more.
	Advance func(d time.Duration)
	// Still says that the store's clock stands still until Advance moves it.
	Still bool
	// Unit is the shortest duration that scenarios let pass: long enough that a
	// handful of calls surely fits in, short enough to wait for.
	Unit time.Duration
}

// Maker makes a harness, again and again.
type Maker func(t testing.TB) Harness

// Everybody who takes part. Ana asks.
var (
	ana   = approvals.Person{Key: "T1/UANA", User: "UANA", Name: "Ana"}
	bruno = approvals.Person{Key: "T1/UBRUNO", User: "UBRUNO", Name: "Bruno"}
	carla = approvals.Person{Key: "T1/UCARLA", User: "UCARLA", Name: "Carla"}
	davi  = approvals.Person{Key: "T1/UDAVI", User: "UDAVI", Name: "Davi"}
)

// scenario is one named promise.
type scenario struct {
	name string
	run  func(b *bench)
}

func play(t *testing.T, maker Maker, scenarios []scenario) {
	for _, s := range scenarios {
		t.Run(s.name, func(t *testing.T) { s.run(newBench(t, maker(t))) })
	}
}

// tb is what both testing.T and rapid.T can do.
type tb interface {
	Helper()
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

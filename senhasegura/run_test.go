package senhasegura

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"
)

func TestRunReadsEvery30SecondsAndSoonerAfterAFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		var at []time.Duration
		read := func(context.Context) ([]Entry, error) {
			at = append(at, time.Since(began))
			if len(at) == 2 {
				return nil, errors.New("once")
			}
			return []Entry{{Kind: KindCredential, ID: "5"}}, nil
		}
		l := &Lists{
			log: slog.New(slog.DiscardHandler), now: time.Now, refreshing: make(chan struct{}, 1),
			held: []*held{{kind: KindCredential, read: read}},
		}
		ctx, cancel := context.WithTimeout(t.Context(), 75*time.Second)
		defer cancel()
		if err := l.Run(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		want := []time.Duration{0, 30 * time.Second, 40 * time.Second, 70 * time.Second}
		if len(at) != len(want) {
			t.Fatalf("read at %v, want %v", at, want)
		}
		for i := range want {
			if at[i] != want[i] {
				t.Errorf("read at %v, want %v", at, want)
			}
		}
		if !l.Lookup(KindCredential, "5").Known {
			t.Error("not known after Run")
		}
	})
}

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
		read := func(_ context.Context, each func(Entry)) error {
			at = append(at, time.Since(began))
			if len(at) == 2 {
				return errors.New("once")
			}
			each(Entry{Kind: KindCredential, ID: "5"})
			return nil
		}
		l := listsThat(read)
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

// A list that takes as long as the client lets it is known all the same, without a gap.
func TestSlowListStaysKnown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := listsThat(func(ctx context.Context, each func(Entry)) error {
			each(Entry{Kind: KindCredential, ID: "5"})
			select {
			case <-time.After(defaultListTimeout - time.Second):
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
		defer cancel()
		go l.Run(ctx)
		time.Sleep(defaultListTimeout)
		for range 200 {
			if !l.Fresh() || !l.Lookup(KindCredential, "5").Known {
				age, _ := l.Age()
				t.Fatalf("not known at an age of %v", age)
			}
			time.Sleep(time.Second)
		}
	})
}

// Whoever asks is answered at once from what was read before, for 60 s, while senhasegura does not answer.
func TestNobodyWaitsForAListThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hangs := false
		l := listsThat(func(ctx context.Context, each func(Entry)) error {
			each(Entry{Kind: KindCredential, ID: "5", Username: "root", Hostname: "db01"})
			if hangs {
				<-ctx.Done()
				return ctx.Err()
			}
			return nil
		})
		if err := l.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		hangs = true
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go l.Run(ctx)
		for second := range 65 {
			synctest.Wait()
			asked := time.Now()
			known := l.Lookup(KindCredential, "5").Known
			if known != (second <= 60) || known != l.Fresh() || known != (len(l.Find("root", 1)) == 1) || known != (len(l.Nearest("rot@db01", 1)) == 1) {
				t.Errorf("after %d s: known is %v", second, known)
			}
			if waited := time.Since(asked); waited != 0 {
				t.Fatalf("after %d s: the answer took %v", second, waited)
			}
			time.Sleep(time.Second)
		}
	})
}

func listsThat(read func(context.Context, func(Entry)) error) *Lists {
	return &Lists{
		log: slog.New(slog.DiscardHandler), now: time.Now, refreshing: make(chan struct{}, 1),
		held: []*held{{kind: KindCredential, read: read}},
	}
}

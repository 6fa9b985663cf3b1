package bot_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/slack-go/slack"

	"senhasegura-bot/bot"
)

// wire answers for Slack and keeps when each method was called.
type wire struct {
	mu     sync.Mutex
	calls  map[string][]time.Time
	trip   time.Duration
	answer func(method string) *http.Response
}

func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	method := strings.TrimPrefix(r.URL.Path, "/api/")
	w.mu.Lock()
	w.calls[method] = append(w.calls[method], time.Now())
	w.mu.Unlock()
	time.Sleep(w.trip)
	return w.answer(method), nil
}

func answered(status int, retryAfter string) *http.Response {
	h := http.Header{"Content-Type": {"application/json"}}
	if retryAfter != "" {
		h.Set("Retry-After", retryAfter)
	}
	return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(`{"ok":true,"channel":"C1","ts":"1.2"}`))}
}

func overWire(answer func(method string) *http.Response) (*slack.Client, *wire) {
	w := &wire{calls: map[string][]time.Time{}, answer: answer}
	return slack.New("xoxb-1", slack.OptionHTTPClient(&http.Client{Transport: &bot.Limits{Next: w}})), w
}

// TestRetryAfter: what Slack says it wants to be spared is not called before its
// time is over, whoever asks and however often, and is told what is left; other
// methods go on.
func TestRetryAfter(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		header func() string
	}{
		"429":                {http.StatusTooManyRequests, func() string { return "30" }},
		"503 that says so":   {http.StatusServiceUnavailable, func() string { return "30" }},
		"a date, by a proxy": {http.StatusServiceUnavailable, func() string { return time.Now().Add(30 * time.Second).UTC().Format(http.TimeFormat) }},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				limiting := true
				api, w := overWire(func(method string) *http.Response {
					if limiting && method == "chat.update" {
						return answered(c.status, c.header())
					}
					return answered(http.StatusOK, "")
				})
				update := func() error {
					_, _, _, err := api.UpdateMessageContext(t.Context(), "C1", "1.2", slack.MsgOptionText("x", false))
					return err
				}
				if update() == nil {
					t.Fatal("the first was not refused")
				}
				limiting = false
				for range 29 {
					time.Sleep(time.Second)
					began := time.Now()
					var limited *slack.RateLimitedError
					if err := update(); !errors.As(err, &limited) || time.Since(began) > 0 {
						t.Fatalf("while it is held: %v after %s", err, time.Since(began))
					}
					if left := limited.RetryAfter; left <= 0 || left > 29*time.Second {
						t.Errorf("what is left: %s", left)
					}
				}
				if _, _, err := api.PostMessageContext(t.Context(), "C1", slack.MsgOptionText("x", false)); err != nil {
					t.Errorf("another method: %v", err)
				}
				time.Sleep(time.Second)
				if err := update(); err != nil {
					t.Errorf("once it is over: %v", err)
				}
				if at := w.calls["chat.update"]; len(at) != 2 || at[1].Sub(at[0]) < 29*time.Second {
					t.Errorf("called at %v", at)
				}
			})
		})
	}
}

// TestRetryAfterOfTwo: two answers that crossed: the longer wait holds.
func TestRetryAfterOfTwo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		said := make(chan string)
		api, w := overWire(func(string) *http.Response { return answered(http.StatusTooManyRequests, <-said) })
		ask := func(ctx context.Context) { _, _ = api.AuthTestContext(ctx) }
		go ask(t.Context())
		go ask(t.Context())
		synctest.Wait() // both are on their way
		said <- "60"
		synctest.Wait()
		said <- "1"
		synctest.Wait()
		time.Sleep(59 * time.Second)
		ask(t.Context())
		if n := len(w.calls["auth.test"]); n != 2 {
			t.Errorf("%d calls before the longer wait was over, want 2", n)
		}
	})
}

// TestAfterRetryAfter: many who waited for the same moment do not all leave at
// it: one does, and then as many more as Slack takes. Nobody who did not leave
// is told anything else than to come again.
func TestAfterRetryAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const waiting, trip = 200, 100 * time.Millisecond
		posted := time.Now().Add(-time.Hour)
		refused := 0
		var mu sync.Mutex
		api, w := overWire(func(string) *http.Response {
			mu.Lock()
			defer mu.Unlock()
			if time.Since(posted) < time.Second { // one a second
				refused++
				return answered(http.StatusTooManyRequests, "1")
			}
			posted = time.Now()
			return answered(http.StatusOK, "")
		})
		w.trip = trip
		said := 0
		ask := func() {
			for {
				ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
				_, _, err := api.PostMessageContext(ctx, "C1", slack.MsgOptionText("x", false))
				cancel()
				var limited *slack.RateLimitedError
				if err == nil {
					return
				} else if !errors.As(err, &limited) {
					t.Errorf("told %v", err)
					return
				}
				time.Sleep(limited.RetryAfter)
			}
		}
		ask()
		ask() // one is limited, and sent again
		began, before := time.Now(), refused
		var all sync.WaitGroup
		for range waiting {
			all.Go(func() { ask(); mu.Lock(); said++; mu.Unlock() })
		}
		all.Wait()
		t.Logf("%d posts at one a second took %s, with %d answers 429", waiting, time.Since(began), refused-before)
		if said != waiting || refused-before > 3*waiting {
			t.Errorf("%d of %d posted, %d refused", said, waiting, refused-before)
		}
	})
}

// TestQuietChannelHasItsTurn: a channel that is refused at every moment it may be
// asked in does not hold back another's post, whenever that comes.
func TestQuietChannelHasItsTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, end := context.WithCancel(t.Context())
		defer end()
		api, w := overWire(nil)
		w.trip = 50 * time.Millisecond
		refusing := true
		w.answer = func(string) *http.Response {
			if refusing {
				return answered(http.StatusTooManyRequests, "1")
			}
			return answered(http.StatusOK, "")
		}
		post := func(ctx context.Context, channel string) error {
			_, _, err := api.PostMessageContext(ctx, channel, slack.MsgOptionText("x", false))
			return err
		}
		var limited *slack.RateLimitedError
		if err := post(ctx, "CBUSY"); !errors.As(err, &limited) {
			t.Fatal(err)
		}
		for _, within := range []time.Duration{0, 900 * time.Millisecond} { // it cannot wait so long
			short, done := context.WithTimeout(ctx, within)
			if err := post(short, "CQUIET"); err == nil {
				t.Errorf("posted within %s", within)
			}
			done()
		}
		began := time.Now()
		time.Sleep(limited.RetryAfter / 2)
		patient, done := context.WithTimeout(ctx, 5*time.Second)
		defer done()
		before := len(w.calls["chat.postMessage"])
		refusing = false
		if err := post(patient, "CQUIET"); err != nil || time.Since(began) > limited.RetryAfter+w.trip {
			t.Errorf("after %s: %v", time.Since(began), err)
		}
		if n := len(w.calls["chat.postMessage"]) - before; n != 1 {
			t.Errorf("%d posts", n)
		}
		if err := post(ctx, "CBUSY"); err != nil {
			t.Error(err)
		}
	})
}

// TestNothingSaid: an answer that names no time holds nothing back.
func TestNothingSaid(t *testing.T) {
	for _, header := range []string{"", "soon", "-5", "0"} {
		api, w := overWire(func(string) *http.Response { return answered(http.StatusBadGateway, header) })
		for range 2 {
			_, _ = api.AuthTestContext(t.Context())
		}
		if n := len(w.calls["auth.test"]); n != 2 {
			t.Errorf("Retry-After %q: %d calls, want 2", header, n)
		}
	}
}

// TestListingEndsWhileLimited: who reads the list while Slack is to be spared
// ends with their context, and neither calls nor spins.
func TestListingEndsWhileLimited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api, w := overWire(func(string) *http.Response { return answered(http.StatusTooManyRequests, "3600") })
		people := bot.NewPeople(bot.PeopleConfig{API: api, Logger: slog.New(slog.DiscardHandler)})
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		if err := people.Refresh(ctx, 0); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("it ended with %v", err)
		}
		if n := len(w.calls["users.list"]); n != 1 {
			t.Errorf("%d calls", n)
		}
	})
}

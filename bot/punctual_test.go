package bot_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"senhasegura-bot/bot"
)

type sent struct{ n int }

func (s *sent) RoundTrip(*http.Request) (*http.Response, error) {
	s.n++
	return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody}, nil
}

// TestPunctual: what is due leaves, what is late does not, though its context
// has not been ended yet.
func TestPunctual(t *testing.T) {
	network := &sent{}
	p := bot.Punctual{Next: network}
	send := func(ctx context.Context) error {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://slack.example/api/chat.update", nil)
		if err != nil {
			t.Fatal(err)
		}
		_, err = p.RoundTrip(req)
		return err
	}
	for name, c := range map[string]struct {
		until time.Time
		sent  int
	}{
		"without a bound":                      {sent: 1},
		"in time":                              {until: time.Now().Add(time.Minute), sent: 1},
		"late":                                 {until: time.Now().Add(-time.Millisecond)},
		"late by the date, after a suspension": {until: time.Now().Add(-time.Minute).Round(0)},
	} {
		network.n = 0
		err := send(bounded{t.Context(), c.until})
		if network.n != c.sent || (c.sent == 0) != errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: sent %d times, %v", name, network.n, err)
		}
	}
}

// bounded is a context whose time may be up before anybody told it.
type bounded struct {
	context.Context
	until time.Time
}

func (b bounded) Deadline() (time.Time, bool) { return b.until, !b.until.IsZero() }

package main

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/slack-go/slack"
)

// TestReadinessOutlivesWhoAsks: one who asks and hangs up does not leave a
// failure behind that others are told.
func TestReadinessOutlivesWhoAsks(t *testing.T) {
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"ok":false,"error":"token_revoked"}`))
	}))
	defer web.Close()
	s := &server{
		kept:  &storeHealth{ping: func(ctx context.Context) error { return ctx.Err() }},
		token: &tokenHealth{api: slack.New("xoxb-fake", slack.OptionAPIURL(web.URL+"/"))},
	}
	gone, hangUp := context.WithCancel(t.Context())
	hangUp()
	for name, ctx := range map[string]context.Context{"who hung up": gone, "the next": t.Context()} {
		answer := httptest.NewRecorder()
		s.ready(answer, httptest.NewRequestWithContext(ctx, http.MethodGet, "/readyz", nil))
		if said := answer.Body.String(); strings.Contains(said, "redis") || !strings.Contains(said, "token_revoked") {
			t.Errorf("%s: %s", name, said)
		}
	}
}

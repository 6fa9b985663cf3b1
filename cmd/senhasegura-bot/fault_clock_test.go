package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"senhasegura-bot/approvals"
	"senhasegura-bot/senhasegura/senhaseguratest"
)

// skewed is an appliance whose clock is wrong: it dates its answers years off,
// and says of its tokens that they last as long as lasts says.
type skewed struct {
	appliance *senhaseguratest.Appliance
	lasts     atomic.Value // JSON of expires_in
	date      atomic.Value
}

func (s *skewed) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	answer := httptest.NewRecorder()
	s.appliance.ServeHTTP(answer, r)
	body := answer.Body.Bytes()
	var token map[string]any
	if r.URL.Path == "/api/oauth2/token" && json.Unmarshal(body, &token) == nil && token["access_token"] != nil {
		delete(token, "expires_in")
		if lasts := s.lasts.Load().(string); lasts != "" {
			token["expires_in"] = json.RawMessage(lasts)
		}
		body, _ = json.Marshal(token)
	}
	w.Header().Set("Content-Type", answer.Header().Get("Content-Type"))
	w.Header().Set("Date", s.date.Load().(string))
	w.WriteHeader(answer.Code)
	w.Write(body)
}

// TestFaultApplianceClock: nothing depends on the appliance's clock. Whatever it
// says of the time and of its tokens, every call is made once and done; a token
// that ended early costs one more token request.
func TestFaultApplianceClock(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{stays: true})
	s := &skewed{appliance: w.appliance}
	s.lasts.Store("3600")
	s.date.Store("Thu, 01 Jan 1970 00:00:00 GMT")
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	w.env["SENHASEGURA_URL"] = server.URL
	w.start()
	for i, c := range []struct {
		name, lasts, date string
		early             bool // the tokens end before they should
	}{
		{"tokens that last an hour", "3600", "Thu, 01 Jan 1970 00:00:00 GMT", false},
		{"tokens that ended early", "3600", "Thu, 01 Jan 1970 00:00:00 GMT", true},
		{"tokens that last a second", "1", "Fri, 31 Dec 2199 23:59:59 GMT", true},
		{"tokens that last no time", "0", "Fri, 31 Dec 2199 23:59:59 GMT", true},
		{"tokens that ended before they began", "-3600", "Fri, 31 Dec 2199 23:59:59 GMT", true},
		{"tokens that last for ever and end", "2147483647", "no date at all", true},
		{"tokens that do not say how long", "", "no date at all", true},
		{"tokens that say it as text", `"3600"`, "no date at all", true},
	} {
		s.lasts.Store(c.lasts)
		s.date.Store(c.date)
		if c.early {
			w.appliance.RevokeTokens()
		}
		before := w.appliance.Calls()
		call := &treated{typed: "deactivate 5 leaked", method: "DELETE", path: "/api/pam/credential/5"}
		if i%2 == 1 {
			call = &treated{typed: "activate 5 all clear", method: "PUT", path: "/api/pam/credential/5"}
		}
		w.approves([]*treated{call})
		w.becomes(call.card, "done")
		if n := len(w.received(call)); n != i/2+1 {
			t.Errorf("%s: %d writes so far, want %d", c.name, n, i/2+1)
		}
		tokens := 0
		for _, got := range w.appliance.Calls()[len(before):] {
			if got.Token() && got.Client == senhaseguratest.PAMCore {
				tokens++
			}
		}
		if most := map[bool]int{true: 2, false: 0}[c.early]; tokens > most { // the lists may need one, too
			t.Errorf("%s: %d token requests for one call, at most %d may be", c.name, tokens, most)
		}
		w.entries(meta(call.card).Request, approvals.EventSubmit, approvals.EventVote, approvals.EventClaim, approvals.EventMark, approvals.EventAnswer)
	}
}

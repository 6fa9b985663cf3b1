package main

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/slack-go/slack"

	"senhasegura-bot/bot/fakeslack"
)

// TestFaultStartWhileSlackIsInTrouble: an answer that passes by itself is no
// refusal of the token, nor of the policy's handles. The process goes on asking,
// and serves when it is over; doctor says what it is.
func TestFaultStartWhileSlackIsInTrouble(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{stays: true, policy: "defaults:\n  approvers: [\"@sre\"]\n"})
	w.ws.Fail("auth.test", fakeslack.Fault{Error: "internal_error"})
	out, status := w.doctor(nil)
	contains(t, out, "fault    Slack  — it is in trouble", "internal_error; try again in a moment")
	if status != exitFailed || strings.Contains(out, "refuses") {
		t.Errorf("status %d: %s", status, out)
	}
	w.ws.Fail("usergroups.list", fakeslack.Fault{Error: "fatal_error"})
	out, _ = w.doctor(nil)
	contains(t, out, "fault    the policy's handles  — Slack is in trouble", "fatal_error; try again in a moment")

	w.ws.Fail("auth.test", fakeslack.Fault{Error: "service_unavailable"})
	w.ws.Fail("usergroups.list", fakeslack.Fault{Error: "team_added_to_org"})
	p := w.start()
	for _, said := range []string{"Slack cannot be asked who this bot is; trying again", "the policy's handles cannot be looked up; trying again"} {
		if n := p.logged(said); n != 1 {
			t.Errorf("%q is in the log %d times", said, n)
		}
	}
	w.asks(ana, "deactivate 5 leaked")
}

// TestWhoStopsDoesNotTryAgain, and does not say that it does.
func TestWhoStopsDoesNotTryAgain(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { stop(); w.WriteHeader(http.StatusBadGateway) }))
	defer web.Close()
	var log bytes.Buffer
	_, err := whoAmI(ctx, slack.New("xoxb-fake", slack.OptionAPIURL(web.URL+"/")), slog.New(slog.NewTextHandler(&log, nil)))
	if err == nil || log.Len() > 0 {
		t.Errorf("it ended with %v and said %q", err, log.String())
	}
}

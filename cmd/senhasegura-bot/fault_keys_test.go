package main

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"senhasegura-bot/bot/fakeslack"
	"senhasegura-bot/senhasegura/senhaseguratest"
)

// permanent are the keys that stay for ever: the audit keeps its own time, and a
// freeze is one key. A key that is to be here needs a reason.
var permanent = regexp.MustCompile(`^(audit|audit:(seq|chain|checkpoint|published|more)|freeze)$`)

const everyEndPolicy = standardPolicy + `
rules:
  - name: expires
    verbs: [activate]
    expires: 1s
break_glass: {people: [UANA], review_within: 1h, reviewers: ["@sre"]}
freeze: {people: [UCLARA]}
`

// TestFaultNoKeyWithoutAnEnd: requests of every kind come to their end, their
// time passes, and what is then left in Redis lives for ever by name, or ends by
// itself. No message is known as a card any more.
func TestFaultNoKeyWithoutAnEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{policy: everyEndPolicy})
	w.everyEnd()
	if code := w.processes[0].stop(); code != 0 {
		t.Fatalf("exit %d", code)
	}
	w.trimmed()

	client := w.opens()
	const base = "senhasegura-bot:{T0FAKE}:"
	found, err := client.Keys(t.Context(), "*").Result()
	if err != nil || len(found) == 0 {
		t.Fatalf("%d keys, %v", len(found), err)
	}
	for _, name := range found {
		ttl, err := client.PTTL(t.Context(), name).Result()
		key, ours := strings.CutPrefix(name, base)
		switch {
		case err != nil:
			t.Fatal(err)
		case !ours || strings.HasPrefix(key, "request:"), strings.HasPrefix(key, "card:"), strings.HasPrefix(key, "message:"):
			t.Errorf("%s is left", name)
		case ttl <= 0 && !permanent.MatchString(key):
			t.Errorf("%s is not trimmed and lives for ever", name)
		case ttl > 8*24*time.Hour: // a request lives a week at most, its keys a day longer
			t.Errorf("%s lives %s", name, ttl)
		}
	}
}

// everyEnd brings requests to every end there is, with what goes beside them.
func (w *world) everyEnd() {
	w.t.Helper()
	w.appliance.Inject(senhaseguratest.Fault{Method: "DELETE", Path: "*/custody/94", Times: 1, Kind: senhaseguratest.Reset, Act: true})
	ask := func(line string) fakeslack.Message { return w.asks(ana, line) }
	done, denied, cancelled, unknown, expired := ask("deactivate 5 leaked"), ask("deactivate 6 leaked"), ask("deactivate 12 leaked"), ask("release 94 done"), ask("activate 130 back")
	w.recorded(done)
	w.clicks(dora, done, "approve") // who may not
	w.erases(done)                  // it is posted again
	w.types(clara, "freeze key stolen")
	var again fakeslack.Message
	w.eventually("the card is there again", func() bool {
		for _, m := range w.ws.Messages(incident) {
			if meta(m).Request == meta(done).Request && m.TS != done.TS {
				again = m
			}
		}
		return again.TS != ""
	})
	w.types(clara, "unfreeze")
	w.recorded(again)
	w.clicks(bruno, again, "approve")
	w.clicks(bruno, denied, "deny")
	if out, err := w.ws.Submit(bruno, w.opened(bruno, "deny"), fakeslack.Values{"reason": "wrong host"}); err != nil || !out.Closed {
		w.t.Fatalf("sending the form: closed %v, %v", out.Closed, err)
	}
	w.types(ana, "cancel "+meta(cancelled).Request)
	w.clicks(bruno, unknown, "approve")
	w.resolves(w.becomes(unknown, "unknown"))
	glass := w.breaks(ana, "break-glass deactivate 12 attacker is logged in right now", nil)
	w.clicks(bruno, w.becomes(glass, "done"), "review")
	w.eventually("the review is on record", func() bool {
		r, _, err := w.store().Load(w.t.Context(), meta(glass).Request)
		return err == nil && !r.Glass.Unsigned()
	})
	for card, state := range map[*fakeslack.Message]string{&again: "done", &denied: "denied", &cancelled: "cancelled", &expired: "expired"} {
		w.becomes(*card, state)
	}
}

// erases deletes a message as its author may.
func (w *world) erases(m fakeslack.Message) {
	w.t.Helper()
	answer, err := http.PostForm(w.slack.URL+"/api/chat.delete", url.Values{"token": {"xoxb-fake"}, "channel": {m.Channel}, "ts": {m.TS}})
	if err != nil {
		w.t.Fatal(err)
	}
	answer.Body.Close()
	if is, there := w.ws.Message(m.Ref()); there && !is.Deleted {
		w.t.Fatal("the message is still there")
	}
}

// trimmed removes every request, as if the time of each were over.
func (w *world) trimmed() {
	w.t.Helper()
	w.eventually("every request is removed", func() bool {
		if _, err := w.store().Trim(w.t.Context(), time.Millisecond, 1000); err != nil {
			w.t.Fatal(err)
		}
		left, err := w.opens().Keys(w.t.Context(), "*:request:*").Result()
		return err == nil && len(left) == 0
	})
}

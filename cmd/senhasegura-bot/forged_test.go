package main

import (
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"senhasegura-bot/approvals"
	"senhasegura-bot/approvals/redisstore"
	"senhasegura-bot/bot/fakeslack"
)

// forges presses a button of the card with another value than its own.
func (w *world) forges(user string, card fakeslack.Message, action, value string) {
	w.t.Helper()
	if _, err := w.ws.Press(fakeslack.Press{User: user, Message: card.Ref(), ActionID: action, Value: value}); err != nil {
		w.t.Fatal(err)
	}
}

// valueOf is what the card's button sends.
func valueOf(t *testing.T, card fakeslack.Message, action string) string {
	t.Helper()
	for _, b := range fakeslack.Buttons(card) {
		if b.ActionID == action {
			return b.Value
		}
	}
	t.Fatalf("no button %s", action)
	return ""
}

// still checks that a request waits as it did when it was made, its buttons too.
func (w *world) still(cards ...fakeslack.Message) {
	w.t.Helper()
	for _, card := range cards {
		if m, _ := w.ws.Message(card.Ref()); meta(m).State != "pending" || meta(m).Version != 1 || len(fakeslack.Buttons(m)) != 3 {
			w.t.Errorf("%s moved: %+v, %v", meta(card).Request, meta(m), fakeslack.Buttons(m))
		}
		w.entries(meta(card).Request, approvals.EventSubmit)
	}
}

// TestForgedValuesAreOnRecord: a value that was made up, and one that is another
// request's, decide nothing with any button. Each is answered, and is in the
// audit as a refusal.
func TestForgedValuesAreOnRecord(t *testing.T) {
	transports(t, func(t *testing.T, socket bool) {
		w := newWorld(t, setup{socket: socket})
		one, two := w.asks(ana, "deactivate 5 leaked"), w.asks(dora, "deactivate 6 leaked")
		own, other := valueOf(t, one, "approve"), valueOf(t, two, "approve")
		id, nonce, _ := strings.Cut(own, ".")
		_, foreign, _ := strings.Cut(other, ".")
		if id != meta(one).Request || nonce == foreign || len(nonce) < 22 {
			t.Fatalf("values %q and %q can be guessed", own, other)
		}
		forged := []string{id, id + ".", id + "." + foreign, id + "." + nonce[:len(nonce)-1], id + "." + strings.ToLower(nonce) + "=",
			own + "." + nonce, "R-000000." + nonce, "." + nonce, "*", strings.Repeat("x", 2000)}
		pressed := map[string]string{"approve": bruno, "deny": clara, "cancel": ana}
		for action, user := range pressed {
			for _, value := range forged {
				before := len(w.ws.Ephemerals(user))
				w.forges(user, one, action, value)
				w.answered(user, before+1)
			}
			w.whispered(user, "I know no request")
			// Ten a minute of one person are listed.
			w.onRecord(user+"'s forgeries", len(forged), func(e approvals.Logged) bool {
				return e.By.User == user && e.By.Name != "" && e.Tried == action && e.Note == "unknown_request" && e.Channel == incident
			})
		}
		w.forges(heitor, one, "approve", other)
		w.whispered(heitor, meta(two).Request)
		w.onRecord("another request's value", 1, func(e approvals.Logged) bool {
			return e.By.User == heitor && e.About == meta(two).Request && e.Note == "not_the_card"
		})
		for user := range pressed {
			if view, open := w.ws.OpenView(user); open {
				t.Errorf("a forged value opened the form %s", view.CallbackID)
			}
		}
		w.still(one, two)
		if n := len(w.calls()); n != 0 {
			t.Errorf("%d calls", n)
		}
		w.verifies()
	})
}

// TestAFormsValueIsAButtons: what a form carries is checked as a button's value
// is. Slack keeps it and people cannot change it; all the same the id, which
// everybody reads, is not enough.
func TestAFormsValueIsAButtons(t *testing.T) {
	transports(t, func(t *testing.T, socket bool) {
		w := newWorld(t, setup{socket: socket})
		card := w.asks(ana, "deactivate 5 leaked")
		id := meta(card).Request
		w.clicks(clara, card, "deny")
		form := w.opened(clara, "deny")
		for i, value := range []string{id, id + ".", id + ".AAAAAAAAAAAAAAAAAAAAAAAAAA", ""} {
			payload, err := w.ws.SubmitPayload(clara, form, fakeslack.State{"reason": {"reason": {"type": "plain_text_input", "value": "no"}}})
			if err != nil {
				t.Fatal(err)
			}
			carried, _ := json.Marshal(map[string]string{"value": value})
			payload["view"].(map[string]any)["private_metadata"] = string(carried)
			ack, err := w.ws.SendInteraction(payload)
			if err != nil || !strings.Contains(string(ack.Body), "I know no request") {
				t.Errorf("a form with the value %q was answered %s, %v", value, ack.Body, err)
			}
			w.onRecord("a form with a forged value", i+1, func(e approvals.Logged) bool {
				return e.By.User == clara && e.Tried == "deny form" && e.Note == "unknown_request"
			})
		}
		w.still(card)
		if out, err := w.ws.Submit(clara, form, fakeslack.Values{"reason": "wrong host"}); err != nil || !out.Closed {
			t.Fatalf("the form as it was: %+v, %v", out, err)
		}
		w.becomes(card, "denied")
	})
}

// neighbour is another workspace's bot over the same Redis with the same
// AUDIT_KEY, and an appliance of its own.
func (w *world) neighbour() *world {
	w.t.Helper()
	n := newWorld(w.t, setup{stays: true})
	n.ws = fakeslack.New(fakeslack.Config{TeamID: "T0SECOND"})
	slack := httptest.NewServer(n.ws.Handler())
	n.ws.SetURL(slack.URL)
	w.t.Cleanup(func() { n.ws.Close(); slack.Close() })
	n.populate()
	n.env["SLACK_API_URL"], n.env["REDIS_URL"] = slack.URL+"/api/", w.redis.URL
	n.redis = w.redis
	n.start()
	return n
}

// TestAValueOfAnotherTeam: what one workspace's button sends decides nothing in
// another that shares Redis and AUDIT_KEY with it: not as it is, and not when
// somebody copies the request there, nor when they write it over.
func TestAValueOfAnotherTeam(t *testing.T) {
	t.Parallel()
	first := newWorld(t, setup{})
	second := first.neighbour()
	theirs, ours := first.asks(ana, "deactivate 5 leaked"), second.asks(ana, "deactivate 6 leaked")
	value := valueOf(t, theirs, "approve")
	client, err := redisstore.Open(first.redis.URL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	for i, bring := range []func(){
		func() {},
		func() { moveRequest(t, client, theirs, ours, func(*approvals.Request) {}) },
		func() {
			moveRequest(t, client, theirs, ours, func(r *approvals.Request) { r.Team, r.Requester.Key = "T0SECOND", "T0SECOND:"+ana })
		},
	} {
		bring()
		before := len(second.ws.Ephemerals(bruno))
		second.forges(bruno, ours, "approve", value)
		second.answered(bruno, before+1)
		told := second.ws.Ephemerals(bruno)
		contains(t, plainText(told[len(told)-1]), "I know no request")
		second.refused(t, client, i+1)
	}
	first.still(theirs)
	if calls := append(first.calls(), second.calls()...); len(calls) > 0 {
		t.Errorf("called %v", calls)
	}
	if m, _ := second.ws.Message(ours.Ref()); meta(m).Request != meta(ours).Request || meta(m).State != "pending" {
		t.Errorf("the other workspace's card became %+v", meta(m))
	}
	first.clicks(bruno, theirs, "approve") // the value is good where it was given out
	first.becomes(theirs, "done")
	if len(first.calls()) != 1 || len(second.calls()) != 0 {
		t.Errorf("called %v and %v", first.calls(), second.calls())
	}
}

// moveRequest copies a request to the second workspace, bent, and says there
// that the message of another card is its card.
func moveRequest(t *testing.T, client redis.UniversalClient, from, card fakeslack.Message, bend func(*approvals.Request)) {
	t.Helper()
	id, ctx := meta(from).Request, t.Context()
	for _, kind := range []string{"request:", "card:"} {
		if err := client.Copy(ctx, "senhasegura-bot:{T0FAKE}:"+kind+id, "senhasegura-bot:{T0SECOND}:"+kind+id, 0, true).Err(); err != nil {
			t.Fatal(err)
		}
	}
	key := "senhasegura-bot:{T0SECOND}:request:" + id
	record, err := client.HGet(ctx, key, "record").Result()
	if err != nil {
		t.Fatal(err)
	}
	var r approvals.Request
	if err := json.Unmarshal([]byte(record), &r); err != nil {
		t.Fatal(err)
	}
	bend(&r)
	bent, _ := json.Marshal(r)
	if client.HSet(ctx, key, "record", string(bent)).Err() != nil ||
		client.HSet(ctx, "senhasegura-bot:{T0SECOND}:card:"+id, "channel", card.Channel, "ts", card.TS).Err() != nil {
		t.Fatal("Redis refuses")
	}
}

// refused waits until the second workspace's audit has so many refused clicks.
func (w *world) refused(t *testing.T, client redis.UniversalClient, n int) {
	t.Helper()
	store := redisstore.New(redisstore.Config{Client: client, Team: "T0SECOND"})
	w.eventually("the click is on record", func() bool {
		all, err := store.Audit(t.Context(), 0, 1000)
		found := 0
		for _, e := range all {
			if e.Event == approvals.EventRefuse && e.By.User == bruno && e.Tried == "approve" && e.Note == "unknown_request" {
				found++
			}
		}
		return err == nil && found == n
	})
}

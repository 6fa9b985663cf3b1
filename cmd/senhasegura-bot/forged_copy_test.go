package main

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"

	"senhasegura-bot/approvals"
	"senhasegura-bot/bot/fakeslack"
)

// posts says something in the incident's channel as the app, as whoever has its
// token can.
func (w *world) posts(text, blocks, metadata string) fakeslack.Message {
	w.t.Helper()
	answer, err := http.PostForm(w.slack.URL+"/api/chat.postMessage", url.Values{
		"token": {"xoxb-fake"}, "channel": {incident}, "text": {text}, "blocks": {blocks}, "metadata": {metadata}})
	if err != nil {
		w.t.Fatal(err)
	}
	answer.Body.Close()
	for _, m := range w.ws.Messages(incident) {
		if m.Text == text {
			return m
		}
	}
	w.t.Fatalf("posting as the app: %s, and there is no message", answer.Status)
	return fakeslack.Message{}
}

// TestACopyOfACardClosesNothing: a message with a card's buttons that says in its
// metadata that it shows a later version than is on record, of the request or of
// another, is no card: a press on it closes nothing.
func TestACopyOfACardClosesNothing(t *testing.T) {
	transports(t, func(t *testing.T, socket bool) {
		w := newWorld(t, setup{socket: socket})
		card, other := w.asks(ana, "deactivate 5 leaked"), w.asks(dora, "deactivate 6 leaked")
		w.recorded(card, other)
		for _, of := range []string{meta(card).Request, meta(other).Request, ""} {
			shows := fmt.Sprintf(`{"event_type":"pam_request","event_payload":{"request":%q,"state":"pending","version":999999}}`, of)
			for action, user := range map[string]string{"approve": bruno, "deny": clara, "cancel": ana} {
				before := len(w.ws.Ephemerals(user))
				forged := w.posts("copy for "+action+" of "+of, string(card.Blocks), shows)
				w.clicks(user, forged, action)
				w.answered(user, before+1)
			}
		}
		w.whispered(bruno, meta(card).Request)
		w.onRecord("a press on a copy", 9, func(e approvals.Logged) bool {
			return e.About == meta(card).Request && e.Note == "not_the_card"
		})
		w.still(card, other)
		w.clicks(bruno, card, "approve")
		w.becomes(card, "done")
	})
}

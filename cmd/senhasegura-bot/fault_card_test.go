package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"senhasegura-bot/approvals"
	"senhasegura-bot/bot/fakeslack"
	"senhasegura-bot/senhasegura/senhaseguratest"
)

// deletes removes a message, as a person may.
func (w *world) deletes(m fakeslack.Message) {
	w.t.Helper()
	resp, err := http.PostForm(w.slack.URL+"/api/chat.delete", url.Values{"token": {"xoxb-fake"}, "channel": {m.Channel}, "ts": {m.TS}})
	if err != nil {
		w.t.Fatal(err)
	}
	resp.Body.Close()
}

// TestFaultSlackCardDeleted: somebody deletes the card while it waits for more
// votes, while it runs, or before it showed its end: it is posted again, once,
// shows the truth, and the outcome is told once, where the card now is.
func TestFaultSlackCardDeleted(t *testing.T) {
	t.Parallel()
	for name, deleteAt := range map[string]func(w *world, card fakeslack.Message){
		"waiting": func(w *world, card fakeslack.Message) {
			w.deletes(card)
			w.clicks(bruno, card, "approve") // his Slack still shows it
		},
		"running": func(w *world, card fakeslack.Message) {
			w.appliance.Inject(senhaseguratest.Fault{Method: "DELETE", Path: "*/pam/credential/6", Times: 1, Kind: senhaseguratest.Delay, DelayMS: 4000})
			w.clicks(bruno, card, "approve")
			w.becomes(card, "running")
			w.deletes(card)
		},
		"after the end": func(w *world, card fakeslack.Message) {
			w.ws.Fail("chat.update", fakeslack.Fault{Times: -1, Status: 500})
			w.clicks(bruno, card, "approve")
			w.eventually("it is done", func() bool {
				r, _, err := w.store().Load(w.t.Context(), meta(card).Request)
				return err == nil && r.State.Final()
			})
			w.deletes(card)
			w.ws.Heal("chat.update")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, setup{})
			card := w.asks(ana, "deactivate 5,6 leaked")
			id := meta(card).Request
			deleteAt(w, card)
			var again fakeslack.Message
			w.eventuallyWithin(30, "it is posted again and done", func() bool {
				all := w.copies(id)
				if len(all) > 0 {
					again = all[len(all)-1]
				}
				return len(all) > 0 && meta(again).State == "done"
			})
			w.settled(id)
			if n := len(w.copies(id)); n != 1 {
				t.Errorf("%d messages show it", n)
			}
			if n := w.replies(id); n != 1 || len(w.ws.Thread(incident, again.TS)) != 1 {
				t.Errorf("told %d times, %d of them beside the card", n, len(w.ws.Thread(incident, again.TS)))
			}
			if n := len(w.calls()); n != 2 {
				t.Errorf("%d calls for two targets", n)
			}
		})
	}
}

// TestFaultSlackNoRoom: the channel is closed to the bot when the card is to be
// posted, or to be updated: the run is not held up by it, and whoever asked is
// told directly, once.
func TestFaultSlackNoRoom(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"not_in_channel", "channel_not_found", "is_archived"} {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, setup{})
			card := w.asks(ana, "deactivate 5 leaked")
			gone := fakeslack.Fault{Times: -1, Error: code, When: func(c fakeslack.Call) bool { return c.Args["channel"] == incident }}
			w.ws.Fail("chat.postMessage", gone)
			w.ws.Fail("chat.update", gone)
			w.clicks(bruno, card, "approve")
			direct := func(part string) int {
				n := 0
				for _, m := range w.ws.Messages(w.ws.DM(ana)) {
					if strings.Contains(plainText(m), part) {
						n++
					}
				}
				return n
			}
			w.eventually("Ana is told of her first directly", func() bool { return direct(meta(card).Request) == 1 })
			second := w.requested(ana, "deactivate 6 leaked") // conversations.info still shows it open
			w.eventually("and of her second", func() bool { return direct(second) == 1 })
			w.settled(meta(card).Request)
			if r, _, err := w.store().Load(t.Context(), second); err != nil || r.State != approvals.Cancelled {
				t.Errorf("the second is %s, %v", r.State, err)
			}
			if len(w.calls()) != 1 || direct(meta(card).Request) != 1 || direct(second) != 1 {
				t.Errorf("%d calls; told %d and %d times", len(w.calls()), direct(meta(card).Request), direct(second))
			}
		})
	}
}

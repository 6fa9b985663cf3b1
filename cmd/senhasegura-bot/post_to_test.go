package main

import (
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"senhasegura-bot/approvals"
	"senhasegura-bot/bot/fakeslack"
)

// desk is the channel where the cards of these scenarios go. Heitor, who
// approves, is not where people ask.
const desk = "CDESK"

const postToPolicy = standardPolicy + `
rules:
  - name: nothing is asked at the desk
    channels: [CDESK]
    deny: true
  - name: decided at the desk
    channels: ["inc-*"]
    targets: ["*@db01"]
    approvers: [{channel: [S0SRE]}]
    post_to: CDESK
`

func withDesk(t *testing.T, s setup, members ...string) *world {
	s.stays = true
	w := newWorld(t, s)
	w.ws.AddChannel(fakeslack.Channel{ID: desk, Name: "pam-desk", Creator: dora, Members: members})
	w.ws.Leave(incident, heitor)
	return w
}

// asksAtDesk types in the incident's channel and returns the card at the desk
// and the pointer where it was asked.
func (w *world) asksAtDesk(user, text string) (card, pointer fakeslack.Message) {
	w.t.Helper()
	shown := w.types(user, text)
	w.eventually("a card at the desk and a pointer to it (the answer was: "+shown+")", func() bool {
		for _, m := range w.ws.Messages(desk) {
			if meta(m).Request != "" {
				card = m
			}
		}
		pointer = w.pointer(meta(card).Request)
		return pointer.TS != ""
	})
	return card, pointer
}

// pointer is the message about a request where it was asked.
func (w *world) pointer(request string) fakeslack.Message {
	for _, m := range w.ws.Messages(incident) {
		if request != "" && strings.Contains(plainText(m), request) {
			return m
		}
	}
	return fakeslack.Message{}
}

// TestTheCardIsPostedElsewhere: asked in the incident's channel, decided at the
// desk by somebody who is only there; the incident's channel learns the end.
func TestTheCardIsPostedElsewhere(t *testing.T) {
	transports(t, func(t *testing.T, socket bool) {
		w := withDesk(t, setup{socket: socket, policy: postToPolicy}, "U0BOT", heitor, dora)
		w.start()
		card, pointer := w.asksAtDesk(ana, "deactivate root@db01 leaked")
		request := meta(card).Request
		contains(t, w.whispered(ana, "is requested"), request, "#"+desk, "/pam cancel "+request)
		contains(t, plainText(card), "asked by @UANA in #"+incident, "members of #"+desk, "root@db01", "1 person")
		contains(t, plainText(pointer), "Waiting", request, "@UANA", "deactivate the credential", "#"+desk)
		contains(t, string(pointer.Blocks), desk+"/p"+strings.ReplaceAll(card.TS, ".", "")+"|")
		if strings.Contains(plainText(pointer), "db01") || len(fakeslack.Buttons(pointer)) > 0 || len(pointer.Metadata) > 0 {
			t.Errorf("the pointer is more than one: %+v", pointer)
		}
		contains(t, w.types(dora, "status "+request), "Waiting", request) // both channels are public
		w.clicks(bruno, card, "approve")                                  // in @sre, but not at the desk
		if now, _ := w.ws.Message(card.Ref()); meta(now).State != "pending" || meta(now).Version != 1 {
			t.Errorf("somebody who is not at the desk decided: %+v", meta(now))
		}
		w.clicks(heitor, card, "approve")
		w.becomes(card, "done")
		contains(t, w.told(card), "@UANA", "Done", request)
		w.eventually("the pointer tells the end", func() bool { return strings.Contains(plainText(w.pointer(request)), "Done") })
		w.eventually("Ana, who is not at the desk, is told directly", func() bool { return len(w.direct(ana)) == 1 })
		contains(t, w.direct(ana)[0], "Done", request, "root@db01")
		if got := w.calls(); len(got) != 1 || got[0] != "DELETE /api/pam/credential/root@db01 by PAM Core" {
			t.Errorf("senhasegura received %v", got)
		}
		if n := len(w.ws.Messages(incident)); n != 1 {
			t.Errorf("%d messages where it was asked, want the pointer alone", n)
		}
	})
}

// TestTheDeskCannotBePostedTo: then nothing is requested, and the answer says
// which channel and what to do.
func TestTheDeskCannotBePostedTo(t *testing.T) {
	t.Parallel()
	w := withDesk(t, setup{policy: postToPolicy}, heitor)
	p := w.start()
	contains(t, w.types(ana, "deactivate root@db01 leaked"), "Nothing was requested", "#"+desk, "/invite", "U0BOT")
	w.ws.Join(desk, "U0BOT")
	for what, change := range map[string]func(*fakeslack.Channel){
		"archived": func(c *fakeslack.Channel) { c.Archived = true }, "shared": func(c *fakeslack.Channel) { c.IsExtShared = true },
		"gone": func(c *fakeslack.Channel) { c.Private, c.Members = true, nil },
	} {
		w.ws.UpdateChannel(desk, func(c *fakeslack.Channel) {
			*c = fakeslack.Channel{ID: desk, Name: "pam-desk", Members: []string{"U0BOT", heitor}}
		})
		w.ws.UpdateChannel(desk, change)
		p.kill() // what a process knows of a channel may be a minute old
		p = w.start()
		contains(t, w.types(ana, "deactivate root@db01 leaked"), "Nothing was requested", "#"+desk)
		if n := len(w.ws.Messages(desk)) + len(w.ws.Messages(incident)); n > 0 {
			t.Errorf("%s: %d messages", what, n)
		}
	}
	contains(t, w.requests(incident, ana, "deactivate root@web01 leaked"), "is requested") // another rule
}

// TestAPrivateDesk: only its members are eligible and see the request there;
// those who see where it was asked see it in lists too, strangers to both do not.
func TestAPrivateDesk(t *testing.T) {
	t.Parallel()
	w := withDesk(t, setup{policy: postToPolicy}, "U0BOT", heitor)
	w.ws.UpdateChannel(desk, func(c *fakeslack.Channel) { c.Private = true })
	w.ws.UpdateChannel(incident, func(c *fakeslack.Channel) { c.Private = true })
	w.ws.Leave(incident, dora)
	w.start()
	card, _ := w.asksAtDesk(ana, "deactivate root@db01 leaked")
	request := meta(card).Request
	for _, user := range []string{ana, bruno} { // where it was asked
		contains(t, w.types(user, "pending"), request)
	}
	contains(t, w.typesIn(desk, heitor, "pendentes"), request) // at the desk
	contains(t, w.typesIn(quiet, dora, "status "+request), "I know no request")
	w.clicks(bruno, card, "approve")
	w.eventually("the refusal is on record", func() bool { return w.refusals(request, bruno) == 1 })
	w.ws.Leave(incident, "U0BOT") // which rule holds for that channel cannot be said any more
	w.hears("member_left_channel", map[string]any{"user": "U0BOT", "channel": incident})
	w.clicks(heitor, card, "approve")
	contains(t, w.whispered(heitor, "não consigo ler"), "onde foi pedido")
	w.ws.Join(incident, "U0BOT")
	w.hears("member_joined_channel", map[string]any{"user": "U0BOT", "channel": incident})
	w.clicks(heitor, card, "approve")
	w.becomes(card, "done")
}

// TestThePointerSurvivesACrash: killed between card and pointer, or between
// two states, both are right after the next start, and once.
func TestThePointerSurvivesACrash(t *testing.T) {
	t.Parallel()
	w := withDesk(t, setup{policy: postToPolicy}, "U0BOT", heitor)
	posting := w.hangs("chat.postMessage", incident)
	p := w.start()
	w.types(ana, "deactivate root@db01 leaked")
	w.eventually("a pointer is being posted", posting)
	p.kill()
	w.ws.Heal("chat.postMessage")
	p = w.start()
	card := w.ws.Messages(desk)[0]
	w.eventuallyWithin(60, "the pointer is posted", func() bool { return strings.Contains(plainText(w.pointer(meta(card).Request)), "Waiting") })
	w.hangs("chat.update", incident)
	w.clicks(heitor, card, "approve")
	w.becomes(card, "done")
	w.eventually("the outcome is on record", func() bool {
		known, err := w.store().Card(t.Context(), meta(card).Request)
		return err == nil && known.Told == 1
	})
	before := w.updates(incident) // an earlier state's may hang as well
	w.eventually("the pointer is being updated", func() bool { return w.updates(incident) > before })
	p.kill()
	w.ws.Heal("chat.update")
	w.start()
	w.eventuallyWithin(60, "the pointer tells the end", func() bool { return strings.Contains(plainText(w.pointer(meta(card).Request)), "Done") })
	if a, b := len(w.ws.Messages(desk)), len(w.ws.Messages(incident)); a != 2 || b != 1 { // the card and its reply; the pointer
		t.Errorf("%d messages at the desk and %d where it was asked", a, b)
	}
}

// updates counts the updates of messages in a channel, answered or not.
func (w *world) updates(channel string) int {
	return len(slices.DeleteFunc(w.ws.Calls("chat.update"), func(c fakeslack.Call) bool { return c.Args["channel"] != channel }))
}

// hangs makes a method give no answer for one channel, and tells when it was called.
func (w *world) hangs(method, channel string) func() bool {
	var called atomic.Bool
	w.ws.Fail(method, fakeslack.Fault{Times: -1, Hang: true, When: func(c fakeslack.Call) bool {
		if c.Args["channel"] == channel {
			called.Store(true)
		}
		return c.Args["channel"] == channel
	}})
	return called.Load
}

// hears delivers an event to the bot.
func (w *world) hears(event string, fields map[string]any) {
	w.t.Helper()
	if _, err := w.ws.Event(event, fields); err != nil {
		w.t.Fatal(err)
	}
}

// refusals counts what one person was refused about a request.
func (w *world) refusals(request, user string) int {
	n := 0
	for _, e := range w.audit("") {
		if e.About == request && e.By.User == user && e.Note == string(approvals.WhyNotEligible) {
			n++
		}
	}
	return n
}

// TestThePointerIsLeftOut: where the bot was thrown out after the request was
// made, the card lives on.
func TestThePointerIsLeftOut(t *testing.T) {
	t.Parallel()
	w := withDesk(t, setup{policy: postToPolicy}, "U0BOT", heitor)
	w.ws.Fail("chat.postMessage", fakeslack.Fault{Times: -1, Error: "restricted_action", When: func(c fakeslack.Call) bool { return c.Args["channel"] == incident }})
	p := w.start()
	w.types(ana, "deactivate root@db01 leaked")
	w.eventually("it is left out", func() bool { return strings.Contains(p.log.String(), "nobody is told where the card is") })
	w.clicks(heitor, w.ws.Messages(desk)[0], "approve")
	w.becomes(w.ws.Messages(desk)[0], "done")
	if n := len(w.ws.Messages(incident)); n > 0 {
		t.Errorf("%d messages where it was asked", n)
	}
}

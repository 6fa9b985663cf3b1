package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"senhasegura-bot/bot/fakeslack"
)

// outside adds n approvers who are not in the channel of the incident; one of
// them reads Portuguese.
func (w *world) outside(n int) []string {
	var users []string
	for i := range n {
		u := fakeslack.User{ID: fmt.Sprintf("UOUT%02d", i), Name: fmt.Sprintf("out%02d", i)}
		if i == 1 {
			u.Locale = "pt-BR"
		}
		w.ws.AddUser(u)
		users = append(users, u.ID)
	}
	w.ws.SetGroupUsers("S0SRE", append([]string{ana, bruno, guest}, users...)...)
	return users
}

// direct is what the bot told a person in their direct messages.
func (w *world) direct(user string) []string {
	var all []string
	for _, m := range w.ws.Messages(w.ws.DM(user)) {
		all = append(all, plainText(m))
	}
	return all
}

// TestApproversOutsideTheChannel: ten of them are told once, with a link, in
// their language; nobody else is.
func TestApproversOutsideTheChannel(t *testing.T) {
	transports(t, func(t *testing.T, socket bool) {
		w := newWorld(t, setup{socket: socket, stays: true})
		users := w.outside(12)
		w.ws.Fail("chat.postMessage", fakeslack.Fault{Times: 1, RetryAfter: time.Second,
			When: func(c fakeslack.Call) bool { return c.Args["channel"][0] == 'D' }})
		w.ws.Fail("conversations.open", fakeslack.Fault{Times: 1, Error: "user_disabled",
			When: func(c fakeslack.Call) bool { return c.Args["users"] == users[3] }})
		w.start()
		card := w.asks(ana, "deactivate 5 leaked")
		w.eventuallyWithin(30, "ten are told, but the one who cannot be", func() bool { return w.invited(users) == 9 })
		contains(t, w.direct(users[0])[0], meta(card).Request, "you may approve or deny it")
		contains(t, string(w.ws.Messages(w.ws.DM(users[0]))[0].Blocks), incident+"/p"+strings.ReplaceAll(card.TS, ".", "")+"|")
		contains(t, w.direct(users[1])[0], meta(card).Request, "você pode aprovar ou negar")
		w.clicks(bruno, card, "approve")
		w.becomes(card, "done")
		for _, user := range append(users[10:], ana, bruno, guest, users[3]) {
			if told := w.direct(user); len(told) != 0 {
				t.Errorf("%s was told: %v", user, told)
			}
		}
		for _, user := range slices.Delete(slices.Clone(users[:10]), 3, 4) {
			if told := w.direct(user); len(told) != 1 {
				t.Errorf("%s was told %d times: %v", user, len(told), told)
			}
		}
	})
}

func (w *world) invited(users []string) int {
	n := 0
	for _, user := range users {
		n += len(w.direct(user))
	}
	return n
}

// TestInvitingSurvivesACrash: who was not told is told by the next process, and
// who was is not told again, but for the one it was just being done for.
func TestInvitingSurvivesACrash(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{stays: true})
	users := w.outside(6)
	p := w.start()
	w.asks(ana, "deactivate 5 leaked")
	w.eventually("two are told", func() bool { return w.invited(users) >= 2 })
	p.kill()
	w.start()
	w.eventuallyWithin(60, "all are told", func() bool {
		return !slices.ContainsFunc(users, func(user string) bool { return len(w.direct(user)) == 0 })
	})
	if n := w.invited(users); n > len(users)+1 {
		t.Errorf("six people were told %d times", n)
	}
}

// TestNobodyOutsideAPrivateChannel: there only members are eligible.
func TestNobodyOutsideAPrivateChannel(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{stays: true})
	users := w.outside(3)
	w.ws.UpdateChannel(incident, func(c *fakeslack.Channel) { c.Private = true })
	w.ws.AddChannel(fakeslack.Channel{ID: "COPEN", Name: "open", Members: []string{"U0BOT", ana, bruno}})
	w.start()
	card := w.asks(ana, "deactivate 5 leaked")
	contains(t, plainText(card), "1 person")
	w.typesIn("COPEN", ana, "deactivate 6 leaked") // of this one they are told, later than the first is looked at
	w.eventuallyWithin(30, "all are told", func() bool { return w.invited(users) >= 3 })
	for _, user := range users {
		if told := strings.Join(w.direct(user), "\n"); strings.Contains(told, meta(card).Request) {
			t.Errorf("%s was told of a private channel: %s", user, told)
		}
	}
}

package main

import (
	"fmt"
	"maps"
	"testing"

	"senhasegura-bot/bot/fakeslack"
)

// asksAbout are the methods by which the bot learns of people and places.
var asksAbout = []string{"users.info", "users.list", "usergroups.list", "usergroups.users.list", "conversations.info", "conversations.members"}

// asked counts the calls of those methods since a mark in the journal.
func (w *world) asked(mark int) map[string]int {
	n := w.calledSince(mark)
	maps.DeleteFunc(n, func(method string, _ int) bool {
		for _, m := range asksAbout {
			if m == method {
				return false
			}
		}
		return true
	})
	return n
}

// news is an event, what is true when it comes, what the bot asks anew when it
// next needs to know, and a part of the answer to a request that follows.
type news struct {
	event  string
	fields map[string]any
	true   func(w *world)
	asks   map[string]int
	answer string
	counts bool // the answer is a card
}

const wider = "UEXTRA07" // in @sre with many others, known from the list only

func everyNews() map[string]news {
	channel := func(change func(*fakeslack.Channel)) func(*world) {
		return func(w *world) { w.ws.UpdateChannel(incident, change) }
	}
	one := func(methods ...string) map[string]int {
		n := map[string]int{}
		for _, m := range methods {
			n[m] = 1
		}
		return n
	}
	return map[string]news{
		"a person who acts": {"user_change", map[string]any{"user": map[string]any{"id": ana}},
			func(w *world) { w.ws.UpdateUser(ana, func(u *fakeslack.User) { u.IsRestricted = true }) },
			one("users.info"), "full members", false},
		"a person who is counted": {"user_change", map[string]any{"user": map[string]any{"id": wider}},
			func(w *world) { w.ws.UpdateUser(wider, func(u *fakeslack.User) { u.Deleted = true }) },
			one("users.info"), "29 people", true},
		"members of a group": {"subteam_members_changed", map[string]any{"subteam_id": "S0SRE"},
			func(w *world) { w.ws.SetGroupUsers("S0SRE", bruno, ana) },
			one("usergroups.users.list", "users.info"), "1 person", true},
		"a group's handle": {"subteam_updated", map[string]any{"subteam": map[string]any{"id": "S0SRE", "handle": "old"}},
			func(w *world) {
				w.ws.RemoveGroup("S0SRE")
				w.ws.AddGroup(fakeslack.Group{ID: "S0OTHER", Handle: "sre", Users: []string{bruno}})
			},
			one("usergroups.list"), "nobody", false},
		"somebody left": {"member_left_channel", map[string]any{"user": wider, "channel": incident},
			func(w *world) { w.ws.Leave(incident, wider) },
			one("conversations.members"), "29 people", true},
		"somebody joined": {"member_joined_channel", map[string]any{"user": "ULATER", "channel": incident},
			func(w *world) { w.ws.Join(incident, "ULATER") },
			one("conversations.members"), "31 people", true},
		"the bot left": {"member_left_channel", map[string]any{"user": "U0BOT", "channel": incident},
			func(w *world) { w.ws.Leave(incident, "U0BOT") },
			map[string]int{"conversations.info": 1, "conversations.members": 1}, "/invite", false},
		"a new name": {"channel_rename", map[string]any{"channel": map[string]any{"id": incident, "name": "frozen-42"}},
			channel(func(c *fakeslack.Channel) { c.Name = "frozen-42" }),
			one("conversations.info"), "does not allow", false},
		"shared": {"channel_shared", map[string]any{"channel": incident, "connected_team_id": "E0OTHER"},
			channel(func(c *fakeslack.Channel) { c.IsExtShared = true }),
			one("conversations.info"), "another organization", false},
		"archived": {"channel_archive", map[string]any{"channel": incident, "user": dora},
			channel(func(c *fakeslack.Channel) { c.Archived = true }),
			one("conversations.info"), "archived", false},
		"a new id": {"channel_id_changed", map[string]any{"old_channel_id": incident, "new_channel_id": "CNEW"},
			func(w *world) { w.ws.Leave(incident, wider) },
			one("conversations.info", "conversations.members"), "29 people", true},
	}
}

const channelPolicy = `
defaults:
  approvers: [{channel: ["@sre"]}]
rules:
  - name: frozen
    channels: ["frozen-*"]
    deny: true
limits: {per_person_minute: 0, pending_per_person: 0, pending: 0}
`

// TestEventsEmptyExactlyThat: each event makes the bot ask again about what it
// names, and about nothing else; by both transports.
func TestEventsEmptyExactlyThat(t *testing.T) {
	transports(t, func(t *testing.T, socket bool) {
		for name, n := range everyNews() {
			t.Run(name, func(t *testing.T) {
				w := newWorld(t, setup{socket: socket, stays: true, policy: channelPolicy})
				group := []string{"ULATER"}
				for i := range 30 {
					id := fmt.Sprintf("UEXTRA%02d", i)
					w.ws.AddUser(fakeslack.User{ID: id, Name: id})
					group = append(group, id)
				}
				w.ws.AddUser(fakeslack.User{ID: "ULATER", Name: "later"})
				w.ws.SetGroupUsers("S0SRE", group...)
				w.ws.Join(incident, group[1:]...)
				w.start()
				first := w.asks(ana, "deactivate 5 leaked")
				contains(t, plainText(first), "30 people")
				w.rests(first) // what is drawn asks too
				mark := len(w.ws.Calls(""))
				second := w.asks(ana, "deactivate 6 leaked")
				contains(t, plainText(second), "30 people")
				w.rests(second)
				if again := w.asked(mark); len(again) != 0 {
					t.Fatalf("known facts were asked for: %v", again)
				}
				n.true(w)
				mark = len(w.ws.Calls("")) // an open card may ask before the next command does
				if _, err := w.ws.Event(n.event, n.fields); err != nil {
					t.Fatal(err)
				}
				answer := w.types(ana, "deactivate 41 leaked")
				if n.counts {
					w.eventually("the third card", func() bool { return len(w.cards()) == 3 })
					card, _ := w.ws.Message(fakeslack.MessageRef{Channel: incident, TS: w.cards()[2]})
					answer = plainText(card)
				}
				contains(t, answer, n.answer)
				again := w.asked(mark)
				if n.event == "channel_shared" { // the open cards are drawn by it too, and ask again when they like
					again = map[string]int{"conversations.info": min(again["conversations.info"], 1)}
				}
				if !maps.Equal(again, n.asks) {
					t.Errorf("after %s the bot asked %v, want %v", n.event, again, n.asks)
				}
			})
		}
	})
}

// TestUnshared: a channel that is no longer shared can be used at once.
func TestUnshared(t *testing.T) {
	transports(t, func(t *testing.T, socket bool) {
		w := newWorld(t, setup{socket: socket})
		w.ws.UpdateChannel(incident, func(c *fakeslack.Channel) { c.IsExtShared = true })
		contains(t, w.types(ana, "deactivate 5 leaked"), "another organization")
		w.ws.UpdateChannel(incident, func(c *fakeslack.Channel) { c.IsExtShared = false })
		if _, err := w.ws.Event("channel_unshared", map[string]any{"channel": incident, "is_ext_shared": false}); err != nil {
			t.Fatal(err)
		}
		w.asks(ana, "deactivate 5 leaked")
	})
}

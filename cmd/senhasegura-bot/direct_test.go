package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"senhasegura-bot/bot/fakeslack"
)

// TestAProcessThatDidNotHear: another process, which still believes the channel
// to be the workspace's own, never draws the card whole again.
func TestAProcessThatDidNotHear(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	w.start() // the second; commands go there, and it learns of the channel
	first := w.asks(ana, "deactivate 6 leaked")
	card := w.asks(ana, "deactivate root@db01 leaked")
	w.rests(first)
	w.rests(card)
	w.ws.SetBot(w.processes[0].url)
	w.becomesShared(true)
	w.shrinks(card)
	for _, user := range []string{ana, bruno, clara, heitor} { // each a drawing, by either process
		w.directCard(user, meta(card).Request, "pending")
		w.directCard(user, meta(first).Request, "pending")
	}
	for _, one := range []fakeslack.Message{first, card} {
		now := w.shrinks(one)
		history := now.History
		i := slices.IndexFunc(history, func(v fakeslack.Version) bool { return !strings.Contains(string(v.Blocks), `"button"`) })
		for _, v := range history[i:] {
			if strings.Contains(string(v.Blocks), "leaked") {
				t.Errorf("the card was whole again: %s", v.Blocks)
			}
		}
	}
}

// TestDirectCardsDoNotWaitForEachOther: one approver cannot be written to,
// another's updates get no answer; everybody else's are sent and become final.
func TestDirectCardsDoNotWaitForEachOther(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	w.ws.Fail("conversations.open", fakeslack.Fault{Times: -1, Error: "user_disabled", When: func(c fakeslack.Call) bool { return c.Args["users"] == bruno }})
	w.hangs("chat.update", w.ws.DM(ana))
	card := w.asks(ana, "deactivate root@db01 leaked")
	request := meta(card).Request
	w.becomesShared(true)
	w.shrinks(card)
	for _, user := range []string{ana, clara, heitor} {
		w.directCard(user, request, "pending")
	}
	w.clicks(heitor, w.directCard(heitor, request, "pending"), "approve")
	w.tellsNothing(w.becomes(card, "done"))
	for _, user := range []string{clara, heitor} {
		w.directCard(user, request, "done")
	}
	w.ws.Heal("chat.update")
	w.directCard(ana, request, "done")
	if told := w.direct(bruno); len(told) > 0 {
		t.Errorf("who cannot be written to was: %v", told)
	}
}

// TestDirectCardsSurviveACrash: killed while they are sent, the next process
// goes on; no more than the one under way is doubled, and ten approvers is all.
func TestDirectCardsSurviveACrash(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{stays: true})
	users := w.outside(12)
	w.ws.Join(incident, users...)
	p := w.start()
	card := w.asks(ana, "deactivate root@db01 leaked")
	w.becomesShared(true)
	w.eventually("three have it", func() bool { return w.invited(append(users, ana)) >= 3 })
	p.kill()
	w.start()
	has := func(user string) bool { return len(w.direct(user)) > 0 }
	told := append([]string{ana, bruno}, users[:9]...) // the first ten by id, and who asked
	w.eventuallyWithin(60, "all have it", func() bool { return !slices.ContainsFunc(told, func(user string) bool { return !has(user) }) })
	w.shrinks(card)
	w.clicks(bruno, w.directCard(bruno, meta(card).Request, "pending"), "approve")
	for _, user := range told {
		w.directCard(user, meta(card).Request, "done")
	}
	if n := w.invited(append(users, ana, bruno)); n > len(told)+1 {
		t.Errorf("%d people have %d direct cards", len(told), n)
	}
	for _, user := range users[9:] {
		if has(user) {
			t.Errorf("%s has one: %s", user, fmt.Sprint(w.direct(user)))
		}
	}
}

// TestThePointersChannelBecomesShared: the card elsewhere stays as it is; the
// line where it was asked tells id and state only.
func TestThePointersChannelBecomesShared(t *testing.T) {
	t.Parallel()
	w := withDesk(t, setup{policy: postToPolicy}, "U0BOT", heitor)
	w.start()
	card, pointer := w.asksAtDesk(ana, "deactivate root@db01 leaked")
	request := meta(card).Request
	contains(t, plainText(pointer), "@UANA")
	w.becomesShared(true)
	w.eventually("the pointer shrinks", func() bool { return plainText(w.pointer(request)) == "*Waiting* · *"+request+"*" })
	w.clicks(heitor, card, "approve")
	contains(t, plainText(w.becomes(card, "done")), "root@db01")
	w.eventually("the pointer tells the end", func() bool { return plainText(w.pointer(request)) == "*Done* · *"+request+"*" })
}

// TestABreakGlassInASharedChannel: its review is signed in a direct message.
func TestABreakGlassInASharedChannel(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{policy: glassPolicy})
	card := w.becomes(w.breaks(ana, glassLine, nil), "done")
	request := meta(card).Request
	w.becomesShared(true)
	w.shrinks(card)
	direct := w.directCard(bruno, request, "done")
	if got := buttonsOf(direct); !slices.Equal(got, []string{"review"}) {
		t.Errorf("a reviewer may %v", got)
	}
	w.clicks(stranger, card, "review")
	w.whispered(stranger, "full members")
	w.clicks(clara, card, "review")
	contains(t, w.whispered(clara, "was not counted"), "direct messages")
	w.clicks(bruno, direct, "review")
	for _, user := range []string{ana, bruno} {
		w.eventuallyWithin(30, "it is signed on the direct card of "+user, func() bool {
			now := w.directCard(user, request, "done")
			return len(buttonsOf(now)) == 0 && strings.Contains(plainText(now), "@"+bruno)
		})
	}
	now, _ := w.ws.Message(card.Ref())
	w.tellsNothing(now)
}

// TestNobodyIsRemindedInASharedThread: strangers read it, and who can act has
// the card directly.
func TestNobodyIsRemindedInASharedThread(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{policy: "defaults: {approvers: [S0SRE], remind: 6s, expires: 25s}\n"})
	card := w.asks(ana, "deactivate root@db01 leaked")
	w.becomesShared(true)
	w.shrinks(card)
	client := w.dial()
	w.eventuallyWithin(30, "both reminders are behind us", func() bool {
		return client.HGet(t.Context(), "senhasegura-bot:{T0FAKE}:card:"+meta(card).Request, "reminded").Val() == "2"
	})
	if replies := w.ws.Thread(card.Channel, card.TS); len(replies) > 0 {
		t.Errorf("the thread reads: %s", plainText(replies[0]))
	}
}

package main

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"senhasegura-bot/approvals/redisstore"
	"senhasegura-bot/bot/fakeslack"
	"senhasegura-bot/senhasegura/senhaseguratest"
)

// becomesShared makes the incident's channel one that another organization
// reads, with Slack's event of it.
func (w *world) becomesShared(shared bool) {
	w.t.Helper()
	if _, err := w.ws.Share(incident, shared); err != nil {
		w.t.Fatal(err)
	}
}

// shrinks waits until the card tells strangers nothing.
func (w *world) shrinks(card fakeslack.Message) fakeslack.Message {
	w.t.Helper()
	now := card
	w.eventually("the card of "+meta(card).Request+" shrinks", func() bool {
		now, _ = w.ws.Message(card.Ref())
		return strings.Contains(plainText(now), "shared with another organization")
	})
	w.tellsNothing(now)
	return now
}

// tellsNothing holds a shrunk card to its id and state.
func (w *world) tellsNothing(card fakeslack.Message) {
	w.t.Helper()
	all := card.Text + string(card.Blocks)
	for _, secret := range []string{"db01", "leaked", "Ana", ana, "redential", "<@", "<!", `"button"`, "S0SRE"} {
		if strings.Contains(all, secret) {
			w.t.Errorf("%q is on the shrunk card: %s", secret, all)
		}
	}
	contains(w.t, all, meta(card).Request)
}

// directCard waits for a person's direct card of a request in a state.
func (w *world) directCard(user, request, state string) fakeslack.Message {
	w.t.Helper()
	var card fakeslack.Message
	w.eventuallyWithin(30, user+" has "+request+" directly, "+state, func() bool {
		for _, m := range w.ws.Messages(w.ws.DM(user)) {
			if meta(m).Request == request && meta(m).State == state {
				card = m
				return true
			}
		}
		return false
	})
	return card
}

func buttonsOf(m fakeslack.Message) []string {
	var all []string
	for _, b := range fakeslack.Buttons(m) {
		all = append(all, b.ActionID)
	}
	return all
}

// TestAChannelBecomesShared: the card shrinks to id and state, the requester and
// the approvers have it in direct messages, and one of them approves it there.
func TestAChannelBecomesShared(t *testing.T) {
	transports(t, func(t *testing.T, socket bool) {
		w := newWorld(t, setup{socket: socket})
		card := w.asks(ana, "deactivate root@db01 leaked")
		request := meta(card).Request
		w.rests(card)
		w.becomesShared(true)
		shrunk := w.shrinks(card)
		if meta(shrunk).State != "pending" {
			t.Errorf("the contract's metadata is %+v", meta(shrunk))
		}
		contains(t, plainText(shrunk), "Waiting", "direct message")
		if got := buttonsOf(w.directCard(ana, request, "pending")); !slices.Equal(got, []string{"cancel"}) {
			t.Errorf("the requester may %v", got)
		}
		for _, user := range []string{bruno, clara, heitor} {
			direct := w.directCard(user, request, "pending")
			contains(t, plainText(direct), "root@db01", "leaked", "#"+incident)
			if got := buttonsOf(direct); !slices.Equal(got, []string{"approve", "deny"}) {
				t.Errorf("%s may %v", user, got)
			}
		}
		w.clicks(stranger, card, "approve") // on the card as their client still shows it
		w.whispered(stranger, "full members")
		w.clicks(bruno, card, "approve")
		contains(t, w.whispered(bruno, "was not counted"), request, "direct messages")
		w.clicks(bruno, w.directCard(bruno, request, "pending"), "approve")
		w.tellsNothing(w.becomes(card, "done"))
		if told, want := w.told(card), "@UANA *Done* · "+request; told != want {
			t.Errorf("the thread was told %q, want %q", told, want)
		}
		for _, user := range []string{ana, bruno, clara, heitor} {
			direct := w.directCard(user, request, "done")
			contains(t, plainText(direct), "root@db01")
			if got := buttonsOf(direct); len(got) > 0 || len(w.ws.Messages(w.ws.DM(user))) != 1 {
				t.Errorf("%s still has %v: %v", user, got, w.direct(user))
			}
		}
		if got := w.calls(); len(got) != 1 {
			t.Errorf("senhasegura received %v", got)
		}
		for _, user := range []string{dora, guest, robot, stranger} {
			if told := w.direct(user); len(told) > 0 {
				t.Errorf("%s was told %v", user, told)
			}
		}
	})
}

// TestAClickFindsTheChannelShared: no event came; the deciding click looks,
// counts nothing, and has the card shrunk. Deciding goes on directly, through
// the form too; what is not the person's own direct card decides nothing.
func TestAClickFindsTheChannelShared(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	card := w.asks(ana, "deactivate root@db01 leaked")
	request := meta(card).Request
	w.rests(card)
	w.processes[0].kill() // what it knows of the channel is too young to be asked for again
	w.ws.UpdateChannel(incident, func(c *fakeslack.Channel) { c.IsExtShared = true })
	w.start()
	w.clicks(clara, card, "approve")
	contains(t, w.whispered(clara, "was not counted"), request, "direct messages")
	w.shrinks(card)
	brunos, claras := w.directCard(bruno, request, "pending"), w.directCard(clara, request, "pending")
	for _, forged := range []fakeslack.Press{
		{User: clara, Message: brunos.Ref(), Old: &brunos, ActionID: "approve"},
		{User: clara, Message: claras.Ref(), Old: &claras, ActionID: "approve", Claim: &fakeslack.MessageRef{Channel: quiet, TS: "1700000000.000100"}},
		{User: dora, Message: brunos.Ref(), Old: &brunos, ActionID: "approve"},
		{User: ana, Message: brunos.Ref(), Old: &brunos, ActionID: "approve"},
	} {
		if _, err := w.ws.Press(forged); err != nil {
			t.Fatal(err)
		}
	}
	w.eventually("all were refused", func() bool { return w.notTheCard(request) == 4 })
	if now, _ := w.ws.Message(card.Ref()); meta(now).Version != 1 || len(w.calls()) > 0 {
		t.Errorf("something was decided: %+v, %v", meta(now), w.calls())
	}
	if now, _ := w.ws.Message(brunos.Ref()); len(buttonsOf(now)) != 2 {
		t.Errorf("somebody else's press changed a direct card: %s", plainText(now))
	}
	w.clicks(clara, claras, "deny")
	if out, err := w.ws.Submit(clara, w.opened(clara, "deny"), fakeslack.Values{"reason": "wrong host"}); err != nil || !out.Closed {
		t.Fatalf("denying: %+v, %v", out, err)
	}
	w.tellsNothing(w.becomes(card, "denied"))
	contains(t, plainText(w.directCard(ana, request, "denied")), "wrong host", "@UCLARA")
	if told := w.told(card); strings.Contains(told, "wrong host") {
		t.Errorf("the thread was told %q", told)
	}
}

// notTheCard counts the presses on something else than a card of the request.
func (w *world) notTheCard(request string) int {
	n := 0
	for _, e := range w.audit("") {
		if e.About == request && e.Note == "not_the_card" {
			n++
		}
	}
	return n
}

// TestAnUnknownOutcomeInASharedChannel: what somebody saw in senhasegura is
// recorded from a direct card too.
func TestAnUnknownOutcomeInASharedChannel(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	w.appliance.Inject(senhaseguratest.Fault{Method: "DELETE", Path: "*/custody/94", Times: 1, Kind: senhaseguratest.Reset, Act: true})
	card := w.asks(ana, "release 94 leaked")
	w.clicks(bruno, card, "approve")
	w.becomes(card, "unknown")
	w.becomesShared(true)
	w.shrinks(card)
	request := meta(card).Request
	w.clicks(bruno, w.directCard(bruno, request, "unknown"), "resolve")
	if out, err := w.ws.Submit(bruno, w.opened(bruno, "resolve"), fakeslack.Values{"outcome": "done"}); err != nil || !out.Closed {
		t.Fatalf("resolving: %+v, %v", out, err)
	}
	w.tellsNothing(w.becomes(card, "done"))
	w.directCard(ana, request, "done")
}

// TestAChannelIsNoLongerShared: the card comes back whole and decides; direct
// cards stay valid and become final.
func TestAChannelIsNoLongerShared(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	card := w.asks(ana, "deactivate root@db01 leaked")
	request := meta(card).Request
	w.becomesShared(true)
	w.shrinks(card)
	direct := w.directCard(bruno, request, "pending")
	w.becomesShared(false)
	w.eventually("the card is whole again", func() bool {
		card, _ = w.ws.Message(card.Ref())
		return strings.Contains(plainText(card), "root@db01") && len(buttonsOf(card)) == 3
	})
	w.clicks(bruno, direct, "approve")
	w.becomes(card, "done")
	contains(t, w.told(card), "disabled")
	w.directCard(bruno, request, "done")
	w.directCard(ana, request, "done")
}

// TestAChannelIsLookedAtAgain: without an event or a click, a card that is open
// is looked at within a minute.
func TestAChannelIsLookedAtAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	card := w.asks(ana, "deactivate root@db01 leaked")
	w.rests(card)
	w.processes[0].kill()
	w.ws.UpdateChannel(incident, func(c *fakeslack.Channel) { c.IsExtShared = true })
	w.start()
	client := w.dial()
	client.ZAdd(t.Context(), behind, redis.Z{Member: meta(card).Request}) // the minute is over
	w.shrinks(card)
}

// behind is the index of the cards that are to be drawn, by when.
const behind = "senhasegura-bot:{T0FAKE}:behind"

// rests waits until a card has nothing to be drawn but its next look, within a
// minute.
func (w *world) rests(card fakeslack.Message) {
	w.t.Helper()
	client := w.dial()
	w.eventually("the card rests", func() bool {
		at := client.ZScore(w.t.Context(), behind, meta(card).Request).Val()
		wait := time.Until(time.UnixMilli(int64(at)))
		return wait > 30*time.Second && wait <= time.Minute
	})
}

// dial opens the world's Redis for the scenario.
func (w *world) dial() redis.UniversalClient {
	w.t.Helper()
	client, err := redisstore.Open(w.redis.URL)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { client.Close() })
	return client
}

// TestOutOfASharedChannelAndBack: while the bot is out of a private channel
// Slack does not say whether it is shared. That is no news: the card stays
// shrunk when the bot is let in again, and nobody told it so.
func TestOutOfASharedChannelAndBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{policy: standardPolicy + "rules: [{name: soon, expires: 20s}]\n", stays: true})
	w.ws.UpdateChannel(incident, func(c *fakeslack.Channel) { c.Private = true })
	w.start()
	card := w.asks(ana, "deactivate root@db01 leaked")
	w.becomesShared(true)
	w.shrinks(card)
	w.directCard(bruno, meta(card).Request, "pending")
	w.rests(card)
	w.ws.Leave(incident, "U0BOT")
	before, err := w.store().Card(t.Context(), meta(card).Request)
	if err != nil {
		t.Fatal(err)
	}
	w.becomesShared(true)
	w.eventually("the bot finds itself outside", func() bool { // asked for a drawing, and drew
		now, err := w.store().Card(t.Context(), meta(card).Request)
		return err == nil && now.Fence >= before.Fence+2 && !now.Again
	})
	w.rests(card)
	w.ws.Join(incident, "U0BOT")
	w.tellsNothing(w.becomesWithin(card, "expired", 60))
}

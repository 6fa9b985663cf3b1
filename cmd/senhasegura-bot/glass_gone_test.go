package main

import (
	"slices"
	"strings"
	"testing"

	"senhasegura-bot/approvals"
	"senhasegura-bot/bot/fakeslack"
)

// TestABreakGlassWhoseCardIsOutOfReach: whoever broke the glass puts the bot
// out of the channel while the call is under way. The review stays owed: the
// audit says when it is overdue, and once the bot is let in again the card is
// drawn and somebody signs.
func TestABreakGlassWhoseCardIsOutOfReach(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{policy: strings.Replace(glassPolicy, "1h", "6s", 1)})
	release := w.hesitates(0)
	card := w.breaks(ana, "break-glass deactivate 5, 6, 7, 12, 18 attacker is logged in right now", nil)
	id := meta(card).Request
	w.eventually("the run is under way", func() bool { return len(w.calls()) > 0 })
	w.ws.Leave(incident, "U0BOT")
	release()
	w.eventuallyWithin(90, "the audit says that the review is overdue", func() bool {
		return slices.ContainsFunc(w.audit(id), func(e approvals.Logged) bool { return e.Event == approvals.EventOverdue })
	})
	w.ws.Join(incident, "U0BOT")
	w.eventuallyWithin(90, "the card is drawn again", func() bool {
		now, _ := w.ws.Message(card.Ref())
		return strings.Contains(plainText(now), "Review overdue")
	})
	w.clicks(bruno, card, "review")
	w.reads(card, "Reviewed by", "@"+bruno, "*late*")
}

// TestLinkedSinceTheBreakGlass: an unsigned review is not forgotten because
// Slack or the policy have come to know the person by another name.
func TestLinkedSinceTheBreakGlass(t *testing.T) {
	t.Parallel()
	const second = "UANA2"
	w := newWorld(t, setup{policy: strings.Replace(glassPolicy, "UANA,", "UANA, UANA2,", 1), stays: true, env: map[string]string{"IDENTITY_CACHE": "0s"}})
	w.ws.AddUser(fakeslack.User{ID: second, Name: "ana2", RealName: "Ana Luz"})
	w.ws.Join(incident, second)
	w.start()
	card := w.becomes(w.breaks(ana, glassLine, nil), "done")
	w.blocked(meta(card).Request)
	w.writePolicy(strings.Replace(glassPolicy, "UANA,", "UANA, UANA2,", 1) + "same_person: [[UANA, UANA2]]\n")
	w.processes[0].cmd.Process.Signal(hangup)
	w.eventually("the policy is in force", func() bool { return strings.Contains(w.processes[0].log.String(), "policy reloaded") })
	w.blocked(meta(card).Request)
	out, err := w.ws.Submit(second, w.shatters(second, "break-glass deactivate 7 attacker is still logged in"), nil)
	if err != nil || out.Closed || !strings.Contains(out.View.Text(), "is not reviewed") {
		t.Fatalf("the other account: %+v, %v", out, err)
	}
	w.writePolicy(glassPolicy)
	w.processes[0].cmd.Process.Signal(hangup)
	w.ws.UpdateUser(ana, func(u *fakeslack.User) {
		u.Enterprise = &fakeslack.EnterpriseUser{ID: "WANA", EnterpriseID: "E0ORG", Teams: []string{"T0FAKE"}}
	})
	w.blocked(meta(card).Request)
	w.clicks(bruno, card, "review")
	w.reads(card, "Reviewed by", "@"+bruno)
	w.becomes(w.breaks(ana, "break-glass deactivate 7 attacker is still logged in", nil), "done")
}

// TestABreakGlassWithoutACard: the bot is put out of the channel before it
// could post the card. The reviewers are told directly, and the card is posted
// as soon as it can be.
func TestABreakGlassWithoutACard(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{policy: glassPolicy})
	view := w.shatters(ana, glassLine)
	w.ws.Leave(incident, "U0BOT")
	if out, err := w.ws.Submit(ana, view, nil); err != nil || !out.Closed {
		t.Fatalf("the channel was asked about a moment ago: %s %+v, %v", out.View.Text(), out.Errors, err)
	}
	for user, look := range map[string]string{bruno: "Look for R-", clara: "Look for R-", heitor: "Procure R-"} {
		w.eventuallyWithin(60, user+" is told", func() bool { return len(w.direct(user)) == 1 })
		contains(t, w.direct(user)[0], ana, look)
	}
	w.ws.Join(incident, "U0BOT")
	var card fakeslack.Message
	w.eventuallyWithin(60, "the card", func() bool {
		all := w.cards()
		if len(all) == 1 {
			card, _ = w.ws.Message(fakeslack.MessageRef{Channel: incident, TS: all[0]})
		}
		return len(all) == 1
	})
	w.clicks(bruno, card, "review")
	w.reads(card, "Reviewed by", "@"+bruno)
}

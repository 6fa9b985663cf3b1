package main

import (
	"strings"
	"testing"

	"senhasegura-bot/approvals"
	"senhasegura-bot/bot/fakeslack"
)

// TestABreakGlassLeftUnsigned: the thread reminds the reviewers and one who is
// elsewhere is told; when the time is up the card and the audit say so. The
// next one of that person is refused with the link, in any state of the first,
// until somebody has signed, however late; others are not held up.
func TestABreakGlassLeftUnsigned(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{policy: strings.Replace(glassPolicy, "1h", "20s", 1), stays: true})
	w.ws.AddUser(fakeslack.User{ID: "UOUT", Name: "out", RealName: "Otto Reis"})
	w.ws.SetGroupUsers("S0SRE", bruno, clara, heitor, "UOUT")
	w.start()
	card := w.becomes(w.breaks(ana, glassLine, nil), "done")
	id := meta(card).Request
	w.eventually("a reviewer elsewhere is told", func() bool { return len(w.direct("UOUT")) == 1 })
	contains(t, w.direct("UOUT")[0], ana, "broke the glass", id, "sign its review")
	w.blocked(id)
	w.becomes(w.breaks(heitor, "emergencia desativar 6 invasor está logado agora", nil), "done")

	w.eventuallyWithin(90, "the card is overdue", func() bool {
		now, _ := w.ws.Message(card.Ref())
		return strings.Contains(plainText(now), "Review overdue")
	})
	w.eventually("the thread says so", func() bool { return len(w.reminders(card, "nobody has signed it")) == 1 })
	if n := len(w.reminders(card, "nobody has signed the review")); n < 1 || n > 3 { // those of a machine that stalls become one
		t.Errorf("the thread reminded %d times before: %q", n, w.reminders(card, ""))
	}
	contains(t, w.reminders(card, "nobody has signed")[0], "S0SRE", id)
	w.blocked(id)
	w.clicks(bruno, card, "review")
	w.reads(card, "Done · BREAK-GLASS", "Reviewed by", "@"+bruno, "*late*: it was due")
	w.entries(id, approvals.EventGlass, approvals.EventClaim, approvals.EventMark, approvals.EventAnswer, approvals.EventOverdue, approvals.EventReview)
	w.exported(id, `"event":"break_glass"`, `"event":"overdue"`, `"event":"review"`)
	w.becomes(w.breaks(ana, "break-glass deactivate 7 attacker is still logged in", nil), "done")
}

// blocked has Ana's next break-glass refused because of the request.
func (w *world) blocked(id string) {
	w.t.Helper()
	calls := len(w.calls())
	out, err := w.ws.Submit(ana, w.shatters(ana, "break-glass deactivate 7 attacker is still logged in"), nil)
	if err != nil || out.Closed {
		w.t.Fatalf("another break-glass: %+v, %v", out, err)
	}
	contains(w.t, out.View.Text(), "Nothing was done", id, "is not reviewed", "Go to the card")
	contains(w.t, string(out.View.Body), "archives/"+incident)
	if n := len(w.calls()); n != calls {
		w.t.Errorf("%d calls", n-calls)
	}
}

// reminders are the replies in the card's thread that hold part.
func (w *world) reminders(card fakeslack.Message, part string) []string {
	var all []string
	for _, m := range w.ws.Thread(card.Channel, card.TS) {
		if text := plainText(m); strings.Contains(text, part) {
			all = append(all, text)
		}
	}
	return all
}

// TestTheUnreviewedIsNamedNotShown: a card in a private channel that the person
// has left since is named, because it is theirs, and not linked.
func TestTheUnreviewedIsNamedNotShown(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{policy: glassPolicy, env: map[string]string{"IDENTITY_CACHE": "0s"}})
	w.ws.AddChannel(fakeslack.Channel{ID: "CPRIV", Name: "war-room", Private: true, Creator: dora, Members: []string{"U0BOT", ana, bruno}})
	w.typesIn("CPRIV", ana, glassLine)
	if out, err := w.ws.Submit(ana, w.opened(ana, "break_glass"), nil); err != nil || !out.Closed {
		t.Fatalf("%+v, %v", out, err)
	}
	w.whispered(ana, "You broke the glass")
	w.ws.Leave("CPRIV", ana)
	out, err := w.ws.Submit(ana, w.shatters(ana, "break-glass deactivate 7 attacker is still logged in"), nil)
	if err != nil || !strings.Contains(out.View.Text(), "is not reviewed") || strings.Contains(string(out.View.Body), "CPRIV") {
		t.Errorf("%s\n%s, %v", out.View.Text(), out.View.Body, err)
	}
}

// TestReviewersOfToday: who signs is in the policy of the day, so that a review
// does not stay owed for ever because its reviewers have left.
func TestReviewersOfToday(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{policy: glassPolicy})
	card := w.becomes(w.breaks(ana, glassLine, nil), "done")
	w.writePolicy(strings.Replace(glassPolicy, `reviewers: ["@sre"]`, "reviewers: [UDORA]", 1))
	w.processes[0].cmd.Process.Signal(hangup)
	w.eventually("the policy is reloaded", func() bool { return strings.Contains(w.processes[0].log.String(), "policy reloaded") })
	w.clicks(bruno, card, "review")
	contains(t, w.whispered(bruno, "sign"), "@"+dora)
	w.clicks(dora, card, "review")
	w.reads(card, "Reviewed by", "@"+dora)
}

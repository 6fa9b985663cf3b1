package main

import (
	"strings"
	"testing"

	"senhasegura-bot/approvals"
	"senhasegura-bot/bot/fakeslack"
)

// TestWhoMayBreakTheGlass: nobody without the policy's key; with it the people
// it names, for its verbs, where somebody else could sign. No form opens for
// what would be refused.
func TestWhoMayBreakTheGlass(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	contains(t, w.types(ana, glassLine), "break-glass is not set up")
	if shown := w.types(ana, "help"); strings.Contains(shown, "break-glass") {
		t.Errorf("help teaches what is not set up:\n%s", shown)
	}
	w.writePolicy(glassPolicy + "requesters: [UANA, UCLARA, UHEITOR]\nrules: [{name: never db02, targets: [\"*@db02\"], deny: true}]\n")
	w.processes[0].cmd.Process.Signal(hangup)
	w.eventually("the policy is in force", func() bool { return strings.Contains(w.processes[0].log.String(), "policy reloaded") })
	w.ws.AddChannel(fakeslack.Channel{ID: "CPRIV", Name: "war-room", Private: true, Creator: dora, Members: []string{"U0BOT", ana, dora}})
	for _, c := range []struct{ channel, user, text, want string }{
		{incident, guest, glassLine, "full members"},
		{incident, bruno, glassLine, "who may ask"},
		{incident, clara, glassLine, "break-glass is for @" + ana},
		{incident, clara, "break-glass", "break-glass is for @" + ana},
		{incident, ana, "break-glass activate 5 attacker is logged in right now", "only there to deactivate"},
		{incident, ana, "break-glass release 5", "only there to deactivate"},
		{incident, ana, "break-glass deactivate root@db02 attacker is logged in", "never db02"},
		{incident, ana, "break-glass deactivate +5 attacker is logged in", "/pam break-glass deactivate 5 attacker"},
		{incident, ana, "break-glass deactivate svc@corp.example@ad01 attacker is logged in", "/pam break-glass deactivate 101 attacker"},
		{incident, ana, "break-glass status R-7K2M9Q", "/pam status R-7K2M9Q"},
		{incident, ana, "break-glass help", "/pam help"},
		{"CPRIV", ana, glassLine, "nobody here could sign the review"},
		{quiet, ana, glassLine, "/invite"},
		{shared, ana, glassLine, "shared with another organization"},
	} {
		if got := w.typesIn(c.channel, c.user, c.text); !strings.Contains(got, c.want) {
			t.Errorf("%s typed %q in %s and was told:\n%s\nwant %q", c.user, c.text, c.channel, got, c.want)
		}
		if view, open := w.ws.OpenView(c.user); open {
			t.Errorf("%s typed %q and a form opened: %s", c.user, c.text, view.Text())
		}
	}
	w.ws.Fail("users.info", fakeslack.Fault{Times: -1, Error: "internal_error"})
	contains(t, w.types(ana, glassLine), "could not ask Slack")
	w.ws.Heal("users.info")
	if len(w.cards())+len(w.calls()) > 0 {
		t.Errorf("cards %v, calls %v", w.cards(), w.calls())
	}
}

// TestTheFormOfABreakGlass: it asks for whatever was left out, names the count
// that is missing, and judges again what changed since it opened.
func TestTheFormOfABreakGlass(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{policy: glassPolicy})
	view := w.shatters(ana, "break-glass")
	for _, c := range []struct {
		values fakeslack.Values
		field  string
		want   []string
	}{
		{fakeslack.Values{"verb": "deactivate", "targets": "5 6", "reason": "attacker is logged in right now"}, "targets", []string{"6", "commas"}},
		{fakeslack.Values{"verb": "deactivate", "targets": "5", "reason": "nineteen characters"}, "reason", []string{"19 characters", "at least 20"}},
		{fakeslack.Values{"verb": "deactivate", "targets": "5", "reason": "for 2h because of it all"}, "reason", []string{"for 2h"}},
	} {
		out, err := w.ws.Submit(ana, view, c.values)
		if err != nil {
			t.Fatal(err)
		}
		contains(t, out.Errors[c.field], c.want...)
	}
	out, err := w.ws.SubmitState(ana, view, fakeslack.State{"verb": picked("verb", "activate"), "kind": picked("kind", "credential"),
		"targets": {"targets": {"type": "plain_text_input", "value": "5"}}, "reason": {"reason": {"type": "plain_text_input", "value": "attacker is logged in right now"}}})
	if err != nil || !strings.Contains(out.Errors["verb"], "only there to deactivate") {
		t.Errorf("another verb, forged into the form: %+v, %v", out, err)
	}

	values := fakeslack.Values{"verb": "deactivate", "targets": "5", "reason": "vinte caracteres são"}
	w.types(clara, "freeze token stolen")
	out, err = w.ws.Submit(ana, view, values)
	if err != nil {
		t.Fatal(err)
	}
	contains(t, out.View.Text(), "everything is frozen", "token stolen", "does not pass a freeze")
	if _, err := w.ws.CloseView(ana); err != nil {
		t.Fatal(err)
	}
	if len(w.cards())+len(w.calls()) > 0 {
		t.Fatalf("during a freeze: cards %v, calls %v", w.cards(), w.calls())
	}
	w.types(clara, "unfreeze")
	if out, err = w.ws.Submit(ana, w.opened(ana, "break_glass"), values); err != nil || !out.Closed {
		t.Fatalf("the same form after the freeze: %s %+v, %v", out.View.Text(), out.Errors, err)
	}
	w.becomes(w.nextCard(nil), "done")
	w.eventually("what was refused is on record", func() bool {
		notes := strings.Join(w.notes(ana), ", ")
		return notes == "break_glass form break_glass_reason, break_glass form break_glass_verb, break_glass form frozen"
	})
}

// TestBreakGlassGoesFirst: what waits for the same with the same target is
// withdrawn for it, and whoever asked is told; what runs is not.
func TestBreakGlassGoesFirst(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{policy: glassPolicy})
	waits, other := w.asks(clara, "deactivate 5, 6 leaked"), w.asks(clara, "activate 5 wrong one")
	card := w.breaks(ana, glassLine, nil)
	waits = w.becomes(waits, "cancelled")
	contains(t, plainText(waits), "Cancelled by the bot", ana, "broke the glass", "nothing was sent")
	contains(t, w.told(waits), clara, "somebody broke the glass", meta(waits).Request)
	w.becomes(card, "done")
	w.entries(meta(waits).Request, approvals.EventSubmit, approvals.EventWithdraw)
	w.entries(meta(other).Request, approvals.EventSubmit)

	release := w.hesitates(0)
	running := w.breaks(heitor, "break-glass deactivate 5, 6, 7, 12, 18 attacker is logged in right now", nil)
	w.clicks(bruno, card, "review")
	w.reads(card, "Reviewed by")
	w.eventually("Heitor's run is under way", func() bool { return len(w.calls()) > 1 })
	kept := w.asks(clara, "deactivate 94 leaked")
	out, err := w.ws.Submit(ana, w.shatters(ana, "break-glass deactivate 94, 18 attacker is logged in right now"), nil)
	if err != nil || !strings.Contains(out.View.Text(), "already asks for this") || !strings.Contains(string(out.View.Body), "archives/"+incident) {
		t.Errorf("a target that is being deactivated: %s, %v", out.View.Text(), err)
	}
	w.entries(meta(kept).Request, approvals.EventSubmit) // not withdrawn for what was refused
	release()
	w.becomes(running, "done")
}

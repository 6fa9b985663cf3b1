package main

import (
	"slices"
	"strings"
	"testing"

	"senhasegura-bot/approvals"
	"senhasegura-bot/bot/fakeslack"
)

// Ana and Heitor may break the glass; @sre signs, Heitor among them.
const (
	glassPolicy = standardPolicy + "break_glass: {people: [UANA, UHEITOR], review_within: 1h, reviewers: [\"@sre\"]}\nfreeze: {people: [UCLARA]}\n"
	glassLine   = "break-glass deactivate 5 attacker is logged in right now"
)

// breaks types a line, sends the form it opens, and returns the card.
func (w *world) breaks(user, line string, values fakeslack.Values) fakeslack.Message {
	w.t.Helper()
	before := w.cards()
	view := w.shatters(user, line)
	if out, err := w.ws.Submit(user, view, values); err != nil || !out.Closed {
		w.t.Fatalf("sending the form: %s %+v, %v", out.View.Text(), out.Errors, err)
	}
	return w.nextCard(before)
}

// shatters types a line and returns the form it opens.
func (w *world) shatters(user, line string) fakeslack.View {
	w.t.Helper()
	if shown := w.types(user, line); shown != "" {
		w.t.Fatalf("%s typed %q and was told:\n%s", user, line, shown)
	}
	return w.opened(user, "break_glass")
}

func (w *world) nextCard(before []string) fakeslack.Message {
	w.t.Helper()
	var card fakeslack.Message
	w.eventually("a card", func() bool {
		for _, m := range w.ws.Messages(incident) {
			if meta(m).Request != "" && !slices.Contains(before, m.TS) {
				card = m
				return true
			}
		}
		return false
	})
	return card
}

// notes are the refusals on record of a person's commands, forms and clicks.
func (w *world) notes(user string) []string {
	w.t.Helper()
	var all []string
	for _, e := range w.audit("") {
		if e.Event == approvals.EventRefuse && e.By.User == user {
			all = append(all, e.Tried+" "+e.Note)
		}
	}
	return all
}

// disguises presses a button of the card under another action id.
func (w *world) disguises(user string, card fakeslack.Message, action string) {
	w.t.Helper()
	payload, err := w.ws.ClickPayload(fakeslack.Press{User: user, Message: card.Ref(), Old: &card, ActionID: "review"})
	if err != nil {
		w.t.Fatal(err)
	}
	payload["actions"].([]any)[0].(map[string]any)["action_id"] = action
	if _, err := w.ws.SendInteraction(payload); err != nil {
		w.t.Fatal(err)
	}
}

// TestBreakGlass: done at once by one person, loudly; nobody decides it any
// more, whatever they press; another person signs in time.
func TestBreakGlass(t *testing.T) {
	transports(t, func(t *testing.T, socket bool) {
		w := newWorld(t, setup{socket: socket, policy: glassPolicy})
		contains(t, w.types(ana, "help"), "/pam break-glass", "a reviewer must sign")
		view := w.shatters(ana, glassLine)
		contains(t, view.Text(), "Break the glass", "done at once", "nobody approves it before", "S0SRE", "within 1 hour", "next break-glass is blocked")
		contains(t, string(view.Body), `"deactivate"`, "attacker is logged in right now", `"text":"Break the glass"`)
		state := fakeslack.State{"verb": picked("verb", "deactivate"), "kind": picked("kind", "credential"),
			"targets": {"targets": {"type": "plain_text_input", "value": "5"}}, "reason": {"reason": {"type": "plain_text_input", "value": "attacker is logged in right now"}}}
		for range 2 { // sent again: once
			payload, err := w.ws.SubmitPayload(ana, view, state)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := w.ws.SendInteraction(payload); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := w.ws.CloseView(ana); err != nil { // Slack's client does, on the answer
			t.Fatal(err)
		}
		contains(t, w.whispered(ana, "You broke the glass"), "S0SRE", "cannot break the glass again")
		card := w.becomes(w.nextCard(nil), "done")
		id := meta(card).Request
		contains(t, plainText(card), "Done · BREAK-GLASS: deactivate the credential", "broke the glass", "nobody approved this", "S0SRE", "3 people can sign", "attacker is logged in right now")
		contains(t, w.types(dora, "status "+id), "Done · BREAK-GLASS", "nobody approved this", "To be reviewed")
		contains(t, w.told(card), ana, "Done · BREAK-GLASS", "still to be signed")
		if calls := w.calls(); !slices.Equal(calls, []string{"DELETE /api/pam/credential/5 by PAM Core"}) || len(w.cards()) != 1 {
			t.Fatalf("%d cards, calls %v", len(w.cards()), calls)
		}
		w.pressesInVain(card)
		w.clicks(bruno, card, "review")
		w.reads(card, "Reviewed by", "@"+bruno, "in time")
		now, _ := w.ws.Message(card.Ref())
		if strings.Contains(string(now.Blocks), `"review"`) || meta(now).State != "done" {
			t.Errorf("the signed card is %s", now.Blocks)
		}
		w.clicks(clara, card, "review")
		contains(t, w.whispered(clara, "has signed the review"), bruno)
		w.entries(id, approvals.EventGlass, approvals.EventClaim, approvals.EventMark, approvals.EventAnswer, approvals.EventReview)
		w.becomes(w.breaks(ana, "break-glass deactivate 6 attacker is still logged in", nil), "done")
		w.exported(id, `"event":"break_glass"`, `"event":"review"`, `"break_glass":true`)
	})
}

// pressesInVain has everybody press what they may not, or what is not there.
func (w *world) pressesInVain(card fakeslack.Message) {
	w.t.Helper()
	w.clicks(ana, card, "review")
	w.whispered(ana, "somebody else must sign")
	w.clicks(dora, card, "review")
	contains(w.t, w.whispered(dora, "Your signature was not counted"), "S0SRE")
	w.clicks(guest, card, "review")
	w.whispered(guest, "Only full members")
	for _, action := range []string{"approve", "deny"} {
		w.disguises(clara, card, action)
	}
	w.disguises(ana, card, "cancel")
	w.whispered(clara, "It is a break-glass")
	w.eventually("every refusal is on record", func() bool {
		return len(w.notes(clara)) == 2 && len(w.notes(ana)) == 2 && len(w.notes(dora)) == 1 && len(w.notes(guest)) == 1
	})
	for _, said := range w.ws.Ephemerals(clara) {
		if text := plainText(said); strings.Contains(text, "Done* (") || strings.Contains(text, "pproved by") {
			w.t.Errorf("Clara is told that people approved it: %s", text)
		}
	}
	if _, open := w.ws.OpenView(clara); open {
		w.t.Error("a form to deny a break-glass opened")
	}
	if last := w.audit(meta(card).Request); last[len(last)-1].Event != approvals.EventAnswer || len(w.calls()) != 1 {
		w.t.Errorf("a forged press did something: %+v, %v", last[len(last)-1], w.calls())
	}
}

// exported waits until the export of the audit holds every part on a line of
// the request, and the audit verifies.
func (w *world) exported(request string, parts ...string) {
	w.t.Helper()
	w.verifies()
	export, _ := w.tool("audit", "export")
	for _, part := range parts {
		if !slices.ContainsFunc(strings.Split(export, "\n"), func(line string) bool {
			return strings.Contains(line, request) && strings.Contains(line, part)
		}) {
			w.t.Errorf("no entry of %s has %s in\n%s", request, part, export)
		}
	}
}

// TestBreakGlassInPortuguese: what one person sees is in their language, and
// one of the reviewers is no reviewer of their own.
func TestBreakGlassInPortuguese(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{policy: "language: pt-BR\n" + glassPolicy})
	contains(t, w.types(heitor, "ajuda"), "/pam emergencia desativar")
	contains(t, w.types(heitor, "emergência ajuda"), "Depois de emergência", "/pam ajuda")
	view := w.shatters(heitor, "Emergência desativar root@db02 invasor")
	contains(t, view.Text(), "Emergência", "feito imediatamente", "ninguém aprova antes", "1 hora")
	contains(t, string(view.Body), `"text":"Fazer agora"`)
	out, err := w.ws.Submit(heitor, view, nil)
	if err != nil || !strings.Contains(out.Errors["reason"], "7 caracteres") || !strings.Contains(out.Errors["reason"], "no mínimo 20") {
		t.Fatalf("a short reason: %+v, %v", out, err)
	}
	if out, err = w.ws.Submit(heitor, view, fakeslack.Values{"reason": "invasor está logado agora"}); err != nil || !out.Closed {
		t.Fatalf("sending the form: %+v, %v", out, err)
	}
	w.whispered(heitor, "Você acionou a emergência")
	card := w.becomes(w.nextCard(nil), "done")
	contains(t, plainText(card), "Concluído · EMERGÊNCIA: desativar a credencial", "ninguém aprovou isto", "2 pessoas podem assinar")
	w.clicks(heitor, card, "review")
	w.whispered(heitor, "outra pessoa precisa assinar")
	w.clicks(clara, card, "review")
	w.reads(card, "Revisado por", "@"+clara, "no prazo")
}

// TestABreakGlassElsewhere: its card is where the rule posts it, and so are
// those who sign; where it was done a line follows it.
func TestABreakGlassElsewhere(t *testing.T) {
	t.Parallel()
	w := withDesk(t, setup{policy: postToPolicy + "break_glass: {people: [UANA], review_within: 1h, reviewers: [{channel: [\"@sre\"]}]}\n"}, "U0BOT", heitor, dora)
	w.start()
	view := w.shatters(ana, glassLine)
	if out, err := w.ws.Submit(ana, view, nil); err != nil || !out.Closed {
		t.Fatalf("sending the form: %s %+v, %v", out.View.Text(), out.Errors, err)
	}
	contains(t, w.whispered(ana, "You broke the glass"), "the card in #"+desk, "members of #"+desk)
	var card fakeslack.Message
	w.eventually("a card at the desk", func() bool {
		all := w.ws.Messages(desk)
		if len(all) > 0 {
			card = all[0]
		}
		return len(all) > 0
	})
	card = w.becomes(card, "done")
	contains(t, plainText(card), "Done · BREAK-GLASS", "@"+ana, "in #"+incident, "members of #"+desk, "just 1 person can sign")
	w.eventually("the line follows", func() bool {
		return strings.Contains(plainText(w.pointer(meta(card).Request)), "Done · BREAK-GLASS")
	})
	w.clicks(dora, card, "review") // there, but no reviewer
	w.whispered(dora, "Your signature was not counted")
	w.clicks(bruno, card, "review") // a reviewer, but not there
	w.eventually("Bruno's refusal is on record", func() bool { return slices.Equal(w.notes(bruno), []string{"review not_reviewer"}) })
	w.clicks(heitor, card, "review")
	w.reads(card, "Reviewed by", "@"+heitor, "in time")
}

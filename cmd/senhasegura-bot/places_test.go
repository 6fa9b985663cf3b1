package main

import (
	"strings"
	"testing"

	"senhasegura-bot/bot/fakeslack"
)

// TestWhereAndByWhom: places and people that a request cannot come from, or
// that nobody could approve in, are refused at birth with the reason.
func TestWhereAndByWhom(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{policy: standardPolicy + `
requesters: [UANA, UDORA]
rules:
  - name: three people
    targets: ["root@db02"]
    approvals: 4
`})
	w.ws.AddChannel(fakeslack.Channel{ID: "DANA", IsIM: true, Members: []string{"U0BOT", ana}})
	w.ws.AddChannel(fakeslack.Channel{ID: "CPRIV", Name: "war-room", Private: true, Creator: dora, Members: []string{"U0BOT", ana, dora}})
	const typed = "deactivate 5 leaked"
	for _, c := range []struct{ channel, user, text, want string }{
		{"DANA", ana, typed, "here nobody else could see it"},
		{quiet, ana, typed, "/invite"},
		{shared, ana, typed, "shared with another organization"},
		{"CPRIV", ana, typed, "nobody can here"},
		{incident, ana, "deactivate 6 leaked", "4"},
		{incident, bruno, typed, "not among the people who may ask"},
		{incident, guest, typed, "full members"},
		{incident, guest, "find root", "full members"},
		{incident, guest, "pending", "full members"},
		{incident, robot, typed, "full members"},
	} {
		if got := w.typesIn(c.channel, c.user, c.text); !strings.Contains(got, c.want) {
			t.Errorf("%s typed %q in %s and was told:\n%s\nwant %q", c.user, c.text, c.channel, got, c.want)
		}
	}
	contains(t, w.typesIn(incident, guest, "help"), "deactivate", "approve")
	if n := len(w.cards()); n != 0 {
		t.Errorf("%d cards were posted", n)
	}
}

// TestEveryFaultIsAnswered: product.md §2's faults over the wire. Each answer
// names the word and gives a line; nothing is created.
func TestEveryFaultIsAnswered(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	for _, c := range []struct{ typed, word, line string }{
		{"deactivat 5 leaked", "deactivat", "/pam deactivate 5 leaked"},
		{"deactivate 5 6 leaked", "6", "/pam deactivate 5,6 leaked"},
		{"deactivate 007 leaked", "007", "/pam deactivate 7 leaked"},
		{"deactivate -5 leaked", "-5", "/pam deactivate 5 leaked"},
		{"deactivate 1234567890123456789 leaked", "1234567890123456789", "/pam"},
		{"deactivate ,5 leaked", "5", "/pam deactivate 5 leaked"},
		{"deactivate 5,,6 leaked", ",,", "/pam deactivate 5,6 leaked"},
		{"deactivate root@ leaked", "root@", "/pam"},
		{"deactivate a/b@db01 leaked", "a/b@db01", "/pam"},
		{"deactivate svc@corp.example@ad01 leaked", "svc@corp.example@ad01", "/pam deactivate 101 leaked"},
		{"activate root@db01 all clear", "root@db01", "/pam activate 5 all clear"},
		{"release root@web01 done", "root@web01", "/pam release 12 done"},
		{"activate admin@app.prod.example clear", "admin@app.prod.example", "/pam activate 111 clear"},
		{"activate nobody@nowhere clear", "nobody@nowhere", "/pam"},
		{"deactivate password root@db01 leaked", "root@db01", "/pam"},
		{"release password 10 leaked", "password", "/pam release"},
		{"deactivate 5 for 2h leaked", "for 2h", "/pam deactivate 5 leaked"},
		{"desativar 5 por 30 min vazou", "por 30 min", "/pam desativar 5 vazou"},
		{"deactivate 5 " + strings.Repeat("x", 501), "501", "/pam deactivate 5"},
		{"status", "status", "/pam status R-"},
		{"status R-12", "R-12", "/pam status R-"},
		{"cancel", "cancel", "/pam cancel R-"},
		{"find", "find", "/pam find"},
		{"explain", "explain", "/pam explain"},
		{"history", "history", "/pam"},
		{"timeline", "timeline", "/pam"},
	} {
		before := len(w.ws.Ephemerals(ana))
		got := w.types(ana, c.typed)
		if !strings.Contains(got, c.word) || !strings.Contains(got, c.line) {
			t.Errorf("%q was answered:\n%s\nwant the word %q and the line %q", c.typed, got, c.word, c.line)
		}
		if n := len(w.ws.Ephemerals(ana)) - before; n != 1 {
			t.Errorf("%q got %d answers", c.typed, n)
		}
	}
	if n := len(w.cards()); n != 0 {
		t.Errorf("%d cards were posted", n)
	}
}

// TestOtherWords: help, status, pending, find and explain.
func TestOtherWords(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	contains(t, w.types(ana, "help"), "/pam deactivate", "/pam release", "pending", "explain")
	contains(t, w.types(ana, "ajuda"), "/pam deactivate")
	card := w.asks(ana, "deactivate root@db01 leaked & rotated by @bruno")
	id := meta(card).Request
	contains(t, plainText(card), "leaked & rotated by @bruno")
	contains(t, w.types(dora, "status "+id), "Waiting", id, "root@db01", "leaked")
	contains(t, w.types(dora, "pendentes"), "1 request", id)
	contains(t, w.types(dora, "find DB01"), "root@db01", "postgres@db01", "5")
	contains(t, w.types(dora, "buscar producao"), "Produção")
	contains(t, w.types(dora, "find nothing-like-it"), "may still exist")
	contains(t, w.types(dora, "explain 1018"), "custody", "PAM Core")
	contains(t, w.types(dora, "explain 1005"), "PAM Core", "MySafe")
	contains(t, w.types(dora, "explain 9999"), "No explanation is known")
	contains(t, w.types(dora, "status R-ZZZZZZ"), "I know no request")

	w.ws.AddChannel(fakeslack.Channel{ID: "CPRIV", Name: "war-room", Private: true, Creator: dora, Members: []string{"U0BOT", ana, bruno}})
	contains(t, w.requests("CPRIV", ana, "deactivate 130 leaked"), "is requested")
	if got := w.types(dora, "pending"); strings.Contains(got, "2 requests") {
		t.Errorf("a list shows what happens in a private channel to somebody outside:\n%s", got)
	}
	contains(t, w.types(bruno, "pending"), "2 requests")
}

// TestForm: what a command left out is asked for, filled with what was typed;
// faults show in its fields and nothing is lost.
func TestForm(t *testing.T) {
	transports(t, func(t *testing.T, socket bool) {
		w := newWorld(t, setup{socket: socket})
		for _, typed := range []string{"", "deactivate", "deactivate 5,6"} {
			w.types(ana, typed)
			view := w.opened(ana, "request")
			if typed == "deactivate 5,6" {
				contains(t, string(view.Body), "5, 6", `"deactivate"`)
			}
			if _, err := w.ws.CloseView(ana); err != nil {
				t.Fatal(err)
			}
		}
		w.types(ana, "deactivate 5,6")
		view := w.opened(ana, "request")
		out, err := w.ws.Submit(ana, view, fakeslack.Values{"targets": "5 6", "reason": "leaked"})
		if err != nil || out.Errors["targets"] == "" {
			t.Fatalf("targets without a comma: %+v, %v", out, err)
		}
		out, err = w.ws.SubmitState(ana, view, fakeslack.State{"verb": picked("verb", "deactivate"), "kind": picked("kind", "credential"),
			"targets": {"targets": {"type": "plain_text_input", "value": "5, 6"}}, "reason": {"reason": {"type": "plain_text_input", "value": nil}}})
		if err != nil || out.Errors["reason"] == "" {
			t.Fatalf("no reason: %+v, %v", out, err)
		}
		out, err = w.ws.Submit(ana, view, fakeslack.Values{"reason": "leaked in INC-42"})
		if err != nil || !out.Closed {
			t.Fatalf("sending the form: %+v, %v", out, err)
		}
		w.eventually("a card", func() bool { return len(w.cards()) == 1 })
		w.whispered(ana, "is requested")
	})
}

// opened waits for the person's form.
func (w *world) opened(user, callback string) fakeslack.View {
	w.t.Helper()
	var view fakeslack.View
	w.eventually("the form "+callback+" opens", func() bool {
		var open bool
		view, open = w.ws.OpenView(user)
		return open && view.CallbackID == callback
	})
	return view
}

// picked is the state of a select field.
func picked(field, value string) map[string]map[string]any {
	return map[string]map[string]any{field: {"type": "static_select", "selected_option": map[string]any{"value": value}}}
}

// TestLimits: how much one person may ask per minute, have waiting, and how
// much may wait in all; each refusal says so and stores nothing.
func TestLimits(t *testing.T) {
	t.Parallel()
	for limits, want := range map[string]string{
		"per_person_minute: 2, pending_per_person: 0, pending: 0": "2 per minute",
		"per_person_minute: 0, pending_per_person: 2, pending: 0": "2 of your requests",
		"per_person_minute: 0, pending_per_person: 0, pending: 2": "2 requests wait",
	} {
		w := newWorld(t, setup{policy: "defaults:\n  approvers: [S0SRE]\nlimits: {" + limits + "}\n"})
		w.asks(ana, "deactivate 5 leaked")
		w.asks(ana, "deactivate 6 leaked")
		contains(t, w.types(ana, "deactivate 12 leaked"), "Nothing was requested", want)
		if n := len(w.cards()); n != 2 {
			t.Errorf("%s: %d cards", limits, n)
		}
	}
}

// TestRulesDiffer: targets under different rules are refused with a line for
// each; what the list does not know falls under the strictest.
func TestRulesDiffer(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{policy: standardPolicy + "rules:\n  - name: root\n    targets: [\"root@*\"]\n    approvals: 2\n"})
	shown := w.types(ana, "deactivate 5,130 leaked")
	contains(t, shown, "different rules", "/pam deactivate", "5", "130")
	contains(t, plainText(w.asks(ana, "deactivate 5 leaked")), "2 approvals", "Rule: root")
	contains(t, plainText(w.asks(ana, "deactivate 999 leaked")), "2 approvals", "name not known", "strictest")
	contains(t, plainText(w.asks(ana, "deactivate 130 leaked")), "1 approval")
}

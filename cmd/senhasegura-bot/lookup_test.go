package main

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"senhasegura-bot/bot/fakeslack"
)

// form opens the bare form.
func (w *world) form(user string) fakeslack.View {
	w.t.Helper()
	_, _ = w.ws.CloseView(user)
	w.types(user, "")
	return w.opened(user, "request")
}

// suggests types into the form's search and returns the values that are offered.
func (w *world) suggests(user string, form fakeslack.View, typed string) []string {
	w.t.Helper()
	found, err := w.ws.Options(user, form, "lookup", typed)
	if err != nil {
		w.t.Fatalf("searching %q: %v", typed, err)
	}
	var values []string
	for _, o := range found {
		values = append(values, o.Value)
	}
	return values
}

// TestTheFormSearchesTheList: what is typed in the form's search finds entries of
// all kinds; what is picked is asked for beside what was typed.
func TestTheFormSearchesTheList(t *testing.T) {
	transports(t, func(t *testing.T, socket bool) {
		w := newWorld(t, setup{socket: socket})
		form := w.form(ana)
		if got := w.suggests(ana, form, "ROOT db0"); !slices.Equal(got, []string{"credential:5", "credential:6"}) {
			t.Errorf("%v is suggested", got)
		}
		if got := w.suggests(ana, form, "billing"); !slices.Equal(got, []string{"secret:10", "secret:42"}) {
			t.Errorf("%v is suggested", got)
		}
		all, err := w.ws.Options(ana, form, "lookup", "sre")
		if err != nil || len(all) != 2 || all[1] != (fakeslack.Option{Text: "CDN · sre · id 312", Value: "password:312", Group: "Password (MySafe)", Description: "May not be edited: senhasegura would refuse it (1006)"}) {
			t.Errorf("%+v, %v", all, err)
		}
		grouped, err := w.ws.Options(ana, form, "lookup", "10")
		if err != nil || grouped[0].Group != "Credential (PAM Core)" || grouped[len(grouped)-1] != (fakeslack.Option{Text: "billing-api · id 10", Value: "secret:10", Group: "API secret (MySafe)"}) {
			t.Errorf("%+v, %v", grouped, err)
		}

		filled := fakeslack.Values{"verb": "deactivate", "kind": "credential", "targets": "5, postgres@db01", "lookup": "credential:6,credential:5", "reason": "leaked"}
		wrong, err := w.ws.Submit(ana, form, fakeslack.Values{"verb": "deactivate", "kind": "password", "lookup": "credential:6", "reason": "leaked"})
		if err != nil || len(wrong.Errors) != 1 || !strings.Contains(wrong.Errors["lookup"], "“6”, which you picked, is a credential") {
			t.Errorf("a password is wanted and a credential was picked: %+v, %v", wrong.Errors, err)
		}
		none, err := w.ws.Submit(ana, form, fakeslack.Values{"verb": "deactivate", "reason": "leaked"})
		if err != nil || len(none.Errors) != 1 || !strings.Contains(none.Errors["targets"], "which targets") {
			t.Errorf("no target at all: %+v, %v", none.Errors, err)
		}
		card := w.sends(ana, form, filled)
		contains(t, plainText(card), "deactivate 3 credentials", "root@db01", "postgres@db01", "root@db02")
		w.clicks(bruno, card, "approve")
		w.becomes(card, "done")

		contains(t, plainText(w.sends(ana, w.searched(ana, "erp01"), fakeslack.Values{"verb": "release", "lookup": "credential:94", "reason": "job is done"})),
			"release custody of the credential", "oracle@erp01")
	})
}

// searched is the bare form after a search in it.
func (w *world) searched(user, text string) fakeslack.View {
	w.t.Helper()
	form := w.form(user)
	w.suggests(user, form, text)
	return form
}

// TestSuggestionsAreThereWhileOneTypes: over a long list, within the second in
// which Slack wants options, at most as many as it takes, and in the language of
// the person.
func TestSuggestionsAreThereWhileOneTypes(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{stays: true})
	w.firstTry = true
	w.holds(20_000, "host-")
	w.start()
	w.eventuallyWithin(60, "the list is read", func() bool { return !strings.Contains(w.types(heitor, "buscar host"), "Não consigo ler") })
	form := w.form(heitor)
	for _, typed := range []string{"host", "host-19999", "nothing of the kind", "host app local user 1 9"} {
		payload, err := w.ws.OptionsPayload(heitor, form, "lookup", typed)
		if err != nil {
			t.Fatal(err)
		}
		ack, err := w.ws.SendInteraction(payload)
		if err != nil || ack.Took > time.Second {
			t.Errorf("%q: answered after %s, %v", typed, ack.Took, err)
		}
	}
	if got := w.suggests(heitor, form, "host-1"); len(got) != 100 {
		t.Errorf("%d options", len(got))
	}
	if got := w.suggests(heitor, form, "app@host-19999"); !slices.Equal(got, []string{"credential:20999"}) {
		t.Errorf("%v", got)
	}
	if key, err := w.ws.Options(heitor, form, "lookup", "deploy web02"); err != nil || len(key) != 1 || key[0].Description != "Chave SSH: o senhasegura provavelmente recusaria (1010)" {
		t.Errorf("%+v, %v", key, err)
	}
}

// TestTheSearchTellsNothingToOthers: whoever may not ask finds nothing, whatever
// their client sends, and nothing forged in a form becomes a request.
func TestTheSearchTellsNothingToOthers(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{policy: standardPolicy + "requesters: [" + ana + "]\n"})
	form := w.form(ana)
	for what, change := range map[string]func(payload map[string]any){
		"a guest":                func(p map[string]any) { p["user"].(map[string]any)["id"] = guest },
		"a stranger":             func(p map[string]any) { p["user"].(map[string]any)["id"] = stranger },
		"nobody":                 func(p map[string]any) { p["user"].(map[string]any)["id"] = "UNOBODY" },
		"a member who may not":   func(p map[string]any) { p["user"].(map[string]any)["id"] = dora },
		"another field":          func(p map[string]any) { p["action_id"] = "targets" },
		"no form":                func(p map[string]any) { delete(p, "view") },
		"a form that is no form": func(p map[string]any) { p["view"] = map[string]any{"private_metadata": "}{"} },
		"a very long text":       func(p map[string]any) { p["value"] = strings.Repeat("root ", 10_000) },
		"nothing typed":          func(p map[string]any) { p["value"] = "" },
	} {
		payload, err := w.ws.OptionsPayload(ana, form, "lookup", "root")
		if err != nil {
			t.Fatal(err)
		}
		change(payload)
		ack, err := w.ws.SendInteraction(payload)
		var answer map[string][]any
		if err != nil || json.Unmarshal(ack.Body, &answer) != nil || answer["options"] == nil || len(answer["options"]) > 0 || len(answer) != 1 {
			t.Errorf("%s is answered %s, %v", what, ack.Body, err)
		}
	}
	if got := w.suggests(ana, form, "root"); len(got) == 0 {
		t.Error("Ana finds nothing herself")
	}
	for _, forged := range []string{"credential:5;drop", "secret:5", "credential:", ":5", "host:5", "credential:05", "credential:root@db01", strings.Repeat("9", 5000)} {
		state := fakeslack.State{"verb": picked("verb", "deactivate"), "kind": picked("kind", "credential"),
			"targets": {"targets": {"type": "plain_text_input", "value": "6"}}, "reason": {"reason": {"type": "plain_text_input", "value": "leaked"}},
			"lookup": {"lookup": {"type": "multi_external_select", "selected_options": []any{map[string]any{"value": forged}}}}}
		out, err := w.ws.SubmitState(ana, form, state)
		if err != nil || len(out.Errors) != 1 || out.Errors["lookup"] == "" || len([]rune(out.Errors["lookup"])) > 400 {
			t.Errorf("%.40s: %+v, %v", forged, out.Errors, err)
		}
	}
	if n := len(w.cards()); n > 0 {
		t.Errorf("%d requests were made", n)
	}
}

// TestAForgedButtonOnlyProposes: whatever the value of a button that opens the
// form, it opens the form or nothing; what is sent is judged like any other, and
// whoever may not ask gets no form.
func TestAForgedButtonOnlyProposes(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{policy: standardPolicy + "requesters: [" + ana + "]\n"})
	answer := w.shown(incident, ana, "release root@web01 job is done")
	for name, tt := range map[string]struct {
		value string
		holds []string
	}{
		"no JSON":           {"R-000000.nonce", []string{"[Credential (PAM Core)]"}},
		"nonsense words":    {`{"verb":"explode","kind":"host","targets":["5"],"reason":"x"}`, []string{"What should be done? []", "[Credential (PAM Core)]", "[5]", "[x]"}},
		"hidden characters": {`{"verb":"release","targets":["5\u202e\u0000\n6"]}`, []string{"[5‹U+202E›␀ ⏎ 6]"}},
		"another type":      {`{"verb":5,"targets":{}}`, []string{"[Credential (PAM Core)]"}},
		"over-long":         {`{"verb":"release","targets":["` + strings.Repeat("9", 50_000) + `"],"reason":"` + strings.Repeat("x", 50_000) + `"}`, []string{"Release custody"}},
		"a hundred targets": {`{"verb":"release","targets":["1"` + strings.Repeat(`,"2"`, 99) + `]}`, []string{"1, 2, 2"}},
		"custody of secret": {`{"verb":"release","kind":"secret","targets":["5"],"reason":"x"}`, []string{"API secret"}},
	} {
		_, _ = w.ws.CloseView(ana)
		if _, err := w.ws.Press(fakeslack.Press{User: ana, Message: answer.Ref(), ActionID: "ask_release", Value: tt.value}); err != nil {
			t.Fatal(err)
		}
		contains(t, name+": "+w.opened(ana, "request").Text(), tt.holds...)
	}
	out, err := w.ws.Submit(ana, w.presses(ana, answer, "ask_release", 0), fakeslack.Values{"kind": "secret"})
	if err != nil || out.Errors["kind"] == "" {
		t.Errorf("custody of a secret: %+v, %v", out, err)
	}

	for user, part := range map[string]string{guest: "full members", dora: "may ask"} {
		if _, err := w.ws.ClickOld(user, answer, "ask_release"); err != nil {
			t.Fatal(err)
		}
		w.whispered(user, part)
		if view, open := w.ws.OpenView(user); open {
			t.Errorf("%s has a form: %s", user, view.Text())
		}
	}

	// In another channel the request is that channel's.
	_, _ = w.ws.CloseView(ana)
	elsewhere := fakeslack.MessageRef{Channel: shared, TS: answer.TS}
	if _, err := w.ws.Press(fakeslack.Press{User: ana, Message: answer.Ref(), ActionID: "ask_release", Claim: &elsewhere}); err != nil {
		t.Fatal(err)
	}
	out, err = w.ws.Submit(ana, w.opened(ana, "request"), nil)
	if err != nil || !strings.Contains(out.View.Text(), "shared") {
		t.Errorf("a channel shared with others: %+v, %v", out, err)
	}
	if n := len(w.cards()); n > 0 {
		t.Errorf("%d requests were made", n)
	}
}

// TestAButtonReadTooLate: a process that was stopped opens no form for a click of
// which Slack told the person that it failed.
func TestAButtonReadTooLate(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	answer := w.shown(incident, ana, "release root@web01 job is done")
	w.stopped(func() error { _, err := w.ws.ClickOld(ana, answer, "ask_release"); return err })
	w.whispered(ana, readLateText)
	if view, open := w.ws.OpenView(ana); open {
		t.Errorf("a form opens: %s", view.Text())
	}
	w.eventually("what came in late is read", func() bool {
		_, err := w.ws.ClickOld(ana, answer, "ask_release")
		_, open := w.ws.OpenView(ana)
		return err == nil && open
	})
}

// TestTheButtonOfABreakGlassOpensItsForm, and only for whoever may break it.
func TestTheButtonOfABreakGlassOpensItsForm(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{policy: standardPolicy + "break_glass:\n  people: [" + ana + "]\n  verbs: [deactivate, release]\n  reviewers: [S0SRE]\n  review_within: 1h\n"})
	answer := w.shown(incident, ana, "break-glass release root@web01 attacker is logged in right now")
	contains(t, plainText(answer), "/pam break-glass release 12 attacker", "Form with id 12")
	if _, err := w.ws.ClickOld(ana, answer, "ask_release"); err != nil {
		t.Fatal(err)
	}
	contains(t, w.opened(ana, "break_glass").Text(), "[12]", "attacker is logged in right now", "nobody approves it before",
		"to release custody of the credential", "root@web01 · Server, Ubuntu 24.04 · id 12", "Gives custody back")
	_, _ = w.ws.CloseView(ana)
	w.types(ana, "break-glass release 94 attacker is logged in right now")
	contains(t, w.opened(ana, "break_glass").Text(), "oracle@erp01", "automatic change is on: releasing rotates its password")
	if _, err := w.ws.ClickOld(dora, answer, "ask_release"); err != nil {
		t.Fatal(err)
	}
	w.whispered(dora, "break-glass is for")
	if _, open := w.ws.OpenView(dora); open {
		t.Error("a form opens for somebody who may not")
	}
}

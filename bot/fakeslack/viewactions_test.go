package fakeslack

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// richForm has a menu the bot fills, a button, and tells when it is closed.
var richForm = modal(`,"notify_on_close":true,"submit":`+pt("OK"),
	input(`{"type":"external_select","action_id":"find","min_query_length":1}`),
	`{"type":"actions","elements":[{"type":"button","action_id":"more","value":"v","text":`+pt("More")+`}]}`)

// watched is a scene where Ana has richForm open and the bot keeps what it
// hears and answers with answer.
func watched(t *testing.T, answer string) (*scene, View, *[]map[string]any) {
	s, v := opened(t)
	s.must("views.update", "view_id", v.ID, "view", richForm)
	v, _ = s.OpenView("U1")
	heard := &[]map[string]any{}
	s.bot = func(rw http.ResponseWriter, _ *http.Request, f url.Values) {
		*heard = append(*heard, decode[map[string]any](json.RawMessage(f.Get("payload"))))
		rw.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(rw, answer)
	}
	return s, v, heard
}

func TestSuggestions(t *testing.T) {
	s, v, heard := watched(t, `{"options":[`+option("root@db1", "5")+`]}`)
	got, err := s.Options("U1", v, "find", "roo")
	if err != nil || !slices.Equal(got, []Option{{Text: "root@db1", Value: "5"}}) {
		t.Errorf("%v, %v", got, err)
	}
	if p := (*heard)[0]; p["type"] != "block_suggestion" || p["value"] != "roo" || p["action_id"] != "find" {
		t.Errorf("payload %v", p)
	}
	s, v, _ = watched(t, `{"options":[`+option(strings.Repeat("x", 76), "5")+`]}`)
	if _, err := s.Options("U1", v, "find", "roo"); !errors.Is(err, ErrDispatch) {
		t.Errorf("an option that is too long: %v", err)
	}
}

// manyForm has a menu of which several can be picked, and a choice above it.
var manyForm = modal(`,"submit":`+pt("OK"),
	input(`{"type":"static_select","action_id":"kind","options":[`+option("Secret", "secret")+`]}`),
	`{"type":"input","block_id":"lookup","optional":true,"label":`+pt("Search")+`,
	 "element":{"type":"multi_external_select","action_id":"lookup","min_query_length":2,"max_selected_items":2}}`)

func TestSeveralSuggestionsArePicked(t *testing.T) {
	groups := `{"option_groups":[{"label":` + pt("Secrets") + `,"options":[` + option("a", "s:1") + `,` + option("b", "s:2") + `]},
		{"label":` + pt("Passwords") + `,"options":[` + option("c", "p:3") + `]}]}`
	s, v, heard := watched(t, groups)
	s.must("views.update", "view_id", v.ID, "view", manyForm)
	v, _ = s.OpenView("U1")
	if got, err := s.Options("U1", v, "lookup", "a"); len(got) > 0 || err != nil || len(*heard) > 0 {
		t.Errorf("one character is enough: %v, %v", got, err)
	}
	kind := text(viewBlocks(v)[0]["block_id"])
	got, err := s.Options("U1", v, "lookup", "ab")
	if err != nil || len(got) != 3 || got[2] != (Option{Text: "c", Value: "p:3", Group: "Passwords"}) {
		t.Fatalf("%v, %v", got, err)
	}
	if state := (*heard)[0]["view"].(map[string]any)["state"].(map[string]any)["values"].(map[string]any); len(state) > 0 {
		t.Errorf("the payload tells %v of the other fields", state)
	}
	if _, err := s.Submit("U1", v, Values{kind: "secret", "lookup": "s:1,s:9"}); !errors.Is(err, ErrNoButton) {
		t.Errorf("an option that was not suggested: %v", err)
	}
	if out, err := s.Submit("U1", v, Values{kind: "secret", "lookup": "s:1,s:2,p:3"}); err != nil || out.Sent || out.Errors["lookup"] == "" {
		t.Errorf("one more than can be picked: %+v, %v", out, err)
	}
	sent, problems, err := fill(v, Values{kind: "secret", "lookup": "s:1,p:3"}, s.offered(v))
	if picked := sent["lookup"]["lookup"]["selected_options"].([]any); err != nil || len(problems) > 0 || len(picked) != 2 {
		t.Errorf("%v, %v, %v", sent, problems, err)
	}
	if sent, _, err = fill(v, Values{kind: "secret"}, nil); err != nil || len(sent["lookup"]["lookup"]["selected_options"].([]any)) != 0 {
		t.Errorf("nothing picked: %v, %v", sent, err)
	}
}

func TestTooManySuggestionsAreRefused(t *testing.T) {
	many := strings.Repeat(option("a", "1")+",", 50) + option("a", "1")
	s, v, _ := watched(t, `{"option_groups":[{"label":`+pt("A")+`,"options":[`+many+`]},{"label":`+pt("B")+`,"options":[`+many+`]}]}`)
	if _, err := s.Options("U1", v, "find", "roo"); !errors.Is(err, ErrDispatch) {
		t.Errorf("102 options: %v", err)
	}
}

func TestButtonsAndClosingOfModals(t *testing.T) {
	s, v, heard := watched(t, "")
	if _, err := s.ClickView("U1", v, "more"); err != nil {
		t.Fatal(err)
	}
	if p := (*heard)[0]; p["type"] != "block_actions" || p["view"].(map[string]any)["id"] != v.ID || p["message"] != nil {
		t.Errorf("payload %v", p)
	}
	if _, err := s.CloseView("U1"); err != nil {
		t.Fatal(err)
	}
	if p := (*heard)[1]; p["type"] != "view_closed" {
		t.Errorf("payload %v", p)
	}
	if _, err := s.ClickView("U1", v, "more"); !errors.Is(err, ErrNoView) {
		t.Errorf("a button of a closed modal: %v", err)
	}
}

func TestDeletedMessagesAreGone(t *testing.T) {
	s := newScene(t, Config{})
	card := s.card()
	s.must("chat.delete", "channel", "C1", "ts", card.TS)
	s.refused("message_not_found", "chat.update", "channel", "C1", "ts", card.TS, "text", "x")
	if m, ok := s.Message(card); !ok || !m.Deleted {
		t.Errorf("the record of it: %+v", m)
	}
	if _, err := s.Click("U1", card, "approve"); !errors.Is(err, ErrNoButton) {
		t.Errorf("a button of a deleted message: %v", err)
	}
}

func TestOneCommandOverTheWrongTransport(t *testing.T) {
	s := newScene(t, Config{})
	s.SetSocket(true)
	if _, err := s.Command("U1", "C1", "/pam", "help"); !errors.Is(err, ErrDispatch) {
		t.Errorf("while Socket Mode is on the HTTP routes get nothing: %v", err)
	}
	s.SetSocket(false)
	if _, err := s.Command("U1", "C1", "/pam", "help"); err != nil {
		t.Error(err)
	}
	s.UpdateUser("U1", func(u *User) { u.IsStranger = true })
	if _, err := s.Command("U1", "C1", "/pam", "help"); !errors.Is(err, ErrExternal) {
		t.Errorf("a stranger's command: %v", err)
	}
}

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

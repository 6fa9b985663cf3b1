package fakeslack

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"testing"
	"time"
)

const form = `{"type":"modal","callback_id":"request","title":{"type":"plain_text","text":"Request"},"submit":{"type":"plain_text","text":"Send"},
 "private_metadata":"m","blocks":[
 {"type":"input","block_id":"verb","label":{"type":"plain_text","text":"Verb"},"element":{"type":"static_select","action_id":"verb",
  "options":[{"text":{"type":"plain_text","text":"Release"},"value":"release"}]}},
 {"type":"input","block_id":"reason","label":{"type":"plain_text","text":"Reason"},"element":{"type":"plain_text_input","action_id":"reason","max_length":5}}]}`

// opened is a scene in which Ana has the form open.
func opened(t *testing.T) (*scene, View) {
	s := newScene(t, Config{})
	f, err := s.CommandForm("U1", "C1", "/pam", "")
	if err != nil {
		t.Fatal(err)
	}
	s.must("views.open", "trigger_id", f.Get("trigger_id"), "view", form)
	v, ok := s.OpenView("U1")
	if !ok {
		t.Fatal("nothing is open")
	}
	return s, v
}

func TestTriggers(t *testing.T) {
	s := newScene(t, Config{})
	trigger := func() string {
		f, err := s.CommandForm("U1", "C1", "/pam", "")
		if err != nil {
			t.Fatal(err)
		}
		return f.Get("trigger_id")
	}
	once := trigger()
	s.must("views.open", "trigger_id", once, "view", form)
	s.refused("exchanged_trigger_id", "views.open", "trigger_id", once, "view", form)
	late := trigger()
	s.clock.advance(triggerLife + time.Millisecond)
	s.refused("expired_trigger_id", "views.open", "trigger_id", late, "view", form)
	s.refused("invalid_trigger_id", "views.open", "trigger_id", "1.2.3", "view", form)
	s.refused("invalid_arguments", "views.open", "trigger_id", trigger(), "view", `{"type":"modal"}`)
}

func TestUpdatingAView(t *testing.T) {
	s, v := opened(t)
	s.refused("hash_conflict", "views.update", "view_id", v.ID, "hash", "other", "view", form)
	s.must("views.update", "view_id", v.ID, "hash", v.Hash, "view", modal("", `{"type":"divider"}`))
	if now, _ := s.OpenView("U1"); now.ID != v.ID || now.Title != "T" || now.Submittable {
		t.Errorf("after the update: %+v", now)
	}
	if _, err := s.CloseView("U1"); err != nil {
		t.Fatal(err)
	}
	s.refused("not_found", "views.update", "view_id", v.ID, "view", form)
}

func TestSlackItselfRefusesFields(t *testing.T) {
	s, v := opened(t)
	out, err := s.Submit("U1", v, Values{"reason": "leaked"})
	if err != nil || out.Sent || out.Errors["verb"] != required || out.Errors["reason"] == "" || len(s.Deliveries()) != 0 {
		t.Errorf("%+v, %v", out, err)
	}
	if _, err := s.Submit("U1", v, Values{"verb": "explode"}); !errors.Is(err, ErrNoButton) {
		t.Errorf("an option that is not there: %v", err)
	}
	if _, err := s.Submit("U2", v, Values{"verb": "release", "reason": "x"}); !errors.Is(err, ErrNoView) {
		t.Errorf("somebody else's modal: %v", err)
	}
}

func TestSubmitting(t *testing.T) {
	tests := []struct {
		name, answer string
		closed       bool
		check        func(Outcome) bool
		err          error
	}{
		{"nothing closes it", ``, true, nil, nil},
		{"clear", `{"response_action":"clear"}`, true, nil, nil},
		{"errors", `{"response_action":"errors","errors":{"reason":"say more"}}`, false, func(o Outcome) bool { return o.Errors["reason"] == "say more" }, nil},
		{"errors for no field", `{"response_action":"errors","errors":{"nope":"x"}}`, false, nil, ErrDispatch},
		{"update", `{"response_action":"update","view":` + modal("", `{"type":"divider"}`) + `}`, false, func(o Outcome) bool { return o.View.Title == "T" }, nil},
		{"push", `{"response_action":"push","view":` + modal("", `{"type":"divider"}`) + `}`, false, func(o Outcome) bool { return o.View.PreviousID != "" }, nil},
		{"a bad view", `{"response_action":"update","view":{"type":"modal"}}`, false, nil, ErrDispatch},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, v := opened(t)
			s.bot = func(rw http.ResponseWriter, _ *http.Request, f url.Values) {
				rw.Header().Set("Content-Type", "application/json")
				_, _ = io.WriteString(rw, tt.answer)
			}
			out, err := s.Submit("U1", v, Values{"verb": "release", "reason": "why"})
			if !errors.Is(err, tt.err) || out.Closed != tt.closed || (tt.check != nil && !tt.check(out)) {
				t.Errorf("%+v, %v", out, err)
			}
			if _, open := s.OpenView("U1"); open == tt.closed {
				t.Errorf("open: %v", open)
			}
		})
	}
}

func TestSubmissionPayload(t *testing.T) {
	_, v := opened(t)
	state, problems, err := fill(v, Values{"verb": "release", "reason": "why"}, nil)
	if err != nil || len(problems) > 0 {
		t.Fatal(err, problems)
	}
	if state["reason"]["reason"]["value"] != "why" || state["verb"]["verb"]["selected_option"].(kit)["value"] != "release" {
		t.Errorf("state %v", state)
	}
}

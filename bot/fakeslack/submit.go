package fakeslack

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// ErrNoView says the person does not have that modal open.
var ErrNoView = errors.New("fakeslack: no such modal is open")

// Values is what a person fills in, by block_id: text, or the value of the
// option picked; where several can be, their values with commas between them. A
// block that is not named keeps what the modal showed first.
type Values map[string]string

// State is state.values of a submission: block_id, action_id, value.
type State map[string]map[string]map[string]any

// Outcome is what a person sees after pressing a modal's submit button.
type Outcome struct {
	Ack
	Sent   bool              // false: Slack itself refused, see Errors
	Errors map[string]string // by block_id
	Closed bool              // nothing is open any more
	View   View              // what is open now, unless Closed
}

// Submit fills a modal in and submits it. What Slack's client itself refuses
// (an empty required field, wrong length) comes back in Errors with Sent false;
// SubmitState gets such things past the client.
func (w *Workspace) Submit(user string, view View, values Values) (Outcome, error) {
	state, problems, err := fill(view, values, w.offered(view))
	if err != nil {
		return Outcome{}, err
	}
	if len(problems) > 0 {
		return Outcome{Errors: problems, View: view}, nil
	}
	return w.SubmitState(user, view, state)
}

// SubmitState submits any state at all: a forgery.
func (w *Workspace) SubmitState(user string, view View, state State) (Outcome, error) {
	payload, err := w.SubmitPayload(user, view, state)
	if err != nil {
		return Outcome{}, err
	}
	ack, err := w.SendInteraction(payload)
	if err != nil {
		return Outcome{Ack: ack, Sent: true, View: view}, err
	}
	return w.afterSubmit(user, view, ack)
}

// SubmitPayload builds a view_submission payload, for SendInteraction.
func (w *Workspace) SubmitPayload(user string, view View, state State) (map[string]any, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	_, open := w.viewAt(view.ID, "")
	if open == nil || open.User != user {
		return nil, ErrNoView
	}
	return w.viewPayload("view_submission", open, state), nil
}

// viewPayload is the payload of anything done in a modal. w.mu is held.
func (w *Workspace) viewPayload(kind string, v *View, state State) map[string]any {
	out := w.interaction(kind, v.User)
	shown := w.viewJSON(v)
	if state == nil {
		state = State{}
	}
	shown["state"] = map[string]any{"values": state}
	out["view"] = shown
	if kind == "view_submission" {
		out["response_urls"] = []any{}
	}
	return out
}

// afterSubmit does what the bot's answer says.
func (w *Workspace) afterSubmit(user string, view View, ack Ack) (Outcome, error) {
	var rep struct {
		Action string            `json:"response_action"`
		Errors map[string]string `json:"errors"`
		View   json.RawMessage   `json:"view"`
	}
	out := Outcome{Ack: ack, Sent: true, View: view}
	if len(ack.Body) > 0 && json.Unmarshal(ack.Body, &rep) != nil {
		return out, fmt.Errorf("%w: the answer to the submission is no JSON", ErrDispatch)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	at, open := w.viewAt(view.ID, "")
	switch {
	case open == nil:
	case rep.Action == "errors":
		out.Errors = rep.Errors
		return out, checkErrors(open, rep.Errors)
	case rep.Action == "clear":
		delete(w.views, user)
	case rep.Action == "":
		w.views[user] = w.views[user][:at]
	default:
		if err := w.nextView(rep.Action, at, open, rep.View); err != nil {
			return out, err
		}
	}
	w.touch()
	stack := w.views[user]
	if out.Closed = len(stack) == 0; !out.Closed {
		out.View = *stack[len(stack)-1]
	}
	return out, nil
}

// nextView handles response_action update and push.
func (w *Workspace) nextView(action string, at int, open *View, body json.RawMessage) error {
	v, err := w.readView(string(body))
	if err != nil {
		return fmt.Errorf("%w: the view in the answer: %w %v", ErrDispatch, err, refused(err, nil)["errors"])
	}
	switch {
	case action == "update":
		w.replaceView(at, open, v)
	case action == "push" && len(w.views[open.User]) < maxStack:
		w.views[open.User] = w.stacked(w.views[open.User], v, open.User)
	default:
		return fmt.Errorf("%w: response_action %q", ErrDispatch, action)
	}
	return nil
}

// checkErrors refuses errors that belong to no input of the modal: Slack shows
// the person that something went wrong instead.
func checkErrors(v *View, problems map[string]string) error {
	if len(problems) == 0 {
		return fmt.Errorf("%w: response_action errors without errors", ErrDispatch)
	}
	known := inputIDs(v)
	for id, text := range problems {
		if !slices.Contains(known, id) || text == "" {
			return fmt.Errorf("%w: an error for block %q: %q", ErrDispatch, id, text)
		}
	}
	return nil
}

func inputIDs(v *View) []string {
	var ids []string
	for _, b := range viewBlocks(*v) {
		if b["type"] == "input" {
			ids = append(ids, text(b["block_id"]))
		}
	}
	return ids
}

func viewBlocks(v View) []kit {
	return decode[[]kit](decode[viewBody](v.Body).Blocks)
}

// fill turns values into a state, judging them as Slack's client does. offered
// are the options that the bot suggested, by value.
func fill(view View, values Values, offered map[string]kit) (State, map[string]string, error) {
	state, problems := State{}, map[string]string{}
	for _, b := range viewBlocks(view) {
		if b["type"] != "input" {
			continue
		}
		id, e := text(b["block_id"]), b["element"].(kit)
		given, named := values[id]
		v, problem, err := valueOf(e, given, named, b["optional"] == true, offered)
		if err != nil {
			return nil, nil, fmt.Errorf("block %q: %w", id, err)
		}
		if problem != "" {
			problems[id] = problem
		}
		state[id] = map[string]map[string]any{text(e["action_id"]): v}
	}
	for id := range values {
		if state[id] == nil {
			return nil, nil, fmt.Errorf("%w: block %q is no input", ErrNoView, id)
		}
	}
	return state, problems, nil
}

const required = "Please complete this required field."

// valueOf is one entry of the state.
func valueOf(e kit, given string, named, optional bool, offered map[string]kit) (map[string]any, string, error) {
	out := map[string]any{"type": e["type"]}
	switch e["type"] {
	case "plain_text_input", "datepicker":
		return textValue(e, out, given, named, optional)
	case "multi_static_select", "multi_external_select":
		values := strings.FieldsFunc(given, func(r rune) bool { return r == ',' })
		return pickedOf(e, out, values, named, optional, offered)
	}
	option, _ := e["initial_option"].(kit)
	if named {
		option = optionOf(e, given)
		if e["type"] == "external_select" {
			option = offered[given]
		}
		if option == nil && given != "" {
			return nil, "", fmt.Errorf("%w: no option %q", ErrNoButton, given)
		}
	}
	out["selected_option"] = nil
	if option != nil {
		out["selected_option"] = option
	} else if !optional {
		return out, required, nil
	}
	return out, "", nil
}

func textValue(e kit, out map[string]any, given string, named, optional bool) (map[string]any, string, error) {
	if !named {
		given = text(e["initial_value"])
	}
	out["value"] = nilIfEmpty(given)
	n := float64(utf8.RuneCountInString(given))
	least, _ := e["min_length"].(float64)
	most, bounded := e["max_length"].(float64)
	switch {
	case given == "" && !optional:
		return out, required, nil
	case given != "" && n < least:
		return out, fmt.Sprintf("Must be at least %.0f characters.", least), nil
	case n > 3000 || (bounded && n > most):
		return out, "This entry is too long.", nil
	}
	return out, "", nil
}

func text(v any) string { s, _ := v.(string); return s }

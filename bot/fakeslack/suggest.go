package fakeslack

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"unicode/utf8"
)

// Option is one suggestion for a field whose options the bot knows; Group is the
// label of its group, where there are groups.
type Option struct {
	Text        string `json:"text"`
	Value       string `json:"value"`
	Description string `json:"description,omitempty"`
	Group       string `json:"group,omitempty"`
}

// externals are the fields whose options the bot is asked for.
var externals = []string{"external_select", "multi_external_select"}

// maxSuggested is how many options one answer may have.
const maxSuggested = 100

// Options types into such a field of a person's open modal and returns what the
// bot suggests; only that can then be picked. As in Slack, the bot is not asked
// before as much was typed as the field wants.
func (w *Workspace) Options(user string, view View, actionID, typed string) ([]Option, error) {
	payload, err := w.OptionsPayload(user, view, actionID, typed)
	if payload == nil {
		return nil, err
	}
	ack, err := w.SendInteraction(payload)
	if err != nil {
		return nil, err
	}
	found, raw, err := readOptions(ack.Body)
	if err == nil {
		w.offer(view, raw)
	}
	return found, err
}

// OptionsPayload builds the block_suggestion payload, for SendInteraction; nil
// where too little was typed. It tells nothing of what stands in the other fields
// now, as Slack does not count on telling (slackapi/bolt-js, issue 1146).
func (w *Workspace) OptionsPayload(user string, view View, actionID, typed string) (map[string]any, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	_, open := w.viewAt(view.ID, "")
	if open == nil || open.User != user {
		return nil, ErrNoView
	}
	found := w.elementAt(decode[viewBody](open.Body).Blocks, actionID, 0)
	if found == nil || !slices.Contains(externals, text(found["type"])) {
		return nil, fmt.Errorf("%w: external_select %q", ErrNoButton, actionID)
	}
	if float64(utf8.RuneCountInString(typed)) < leastTyped(found) {
		return nil, nil
	}
	payload := w.viewPayload("block_suggestion", open, nil)
	payload["container"] = map[string]any{"type": "view", "view_id": open.ID}
	payload["action_id"], payload["block_id"], payload["value"] = actionID, found["block_id"], typed
	delete(payload, "trigger_id")
	return payload, nil
}

// leastTyped is min_query_length, whose default is 3.
func leastTyped(e kit) float64 {
	if n, ok := e["min_query_length"].(float64); ok {
		return n
	}
	return 3
}

// offer remembers what can be picked in an open view.
func (w *Workspace) offer(view View, options []kit) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if _, open := w.viewAt(view.ID, ""); open != nil {
		for _, o := range options {
			open.offered[text(o["value"])] = o
		}
	}
}

func (w *Workspace) offered(view View) map[string]kit {
	w.mu.Lock()
	defer w.mu.Unlock()
	if _, open := w.viewAt(view.ID, ""); open != nil {
		return maps.Clone(open.offered)
	}
	return nil
}

// readOptions holds the bot's suggestions against Slack's limits.
func readOptions(body []byte) ([]Option, []kit, error) {
	var rep map[string]any
	if err := json.Unmarshal(body, &rep); err != nil {
		return nil, nil, fmt.Errorf("%w: reading the options: %w", ErrDispatch, err)
	}
	c := &checker{}
	groups, grouped := rep["option_groups"].([]any)
	if grouped {
		items(1, maxSuggested, optionGroup)(c, "/option_groups", rep["option_groups"])
	} else {
		items(0, maxSuggested, oneOpt)(c, "/options", rep["options"])
		groups = []any{kit{"options": rep["options"]}}
	}
	if len(c.problems) > 0 {
		return nil, nil, fmt.Errorf("%w: %v", ErrDispatch, c.problems)
	}
	var found []Option
	var raw []kit
	for _, g := range groups {
		label, _ := g.(kit)["label"].(kit)
		for _, item := range g.(kit)["options"].([]any) {
			o := item.(kit)
			description, _ := o["description"].(kit)
			found = append(found, Option{Text: text(o["text"].(kit)["text"]), Value: text(o["value"]), Description: text(description["text"]), Group: text(label["text"])})
			raw = append(raw, o)
		}
	}
	if len(raw) > maxSuggested {
		return nil, nil, fmt.Errorf("%w: %d options, Slack takes %d", ErrDispatch, len(raw), maxSuggested)
	}
	return found, raw, nil
}

// pickedOf is the state of a field that takes several options, which a person
// picks by their values, with commas between them.
func pickedOf(e kit, out map[string]any, values []string, named, optional bool, offered map[string]kit) (map[string]any, string, error) {
	picked, _ := e["initial_options"].([]any)
	if named {
		picked = nil
	}
	for _, value := range values {
		option := optionOf(e, value)
		if option == nil && e["type"] == "multi_external_select" {
			option = offered[value]
		}
		if option == nil {
			return nil, "", fmt.Errorf("%w: no option %q", ErrNoButton, value)
		}
		picked = append(picked, option)
	}
	if picked == nil {
		picked = []any{}
	}
	out["selected_options"] = picked
	most, bounded := e["max_selected_items"].(float64)
	switch {
	case len(picked) == 0 && !optional:
		return out, required, nil
	case bounded && float64(len(picked)) > most:
		return out, fmt.Sprintf("No more than %.0f can be picked.", most), nil
	}
	return out, "", nil
}

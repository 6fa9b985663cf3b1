package fakeslack

import (
	"encoding/json"
	"fmt"
)

// CloseView closes the modal on top; the bot hears of it only if the view
// asked with notify_on_close.
func (w *Workspace) CloseView(user string) (Ack, error) {
	w.mu.Lock()
	stack := w.views[user]
	if len(stack) == 0 {
		w.mu.Unlock()
		return Ack{}, ErrNoView
	}
	top := stack[len(stack)-1]
	w.views[user] = stack[:len(stack)-1]
	payload := w.viewPayload("view_closed", top, nil)
	payload["is_cleared"] = false
	delete(payload, "trigger_id")
	w.touch()
	w.mu.Unlock()
	if !top.NotifyOnClose {
		return Ack{}, nil
	}
	return w.SendInteraction(payload)
}

// ClickView presses a button inside a person's open modal.
func (w *Workspace) ClickView(user string, view View, actionID string) (Ack, error) {
	w.mu.Lock()
	_, open := w.viewAt(view.ID, "")
	if open == nil || open.User != user {
		w.mu.Unlock()
		return Ack{}, ErrNoView
	}
	found := w.elementAt(decode[viewBody](open.Body).Blocks, actionID, 0)
	if found == nil {
		w.mu.Unlock()
		return Ack{}, fmt.Errorf("%w: %q", ErrNoButton, actionID)
	}
	action, err := actionOf(found, Press{})
	action["action_ts"] = seconds(w.cfg.Now())
	payload := w.viewPayload("block_actions", open, nil)
	payload["container"] = map[string]any{"type": "view", "view_id": open.ID}
	payload["actions"] = []any{action}
	w.mu.Unlock()
	if err != nil {
		return Ack{}, err
	}
	return w.SendInteraction(payload)
}

// Option is one suggestion for an external_select.
type Option struct{ Text, Value string }

// Options types into an external_select of a person's open modal and returns
// what the bot suggests.
func (w *Workspace) Options(user string, view View, actionID, typed string) ([]Option, error) {
	w.mu.Lock()
	_, open := w.viewAt(view.ID, "")
	if open == nil || open.User != user {
		w.mu.Unlock()
		return nil, ErrNoView
	}
	found := w.elementAt(decode[viewBody](open.Body).Blocks, actionID, 0)
	if found == nil || found["type"] != "external_select" {
		w.mu.Unlock()
		return nil, fmt.Errorf("%w: external_select %q", ErrNoButton, actionID)
	}
	payload := w.viewPayload("block_suggestion", open, nil)
	payload["container"] = map[string]any{"type": "view", "view_id": open.ID}
	payload["action_id"], payload["block_id"], payload["value"] = actionID, found["block_id"], typed
	delete(payload, "trigger_id")
	w.mu.Unlock()
	ack, err := w.SendInteraction(payload)
	if err != nil {
		return nil, err
	}
	return readOptions(ack.Body)
}

// readOptions holds the bot's suggestions against Slack's limits.
func readOptions(body []byte) ([]Option, error) {
	var rep map[string]any
	if err := json.Unmarshal(body, &rep); err != nil {
		return nil, fmt.Errorf("%w: reading the options: %w", ErrDispatch, err)
	}
	c := &checker{}
	items(0, 100, oneOpt)(c, "/options", rep["options"])
	if len(c.problems) > 0 {
		return nil, fmt.Errorf("%w: %v", ErrDispatch, c.problems)
	}
	var out []Option
	for _, item := range rep["options"].([]any) {
		option := item.(kit)
		out = append(out, Option{Text: text(option["text"].(kit)["text"]), Value: text(option["value"])})
	}
	return out, nil
}

package fakeslack

import (
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

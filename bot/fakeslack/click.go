package fakeslack

import (
	"encoding/json"
	"errors"
	"fmt"
)

// ErrNoButton says the person does not see what the test wants pressed.
var ErrNoButton = errors.New("fakeslack: no such button")

// Press is one press of a button, or one choice in a menu, of a message.
type Press struct {
	User     string
	Message  MessageRef
	ActionID string
	Index    int    // which of several with that action_id, from 0
	Option   string // value of the option picked in a select, menu or radio group
	// Old is a copy from earlier: the person presses what the message showed
	// then, though it may have changed or gone since.
	Old *Message
	// Value is sent instead of the button's own when not empty: a forgery.
	Value string
	// Claim says the press happened at another message: a forgery.
	Claim *MessageRef
}

// Click presses the button with that action_id in the message as it now
// stands and waits for the acknowledgement, whose body Slack ignores. A
// message or button that is not there is ErrNoButton.
func (w *Workspace) Click(user string, at MessageRef, actionID string) (Ack, error) {
	return w.Press(Press{User: user, Message: at, ActionID: actionID})
}

// ClickOld presses a button of a message as it once stood.
func (w *Workspace) ClickOld(user string, old Message, actionID string) (Ack, error) {
	return w.Press(Press{User: user, Message: old.Ref(), Old: &old, ActionID: actionID})
}

// Press presses as described.
func (w *Workspace) Press(p Press) (Ack, error) {
	payload, err := w.ClickPayload(p)
	if err != nil {
		return Ack{}, err
	}
	return w.SendInteraction(payload)
}

// ClickPayload builds the block_actions payload of a press, for SendInteraction.
func (w *Workspace) ClickPayload(p Press) (map[string]any, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	m := p.Old
	if m == nil {
		m = w.find(p.Message, p.User)
	}
	if m == nil {
		return nil, fmt.Errorf("%w: no message %v", ErrNoButton, p.Message)
	}
	found := w.elementAt(m.Blocks, p.ActionID, p.Index)
	if found == nil {
		return nil, fmt.Errorf("%w: %q in %v", ErrNoButton, p.ActionID, p.Message)
	}
	action, err := actionOf(found, p)
	if err != nil {
		return nil, err
	}
	action["action_ts"] = seconds(w.cfg.Now())
	return w.blockActions(p, m, action), nil
}

// blockActions puts a press into its payload. w.mu is held.
func (w *Workspace) blockActions(p Press, m *Message, action map[string]any) map[string]any {
	at := m.Ref()
	shown := w.messageJSON(m)
	if p.Claim != nil {
		at = *p.Claim
		shown["ts"] = at.TS
	}
	out := w.interaction("block_actions", p.User)
	container := map[string]any{"type": "message", "message_ts": at.TS, "channel_id": at.Channel, "is_ephemeral": m.For != ""}
	if m.ThreadTS != "" {
		container["thread_ts"] = m.ThreadTS
	}
	out["container"] = container
	name := ""
	if c := w.channels[at.Channel]; c != nil {
		name = c.commandName()
	}
	out["channel"] = map[string]any{"id": at.Channel, "name": name}
	if m.For == "" {
		out["message"] = shown
	}
	out["state"] = map[string]any{"values": map[string]any{}}
	out["response_url"] = w.newResponseURL(p.User, at.Channel, at)
	out["actions"] = []any{action}
	return out
}

// interaction is what every interactive payload has. w.mu is held.
func (w *Workspace) interaction(kind, user string) map[string]any {
	name, team := "", w.cfg.TeamID
	if u := w.users[user]; u != nil {
		name, team = u.Name, u.TeamID
	}
	out := map[string]any{
		"type": kind, "token": "fake", "api_app_id": w.cfg.AppID, "trigger_id": w.newTrigger(user),
		"user":       map[string]any{"id": user, "username": name, "name": name, "team_id": team},
		"team":       map[string]any{"id": w.cfg.TeamID, "domain": w.cfg.TeamDomain},
		"enterprise": nil, "is_enterprise_install": false,
	}
	if w.cfg.EnterpriseID != "" {
		out["enterprise"] = map[string]any{"id": w.cfg.EnterpriseID, "name": w.cfg.TeamName}
	}
	return out
}

type kit = map[string]any

// elementAt finds an interactive element and notes its block in "block_id".
func (w *Workspace) elementAt(blocks json.RawMessage, actionID string, index int) kit {
	for _, e := range interactiveElements(blocks) {
		if e["action_id"] != actionID {
			continue
		}
		if index == 0 {
			return e
		}
		index--
	}
	return nil
}

// interactiveElements lists what can be pressed or filled in, in order, each
// with its block's id under "block_id".
func interactiveElements(blocks json.RawMessage) []kit {
	var out []kit
	for _, b := range decode[[]kit](blocks) {
		list, _ := b["elements"].([]any)
		if b["type"] != "actions" {
			list = []any{b["accessory"], b["element"]}
		}
		for _, item := range list {
			if e, ok := item.(kit); ok {
				e["block_id"] = b["block_id"]
				out = append(out, e)
			}
		}
	}
	return out
}

// actionOf is the entry of "actions" for an element.
func actionOf(e kit, p Press) (map[string]any, error) {
	out := map[string]any{"type": e["type"], "action_id": e["action_id"], "block_id": e["block_id"]}
	if p.Option != "" {
		option := optionOf(e, p.Option)
		if option == nil {
			return nil, fmt.Errorf("%w: no option %q", ErrNoButton, p.Option)
		}
		out["selected_option"] = option
		return out, nil
	}
	for _, name := range []string{"text", "value", "style", "confirm"} {
		if e[name] != nil {
			out[name] = e[name]
		}
	}
	if p.Value != "" {
		out["value"] = p.Value
	}
	return out, nil
}

// optionOf finds an option by its value, in groups too.
func optionOf(e kit, value string) kit {
	lists := []any{e["options"]}
	groups, _ := e["option_groups"].([]any)
	for _, g := range groups {
		group, _ := g.(kit)
		lists = append(lists, group["options"])
	}
	for _, l := range lists {
		list, _ := l.([]any)
		for _, item := range list {
			if option, ok := item.(kit); ok && option["value"] == value {
				return option
			}
		}
	}
	return nil
}

package bot

import (
	"encoding/json"
	"strings"

	"senhasegura-bot/bot/views"
)

// Interaction is what a click or a sent form brings, as far as the bot reads
// it (docs.slack.dev, "Interaction payloads"). Slack signs all of it; of what a
// message holds, its metadata too, that says only that somebody posted it as the
// app. So the ids of user, channel and message are trusted, and what the message
// shows only where it is the request's card.
type Interaction struct {
	Type    string `json:"type"`
	Trigger string `json:"trigger_id"`
	User    struct {
		ID string `json:"id"`
	} `json:"user"`
	Channel struct {
		ID string `json:"id"`
	} `json:"channel"`
	Container struct {
		Channel string `json:"channel_id"`
		Message string `json:"message_ts"`
	} `json:"container"`
	Message message  `json:"message"`
	Actions []action `json:"actions"`
	// ActionID is the field, and Value what was typed into it, while options for
	// it are asked for.
	ActionID string `json:"action_id"`
	Value    string `json:"value"`
	View     struct {
		ID       string `json:"id"`
		Callback string `json:"callback_id"`
		Carried  string `json:"private_metadata"`
		State    struct {
			Values fields `json:"values"`
		} `json:"state"`
	} `json:"view"`
}

type action struct {
	ID    string `json:"action_id"`
	Value string `json:"value"`
}

// fields are the states of a form's inputs, by block and action.
type fields map[string]map[string]field

// field is the state of one input.
type field struct {
	Value    string   `json:"value"`
	Selected picked   `json:"selected_option"`
	Several  []picked `json:"selected_options"`
}

type picked struct {
	Value string `json:"value"`
}

// text is what stands in a field whose block and action share a name.
func (f fields) text(name string) string {
	in := f[name][name]
	return first(in.Value, in.Selected.Value)
}

// several are the values that were picked in such a field.
func (f fields) several(name string) []string {
	var all []string
	for _, p := range f[name][name].Several {
		all = append(all, p.Value)
	}
	return all
}

// message is the message a button was pressed on. Its blocks are kept raw: what
// is in them must not keep a click from being read.
type message struct {
	TS       string          `json:"ts"`
	Blocks   json.RawMessage `json:"blocks"`
	Metadata struct {
		Type    string `json:"event_type"`
		Payload struct {
			Request string `json:"request"`
			Version int    `json:"version"`
		} `json:"event_payload"`
	} `json:"metadata"`
}

// version is that of the request that the card shows, as Slack keeps it with the
// message; zero where it does not tell.
func (m message) version() int {
	if m.Metadata.Type != views.EventType {
		return 0
	}
	return m.Metadata.Payload.Version
}

// owner is the id of the request that a message is a card of, by its metadata,
// else by what its buttons carry; empty when neither tells.
func (m message) owner() string {
	if m.Metadata.Type == views.EventType {
		return m.Metadata.Payload.Request
	}
	var blocks []struct {
		Elements []json.RawMessage `json:"elements"`
	}
	_ = json.Unmarshal(m.Blocks, &blocks) // unreadable blocks do not tell
	for _, block := range blocks {
		for _, element := range block.Elements {
			var button action
			if json.Unmarshal(element, &button) == nil && button.Value != "" {
				id, _, _ := strings.Cut(button.Value, ".")
				return id
			}
		}
	}
	return ""
}

package fakeslack

import (
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"
)

// Sizes of top-level text, from the pages of chat.postMessage (where Slack
// truncates; the stand-in refuses, so that nobody relies on it) and chat.update.
const (
	maxPostText   = 40000
	maxUpdateText = 4000
	maxMetadata   = 8000
)

func (w *Workspace) postMessage(a args) (answer, error) {
	if u, ok := w.users[a["channel"]]; ok && !u.Deleted && !u.IsBot {
		a["channel"] = w.im(u.ID).ID
	}
	ch, err := w.writable(a["channel"])
	if err != nil {
		return nil, err
	}
	c, err := w.readContent(a, maxPostText)
	if err != nil {
		return nil, err
	}
	if ts := a["thread_ts"]; ts != "" && w.find(MessageRef{ch.ID, ts}, "") == nil {
		return nil, refuse("thread_not_found")
	}
	m := w.add(Message{
		Channel: ch.ID, ThreadTS: a["thread_ts"], User: w.cfg.BotUserID, Via: "chat.postMessage",
		Broadcast: a["thread_ts"] != "" && a.flag("reply_broadcast"),
	}, c)
	return answer{"channel": ch.ID, "ts": m.TS, "message": w.messageJSON(m)}, nil
}

// writable returns a channel the bot can write to.
func (w *Workspace) writable(id string) (*Channel, error) {
	ch, err := w.visible(id)
	switch {
	case err != nil:
		return nil, err
	case ch.Archived:
		return nil, refuse("is_archived")
	case !w.botIn(ch):
		return nil, refuse("not_in_channel")
	}
	return ch, nil
}

func (w *Workspace) readContent(a args, maxText int) (content, error) {
	c := content{text: a["text"]}
	if a.flag("link_names") {
		c.text = w.linkNames(c.text)
	}
	if utf8.RuneCountInString(c.text) > maxText {
		return content{}, refuse("msg_too_long")
	}
	if at := badRune(c.text); at != "" {
		return content{}, refuse("invalid_arguments", at+" [json-pointer:/text]")
	}
	var err error
	if c.blocks, err = readBlocks(a["blocks"]); err != nil {
		return content{}, err
	}
	if c.text == "" && c.blocks == nil {
		return content{}, refuse("no_text")
	}
	c.metadata, err = readMetadata(a["metadata"])
	return c, err
}

// readBlocks checks the blocks of a message; none at all is nil.
func readBlocks(text string) (json.RawMessage, error) {
	if text == "" || text == "null" {
		return nil, nil
	}
	var list []any
	if json.Unmarshal([]byte(text), &list) != nil {
		return nil, refuse("invalid_blocks_format")
	}
	if len(list) == 0 {
		return nil, nil
	}
	problems, tooLong := checkMessageBlocks(list)
	if len(problems) > 0 {
		return nil, refuse("invalid_blocks", problems...)
	}
	if tooLong {
		return nil, refuse("msg_blocks_too_long")
	}
	return json.RawMessage(text), nil
}

func readMetadata(text string) (json.RawMessage, error) {
	if text == "" || text == "null" {
		return nil, nil
	}
	var m struct {
		Type    string         `json:"event_type"`
		Payload map[string]any `json:"event_payload"`
	}
	switch {
	case json.Unmarshal([]byte(text), &m) != nil:
		return nil, refuse("invalid_metadata_format")
	case text == "{}":
		return nil, nil
	case m.Type == "" || m.Payload == nil:
		return nil, refuse("invalid_metadata_schema")
	case len(text) > maxMetadata:
		return nil, refuse("metadata_too_large")
	}
	return json.RawMessage(text), nil
}

// own returns a message the bot wrote and may still change.
func (w *Workspace) own(a args, refusedAs string) (*Message, error) {
	ch, err := w.visible(a["channel"])
	if err != nil {
		return nil, err
	}
	m := w.find(MessageRef{ch.ID, a["ts"]}, "")
	switch {
	case m == nil:
		return nil, refuse("message_not_found")
	case m.User != w.cfg.BotUserID:
		return nil, refuse(refusedAs)
	case ch.Archived:
		return nil, refuse("is_archived")
	case !w.botIn(ch):
		return nil, refuse("not_in_channel")
	}
	return m, nil
}

// updateMessage replaces text and blocks together: without blocks the message
// has none. Metadata stays unless it is given.
func (w *Workspace) updateMessage(a args) (answer, error) {
	m, err := w.own(a, "cant_update_message")
	if err != nil {
		return nil, err
	}
	c, err := w.readContent(a, maxUpdateText)
	if err != nil {
		return nil, err
	}
	if a["metadata"] == "" {
		c.metadata = m.Metadata
	}
	c.blocks = w.withBlockIDs(c.blocks)
	m.show(c, w.cfg.Now())
	m.Broadcast = m.Broadcast || (m.ThreadTS != "" && a.flag("reply_broadcast"))
	w.touch()
	return answer{"channel": m.Channel, "ts": m.TS, "text": m.Text, "message": w.messageJSON(m)}, nil
}

func (w *Workspace) deleteMessage(a args) (answer, error) {
	m, err := w.own(a, "cant_delete_message")
	if err != nil {
		return nil, err
	}
	m.Deleted = true
	w.touch()
	return answer{"channel": m.Channel, "ts": m.TS}, nil
}

func (w *Workspace) postEphemeral(a args) (answer, error) {
	ch, err := w.writable(a["channel"])
	if err != nil {
		return nil, err
	}
	if u, ok := w.users[a["user"]]; !ok || u.Deleted || !slices.Contains(ch.Members, a["user"]) {
		return nil, refuse("user_not_in_channel")
	}
	c, err := w.readContent(a, maxPostText)
	if err != nil {
		return nil, err
	}
	m := w.add(Message{
		Channel: ch.ID, ThreadTS: a["thread_ts"], User: w.cfg.BotUserID, For: a["user"], Via: "chat.postEphemeral",
	}, c)
	return answer{"message_ts": m.TS}, nil
}

func (w *Workspace) permalink(a args) (answer, error) {
	ch, err := w.visible(a["channel"])
	if err != nil {
		return nil, err
	}
	m := w.find(MessageRef{ch.ID, a["message_ts"]}, "")
	if m == nil {
		return nil, refuse("message_not_found")
	}
	link := w.url + "/archives/" + ch.ID + "/p" + strings.ReplaceAll(m.TS, ".", "")
	if m.ThreadTS != "" {
		link += "?thread_ts=" + m.ThreadTS + "&cid=" + ch.ID
	}
	return answer{"channel": ch.ID, "permalink": link}, nil
}

// messageJSON is the message as answers and payloads show it. w.mu is held.
func (w *Workspace) messageJSON(m *Message) answer {
	out := answer{"type": "message", "user": m.User, "team": w.cfg.TeamID, "ts": m.TS, "text": m.Text}
	if m.User == w.cfg.BotUserID {
		out["bot_id"], out["app_id"] = w.cfg.BotID, w.cfg.AppID
	}
	if m.ThreadTS != "" {
		out["thread_ts"] = m.ThreadTS
	}
	if m.Blocks != nil {
		out["blocks"] = m.Blocks
	}
	if m.Metadata != nil {
		out["metadata"] = m.Metadata
	}
	if len(m.History) > 1 {
		out["edited"] = answer{"user": m.User, "ts": m.TS}
	}
	return out
}

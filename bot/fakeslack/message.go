package fakeslack

import (
	"context"
	"encoding/json"
	"slices"
	"time"
)

// Message is one message as it stands, with everything it ever showed.
type Message struct {
	Channel, TS, ThreadTS string
	User                  string // who wrote it
	For                   string // ephemeral: the only person who sees it
	Via                   string // the method, "command", "response_url", "slackbot" or "person"
	Text                  string
	Blocks                json.RawMessage // nil when it has none
	Metadata              json.RawMessage // nil when it has none
	Broadcast             bool            // a thread reply also sent to the channel
	Deleted               bool
	History               []Version // oldest first; the last is what stands
}

// Version is what a message showed from At on.
type Version struct {
	Text             string
	Blocks, Metadata json.RawMessage
	At               time.Time
}

// MessageRef names a message.
type MessageRef struct{ Channel, TS string }

// Ref names m.
func (m Message) Ref() MessageRef { return MessageRef{Channel: m.Channel, TS: m.TS} }

// content is what an author may set and change.
type content struct {
	text             string
	blocks, metadata json.RawMessage
}

func (m *Message) show(c content, at time.Time) {
	m.Text, m.Blocks, m.Metadata = c.text, c.blocks, c.metadata
	m.History = append(m.History, Version{Text: c.text, Blocks: c.blocks, Metadata: c.metadata, At: at})
}

func (m *Message) copy() Message {
	c := *m
	c.History = slices.Clone(m.History)
	return c
}

// add stores a new message. w.mu is held.
func (w *Workspace) add(m Message, c content) *Message {
	m.TS = w.stamp()
	c.blocks = w.withBlockIDs(c.blocks)
	m.show(c, w.cfg.Now())
	w.messages = append(w.messages, &m)
	w.touch()
	return &m
}

// withBlockIDs gives every block that has no block_id one, as Slack does.
// The blocks have passed the checks. w.mu is held.
func (w *Workspace) withBlockIDs(blocks json.RawMessage) json.RawMessage {
	var list []map[string]any
	if len(blocks) == 0 || json.Unmarshal(blocks, &list) != nil || len(list) == 0 {
		return nil
	}
	for _, b := range list {
		if id, _ := b["block_id"].(string); id == "" {
			b["block_id"] = w.next("b")
		}
	}
	return encode(list)
}

// find returns the message at ref; ephemerals are found for their reader only.
// w.mu is held.
func (w *Workspace) find(ref MessageRef, reader string) *Message {
	for _, m := range w.messages {
		if m.Ref() == ref && !m.Deleted && (m.For == "" || m.For == reader) {
			return m
		}
	}
	return nil
}

// pick returns copies of the messages that match, oldest first.
func (w *Workspace) pick(match func(*Message) bool) []Message {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []Message
	for _, m := range w.messages {
		if match(m) {
			out = append(out, m.copy())
		}
	}
	return out
}

// Messages returns everything posted in a channel for all to see, thread
// replies and deleted messages included, oldest first.
func (w *Workspace) Messages(channel string) []Message {
	return w.pick(func(m *Message) bool { return m.Channel == channel && m.For == "" })
}

// Thread returns the replies below one message, oldest first.
func (w *Workspace) Thread(channel, ts string) []Message {
	return w.pick(func(m *Message) bool {
		return m.Channel == channel && m.ThreadTS == ts && m.For == "" && !m.Deleted
	})
}

// Ephemerals returns what only this person was shown: answers to commands,
// chat.postEphemeral, response URLs and Slack's own errors, oldest first.
func (w *Workspace) Ephemerals(user string) []Message {
	return w.pick(func(m *Message) bool { return m.For == user })
}

// Message returns one message as it stands.
func (w *Workspace) Message(ref MessageRef) (Message, bool) {
	found := w.pick(func(m *Message) bool { return m.Ref() == ref })
	if len(found) == 0 {
		return Message{}, false
	}
	return found[0], true
}

// WaitMessage blocks until a message in the channel, as it then stands,
// satisfies match.
func (w *Workspace) WaitMessage(ctx context.Context, channel string, match func(Message) bool) (Message, error) {
	return w.waitAmong(ctx, func() []Message { return w.Messages(channel) }, match)
}

// WaitEphemeral is WaitMessage for what only this person sees.
func (w *Workspace) WaitEphemeral(ctx context.Context, user string, match func(Message) bool) (Message, error) {
	return w.waitAmong(ctx, func() []Message { return w.Ephemerals(user) }, match)
}

func (w *Workspace) waitAmong(ctx context.Context, list func() []Message, match func(Message) bool) (Message, error) {
	var found Message
	err := w.WaitFor(ctx, func() bool {
		all := list()
		i := slices.IndexFunc(all, match)
		if i >= 0 {
			found = all[i]
		}
		return i >= 0
	})
	return found, err
}

// Say posts what a person writes, in the thread of threadTS if that is not
// empty. Nothing is delivered to the bot.
func (w *Workspace) Say(user, channel, threadTS, text string) MessageRef {
	w.mu.Lock()
	defer w.mu.Unlock()
	m := w.add(Message{Channel: channel, ThreadTS: threadTS, User: user, Via: "person"}, content{text: w.markup(text)})
	return m.Ref()
}

// encode marshals what this package built itself, which cannot fail.
func encode(v any) json.RawMessage {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return data
}

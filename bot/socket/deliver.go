package socket

import (
	"context"
	"encoding/json"
	"time"

	"github.com/slack-go/slack"

	"senhasegura-bot/bot"
)

// within is how long the Bot may take before the envelope is acknowledged.
const within = 2500 * time.Millisecond

// receive deals with one message of a connection. Each delivery is worked on by
// itself, so that none waits for another to be answered.
func (l *Listener) receive(ctx context.Context, c *connection, message []byte) {
	var e envelope
	if err := json.Unmarshal(message, &e); err != nil && e.ID == "" {
		l.Logger.Warn("a delivery could not be read", "error", err)
		return
	}
	switch {
	case e.Type == "disconnect":
		l.asked(c, e.Reason)
	case e.ID != "":
		c.answering.Add(1)
		l.working.Go(func() { l.deliver(ctx, c, e) })
	}
}

// asked notes that Slack wants a connection replaced.
func (l *Listener) asked(c *connection, reason string) {
	if reason == "link_disabled" {
		l.Logger.Error("Socket Mode was switched off in the app's settings: nothing is delivered until it is on again")
	} else {
		l.Logger.Info("Slack asks to replace a socket", "reason", reason)
	}
	c.ask()
}

// deliver answers one envelope, and then does what may follow.
func (l *Listener) deliver(ctx context.Context, c *connection, e envelope) {
	defer l.Bot.Recover("a delivery")
	then := l.answer(context.WithoutCancel(ctx), c, e)
	if then != nil {
		then(context.WithoutCancel(ctx))
	}
}

// answer has the Bot answer and acknowledges, on the connection by which the
// envelope came. What the Bot panics at stays unacknowledged.
func (l *Listener) answer(ctx context.Context, c *connection, e envelope) func(context.Context) {
	defer c.answering.Done()
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	reply := bot.Reply{}
	if l.first(ctx, e.ID) {
		reply = l.ask(ctx, e)
	}
	if err := c.acknowledge(e.ID, reply.Body); err != nil {
		l.Logger.Warn("acknowledging failed", "error", err)
	}
	return reply.Then
}

// first reports whether the envelope is new. When the store cannot tell, it is
// handed on: what the Bot stores is idempotent by itself.
func (l *Listener) first(ctx context.Context, id string) bool {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	first, err := l.First(ctx, "envelope:"+id, time.Hour)
	return err != nil || first
}

// ask hands on what can be read; the rest is acknowledged and does nothing.
func (l *Listener) ask(ctx context.Context, e envelope) bot.Reply {
	var command slack.SlashCommand
	var interaction bot.Interaction
	var event bot.Event
	switch e.Type {
	case "slash_commands":
		if json.Unmarshal(e.Payload, &command) == nil && command.UserID != "" && command.ChannelID != "" {
			return l.Bot.Command(ctx, e.ID, command)
		}
	case "interactive":
		if json.Unmarshal(e.Payload, &interaction) == nil && interaction.User.ID != "" {
			return l.Bot.Interact(ctx, interaction)
		}
	case "events_api":
		if json.Unmarshal(e.Payload, &event) == nil {
			return l.Bot.Event(event)
		}
	}
	l.Logger.Warn("a delivery could not be read", "type", e.Type)
	return bot.Reply{}
}

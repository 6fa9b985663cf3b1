package views

import (
	"github.com/slack-go/slack"

	"senhasegura-bot/approvals"
	"senhasegura-bot/bot/messages"
	"senhasegura-bot/commands"
)

// defaultCommand is the slash command of the manifest, for answers to people
// who pressed a button and typed no command.
const defaultCommand = "/pam"

func commandName(name string) string {
	if name == "" {
		return defaultCommand
	}
	return inert(name, 40)
}

// answer is a message of one mrkdwn section, and blocks below it.
func answer(text string, more ...slack.Block) Message {
	return Message{Text: cutEscaped(text, maxText), Blocks: append([]slack.Block{section(text)}, more...)}
}

// Requested tells the requester that the request is stored.
func Requested(p *messages.Printer, r approvals.Request) Message {
	v := of(r, Context{Printer: p})
	params := messages.Params{"ID": r.ID, "Do": escape(v.do()), "Date": date(r.Expires),
		"Room": room(r.Room()), "Command": escape(commandName(r.Command))}
	if r.Room() != r.Channel {
		return answer(p.Text("requested_elsewhere", params), v.notes()...)
	}
	return answer(p.Text("requested", params), v.notes()...)
}

// WithMeant puts below what Requested said that ref may be a slip for one of the
// choices; without any it changes nothing.
func (m Message) WithMeant(p *messages.Printer, r approvals.Request, ref string, all []commands.Choice) Message {
	if len(all) > 0 {
		text := p.Text("requested_meant", messages.Params{"Word": inert(ref, longestLabel), "ID": r.ID})
		m.Blocks = append(append(m.Blocks, small(text)), choices(p, r.Command, all)...)
	}
	return m
}

// notes say of which targets there is something to know before anybody approves.
func (v view) notes() []slack.Block {
	var items [][]span
	for _, t := range v.Targets {
		if flags := v.flags(t); t.Label == "" || len(flags) > 0 {
			name := label(v.p, t, min(longestLabel, labelsRoom/len(v.Targets)))
			items = append(items, append([]span{bold(name)}, dashed(flags)...))
		}
	}
	if len(items) == 0 {
		return nil
	}
	return []slack.Block{small(v.say("requested_note", nil)), lines(items)}
}

// CancelledByYou tells the requester that their cancel by command counted.
func CancelledByYou(p *messages.Printer, r approvals.Request) Message {
	v := of(r, Context{Printer: p})
	return answer(p.Text("cancelled", messages.Params{"ID": r.ID, "Do": escape(v.do())}))
}

// PointerType is the type of the metadata of a pointer: an update that brought
// none would leave the card's own.
const PointerType = "pam_pointer"

// Pointer replaces a copy of a card; link is the card's permalink, or empty.
func Pointer(p *messages.Printer, r approvals.Request, link string) Message {
	m := answer(p.Text("pointer", messages.Params{"ID": r.ID, "Link": escape(link), "Room": room(r.Room())}))
	m.Metadata = slack.SlackMetadata{EventType: PointerType, EventPayload: map[string]any{"request": r.ID}}
	return m
}

// NotTheCard answers a click on a message that is not the request's card.
func NotTheCard(p *messages.Printer, r approvals.Request, link string) Message {
	return answer(p.Text("not_the_card", messages.Params{"ID": r.ID, "Link": escape(link), "Room": room(r.Room())}))
}

// NoForm says that a form could not be opened; command is empty after a click.
func NoForm(p *messages.Printer, command string) Message {
	return answer(p.Text("no_form", messages.Params{"Command": escape(inert(command, 40))}))
}

// statusLine says in one line where a request stands.
func (v view) statusLine(link string) string {
	line := v.say("status.line", messages.Params{
		"State": v.stateName(), "ID": v.ID, "Do": escape(v.do()), "Who": user(v.Requester.User),
		"Channel": safe(v.Channel, 40), "Link": escape(link),
	})
	if v.State == approvals.Pending {
		line += " · " + v.say("status.expires", messages.Params{"Date": date(v.Expires)})
	}
	return line
}

// Status answers where one request stands: what its card says, without
// buttons. link is the card's permalink, or empty.
func Status(r approvals.Request, c Context, link string) Message {
	c.RunAgain = false // there is no button here to speak of
	v := of(r, c)
	blocks := append([]slack.Block{section(v.statusLine(link))}, v.glass()...)
	blocks = append(blocks, lines(v.targets()), v.reason())
	blocks = append(blocks, v.standing()...)
	return Message{Text: cutEscaped(v.headline(), maxText), Blocks: append(blocks, v.rule())}
}

// maxListed keeps a list below Slack's 50 blocks and 13,200 characters.
const maxListed = 20

// Pending lists undecided requests, with the links of their cards by id; more
// counts those that are not in the list.
func Pending(p *messages.Printer, list []approvals.Request, links map[string]string, more int) Message {
	if len(list) == 0 {
		return answer(p.Text("pending.none", nil))
	}
	m := answer(p.Text("pending.title", messages.Params{"Count": len(list) + more}))
	more += max(len(list)-maxListed, 0)
	for _, r := range list[:min(len(list), maxListed)] {
		v := of(r, Context{Printer: p})
		m.Blocks = append(m.Blocks, section(v.statusLine(links[r.ID]), safe(v.fitting(r.Targets, 100), 200)))
	}
	if more > 0 {
		m.Blocks = append(m.Blocks, small(p.Text("pending.more", messages.Params{"Count": more})))
	}
	return m
}

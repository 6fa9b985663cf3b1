package fakeslack

import (
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// Reply is what a person gets for a command.
type Reply struct {
	Ack
	// Shown is the message of the acknowledgement; nil for an empty one.
	Shown *Message
}

// Text is the text of what was shown.
func (r Reply) Text() string {
	if r.Shown == nil {
		return ""
	}
	return r.Shown.Text
}

// Command types "/command text" for a person, waits for the acknowledgement
// and shows what it carries. On ErrTimeout and ErrDispatch the person is shown
// Slack's own message, as Slack does.
func (w *Workspace) Command(user, channel, command, text string) (Reply, error) {
	form, err := w.CommandForm(user, channel, command, text)
	if err != nil {
		return Reply{}, err
	}
	return w.SendCommand(form)
}

// CommandForm builds the fields Slack sends. The text is marked up as with
// should_escape; a test may set form["text"] to anything else.
func (w *Workspace) CommandForm(user, channel, command, text string) (url.Values, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	u, ok := w.users[user]
	ch := w.channels[channel]
	switch {
	case !ok || ch == nil:
		return nil, fmt.Errorf("fakeslack: no user %q or channel %q", user, channel)
	case u.IsStranger:
		return nil, ErrExternal
	}
	form := url.Values{}
	for name, value := range map[string]string{
		"token": "fake", "team_id": w.cfg.TeamID, "team_domain": w.cfg.TeamDomain,
		"channel_id": channel, "channel_name": ch.commandName(), "user_id": user, "user_name": u.Name,
		"command": command, "text": w.markup(text), "api_app_id": w.cfg.AppID, "is_enterprise_install": "false",
		"response_url": w.newResponseURL(user, channel, MessageRef{}), "trigger_id": w.newTrigger(user),
	} {
		form.Set(name, value)
	}
	if w.cfg.EnterpriseID != "" {
		form.Set("enterprise_id", w.cfg.EnterpriseID)
		form.Set("enterprise_name", w.cfg.TeamName)
	}
	return form, nil
}

// commandName is what Slack puts into channel_name.
func (c *Channel) commandName() string {
	switch {
	case c.IsIM:
		return "directmessage"
	case c.Private:
		return "privategroup"
	}
	return c.Name
}

// SendCommand delivers the fields of a command.
func (w *Workspace) SendCommand(form url.Values) (Reply, error) {
	fields := map[string]string{}
	for name := range form {
		fields[name] = form.Get(name)
	}
	ack, err := w.deliver(Delivery{
		Kind: "slash_commands", Path: "/slack/commands", Payload: encode(fields), Body: []byte(form.Encode()),
	})
	user, channel := form.Get("user_id"), form.Get("channel_id")
	if err == nil {
		var shown *Message
		shown, err = w.showAck(user, channel, ack)
		if err == nil {
			return Reply{Ack: ack, Shown: shown}, nil
		}
	}
	w.complain(user, channel, form.Get("command"), err)
	return Reply{Ack: ack}, err
}

// showAck shows the body of an acknowledged command: JSON only with its
// content type, any other body as plain text.
func (w *Workspace) showAck(user, channel string, ack Ack) (*Message, error) {
	body := strings.TrimSpace(string(ack.Body))
	if body == "" || body == "null" || body == "{}" {
		return nil, nil
	}
	rep := reply{Text: body}
	if strings.HasPrefix(ack.Type, "application/json") {
		rep = reply{}
		if err := json.Unmarshal(ack.Body, &rep); err != nil {
			return nil, fmt.Errorf("%w: reading the answer: %w", ErrDispatch, err)
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	c, err := w.readContent(args{"text": rep.Text, "blocks": string(rep.Blocks)}, maxPostText)
	if err != nil {
		return nil, fmt.Errorf("%w: showing the answer: %w %v", ErrDispatch, err, refused(err, nil)["errors"])
	}
	shown := w.showReply(user, channel, "command", rep, c).copy()
	return &shown, nil
}

// complain shows a person what Slack shows when a command went wrong.
func (w *Workspace) complain(user, channel, command string, err error) {
	code := ErrDispatch
	if err == ErrTimeout {
		code = ErrTimeout
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	text := fmt.Sprintf("%s failed with the error “%s”", command, code)
	w.add(Message{Channel: channel, User: "USLACKBOT", For: user, Via: "slackbot"}, content{text: text})
}

var (
	mention  = regexp.MustCompile(`(^|[\s(,])([@#])([\p{L}\p{N}._-]*[\p{L}\p{N}_-])`)
	mailLike = regexp.MustCompile(`(^|[\s,])([\w.+-]+@[\w-]+(?:\.[\w-]+)+)`)
	linkLike = regexp.MustCompile(`(^|[\s,])(https?://[^\s,<>]+)`)
)

var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// markup turns typed text into what Slack sends: escaped, with mentions of
// people, groups and public channels as tokens. w.mu is held.
func (w *Workspace) markup(text string) string {
	text = escaper.Replace(text)
	if w.cfg.Autolink {
		text = mailLike.ReplaceAllString(text, "$1<mailto:$2|$2>")
		text = linkLike.ReplaceAllString(text, "$1<$2>")
	}
	return w.linkNames(text)
}

func (w *Workspace) linkNames(text string) string {
	return mention.ReplaceAllStringFunc(text, func(s string) string {
		parts := mention.FindStringSubmatch(s)
		return parts[1] + w.token(parts[2], parts[3])
	})
}

// token is the markup of one name, or the name as typed if there is no such.
func (w *Workspace) token(sign, name string) string {
	if sign == "#" {
		if c := w.channelNamed(name); c != nil {
			return "<#" + c.ID + "|" + c.Name + ">"
		}
		return sign + name
	}
	if u := w.userNamed(name); u != nil {
		return "<@" + u.ID + "|" + u.Name + ">"
	}
	if g := w.groupNamed(name); g != nil {
		return "<!subteam^" + g.ID + "|@" + g.Handle + ">"
	}
	return sign + name
}

// seconds is a time as payloads carry it.
func seconds(at time.Time) string { return fmt.Sprintf("%d.%06d", at.Unix(), at.Nanosecond()/1000) }

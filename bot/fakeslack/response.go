package fakeslack

import (
	"encoding/json"
	"io"
	"net/http"
	"time"
)

// A response URL is good for five uses in thirty minutes.
const (
	responseUses = 5
	responseLife = 30 * time.Minute
)

type responseURL struct {
	user    string
	at      time.Time
	uses    int
	channel string
	source  MessageRef // the message whose button was pressed; empty for commands
}

// newResponseURL returns the URL for one command or click. w.mu is held.
func (w *Workspace) newResponseURL(user, channel string, source MessageRef) string {
	id := w.next("R")
	w.responses[id] = &responseURL{user: user, at: w.cfg.Now(), channel: channel, source: source}
	return w.url + "/response/" + id
}

// reply is what the bot may send there, and as the answer to a command.
type reply struct {
	Text     string          `json:"text"`
	Blocks   json.RawMessage `json:"blocks"`
	Type     string          `json:"response_type"`
	Replace  bool            `json:"replace_original"`
	Delete   bool            `json:"delete_original"`
	ThreadTS string          `json:"thread_ts"`
}

func (w *Workspace) serveResponseURL(rw http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(rw, r.Body, maxBody))
	call := Call{Method: "response_url", At: w.cfg.Now(), Args: args{"id": r.PathValue("id"), "body": string(body)}}
	fault := w.takeFault(call)
	if w.hit(rw, r, fault, call, false) {
		return
	}
	status := http.StatusOK
	w.act(call, fault, func(c *Call) {
		if err == nil {
			status, err = w.respond(r.PathValue("id"), body)
		}
		if c.Status = status; err != nil {
			c.Error = err.Error()
		}
	})
	if w.hit(rw, r, fault, call, true) {
		return
	}
	if err != nil {
		writeJSON(rw, status, refused(err, nil))
		return
	}
	_, _ = io.WriteString(rw, "ok")
}

// respond shows an answer. w.mu is held.
func (w *Workspace) respond(id string, body []byte) (int, error) {
	u, ok := w.responses[id]
	switch {
	case !ok:
		return http.StatusNotFound, refuse("invalid_url")
	case w.cfg.Now().Sub(u.at) > responseLife:
		return http.StatusNotFound, refuse("expired_url")
	case u.uses >= responseUses:
		return http.StatusNotFound, refuse("used_url")
	}
	var rep reply
	if json.Unmarshal(body, &rep) != nil {
		return http.StatusBadRequest, refuse("invalid_payload")
	}
	if err := w.applyReply(u, rep); err != nil {
		return http.StatusBadRequest, err
	}
	u.uses++
	return http.StatusOK, nil
}

// applyReply shows what the bot answered. w.mu is held.
func (w *Workspace) applyReply(u *responseURL, rep reply) error {
	original := w.find(u.source, u.user)
	if rep.Delete {
		if original == nil {
			return refuse("message_not_found")
		}
		original.Deleted = true
		w.touch()
		return nil
	}
	c, err := w.readContent(args{"text": rep.Text, "blocks": string(rep.Blocks)}, maxPostText)
	if err != nil {
		return err
	}
	if rep.Replace && original != nil {
		c.blocks, c.metadata = w.withBlockIDs(c.blocks), original.Metadata
		original.show(c, w.cfg.Now())
		w.touch()
		return nil
	}
	w.showReply(u.user, u.channel, "response_url", rep, c)
	return nil
}

// showReply posts an answer: to the person alone unless it says in_channel.
func (w *Workspace) showReply(user, channel, via string, rep reply, c content) *Message {
	m := Message{Channel: channel, ThreadTS: rep.ThreadTS, User: w.cfg.BotUserID, Via: via, For: user}
	if rep.Type == "in_channel" {
		m.For = ""
	}
	return w.add(m, c)
}

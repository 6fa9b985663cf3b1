package fakeslack

import (
	"encoding/json"
	"fmt"
	"time"
)

// triggerLife is how long a trigger id can open a modal, once.
const triggerLife = 3 * time.Second

// maxStack is how many modals lie on top of each other at most.
const maxStack = 3

type trigger struct {
	user string
	at   time.Time
	used bool
}

// View is one modal as a person sees it.
type View struct {
	ID, RootID, PreviousID string
	User                   string
	CallbackID, ExternalID string
	Hash, PrivateMetadata  string
	Title                  string
	Body                   json.RawMessage // the view as the bot gave it, with block ids
	NotifyOnClose          bool
	Submittable            bool

	offered map[string]kit // what the bot suggested, by value
}

// viewBody is the part of a view this package reads.
type viewBody struct {
	Title           struct{ Text string }  `json:"title"`
	Blocks          json.RawMessage        `json:"blocks"`
	Submit          *struct{ Text string } `json:"submit"`
	CallbackID      string                 `json:"callback_id"`
	ExternalID      string                 `json:"external_id"`
	PrivateMetadata string                 `json:"private_metadata"`
	NotifyOnClose   bool                   `json:"notify_on_close"`
}

// newTrigger makes a trigger id for one thing a person did. w.mu is held.
func (w *Workspace) newTrigger(user string) string {
	id := w.next("trigger.")
	w.triggers[id] = &trigger{user: user, at: w.cfg.Now()}
	return id
}

// useTrigger returns whose trigger id it is, and uses it up.
func (w *Workspace) useTrigger(id string) (string, error) {
	t, ok := w.triggers[id]
	switch {
	case !ok:
		return "", refuse("invalid_trigger_id")
	case w.cfg.Now().Sub(t.at) > triggerLife:
		return "", refuse("expired_trigger_id")
	case t.used:
		return "", refuse("exchanged_trigger_id")
	}
	t.used = true
	return t.user, nil
}

// readView checks a view and returns it without identity.
func (w *Workspace) readView(text string) (*View, error) {
	var raw map[string]any
	if json.Unmarshal([]byte(text), &raw) != nil || raw == nil {
		return nil, refuse("invalid_arguments", "must be a valid view [json-pointer:/view]")
	}
	if problems := checkModal(raw); len(problems) > 0 {
		return nil, refuse("invalid_arguments", problems...)
	}
	var b viewBody
	if err := json.Unmarshal([]byte(text), &b); err != nil {
		return nil, refuse("invalid_arguments", "must be a valid view [json-pointer:/view]")
	}
	raw["blocks"] = w.withBlockIDs(b.Blocks)
	return &View{
		CallbackID: b.CallbackID, ExternalID: b.ExternalID, PrivateMetadata: b.PrivateMetadata, Title: b.Title.Text,
		NotifyOnClose: b.NotifyOnClose, Submittable: b.Submit != nil, Body: encode(raw), Hash: w.next("hash."),
		offered: map[string]kit{},
	}, nil
}

func (w *Workspace) viewsOpen(a args) (answer, error) { return w.openView(a, false) }
func (w *Workspace) viewsPush(a args) (answer, error) { return w.openView(a, true) }

func (w *Workspace) openView(a args, push bool) (answer, error) {
	v, err := w.readView(a["view"])
	if err != nil {
		return nil, err
	}
	user, err := w.useTrigger(a["trigger_id"])
	if err != nil {
		return nil, err
	}
	stack := w.views[user]
	if push && (len(stack) == 0 || len(stack) >= maxStack) {
		return nil, refuse("push_limit_reached")
	}
	if !push {
		stack = nil
	}
	w.views[user] = w.stacked(stack, v, user)
	w.touch()
	return answer{"view": w.viewJSON(v)}, nil
}

// stacked lays a new view on top of a stack.
func (w *Workspace) stacked(stack []*View, v *View, user string) []*View {
	v.ID, v.User = w.next("V"), user
	v.RootID = v.ID
	if n := len(stack); n > 0 {
		v.RootID, v.PreviousID = stack[0].ID, stack[n-1].ID
	}
	return append(stack[:len(stack):len(stack)], v)
}

func (w *Workspace) viewsUpdate(a args) (answer, error) {
	at, old := w.viewAt(a["view_id"], a["external_id"])
	if old == nil {
		return nil, refuse("not_found")
	}
	if a["hash"] != "" && a["hash"] != old.Hash {
		return nil, refuse("hash_conflict")
	}
	v, err := w.readView(a["view"])
	if err != nil {
		return nil, err
	}
	w.replaceView(at, old, v)
	return answer{"view": w.viewJSON(v)}, nil
}

// viewAt finds an open view by either of its ids; closed ones are gone.
func (w *Workspace) viewAt(id, external string) (int, *View) {
	for _, stack := range w.views {
		for i, v := range stack {
			if (id != "" && v.ID == id) || (id == "" && external != "" && v.ExternalID == external) {
				return i, v
			}
		}
	}
	return 0, nil
}

func (w *Workspace) replaceView(at int, old, v *View) {
	v.ID, v.RootID, v.PreviousID, v.User = old.ID, old.RootID, old.PreviousID, old.User
	stack := append([]*View{}, w.views[old.User]...)
	stack[at] = v
	w.views[old.User] = stack
	w.touch()
}

// viewJSON is the view object of answers and payloads.
func (w *Workspace) viewJSON(v *View) answer {
	out := answer{}
	if err := json.Unmarshal(v.Body, &out); err != nil {
		panic(fmt.Sprintf("fakeslack: stored view: %v", err))
	}
	out["id"], out["team_id"], out["app_id"], out["bot_id"] = v.ID, w.cfg.TeamID, w.cfg.AppID, w.cfg.BotID
	out["root_view_id"], out["hash"] = v.RootID, v.Hash
	out["previous_view_id"] = nil
	if v.PreviousID != "" {
		out["previous_view_id"] = v.PreviousID
	}
	for _, name := range []string{"callback_id", "external_id", "private_metadata"} {
		if out[name] == nil {
			out[name] = ""
		}
	}
	out["state"] = answer{"values": answer{}}
	return out
}

// OpenView returns the modal on top of what this person has open.
func (w *Workspace) OpenView(user string) (View, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	stack := w.views[user]
	if len(stack) == 0 {
		return View{}, false
	}
	return *stack[len(stack)-1], true
}

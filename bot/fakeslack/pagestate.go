package fakeslack

import (
	"net/http"
	"slices"
)

// pageState is everything one column shows: who and what there is, and one
// channel through the eyes of one person.
func (w *Workspace) pageState(rw http.ResponseWriter, r *http.Request) {
	writeJSON(rw, http.StatusOK, w.seenBy(r.URL.Query().Get("person"), r.URL.Query().Get("channel")))
}

func (w *Workspace) seenBy(personID, channelID string) map[string]any {
	w.mu.Lock()
	defer w.mu.Unlock()
	person := w.users[personID]
	out := map[string]any{
		"team": w.cfg.TeamName, "people": w.pagePeople(), "groups": w.pageGroups(),
		"channels": w.pageChannels(person), "messages": []any{}, "modal": nil,
	}
	channel := w.channels[channelID]
	if person != nil && channel != nil && w.sees(person, channel) {
		out["messages"] = w.pageMessages(person.ID, channel.ID)
	}
	if person != nil && len(w.views[person.ID]) > 0 {
		stack := w.views[person.ID]
		out["modal"] = w.viewJSON(stack[len(stack)-1])
	}
	return out
}

// sees tells whether a person can open a channel: public ones are open to full
// members, all others to their members.
func (w *Workspace) sees(u *User, c *Channel) bool {
	if slices.Contains(c.Members, u.ID) {
		return true
	}
	return !c.Private && !c.IsIM && !u.IsStranger && !u.IsRestricted && !u.IsUltraRestricted
}

func (w *Workspace) pagePeople() []any {
	out := []any{}
	for _, id := range w.userOrder {
		u := w.users[id]
		out = append(out, map[string]any{
			"id": u.ID, "name": firstOf(u.RealName, firstOf(u.Name, u.ID)), "handle": firstOf(u.Name, u.ID),
			"title": firstOf(u.Title, u.standing()), "locale": u.locale(), "bot": u.IsBot,
		})
	}
	return out
}

// standing names what keeps somebody from being a full member.
func (u *User) standing() string {
	switch {
	case u.Deleted:
		return "deactivated"
	case u.IsStranger:
		return "external"
	case u.IsRestricted, u.IsUltraRestricted:
		return "guest"
	}
	return ""
}

func (w *Workspace) pageGroups() []any {
	out := []any{}
	for _, id := range w.groupOrder {
		out = append(out, map[string]any{"id": id, "handle": w.groups[id].Handle})
	}
	return out
}

func (w *Workspace) pageChannels(person *User) []any {
	out := []any{}
	for _, id := range w.order {
		c := w.channels[id]
		if person != nil && !w.sees(person, c) {
			continue
		}
		name := c.Name
		if c.IsIM {
			name = "direct message with " + w.cfg.BotName
		}
		out = append(out, map[string]any{
			"id": c.ID, "name": name, "private": c.Private, "im": c.IsIM, "archived": c.Archived,
			"shared": c.IsExtShared, "bot": w.botIn(c),
		})
	}
	return out
}

func (w *Workspace) pageMessages(person, channel string) []any {
	out := []any{}
	for _, m := range w.messages {
		if m.Channel != channel || m.Deleted || (m.For != "" && m.For != person) {
			continue
		}
		out = append(out, map[string]any{
			"ts": m.TS, "thread_ts": m.ThreadTS, "user": m.User, "text": m.Text, "blocks": m.Blocks,
			"only": m.For != "", "broadcast": m.Broadcast, "edited": len(m.History) > 1,
		})
	}
	return out
}

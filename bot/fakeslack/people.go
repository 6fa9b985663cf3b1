package fakeslack

import (
	"slices"
	"strings"
)

// User is one account as users.info tells of it. Zero flags are a full member.
type User struct {
	ID, TeamID                       string // TeamID empty: the workspace's own
	Name, RealName, DisplayName      string
	Locale                           string // empty: en-US; never sent for strangers
	Title                            string // shown on the page only
	Enterprise                       *EnterpriseUser
	Deleted, IsBot, IsAppUser        bool
	IsRestricted, IsUltraRestricted  bool // multi-channel, single-channel guest
	IsStranger                       bool // of another organization, in a shared channel
	IsInvitedUser, IsWorkflowBot     bool
	IsAdmin, IsOwner, IsPrimaryOwner bool
}

// EnterpriseUser is the account's identity in an Enterprise Grid organization.
type EnterpriseUser struct {
	ID             string   `json:"id"`
	EnterpriseID   string   `json:"enterprise_id"`
	EnterpriseName string   `json:"enterprise_name"`
	Teams          []string `json:"teams"`
}

// Channel is a conversation. A DM with the bot has IsIM and one other member.
type Channel struct {
	ID, Name                string
	Private, Archived, IsIM bool
	IsShared, IsExtShared   bool
	IsOrgShared             bool
	Creator                 string
	Members                 []string
}

// Group is a user group.
type Group struct {
	ID, Handle, Name string
	Users            []string
	Disabled         bool
}

// AddUser adds or replaces an account.
func (w *Workspace) AddUser(u User) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if u.TeamID == "" {
		u.TeamID = w.cfg.TeamID
	}
	if _, known := w.users[u.ID]; !known {
		w.userOrder = append(w.userOrder, u.ID)
	}
	w.users[u.ID] = &u
	w.touch()
}

// UpdateUser changes an account in place; unknown ids panic, as a test that
// changes nobody would pass by accident.
func (w *Workspace) UpdateUser(id string, change func(*User)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	u, ok := w.users[id]
	if !ok {
		panic("fakeslack: no user " + id)
	}
	changed := *u
	change(&changed)
	w.users[id] = &changed
	w.touch()
}

// AddChannel adds or replaces a conversation.
func (w *Workspace) AddChannel(c Channel) {
	w.mu.Lock()
	defer w.mu.Unlock()
	c.Members = slices.Clone(c.Members)
	if _, known := w.channels[c.ID]; !known {
		w.order = append(w.order, c.ID)
	}
	w.channels[c.ID] = &c
	w.touch()
}

// UpdateChannel changes a conversation in place; unknown ids panic.
func (w *Workspace) UpdateChannel(id string, change func(*Channel)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	c, ok := w.channels[id]
	if !ok {
		panic("fakeslack: no channel " + id)
	}
	change(c)
	w.touch()
}

// Join makes a person, or the bot, a member.
func (w *Workspace) Join(channel string, users ...string) {
	w.UpdateChannel(channel, func(c *Channel) {
		for _, u := range users {
			if !slices.Contains(c.Members, u) {
				c.Members = append(c.Members, u)
			}
		}
	})
}

// Leave takes a person, or the bot, out of a channel.
func (w *Workspace) Leave(channel string, users ...string) {
	w.UpdateChannel(channel, func(c *Channel) {
		c.Members = slices.DeleteFunc(c.Members, func(m string) bool { return slices.Contains(users, m) })
	})
}

// AddGroup adds or replaces a user group.
func (w *Workspace) AddGroup(g Group) {
	w.mu.Lock()
	defer w.mu.Unlock()
	g.Users = slices.Clone(g.Users)
	if _, known := w.groups[g.ID]; !known {
		w.groupOrder = append(w.groupOrder, g.ID)
	}
	w.groups[g.ID] = &g
	w.touch()
}

// SetGroupUsers replaces the members of a group; an unknown group panics.
func (w *Workspace) SetGroupUsers(id string, users ...string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	g, ok := w.groups[id]
	if !ok {
		panic("fakeslack: no group " + id)
	}
	g.Users = slices.Clone(users)
	w.touch()
}

// RemoveGroup deletes a group.
func (w *Workspace) RemoveGroup(id string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.groups, id)
	w.groupOrder = slices.DeleteFunc(w.groupOrder, func(s string) bool { return s == id })
	w.touch()
}

// userNamed finds an account by id, or by the name people type after "@".
// w.mu is held.
func (w *Workspace) userNamed(name string) *User {
	for _, id := range w.userOrder {
		if u := w.users[id]; strings.EqualFold(u.Name, name) || u.ID == name {
			return u
		}
	}
	return nil
}

func (w *Workspace) groupNamed(handle string) *Group {
	for _, id := range w.groupOrder {
		if g := w.groups[id]; strings.EqualFold(g.Handle, handle) {
			return g
		}
	}
	return nil
}

func (w *Workspace) channelNamed(name string) *Channel {
	for _, id := range w.order {
		if c := w.channels[id]; !c.Private && strings.EqualFold(c.Name, name) {
			return c
		}
	}
	return nil
}

// DM returns the id of the conversation between the bot and a person.
func (w *Workspace) DM(user string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.im(user).ID
}

// im returns the DM between the bot and a person, opening it if need be.
// w.mu is held.
func (w *Workspace) im(user string) *Channel {
	for _, id := range w.order {
		if c := w.channels[id]; c.IsIM && slices.Contains(c.Members, user) {
			return c
		}
	}
	c := &Channel{ID: w.next("D"), IsIM: true, Members: []string{w.cfg.BotUserID, user}}
	w.channels[c.ID] = c
	w.order = append(w.order, c.ID)
	w.touch()
	return c
}

// Share makes a channel one that another organization reads too, or ends that,
// and delivers Slack's event of it (channel_shared, channel_unshared). Without
// the event, UpdateChannel does it.
func (w *Workspace) Share(channel string, shared bool) (Ack, error) {
	w.UpdateChannel(channel, func(c *Channel) { c.IsExtShared = shared })
	const partner = "T0PARTNER"
	if shared {
		return w.Event("channel_shared", map[string]any{"connected_team_id": partner, "channel": channel})
	}
	return w.Event("channel_unshared", map[string]any{"previously_connected_team_id": partner, "channel": channel, "is_ext_shared": false})
}

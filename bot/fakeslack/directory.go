package fakeslack

import (
	"encoding/base64"
	"slices"
	"strconv"
	"strings"
)

func (w *Workspace) authTest(args) (answer, error) {
	return answer{
		"url": "https://" + w.cfg.TeamDomain + ".slack.com/", "team": w.cfg.TeamName, "team_id": w.cfg.TeamID,
		"user": w.cfg.BotName, "user_id": w.cfg.BotUserID, "bot_id": w.cfg.BotID,
		"enterprise_id": w.cfg.EnterpriseID, "is_enterprise_install": false,
	}, nil
}

func (w *Workspace) usersInfo(a args) (answer, error) {
	u, ok := w.users[a["user"]]
	if !ok {
		return nil, refuse("user_not_found")
	}
	return answer{"user": u.json(a.flag("include_locale"))}, nil
}

func (w *Workspace) usersList(a args) (answer, error) {
	page, next, err := paged(w.userOrder, a)
	if err != nil {
		return nil, err
	}
	members := []answer{}
	for _, id := range page {
		members = append(members, w.users[id].json(a.flag("include_locale")))
	}
	return answer{"members": members, "cache_ts": w.cfg.Now().Unix(), "response_metadata": answer{"next_cursor": next}}, nil
}

// json is the user object. A deleted account loses most of it, as on Slack.
func (u *User) json(locale bool) answer {
	out := answer{
		"id": u.ID, "team_id": u.TeamID, "name": u.Name, "deleted": u.Deleted,
		"profile": answer{"real_name": u.RealName, "display_name": u.DisplayName, "team": u.TeamID},
		"is_bot":  u.IsBot, "is_app_user": u.IsAppUser, "updated": 0,
	}
	for name, set := range map[string]bool{
		"is_stranger": u.IsStranger, "is_invited_user": u.IsInvitedUser, "is_workflow_bot": u.IsWorkflowBot,
	} {
		if set {
			out[name] = true
		}
	}
	if u.Enterprise != nil {
		out["enterprise_user"] = u.Enterprise
	}
	if u.Deleted {
		return out
	}
	out["real_name"] = u.RealName
	out["is_admin"], out["is_owner"], out["is_primary_owner"] = u.IsAdmin, u.IsOwner, u.IsPrimaryOwner
	out["is_restricted"], out["is_ultra_restricted"] = u.IsRestricted, u.IsUltraRestricted
	if locale && !u.IsStranger {
		out["locale"] = u.locale()
	}
	return out
}

func (u *User) locale() string {
	if u.Locale == "" {
		return "en-US"
	}
	return u.Locale
}

func (w *Workspace) groupsList(a args) (answer, error) {
	list := []answer{}
	for _, id := range w.groupOrder {
		g := w.groups[id]
		if g.Disabled && !a.flag("include_disabled") {
			continue
		}
		list = append(list, w.groupJSON(g, a))
	}
	return answer{"usergroups": list}, nil
}

func (w *Workspace) groupJSON(g *Group, a args) answer {
	out := answer{
		"id": g.ID, "team_id": w.cfg.TeamID, "is_usergroup": true, "name": g.Name, "handle": g.Handle,
		"description": "", "is_external": false, "date_create": 1, "date_update": 1, "date_delete": 0,
		"prefs": answer{"channels": []string{}, "groups": []string{}},
	}
	if g.Disabled {
		out["date_delete"] = 1
	}
	if a.flag("include_users") {
		out["users"] = some(g.Users)
	}
	if a.flag("include_count") {
		out["user_count"] = len(g.Users)
	}
	return out
}

func (w *Workspace) groupUsers(a args) (answer, error) {
	g, ok := w.groups[a["usergroup"]]
	if !ok || (g.Disabled && !a.flag("include_disabled")) {
		return nil, refuse("no_such_subteam")
	}
	return answer{"users": some(g.Users)}, nil
}

// some never encodes as null.
func some(ids []string) []string { return append([]string{}, ids...) }

// visible returns a channel the bot can see: a private one only as a member.
func (w *Workspace) visible(id string) (*Channel, error) {
	c, ok := w.channels[id]
	if !ok || ((c.Private || c.IsIM) && !w.botIn(c)) {
		return nil, refuse("channel_not_found")
	}
	return c, nil
}

func (w *Workspace) botIn(c *Channel) bool { return slices.Contains(c.Members, w.cfg.BotUserID) }

func (w *Workspace) conversationInfo(a args) (answer, error) {
	c, err := w.visible(a["channel"])
	if err != nil {
		return nil, err
	}
	return answer{"channel": w.channelJSON(c, a)}, nil
}

func (w *Workspace) channelJSON(c *Channel, a args) answer {
	out := answer{"id": c.ID, "created": 1, "is_im": c.IsIM, "is_archived": c.Archived, "is_org_shared": c.IsOrgShared}
	if c.IsIM {
		for _, m := range c.Members {
			if m != w.cfg.BotUserID {
				out["user"] = m
			}
		}
		return out
	}
	out["name"], out["name_normalized"], out["creator"] = c.Name, c.Name, c.Creator
	out["is_channel"], out["is_group"], out["is_mpim"] = true, false, false
	out["is_private"], out["is_member"] = c.Private, w.botIn(c)
	out["is_shared"], out["is_ext_shared"] = c.IsShared || c.IsExtShared || c.IsOrgShared, c.IsExtShared
	out["context_team_id"] = w.cfg.TeamID
	if a.flag("include_num_members") {
		out["num_members"] = len(c.Members)
	}
	return out
}

func (w *Workspace) conversationMembers(a args) (answer, error) {
	c, err := w.visible(a["channel"])
	if err != nil {
		return nil, err
	}
	page, next, err := paged(c.Members, a)
	if err != nil {
		return nil, err
	}
	return answer{"members": some(page), "response_metadata": answer{"next_cursor": next}}, nil
}

func (w *Workspace) conversationOpen(a args) (answer, error) {
	users := a["users"]
	if users == "" || strings.Contains(users, ",") {
		return nil, refuse("invalid_arguments", "the stand-in opens a DM with exactly one person")
	}
	u, ok := w.users[users]
	switch {
	case !ok:
		return nil, refuse("user_not_found")
	case u.Deleted:
		return nil, refuse("user_disabled")
	case u.IsBot:
		return nil, refuse("cannot_dm_bot")
	}
	c := w.im(users)
	out := answer{"id": c.ID}
	if a.flag("return_im") {
		out = w.channelJSON(c, a)
	}
	return answer{"channel": out}, nil
}

// paged cuts one page out of a list: limit (default 100, at most 1000) and an
// opaque cursor.
func paged(all []string, a args) (page []string, next string, err error) {
	limit, from := 100, 0
	if s := a["limit"]; s != "" {
		if limit, err = strconv.Atoi(s); err != nil || limit < 0 || limit > 1000 {
			return nil, "", refuse("invalid_limit")
		}
		if limit == 0 {
			limit = 100
		}
	}
	if s := a["cursor"]; s != "" {
		raw, decodeErr := base64.StdEncoding.DecodeString(s)
		from, err = strconv.Atoi(strings.TrimPrefix(string(raw), "from:"))
		if decodeErr != nil || err != nil || from < 0 || from > len(all) {
			return nil, "", refuse("invalid_cursor")
		}
	}
	end := min(from+limit, len(all))
	if end < len(all) {
		next = base64.StdEncoding.EncodeToString([]byte("from:" + strconv.Itoa(end)))
	}
	return all[from:end], next, nil
}

package bot

import (
	"context"
)

// Event makes the bot forget exactly what an event says has changed. Only the
// process that hears an event forgets; for the others the ages of what they
// know are the bound, and a deciding vote is judged by live answers anyway.
// What may then be shown otherwise is drawn again after the answer.
func (b *Bot) Event(e Event) Reply {
	p, in := b.People, e.Inner
	user, channel := string(in.User), string(in.Channel)
	switch in.Type {
	case "user_change":
		p.accounts.forget(user)
		p.list.forget(user)
	case "subteam_members_changed":
		p.groups.forget(in.SubteamID)
	case "subteam_updated": // its handle, its members, or whether it is disabled
		p.groups.forget(string(in.Subteam))
		p.handles.forget("")
	case "member_joined_channel", "member_left_channel":
		p.members.forget(channel)
		if user == p.Home.BotUser { // what it can see there
			p.channels.forget(channel)
		}
	case "channel_rename", "group_rename", "channel_archive", "channel_unarchive", "group_archive", "group_unarchive":
		p.channels.forget(channel)
	case "channel_shared", "channel_unshared":
		p.channels.forget(channel)
		p.members.forget(channel)
		return Reply{Then: after(func(ctx context.Context) {
			if err := b.Desk.RedrawRoom(ctx, channel); err != nil {
				b.Logger.Warn("the cards of a channel that was shared, or is no longer, could not be drawn at once", "channel", channel, "error", err)
			}
		})}
	case "channel_id_changed":
		for _, id := range []string{in.OldChannel, in.NewChannel} {
			p.channels.forget(id)
			p.members.forget(id)
		}
	}
	return Reply{}
}

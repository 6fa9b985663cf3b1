package main

import (
	"cmp"
	"fmt"
	"slices"

	"senhasegura-bot/approvals"
)

// unknowns is what could make the answer another one, and is not known here.
func (x explained) unknowns() []string {
	var all []string
	if !x.given {
		all = append(all,
			"whether "+x.ask.User+" is a full member"+x.orRequester(),
			"who could approve, and so whether enough people can",
			"whether the channel is private, shared or archived, and whether the bot is in it")
		if x.Room.ID != x.Channel.ID {
			all = append(all, "whether "+x.Room.ID+", where the card is posted, is private, shared or archived, and whether the bot is in it")
		}
		if x.policyHas(func(r approvals.Rule) bool { return len(r.Channels) > 0 }) {
			all = append(all, x.unknownChannel())
		}
	}
	for _, c := range x.Choices {
		for _, list := range c.Rule.Approvers {
			all = append(all, x.unknownPeople(list, cmp.Or(c.Rule.PostTo, x.Channel.ID))...)
		}
		all = append(all, x.unknownPeople(x.policy.Requesters, x.Channel.ID)...)
	}
	if x.members.targets == nil && x.policyHas(func(r approvals.Rule) bool { return len(r.Targets) > 0 }) {
		all = append(all, "what senhasegura's list says of the targets: the answer is the one for targets it does not know")
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// unknownPeople is what a list of approvers names and the file does not tell;
// room is the channel that the list's channel stands for.
func (x explained) unknownPeople(list []approvals.Approver, room string) []string {
	var all []string
	for _, a := range list {
		_, group := x.members.groups[a.Group]
		switch {
		case !x.given:
		case a.Channel && len(x.members.channels[room].members) == 0:
			all = append(all, fmt.Sprintf("who is in %s: %s names nobody there", x.named(room), x.members.path))
		case a.Group != "" && !group:
			all = append(all, fmt.Sprintf("who is in %s: %s does not have it", a.Group, x.members.path))
		}
		all = append(all, x.unknownPeople(a.In, room)...)
	}
	return all
}

func (x explained) orRequester() string {
	if x.policy.Requesters == nil {
		return ""
	}
	return " who may ask (requesters)"
}

func (x explained) unknownChannel() string {
	if x.Channel.Name == "" {
		return "the name of " + x.Channel.ID + ": rules on names of channels did not match it"
	}
	return "the id of #" + x.Channel.Name + " and who created it: rules on ids did not match it, and a rule on its name does not hold for its creator"
}

func (x explained) policyHas(is func(approvals.Rule) bool) bool {
	return slices.ContainsFunc(x.policy.Rules, is)
}

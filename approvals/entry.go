package approvals

import "time"

// Entry is one line of the audit: what changed, who changed it and what came
// of it. The store appends it in the same atomic step as the change, with a
// sequence number and its own time.
type Entry struct {
	Request   string    `json:"request"`
	Version   int       `json:"version"`
	Event     EventKind `json:"event"`
	From      State     `json:"from,omitempty"`
	State     State     `json:"state"`
	Team      string    `json:"team"`
	By        Person    `json:"by,omitzero"` // zero: the bot
	Requester Person    `json:"requester"`
	Channel   string    `json:"channel"`
	Verb      Verb      `json:"verb"`
	Kind      Kind      `json:"kind"`
	Targets   []string  `json:"targets"`
	Reason    string    `json:"reason,omitempty"`
	Rule      string    `json:"rule,omitempty"`
	Needed    int       `json:"needed"`
	Voters    []Person  `json:"voters,omitempty"`
	// Glass marks everything that happens to a break-glass.
	Glass   bool   `json:"break_glass,omitempty"`
	Note    string `json:"note,omitempty"`
	Target  string `json:"target,omitempty"` // mark, answer
	Attempt int    `json:"attempt,omitempty"`
	Result  Result `json:"result,omitempty"`
	Answer  Answer `json:"answer,omitzero"`
	Process string `json:"process"`
	// About is the request that a refusal is about, Tried what somebody tried;
	// Count is how many further refusals of one person an entry stands for.
	About string `json:"about,omitempty"`
	Tried string `json:"tried,omitempty"`
	Count int    `json:"count,omitempty"`
}

// EventSubmit is the entry of a request's creation; no transition.
const EventSubmit EventKind = "submit"

// Record describes the step from before to after. Before is zero when the
// request was just made. process names the process that made the change.
func Record(before, after Request, e Event, process string) Entry {
	entry := Entry{
		Request: after.ID, Version: after.Version, Event: e.Kind, From: before.State, State: after.State,
		Team: after.Team, By: e.By, Requester: after.Requester, Channel: after.Channel,
		Verb: after.Verb, Kind: after.Kind, Reason: after.Reason, Rule: after.Rule.Name,
		Needed: max(after.Needed(), e.Needed), Note: e.Reason, Process: process, Glass: after.Glass.On(),
	}
	if entry.Glass {
		entry.Needed = 0 // nobody was asked
	}
	if e.Cause != "" {
		entry.Note = string(e.Cause)
	}
	for _, t := range after.Targets {
		entry.Targets = append(entry.Targets, t.Ref)
	}
	for _, v := range after.Votes {
		entry.Voters = append(entry.Voters, v.Person)
	}
	if (e.Kind == EventMark || e.Kind == EventAnswer) && e.Target < len(after.Targets) {
		t := after.Targets[e.Target]
		entry.Target, entry.Attempt, entry.Result, entry.Answer = t.Ref, t.Attempts, t.Result, e.Answer
	}
	return entry
}

// Logged is an entry as the audit holds it.
type Logged struct {
	Entry
	Seq int64     `json:"seq"`
	At  time.Time `json:"at"`
}

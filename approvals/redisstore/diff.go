package redisstore

import (
	"fmt"
	"slices"

	"senhasegura-bot/approvals"
)

// holding is what a change does with the request's claim on its targets.
type holding string

const (
	keep holding = "keep"
	drop holding = "drop" // the request is no longer open
	hold holding = "hold" // an unknown outcome is run again
)

// diff is what a change means for the keys beside the request.
type diff struct {
	open     holding
	openKeys []string // target keys to drop or hold
	rerun    []string // target keys that nobody else may have touched since
	marked   []string // target keys to lock: a call is about to begin
	settled  []string // target keys to unlock: a result is in
	// slots are the calls that begin, each with its end in Unix milliseconds;
	// freed are those that are over.
	slots, slotsUntil, freed []string
}

// compare finds what changed from before to after.
func compare(before, after approvals.Request) diff {
	d := diff{open: keep}
	var unsettled []string
	for i, t := range after.Targets {
		keys := t.Keys(after.Kind)
		if t.Result == "" {
			unsettled = append(unsettled, keys...)
		}
		if i < len(before.Targets) {
			d.target(fmt.Sprintf("%s/%d", after.ID, i), before.Targets[i], t, keys)
		}
	}
	// A key that two targets of the request share stays locked for the second.
	d.settled = slices.DeleteFunc(d.settled, func(k string) bool { return slices.Contains(unsettled, k) })
	switch {
	case before.State == approvals.Unknown && after.State.Open():
		d.open, d.openKeys = hold, d.rerun
	case before.State.Open() && !after.State.Open():
		d.open, d.openKeys = drop, after.Keys()
	}
	return d
}

// unknown is what is left when the record went back: calls may be under way of
// which it knows nothing, so targets are locked, and no place is given back.
func (d *diff) unknown(after approvals.Request) {
	d.marked, d.settled, d.slots, d.slotsUntil, d.freed = nil, nil, nil, nil, nil
	for _, t := range after.Targets {
		if t.Result == approvals.ResultUnknown {
			d.marked = append(d.marked, t.Keys(after.Kind)...)
		}
	}
}

func (d *diff) target(slot string, was, is approvals.Target, keys []string) {
	switch {
	case !is.CallUntil.IsZero() && !is.CallUntil.Equal(was.CallUntil):
		d.slots = append(d.slots, slot)
		d.slotsUntil = append(d.slotsUntil, fmt.Sprint(is.CallUntil.UnixMilli()))
		d.marked = append(d.marked, keys...)
	case is.CallUntil.IsZero() && !was.CallUntil.IsZero():
		d.freed = append(d.freed, slot)
	}
	switch {
	case was.Result == "" && is.Result != "":
		d.settled = append(d.settled, keys...)
	case was.Result != "" && is.Result == "":
		d.rerun = append(d.rerun, keys...)
	}
}

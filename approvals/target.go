package approvals

import (
	"slices"
	"strings"
	"time"
)

// Target is one thing a request acts on.
type Target struct {
	// Ref is what the call addresses: an id, or user@host.
	Ref string `json:"ref"`
	// ID and Name are the target's id and user@host as senhasegura's list knew
	// them when the request was made; empty when the list did not know them.
	ID   string `json:"id,omitempty"`
	Name string `json:"name,omitempty"`
	// Shared says that the list holds Name more than once, so that it stands
	// for no single target.
	Shared bool `json:"shared,omitempty"`
	// Label is how cards show the target; empty when its name is not known.
	Label string `json:"label,omitempty"`
	// Unnamed is why there is no Label, where that is known.
	Unnamed Unnamed `json:"unnamed,omitempty"`
	// Rotates says that the list shows automatic password change, so that
	// releasing custody changes the password.
	Rotates bool `json:"rotates,omitempty"`
	// RotationUnknown says that the list holds the target and does not tell
	// whether it Rotates.
	RotationUnknown bool `json:"rotation_unknown,omitempty"`
	// ReadOnly says that by the list this access key may not edit the item, so
	// that senhasegura will refuse.
	ReadOnly bool `json:"read_only,omitempty"`
	// Result is empty until the target is settled.
	Result Result `json:"result,omitempty"`
	// Attempts counts the marks made in the current run, each one a call that
	// may have begun.
	Attempts int `json:"attempts,omitempty"`
	// CallUntil is set while a call may be under way: nobody else calls the
	// target before then. Zero once the answer was stored.
	CallUntil time.Time `json:"call_until,omitzero"`
	// NextAt is the earliest instant of the next attempt.
	NextAt time.Time `json:"next_at,omitzero"`
	// Lost says that an earlier attempt of this run may have acted although its
	// answer never came.
	Lost bool `json:"lost,omitempty"`
	// Answer is what senhasegura last said.
	Answer Answer `json:"answer,omitzero"`
}

// Unnamed is why a target has no name. Neither proves anything about
// senhasegura: a list holds only what is linked to the bot's access.
type Unnamed string

// The reasons why a target has no name.
const (
	NotListed  Unnamed = "not_listed"  // the list was read and does not hold it
	ListUnread Unnamed = "list_unread" // the list could not be read
)

// MayRotate reports whether releasing custody changes the password for all that
// is known: the list does not tell, or does not know the target.
func (t Target) MayRotate() bool { return !t.Rotates && (t.RotationUnknown || t.Label == "") }

// Keys are the names under which a target is held for itself: its kind with
// its id, and with its user@host. Two requests that share a key mean the same
// thing, even when one was typed by name and the other by id.
func (t Target) Keys(k Kind) []string {
	var keys []string
	names := []string{t.Ref, t.ID}
	if !t.Shared {
		names = append(names, t.Name)
	}
	for _, name := range names {
		key := string(k) + "/" + strings.ToLower(name)
		if name != "" && !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	return keys
}

package redisstore

import (
	"fmt"
	"strings"
	"sync"
)

// newest is the newest entry of the audit that this Store knows to be written:
// Redis holds it for as long as it loses nothing. lua/due.lua compares.
type newest struct {
	mu   sync.Mutex
	seq  int64
	mark string // tells it from another of the same number
	back bool   // Redis gave a number anew, which Due has not told yet
}

// lostAny is a number that no audit reaches: the script then finds that Redis
// went back.
const lostAny = 1 << 53

// get returns what Redis must hold now; ask before the script is sent.
func (n *newest) get() (int64, string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.back {
		return lostAny, ""
	}
	return n.seq, n.mark
}

// saw takes over what was read, an older one only where Redis went back.
func (n *newest) saw(seq int64, mark string, back bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if seq > n.seq || back {
		n.seq, n.mark, n.back = seq, mark, false
	}
}

// wrote takes over the number of an entry that a script wrote; before is what
// get returned before it was sent.
func (n *newest) wrote(before int64, r reply, seq int64, entry string) {
	switch {
	case r.verdict != "ok":
	case seq <= before:
		n.mu.Lock()
		n.back = true
		n.mu.Unlock()
	default:
		mac, _, _ := strings.Cut(entry, "{")
		n.saw(seq, fmt.Sprint(millis(r.now), " ", strings.TrimSpace(mac)), false)
	}
}

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
	turn int    // how often Due told that it went back
}

// lostAny is a number that no audit reaches: the script then finds that Redis
// went back.
const lostAny = 1 << 53

// get returns what Redis must hold now; ask before the script is sent.
func (n *newest) get() (seq int64, mark string, turn int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.back {
		return lostAny, "", n.turn
	}
	return n.seq, n.mark, n.turn
}

// saw takes over what Due read, an older one only where Redis went back.
func (n *newest) saw(seq int64, mark string, back bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if back {
		n.turn++
	}
	if seq > n.seq || back {
		n.seq, n.mark, n.back = seq, mark, false
	}
}

// wrote takes over the number of an entry that a script wrote; before and turn
// are what get returned before it was sent. What was under way when Due told
// that Redis went back says nothing of the time since.
func (n *newest) wrote(before int64, turn int, r reply, seq int64, entry string) {
	if r.verdict != "ok" {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	switch {
	case turn != n.turn || n.back:
	case seq <= before:
		n.back = true
	case seq > n.seq:
		mac, _, _ := strings.Cut(entry, "{")
		n.seq, n.mark = seq, fmt.Sprint(millis(r.now), " ", strings.TrimSpace(mac))
	}
}

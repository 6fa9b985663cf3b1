package fakeslack

import (
	"slices"
	"strconv"
	"time"
)

// Forget drops what lies before at, by the workspace's clock: messages, the
// journal, triggers and response URLs; and all deliveries. A workspace that lives
// for hours would else keep everything, and look through it at every call.
func (w *Workspace) Forget(at time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.messages = slices.DeleteFunc(w.messages, func(m *Message) bool { return written(m.TS).Before(at) })
	w.calls = slices.DeleteFunc(w.calls, func(c Call) bool { return c.At.Before(at) })
	w.deliveries = nil
	for id, t := range w.triggers {
		if t.at.Before(at) {
			delete(w.triggers, id)
		}
	}
	for id, r := range w.responses {
		if r.at.Before(at) {
			delete(w.responses, id)
		}
	}
	w.touch()
}

// written is the time of a timestamp; long ago for what is none.
func written(ts string) time.Time {
	seconds, _ := strconv.ParseFloat(ts, 64)
	return time.UnixMicro(int64(seconds * 1e6))
}

package fakeslack

import (
	"testing"
	"time"
)

// TestForget: what is older is gone, what is younger is found as before.
func TestForget(t *testing.T) {
	now := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	ws := New(Config{Now: func() time.Time { return now }})
	defer ws.Close()
	ws.AddUser(User{ID: "U1", Name: "ana"})
	ws.AddChannel(Channel{ID: "C1", Name: "incident", Members: []string{"U0BOT", "U1"}})
	old := ws.Say("U1", "C1", "", "before")
	now = now.Add(time.Minute)
	young := ws.Say("U1", "C1", "", "after")
	ws.Forget(now)
	if _, there := ws.Message(old); there {
		t.Error("the old message is still there")
	}
	if m, there := ws.Message(young); !there || m.Text != "after" || len(ws.Messages("C1")) != 1 {
		t.Errorf("there is %v", ws.Messages("C1"))
	}
}

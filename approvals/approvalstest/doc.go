// Package approvalstest holds the suites that every approvals.Store must pass:
//
//	func TestStore(t *testing.T) {
//		maker := func(t testing.TB) approvalstest.Harness { … }
//		t.Run("contract", func(t *testing.T) { approvalstest.Contract(t, maker) })
//		t.Run("contention", func(t *testing.T) { approvalstest.Contention(t, maker) })
//		t.Run("model", func(t *testing.T) { approvalstest.Model(t, maker, 1000) })
//		t.Run("desks", func(t *testing.T) { approvalstest.DeskModel(t, maker, 1000) })
//	}
//
// Contract turns each promise of store.go into a scenario. Contention has a
// hundred people press one button: one winner, one audit entry per change.
// Model makes random events by several people and processes, with stale views,
// crashes and lost answers, and compares the store with a plain copy of what
// it should hold. DeskModel does the same one floor up: commands and clicks at
// several Desks, people who come and go, a policy that changes, Slack that
// fails, processes that stall past their lease, with a stand-in for senhasegura
// that judges each call as its first byte leaves. One file holds one group of
// steps (desk_steps_*.go, desk_glass.go) or of rules (desk_judge*.go,
// desk_pam_rules.go); desk_expect.go says what a press must come to.
//
// # Time
//
// The suites never set a clock, they ask the Harness to let time pass. Over a
// store whose clock can be moved that takes no time; over a real server
// Advance waits, so every duration that must pass is a few Units, and a Unit is
// what the harness can afford. What needs a minute to pass (the limit per minute,
// the count of refusals) is left out where a Unit is shorter than a second.
//
// # What it does not do
//
// It does not test the transition table, which is the domain's own, nor how a
// store behaves when its server fails or goes back: that differs from store to store. Flaky
// fails in front of a store instead, for tests of those who use one.
package approvalstest

// Package approvals is the domain: what a request is, who may decide it, and
// what may follow what. It knows neither Slack nor Redis nor senhasegura, and
// imports only the standard library.
//
// # The model
//
// A Request is a value. Apply takes an Event and returns the request as it
// stands afterwards, one version further, or refuses. That function is the
// whole state machine; its table (transition.go) is the table of the product:
//
//	pending  → approved | denied | cancelled | expired
//	approved → running | failed
//	running  → done | failed | partial | unknown
//	unknown  → running (run_again) | done | failed (resolve)
//
// A Store keeps requests. It commits a step only onto the version it was made
// from, so that of a hundred people who press at once one wins each version
// and the others read again; and it puts the request into the indexes of what
// is due in the same atomic step.
//
// The Desk holds the use cases. It asks the Directory who people are, chooses
// the Policy's rule, applies the event and commits it: Submit, Approve, Deny,
// Cancel, RunAgain, Resolve. The Sweeper does what is due whoever began it:
// Execute runs an approved request under a lease, marks each target before its
// call and stores the answer after it.
//
// # Why it is so
//
// The state machine is in Go and the store only compares versions: one place
// to read, to test and to change, and the scripts in Redis stay few. The one
// rule that the store checks as well is the four-eyes rule, because it must
// hold even if this package has a bug.
//
// A lease and a version are two walls. The lease says who should run; the
// version fences out a process that lost it: whatever it still commits was
// made from an older version and is refused. Right before a call the mark must
// be younger than a second. What stays is a process that the system stops
// between that check and its write.
//
// Every vote is sealed with a key that the store does not have (Sealer), and
// the seals are checked before every call: who can write to the store still
// cannot approve.
//
// A Freeze refuses every change that brings a call nearer (Change.Acts), in the
// script that would write it: no process can have missed it. A run that has
// begun goes on asking for its next mark until its deadline, and an approved
// request asks for its claim, so the end of a freeze has nothing to start anew.
//
// # What it does not do
//
// It draws no cards and words no sentences: a Refusal carries a Why and facts,
// and the bot finds the words.
package approvals

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
//	any      → unknown (rewound), but for an end of which every target has its answer
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
// A store may lose what it confirmed: then a record is older than what people
// saw or what was called (rewound.go). Each process remembers the latest version
// that it made, read or drew, a press brings the version that its card showed, and
// the store says when it holds less than before. What went back is closed as
// unknown, one version above all that was shown, and never runs again; a person
// ends it by their word. An end stays only where answers, or somebody's word,
// prove it: "nothing was sent" is not known of a record that went back. A run that
// waits when the store went back may have been made by a process that is gone,
// and is closed, too. What no living process remembers and nobody presses goes
// unnoticed: that is for the store's durability.
//
// Every vote is sealed with a key that the store does not have (Sealer), and
// the seals are checked before every call: who can write to the store still
// cannot approve.
//
// Leave to call (Caller.Admit) is asked for before the mark: while senhasegura
// does not answer, a target waits in its process without a mark, so that it
// counts no attempt, holds no place and is not sent for certain. Leave is kept
// from there to the end of the call, or given back: it may be the only one that
// finds out whether senhasegura is back.
//
// A break-glass (Glass) is a request that is approved from its birth on: its
// second person comes after the call, as a review. It stays one, is sealed as
// one, and no other request can become one: so what runs without votes is told
// apart by more than the store's word. Until somebody else signs, the store
// refuses that person's next.
//
// A Freeze refuses every change that brings a call nearer (Change.Acts), in the
// script that would write it: no process can have missed it. A run that has
// begun goes on asking for its next mark until its deadline, and an approved
// request asks for its claim, so the end of a freeze has nothing to start anew.
//
// # What it promises, and what holds it to that
//
// TestDeskModel makes random steps by people, processes, Slack, senhasegura and
// the policy, and judges each change as it is written and each call as its
// first byte leaves; TestModel does it below the Desk, with callers that lie.
// The other tests show the same as a story. A test (doc_test.go) fails when one
// that is named here does not exist.
//
//	nobody approves their own, by any account
//		approvals TestNobodyApprovesTheirOwnAndNobodyCountsTwice
//		approvals/redisstore TestDeskModel, TestContract/*/four_eyes
//		cmd/senhasegura-bot TestGridIdentity, TestSamePerson, TestLinkedSinceTheLastPress
//	nobody counts twice
//		approvals/redisstore TestDeskModel, TestContention/*/one_person_approves_a_hundred_times
//		cmd/senhasegura-bot TestQuorum, TestFortyAtOnce
//	no call without as many eligible people as the rule stored and the policy in force demand
//		approvals TestTheLargerNumberOfApprovalsHolds
//		approvals/redisstore TestDeskModel, TestModel
//		cmd/senhasegura-bot TestQuorum, TestReplayOfAnOldRequest
//	a vote of somebody who is no longer eligible is lost before it can decide
//		approvals TestADepartedVoterLosesTheVote
//		approvals/redisstore TestDeskModel
//		cmd/senhasegura-bot TestWhoMayDecide
//	a requester who may no longer ask gets nothing
//		approvals/redisstore TestDeskModel
//		cmd/senhasegura-bot TestRequesterLeaves
//	if Slack cannot be asked, nothing counts
//		approvals/redisstore TestDeskModel
//		cmd/senhasegura-bot TestFailClosed
//	what is expired, denied or cancelled never runs; no end changes, but of a record that went back
//		approvals TestTransitionTable
//		approvals/redisstore TestDeskModel, TestModel
//		cmd/senhasegura-bot TestExpiry, TestDeny, TestCancel
//	versions grow by one, but over a record that went back; of many at once one wins
//		approvals/redisstore TestContention, TestModel, TestDeskModel
//	every change has one audit entry, in the same order
//		approvals/redisstore TestContract/*/audit, TestModel, TestDeskModel
//		cmd/senhasegura-bot TestAuditOfADay
//	calls to one target never overlap, and there are never more than allowed
//		approvals/redisstore TestContract/*/marks, TestModel, TestDeskModel
//	a release whose answer was lost is not sent again
//		approvals TestAnswers
//		approvals/redisstore TestModel, TestDeskModel
//		cmd/senhasegura-bot TestUnknownOutcome
//	no call after the deadline, nor on a mark older than a second
//		approvals/redisstore TestDeskModel
//	nothing is done that senhasegura did not say; what it said to the holder is stored
//		approvals/redisstore TestDeskModel
//	a process that lost its lease writes nothing and begins no call
//		approvals TestAForeignFenceWritesNothing
//		approvals/redisstore TestContract/*/lease, TestModel, TestDeskModel
//		cmd/senhasegura-bot TestTwoProcesses, TestKilledDuringTheCall
//	every run comes to an end
//		approvals/redisstore TestDeskModel/miniredis
//		cmd/senhasegura-bot TestKilledBetweenApprovalAndCall
//	what the store lost is closed as unknown and never runs again
//		approvals TestARecordThatWentBackIsClosedAndNeverRuns
//		approvals/redisstore TestContract/*/rewound, TestModel, TestARunInDoubtIsNotBegun
//		cmd/senhasegura-bot TestFaultStoreGoesBack, TestFaultStoreGoesBackWhileNobodyRuns
//	a process may die or be stopped at any step: nothing is lost, nothing done twice
//		cmd/senhasegura-bot TestFaultCrashAnywhere, TestFaultReplicas, TestTheListOfSteps
//	nor when Redis, Slack, senhasegura or the network between fail
//		cmd/senhasegura-bot TestFaultTable, TestFaultRedisAway, TestFaultSlackTenMinutes, TestFaultApplianceOnce
//	while senhasegura does not answer, one call at a time and no mark
//		approvals/redisstore TestDeskModel
//		cmd/senhasegura-bot TestFaultStorm, TestFaultApplianceComesBack
//	during a freeze no vote counts, no run begins and no call is marked
//		approvals/redisstore TestContract/*/freeze, TestModel, TestDeskModel
//		cmd/senhasegura-bot TestFreezeInTheMiddleOfABulkRun
//	a break-glass only under the policy's rule, one unsigned at a time, signed by another
//		approvals TestABreakGlassIsReviewedOnceByAnother
//		approvals/redisstore TestContract/*/break-glass, TestDeskModel
//	no call without sealed votes or a sealed break-glass
//		approvals TestSeals, TestSealedGlass
//		cmd/senhasegura-bot TestRedisWithoutTheKey
//
// # The audit
//
// Every change appends its entry in the same atomic step, so that there is no
// change without one and none without a change; Record makes it. Refusals are
// appended behind the answer (Notes). What makes entries tamper-evident, how
// they are exported and verified is package audit.
//
// # What it does not do
//
// It draws no cards and words no sentences: a Refusal carries a Why and facts,
// and the bot finds the words.
package approvals

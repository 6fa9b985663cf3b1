// Package views draws what people see in Slack: cards, replies, answers and
// forms, as Block Kit. Every view is a pure function of data and language.
//
// # Model
//
// A Message is blocks, the line of text that goes with them, and, on cards,
// metadata. A card is drawn from the stored request alone:
//
//	m := views.Card(r, views.Context{Printer: messages.For("en")})
//	// m.Blocks: Waiting: deactivate 2 credentials · R-7K3M9X · …
//	// m.Metadata: pam_request {request, state, version}
//
// Two kinds of text meet on a card and never mix. Ours comes from the
// catalogue and is mrkdwn. What people and senhasegura wrote is foreign: it is
// shown in rich text or plain text, which format nothing, under a label of
// ours, on one line (a line end is drawn as ⏎), with control, bidi and
// zero-width characters spelled out. So it pings nobody, links nowhere and
// cannot look like a line of the card.
//
// # What it does not do
//
// It sends nothing, looks nothing up and knows no clock: what depends on the
// time (is running again offered?) is in the Context. It decides nothing; a
// button that is not drawn is no protection.
//
// # Why it is built this way
//
// One bad or over-long block loses the whole message, and a lost card is a
// request nobody can approve. So every text has a limit where it is made
// (text.go), the parts that grow with the number of targets share a budget
// (targets.go), and the tests check each view, with the worst data, against
// Slack's limits. Text is escaped first and cut afterwards, by characters.
//
// The state is told in words at the head of the card; there are no emoji: an
// outcome must not depend on how a client draws them, or on who can tell red
// from green.
//
// Mentions stand in mrkdwn sections. chat.update notifies nobody, so the card
// keeps those of its approvers; the reply in the thread mentions the requester
// and nobody else (others by name).
//
// Buttons outside a card carry what fills a form, as JSON (ask.go), and no
// request: a reason too long for a button is left out, never cut.
//
// Explanations come as message keys from package commands, which knows what an
// answer means for which operation; the words are in package messages. What an
// answer means (Told) is made as plain text first, so that Slack and a terminal
// say the same, and so that two targets are told together exactly where they
// would be told the same.
package views

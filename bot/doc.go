// Package bot is the Slack side: it answers slash commands, clicks and forms,
// and keeps one card per request true.
//
// # The way of a delivery
//
// A transport (webhook or socket) verifies what Slack delivers and calls
// Command, Interact or Event. The Bot finds out who the person is (People),
// calls the approvals.Desk, which stores what was decided, and returns a Reply:
// the body of the answer, and what may follow once Slack has it. Nothing is
// acknowledged before it is stored.
//
// A process that was stopped reads late what Slack told people had failed. It
// watches its own pulse (pulse.go): what comes right after a stop changes nothing,
// and the person is told to do it again. What comes from Slack carries no clock
// that could tell.
//
// Buttons that open the form of a request (lookup.go) carry what fills it, and
// the form's search names entries of the list. Both propose and decide nothing:
// what is sent is read and judged as if it had been typed.
//
// # The way of a card
//
// Draw brings a request's message to what is stored. It is called after every
// change and by every process's sweep, and draws the stored request, never an
// event; so a crash, a 429 or an outage delays a card and never falsifies it. What
// was posted while the store was away is put on record as soon as it is back, so
// that nothing is posted twice.
//
// Where the store lost what was confirmed, a message may show more than is on
// record (rewound.go): the request is closed, its card is found again from memory
// instead of posted twice, and a card without any record is closed where it is
// remembered, or pressed.
//
// Beside the card goes a pointer, where the request was asked in another channel
// than the card's (post_to), and, once strangers read the card's channel, a
// direct card for each of those who decide. They converge as the card does,
// after it, and whatever fails there holds nothing else back.
//
// # When Slack is in trouble
//
// Nothing is sent twice by itself: what failed is drawn anew, from what is then
// stored, later each time. After a Retry-After no call of that method leaves the
// process before it is over (Limits). A call whose answer was lost may have been
// accepted: an update is then drawn over once more, and a post may be doubled.
//
// # The stop
//
// After Stop, what would create or change something is answered with a sentence
// and does nothing; reads are answered, and what was taken up before is finished.
// It is decided where a delivery comes in and not in the Desk, so that nothing is
// refused half-way.
//
// # The voice
//
// Whoever reads is addressed, in the present tense, in short sentences: what
// happened, whether anything was changed, what to do next and who can. Answers
// for one person follow that person's Slack language; what the channel reads
// follows the policy's. The sentences are in bot/messages, their layout in
// bot/views.
//
// # What it does not do
//
// It knows neither Redis nor the PAM's client: requests are the Desk's, calls
// are made by commands. It decides nothing about eligibility.
package bot

// Package messages holds every sentence the bot says, in English and in
// Brazilian Portuguese.
//
// # Model
//
// A sentence has a key ("refusal.own_request") and parameters ({{.Names}}).
// The catalogues are the YAML files of locales/, one per room of the bot and
// language; both languages hold the same keys with the same parameters, which
// the tests demand. A Printer speaks one of them:
//
//	p := messages.For("pt-PT") // Slack's locale of a person, or the policy's language
//	p.Text("state.pending", nil)                          // "Aguardando"
//	p.Text("card.needed", messages.Params{"Count": 2, …}) // the plural follows Count
//
// # Voice
//
// Short, warm, exact: who is addressed, what happened, what to do next and who
// can. Nothing from inside the code. The terms are the vendor's (credential,
// custody, access key, authorization; credencial, custódia, cofre).
//
// Texts may carry mrkdwn, except those that are shown plain: header.*,
// button.*, confirm.*, form.*, fault.*, find.*, help.*, result.* and op.*, and
// those that a terminal shows too: explain.*, explained.*, again.* and who_can.*.
//
// # What it does not do
//
// It escapes nothing: whoever puts a parameter into mrkdwn escapes it first
// (package views). It chooses no language by itself: the caller knows whether
// one person reads (their locale) or a channel (the policy's language).
//
// # Why it is built this way
//
// YAML rather than JSON or Go maps: translators read and write it, long
// sentences fold, comments stay beside them, and a repeated key is a fault.
// The catalogues are embedded and read once; a file that cannot be read is a
// fault of the build and panics, and a test reads them all. A key that is
// missing at run time is said in English, or by its own name: an odd word on a
// card is better than no card.
package messages

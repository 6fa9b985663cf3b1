// Package socket is the Socket Mode side of the bot: Slack delivers commands,
// clicks and events over WebSockets that the bot opens, so that nothing has to
// reach it from outside.
//
// Two connections are kept, because Slack asks each to reconnect every few
// hours and slack-go closes before it opens again. Each delivery goes to any
// one of them and is acknowledged by its envelope id on the connection it came
// by, with the same body that the webhook would answer.
//
// A delivery that cannot be read is acknowledged and does nothing. A token
// that Slack no longer accepts ends Run with a reason, for the process to exit
// with.
package socket

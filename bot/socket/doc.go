// Package socket is the Socket Mode side of the bot: Slack delivers commands,
// clicks and events over WebSockets that the bot opens, so that nothing has to
// reach it from outside.
//
// # Connections
//
// Two are kept, so that one may break. Each delivery goes to any one of them and
// is acknowledged by its envelope id on the connection it came by, with the same
// body that the webhook would answer.
//
// Slack asks for each to be replaced every few hours, about ten seconds ahead.
// Its successor is opened first; the old one is read and answered on until Slack
// hangs up, so that a delivery is never without a taker and no acknowledgement
// is cut off. Where the app already has the ten connections that Slack allows,
// the old one goes first, and then only one of the process's at a time, until its
// successor is there; what Slack sends in the moment of closing may be lost, and
// whoever typed it reads that the bot did not answer. For this the WebSocket is
// held here and not by slack-go's socketmode, which closes a connection before it
// opens the next and tells nobody that it was asked to.
//
// A connection that breaks is replaced at once. What fails repeatedly waits twice
// as long each time, up to half a minute, and as long as Retry-After says.
//
// When Run is told to stop, what has come by the sockets is answered and then they
// close, while runs may still go on: from then on Slack delivers to the sockets of
// other processes by itself. HTTP differs (cmd/senhasegura-bot, stop.go). There a
// load balancer must first notice that the process is not ready, and until then
// somebody who types would read Slack's own failure; so it answers to the end.
// What Slack sends at the very instant when a socket closes is not read: whoever
// typed it reads Slack's failure, and nothing was done. A socket is therefore
// closed when nothing came by it for a moment, if that comes soon.
//
// # Deliveries
//
// Each is worked on by itself; what is slow holds back nothing else. One that
// comes twice, over whichever connections of whichever processes, does one
// thing. One that cannot be read is acknowledged and does nothing. A token that
// Slack no longer accepts ends Run with a reason, for the process to exit with.
package socket

// Package webhook is the HTTP side of the bot: the three addresses that Slack
// posts to. It lets nothing through but what Slack signed within the last five
// minutes and has not sent before, hands it to the Bot, writes the answer, and
// only then does what may come after the answer.
//
// Every request is read once, at most MaxBody bytes of it. What fails the
// signature costs one HMAC and touches nothing else. What passes is remembered
// (Config.First) for as long as its signature would be accepted again, in the
// store that all replicas share.
//
// It decides nothing: see package bot.
package webhook

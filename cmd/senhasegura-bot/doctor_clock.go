package main

import (
	"fmt"
	"time"
)

const (
	// slackAhead and slackBehind are how far a delivery's time may be from this
	// machine's before it is refused: see bot/webhook and Slack's page on
	// verifying requests.
	slackAhead, slackBehind = 30 * time.Second, 5 * time.Minute
	// Clocks that are kept right differ by less than clockSlack.
	clockSlack = 10 * time.Second
	// From logsApart on, two logs are laid side by side wrongly.
	logsApart = 30 * time.Second
)

// reading is another's clock against this machine's.
type reading struct {
	ahead  time.Duration // of this machine's; negative: behind
	within time.Duration // how far that may be off
	known  bool
}

// readClock compares a Date header, which leaves out the parts of a second, with
// the time here between question and answer.
func readClock(date, asked, answered time.Time) reading {
	if date.IsZero() {
		return reading{}
	}
	half := answered.Sub(asked) / 2
	return reading{date.Add(500 * time.Millisecond).Sub(asked.Add(half)), half + 500*time.Millisecond, true}
}

// quicker is the reading that is less off; the other where one is not known.
func quicker(a, b reading) reading {
	if b.known && (!a.known || b.within < a.within) {
		return b
	}
	return a
}

// beyond reports whether the clocks certainly differ by more than d.
func (r reading) beyond(d time.Duration) bool { return r.known && r.ahead.Abs()-r.within > d }

// clock checks this machine's clock against Slack's and senhasegura's. Slack's
// decides which of the two others is wrong.
func (x *examination) clock() {
	slack, appliance := x.slackClock, x.applianceClock
	switch {
	case slack.beyond(clockSlack):
		x.slackDiffers(slack)
	case slack.known:
		x.ok("clock", "this machine's clock agrees with Slack's")
	}
	switch {
	case appliance.beyond(logsApart):
		whose := "set the clock (NTP) of senhasegura"
		switch {
		case slack.beyond(clockSlack):
			whose = "set the clock (NTP) of this machine"
		case !slack.known:
			whose += ", or of this machine: Slack could not be asked which of them is right"
		}
		x.warn("clock", fmt.Sprintf("this machine's clock is %s senhasegura's", apart(appliance)),
			"calls work all the same, but the times in senhasegura's log are not those of the cards and the audit", whose)
	case appliance.known:
		x.ok("clock", "this machine's clock agrees with senhasegura's")
	}
}

// slackDiffers says what the difference costs. Over the socket nothing is
// signed, so nothing is refused.
func (x *examination) slackDiffers(slack reading) {
	what := fmt.Sprintf("this machine's clock is %s Slack's", apart(slack))
	const change = "set the clock (NTP) of this machine"
	switch {
	case x.config.SocketMode():
		x.warn("clock", what, "the times in the log and on certificates are judged by it", change)
	case slack.beyond(slackAhead) && slack.ahead > 0:
		x.fault("clock", what, "every command and click is refused: Slack's signatures may be 30 s from the future at most", change)
	case slack.beyond(slackBehind):
		x.fault("clock", what, "every command and click is refused: Slack's signatures may be 5 min old at most", change)
	default:
		x.warn("clock", what, "commands and clicks are refused once it is more than 30 s behind or 5 min ahead", change)
	}
}

// apart completes "this machine's clock is …".
func apart(r reading) string {
	by := formatDuration(r.ahead.Abs().Round(time.Second))
	if r.ahead > 0 {
		return by + " behind"
	}
	return by + " ahead of"
}

package main

import (
	"testing"
	"time"
)

// TestDoctorClock: a clock is judged by what its difference costs, and Slack's
// tells which of the other two is wrong.
func TestDoctorClock(t *testing.T) {
	t.Parallel()
	at := func(ahead time.Duration) reading { return reading{ahead, time.Second, true} }
	unknown := reading{}
	for _, c := range []struct {
		name             string
		slack, appliance reading
		socket           bool
		want             []finding
	}{
		{"all agree", at(0), at(-2 * time.Second), false, []finding{expect(fine, "clock", "agrees with Slack's"), expect(fine, "clock", "agrees with senhasegura's")}},
		{"nobody was heard", unknown, unknown, false, nil},
		{"a margin is used up", at(12 * time.Second), at(0), false, []finding{expect(warned, "clock", "12s behind Slack's", "more than 30 s behind or 5 min ahead")}},
		{"behind Slack", at(40 * time.Second), at(40 * time.Second), false, []finding{
			expect(faulty, "clock", "40s behind Slack's", "every command and click is refused", "30 s from the future", "of this machine"),
			expect(warned, "clock", "40s behind senhasegura's", "set the clock (NTP) of this machine")}},
		{"ahead of Slack, a little", at(-4 * time.Minute), unknown, false, []finding{expect(warned, "clock", "4m ahead of Slack's")}},
		{"ahead of Slack, too much", at(-6 * time.Minute), unknown, false, []finding{expect(faulty, "clock", "6m ahead of Slack's", "5 min old at most")}},
		{"far off, over the socket", at(time.Hour), unknown, true, []finding{expect(warned, "clock", "1h behind Slack's")}},
		{"senhasegura's is wrong", at(0), at(-time.Hour), false, []finding{expect(warned, "clock", "1h ahead of senhasegura's", "calls work all the same", "set the clock (NTP) of senhasegura")}},
		{"one of the two is wrong", unknown, at(time.Hour), false, []finding{expect(warned, "clock", "of senhasegura, or of this machine")}},
		{"a slow answer proves nothing", reading{40 * time.Second, 35 * time.Second, true}, unknown, false, []finding{expect(fine, "clock", "agrees with Slack's")}},
	} {
		t.Run(c.name, func(t *testing.T) {
			x := &examination{slackClock: c.slack, applianceClock: c.appliance}
			if c.socket {
				x.config.SlackAppToken = newSecret("xapp-1")
			}
			x.clock()
			finds(t, x.checks, c.want...)
		})
	}
}

// TestReadClock: a Date leaves out the parts of a second, and the way there and
// back takes time.
func TestReadClock(t *testing.T) {
	t.Parallel()
	asked := time.Date(2031, 5, 6, 7, 8, 9, 0, time.UTC)
	r := readClock(asked.Add(time.Minute), asked, asked.Add(2*time.Second))
	if want := (reading{59*time.Second + 500*time.Millisecond, 1500 * time.Millisecond, true}); r != want {
		t.Errorf("got %+v, want %+v", r, want)
	}
	if readClock(time.Time{}, asked, asked).known {
		t.Error("an answer without a date tells the time")
	}
}

// TestDoctorApplianceClock: it is the Date of senhasegura's answers that is read.
func TestDoctorApplianceClock(t *testing.T) {
	t.Parallel()
	finds(t, newWard(t, nil, dated(-2*time.Hour)).examined(), expect(warned, "clock", " ahead of senhasegura's", "Slack could not be asked"))
}

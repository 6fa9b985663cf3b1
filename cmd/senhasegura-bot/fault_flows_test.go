package main

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"senhasegura-bot/bot/fakeslack"
	"senhasegura-bot/senhasegura/senhaseguratest"
)

// flow is one request from the line that is typed to its end, by people who
// believe what they are told.
type flow struct {
	c               *crowd
	i               int
	asker, one, two string
	verb            string
	ref             int
	end             string // approve, quorum, deny or cancel
	pair            *flow  // whose target it shares, with another verb

	id      string   // of the request
	nothing int      // how often the asker was told that nothing was requested
	silent  int      // how often Slack gave up waiting
	unsure  []string // ids that were not confirmed
	absent  []string // those of them that a look did not find
	// acked are the presses by person, without those Slack gave up on.
	acked map[string][]time.Time

	lost, doubled, bad []string
}

// newFlow makes the i-th flow: every kind there is, in turn.
func newFlow(c *crowd, i int) *flow {
	f := &flow{c: c, i: i, asker: fmt.Sprintf("UA%04d", i), one: fmt.Sprintf("UB%04d", i), two: fmt.Sprintf("UC%04d", i),
		verb: "deactivate", ref: 10_000 + i, end: "approve", acked: map[string][]time.Time{}}
	switch i % 8 {
	case 1:
		f.verb = "activate"
	case 2:
		f.verb = "release"
	case 3:
		f.end, f.ref = "quorum", 20_000+i
	case 4:
		f.end = "deny"
	case 5:
		f.end = "cancel"
	case 7:
		f.verb, f.pair = "activate", c.flows[i-1]
		f.ref = f.pair.ref
	}
	return f
}

func (f *flow) credential() senhaseguratest.Credential {
	c := senhaseguratest.Credential{ID: f.ref, Username: "svc" + fmt.Sprint(f.ref), Hostname: "app", Type: "Local User", Inactive: f.verb == "activate"}
	if f.verb == "release" {
		c.Custody = senhaseguratest.HeldByAPI
	}
	return c
}

// goes is the flow, until its card shows an end.
func (f *flow) goes() {
	f.asks()
	f.until(func(card fakeslack.Message) bool { return true })
	switch f.end {
	case "approve":
		f.presses(f.one, "approve")
	case "quorum":
		f.presses(f.one, "approve")
		f.presses(f.two, "approve")
	case "deny":
		f.denies()
	case "cancel":
		f.presses(f.asker, "cancel")
	}
	f.until(func(card fakeslack.Message) bool {
		return ended(meta(card).State) && (f.end == "cancel" || len(f.c.w.ws.Thread(card.Channel, card.TS)) > 0) // told after it is shown
	})
}

func ended(state string) bool {
	return state != "" && state != "pending" && state != "approved" && state != "running"
}

// until waits for the card to be there and to be as wanted.
func (f *flow) until(wanted func(fakeslack.Message) bool) {
	for f.c.ctx.Err() == nil {
		if card, ok := f.c.card(f.id); ok && wanted(card) {
			return
		}
		f.c.pause(50 * time.Millisecond)
	}
}

var requestIDs = regexp.MustCompile(`R-[0-9A-HJKMNP-TV-Z]{6}`)

// types sends a line and returns what its sender reads; false when Slack gave up.
func (f *flow) types(line string) (string, bool) {
	reply, err := f.c.w.ws.Command(f.asker, incident, "/pam", line)
	if err != nil || reply.Shown == nil {
		f.silent++
		return "", false
	}
	return plainText(*reply.Shown), true
}

// asks types the line until there is a request.
func (f *flow) asks() {
	for f.c.ctx.Err() == nil {
		text, answered := f.types(fmt.Sprintf("%s %d leaked", f.verb, f.ref))
		id := requestIDs.FindString(text)
		switch {
		case !answered: // nothing is known, so the line is typed again
		case strings.Contains(text, "is requested"):
			f.id = id
		case strings.Contains(text, "Nothing new was requested"):
			f.id = id
			if len(f.unsure)+f.silent == 0 {
				f.lost = append(f.lost, "was told that nothing was requested, and then that it was already: "+text)
			}
		case strings.Contains(text, "Nothing was requested"), strings.Contains(text, "Nothing happened"):
			f.nothing++
		case strings.Contains(text, "Not confirmed"):
			f.unsure = append(f.unsure, id)
			f.looks(id)
		default:
			f.lost = append(f.lost, "was told: "+text)
		}
		if f.id != "" {
			return
		}
		f.c.pause(300 * time.Millisecond)
	}
}

// looks asks for the status of what was not confirmed until there is an answer.
func (f *flow) looks(id string) {
	for f.c.ctx.Err() == nil {
		text, _ := f.types("status " + id)
		switch {
		case strings.Contains(text, "asked by"):
			f.id = id
			return
		case strings.Contains(text, "I know no request"):
			f.absent = append(f.absent, id)
			return
		}
		f.c.pause(300 * time.Millisecond)
	}
}

// patient is how long somebody waits for the card to change before they press
// again.
const patient = 3 * time.Second

// presses presses until the card changes.
func (f *flow) presses(user, action string) {
	for f.c.ctx.Err() == nil {
		card, _ := f.c.card(f.id)
		if meta(card).State != "pending" {
			return
		}
		pressed := time.Now()
		_, err := f.c.w.ws.Click(user, card.Ref(), action)
		switch {
		case err == nil:
			f.acked[user] = append(f.acked[user], pressed)
		case !errors.Is(err, fakeslack.ErrNoButton):
			f.silent++
		}
		if f.moves(meta(card).Version) {
			return
		}
	}
}

// moves waits a while for a newer version of the card.
func (f *flow) moves(version int) bool {
	for deadline := time.Now().Add(patient); time.Now().Before(deadline); f.c.pause(30 * time.Millisecond) {
		if card, _ := f.c.card(f.id); meta(card).Version > version {
			return true
		}
	}
	return false
}

// denies presses Deny and sends the form that opens, until the card changes.
func (f *flow) denies() {
	for f.c.ctx.Err() == nil {
		card, _ := f.c.card(f.id)
		if meta(card).State != "pending" {
			return
		}
		if _, err := f.c.w.ws.Click(f.one, card.Ref(), "deny"); err != nil && !errors.Is(err, fakeslack.ErrNoButton) {
			f.silent++
		}
		if view, open := f.form(); open {
			if _, err := f.c.w.ws.Submit(f.one, view, fakeslack.Values{"reason": "not now"}); err != nil {
				f.silent++
			}
		}
		if f.moves(meta(card).Version) {
			return
		}
	}
}

// form waits a while for the form to open.
func (f *flow) form() (fakeslack.View, bool) {
	for deadline := time.Now().Add(patient); time.Now().Before(deadline) && f.c.ctx.Err() == nil; f.c.pause(30 * time.Millisecond) {
		if view, open := f.c.w.ws.OpenView(f.one); open {
			return view, true
		}
	}
	return fakeslack.View{}, false
}

package main

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"senhasegura-bot/bot/fakeslack"
)

// flowing is one flow: what somebody typed, and what became of it.
type flowing struct {
	*soak
	i     int
	began time.Time
	card  fakeslack.Message
	id    string
	again func() error // the last press
}

// flowEnds bounds every wait of a flow: longer than a run may take.
const flowEnds = 150 * time.Second

// soakFlows are what people do, each to its end.
func soakFlows() []struct {
	name string
	does func(*flowing) error
} {
	verb := func(f *flowing) string { return []string{"deactivate", "activate"}[f.i/soakTargets%2] }
	return []struct {
		name string
		does func(*flowing) error
	}{
		{"approved", func(f *flowing) error {
			target := 2000 + f.i%soakTargets
			return f.all(f.asks(ana, fmt.Sprintf("%s %d leaked", verb(f), target)), f.presses(bruno, "approve"), f.ends("done"), f.called(target, 1))
		}},
		{"denied", func(f *flowing) error {
			return f.all(f.asks(ana, f.line("deactivate %d leaked")), f.fills(clara, "deny", fakeslack.Values{"reason": "wrong host"}), f.ends("denied"), f.called(f.free(), 0))
		}},
		{"cancelled", func(f *flowing) error {
			return f.all(f.asks(dora, f.line("activate %d back")), f.types(dora, "cancel ", "cancelled"), f.ends("cancelled"))
		}},
		{"expired", func(f *flowing) error {
			return f.all(f.asks(ana, f.line("activate secret %d needed")), f.ends("expired"), f.called(f.free(), 0))
		}},
		{"quorum", func(f *flowing) error {
			target := 4000 + f.i%soakTargets
			return f.all(f.asks(ana, fmt.Sprintf("%s password %d leaked", verb(f), target)), f.presses(bruno, "approve"), f.presses(clara, "approve"), f.ends("done"), f.called(target, 1))
		}},
		{"failed", func(f *flowing) error {
			return f.all(f.asks(ana, f.line("deactivate %d leaked")), f.presses(heitor, "approve"), f.ends("failed"), f.called(f.free(), 1))
		}},
		{"already", func(f *flowing) error {
			target := 3000 + f.i%soakTargets
			return f.all(f.asks(ana, fmt.Sprintf("activate %d back", target)), f.presses(clara, "approve"), f.ends("done"), f.called(target, 1))
		}},
		{"unknown", func(f *flowing) error {
			target := 8_000_000 + f.i
			return f.all(f.asks(ana, fmt.Sprintf("release %d job is done", target)), f.presses(bruno, "approve"), f.shows("unknown"),
				f.fills(bruno, "resolve", fakeslack.Values{"outcome": "done"}), f.shows("done"), f.called(target, 1))
		}},
		{"in vain", func(f *flowing) error {
			return f.all(f.asks(ana, f.line("deactivate %d leaked")), f.presses(ana, "approve"), f.presses(dora, "approve"), f.presses(guest, "deny"),
				f.types(ana, "cancel ", "cancelled"), f.ends("cancelled"), f.called(f.free(), 0))
		}},
		{"mistyped", func(f *flowing) error {
			for line, part := range map[string]string{"deactivate 5 6 leaked": "comma", "explode 5": "explode", "status R-XYZ": "R-XYZ", "freeze now": "freez"} {
				if err := f.types(ana, line, part)(); err != nil {
					return err
				}
			}
			return nil
		}},
		{"refused", func(f *flowing) error {
			_, err := f.ws.Command(stranger, incident, "/pam", "pending")
			if !errors.Is(err, fakeslack.ErrExternal) {
				return fmt.Errorf("a stranger was answered: %v", err)
			}
			return f.all(f.types(guest, "deactivate 5 leaked", "full members"), f.types(robot, "pending", "full members"))
		}},
		{"read", func(f *flowing) error {
			return f.all(f.types(bruno, "pending", "request"), f.types(heitor, "ajuda", "/pam"), f.types(clara, "find db1", "root"), f.types(dora, "explain 1018", "1018"))
		}},
	}
}

// flow is one of them, by number.
func (s *soak) flow(i int) {
	kinds := soakFlows()
	kind := kinds[i%len(kinds)]
	s.ws.SetBot(s.processes[i%2].url)
	f := &flowing{soak: s, i: i, began: time.Now()}
	name, err := kind.name, kind.does(f)
	if errors.Is(err, fakeslack.ErrTimeout) { // on a machine that is too busy: the person reads Slack's failure
		name = "answered too late"
	} else if err != nil {
		s.t.Errorf("flow %d, %s, %s: %v", i, kind.name, f.id, err)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.flows[name]++
}

func (f *flowing) all(steps ...func() error) error {
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// free is a target that nobody else uses, and senhasegura does not know.
func (f *flowing) free() int { return 7_000_000 + f.i }

func (f *flowing) line(format string) string { return fmt.Sprintf(format, f.free()) }

// types sends a command, a request's id after a word that ends in a space, and
// looks for part in the answer.
func (f *flowing) types(user, line, part string) func() error {
	return func() error {
		if strings.HasSuffix(line, " ") {
			line += f.id
		}
		reply, err := f.ws.Command(user, incident, "/pam", line)
		f.answered(reply.Took)
		if err != nil {
			return fmt.Errorf("%s typed %q: %w", user, line, err)
		}
		text := ""
		if reply.Shown != nil {
			text = fakeslack.PlainText(*reply.Shown)
		}
		if f.id == "" {
			f.id = anyID.FindString(text)
		}
		if !strings.Contains(strings.ToLower(text), strings.ToLower(part)) {
			return fmt.Errorf("%s typed %q and was answered %q", user, line, text)
		}
		return nil
	}
}

var anyID = regexp.MustCompile(`R-[0-9A-Z]{6}`)

// asks makes a request and finds its card.
func (f *flowing) asks(user, line string) func() error {
	return func() error {
		if err := f.types(user, line, "requested")(); err != nil {
			return err
		}
		return f.comes("a card", func() bool {
			card, err := f.store().Card(f.t.Context(), f.id)
			if err != nil || card.TS == "" {
				return false
			}
			var there bool
			f.card, there = f.ws.Message(fakeslack.MessageRef{Channel: card.Channel, TS: card.TS})
			return there
		})
	}
}

func (f *flowing) presses(user, action string) func() error {
	return func() error {
		f.again = func() error {
			ack, err := f.ws.ClickOld(user, f.card, action)
			f.answered(ack.Took)
			return err
		}
		return f.again()
	}
}

// fills opens a form by a button and sends it.
func (f *flowing) fills(user, action string, values fakeslack.Values) func() error {
	return func() error {
		f.forms[user].Lock()
		defer f.forms[user].Unlock()
		var view fakeslack.View
		var pressed time.Time
		err := f.comes("the form "+action, func() bool {
			if time.Since(pressed) > 10*time.Second { // again: Slack opens no form after three seconds
				pressed = time.Now()
				now, _ := f.ws.Message(f.card.Ref())
				_, _ = f.ws.ClickOld(user, now, action)
			}
			var open bool
			view, open = f.ws.OpenView(user)
			return open && view.CallbackID == action && strings.Contains(view.PrivateMetadata, f.id)
		})
		if err != nil {
			return err
		}
		out, err := f.ws.Submit(user, view, values)
		if err == nil && !out.Closed {
			err = fmt.Errorf("the form stays open: %v", out.Errors)
		}
		return err
	}
}

// shows waits for a state on the card. On a busy machine Slack may have answered
// too late for a click to count: then the person presses again.
func (f *flowing) shows(state string) func() error {
	return func() error {
		pressed := time.Now()
		return f.comes("the card as "+state, func() bool {
			f.card, _ = f.ws.Message(f.card.Ref())
			if f.again != nil && meta(f.card).State == "pending" && time.Since(pressed) > 10*time.Second {
				pressed = time.Now()
				_ = f.again()
			}
			return meta(f.card).State == state
		})
	}
}

// ends waits for the last state of the card, and for what comes with it: no
// buttons, one card, and one word in the thread, but after a person's own cancel.
func (f *flowing) ends(state string) func() error {
	return func() error {
		if err := f.shows(state)(); err != nil {
			return err
		}
		told := 1
		if state == "cancelled" {
			told = 0
		}
		if err := f.comes("the thread is told", func() bool { return len(f.ws.Thread(f.card.Channel, f.card.TS)) == told }); err != nil {
			return err
		}
		if n := len(fakeslack.Buttons(f.card)); n > 0 {
			return fmt.Errorf("%s has %d buttons", state, n)
		}
		copies := slices.DeleteFunc(f.ws.Messages(incident), func(m fakeslack.Message) bool { return !strings.Contains(string(m.Metadata), f.id) })
		if len(copies) != 1 {
			return fmt.Errorf("%d cards", len(copies))
		}
		return nil
	}
}

// called looks how often senhasegura was asked for a change of the target since
// the request was made.
func (f *flowing) called(target, want int) func() error {
	return func() error {
		n, suffix := 0, fmt.Sprintf("/%d", target)
		for _, c := range f.appliance.Writes() {
			if strings.HasSuffix(c.Path, suffix) && c.Started.After(f.began) {
				n++
			}
		}
		if n != want {
			return fmt.Errorf("%d calls to %d, want %d", n, target, want)
		}
		return nil
	}
}

func (f *flowing) comes(what string, done func() bool) error {
	for deadline := time.Now().Add(flowEnds); !done(); {
		if time.Now().After(deadline) {
			return fmt.Errorf("never came: %s", what)
		}
		time.Sleep(50 * time.Millisecond) // between two looks
	}
	return nil
}

// answered takes note of how long an answer took.
func (f *flowing) answered(took time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.worst = max(f.worst, took)
}

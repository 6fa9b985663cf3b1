package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"senhasegura-bot/bot/fakeslack"
)

// sandboxPage is the README's first command, used as its page uses it.
type sandboxPage struct {
	t   *testing.T
	url string
}

// does posts what the page posts when somebody types or presses.
func (s *sandboxPage) does(what string, deed map[string]string) {
	s.t.Helper()
	body, err := json.Marshal(deed)
	if err != nil {
		s.t.Fatal(err)
	}
	r, err := http.NewRequest(http.MethodPost, s.url+"/ui/"+what, bytes.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("X-Fakeslack", "1")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	var answer struct{ Error string }
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil || answer.Error != "" {
		s.t.Fatalf("%s %v: %q %v", what, deed, answer.Error, err)
	}
}

type sandboxMessage struct {
	TS     string
	Blocks json.RawMessage
}

// sees is what stands in the channel for one person.
func (s *sandboxPage) sees(person string) []sandboxMessage {
	s.t.Helper()
	resp, err := http.Get(s.url + "/ui/state?" + url.Values{"person": {person}, "channel": {"CINC42"}}.Encode())
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	var state struct{ Messages []sandboxMessage }
	if err := json.NewDecoder(resp.Body).Decode(&state); err != nil {
		s.t.Fatal(err)
	}
	return state.Messages
}

// until waits for a message that holds the part, and returns its ts.
func (s *sandboxPage) until(person, part string) string {
	s.t.Helper()
	ts := ""
	if !pollUntil(func() bool {
		for _, m := range s.sees(person) {
			if len(m.Blocks) > 0 && strings.Contains(plain(fakeslack.BlocksText(m.Blocks)), part) {
				ts = m.TS
			}
		}
		return ts != ""
	}) {
		s.t.Fatalf("%s never saw %q", person, part)
	}
	return ts
}

var requestID = regexp.MustCompile(`R-[0-9A-HJKMNP-TV-Z]{6}`)

// plain is text as the README prints it: people and groups by name, one id for
// every request, no marks, single spaces.
func plain(text string) string {
	text = strings.NewReplacer("@UANA", "@Ana", "@S0SEC", "@security", "*", "", "&gt;", ">").Replace(text)
	return strings.Join(strings.Fields(requestID.ReplaceAllString(text, "R-7K3M9X")), " ")
}

// TestREADMESession plays the README's session in the sandbox: what Ana types
// is typed, and every line of the bot comes back word for word.
func TestREADMESession(t *testing.T) {
	page := &sandboxPage{t, runSandbox(t).url}
	blocks := fenced(t, "")
	for _, b := range []struct{ block, card string }{
		{blocks[0], "Waiting: deactivate the credential"},
		{blocks[1], "Waiting: release custody of the credential"},
	} {
		typed, lines := script(b.block)
		page.does("say", map[string]string{"person": "UANA", "channel": "CINC42", "text": typed})
		card := page.until("UANA", b.card)
		for _, line := range lines {
			if strings.HasPrefix(line, "Bruno presses") || strings.HasPrefix(line, "Ana presses") {
				name, _, _ := strings.Cut(line, " ")
				page.does("click", map[string]string{"person": "U" + strings.ToUpper(name), "channel": "CINC42", "ts": card, "action_id": "approve"})
				continue
			}
			page.until("UANA", line)
		}
	}
}

// script takes a session apart: what Ana types, and what follows, one line of
// the bot or one press each. What is indented deeper goes on the line before.
func script(session string) (typed string, lines []string) {
	const column = 9
	for line := range strings.Lines(session) {
		line = strings.TrimRight(line, "\n")
		switch {
		case strings.HasPrefix(line, "Ana "):
			typed = strings.TrimSpace(line[column:])
		case len(line) <= column || strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line[column:], "  "):
			lines[len(lines)-1] += " " + strings.TrimSpace(line)
		default:
			lines = append(lines, line[column:])
		}
	}
	return typed, lines
}

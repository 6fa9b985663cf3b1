package main

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// sandbox is the built binary's sandbox, open in a browser.
type sandbox struct {
	*browser
	process *process
}

// column is a person's column, in JavaScript.
func column(person string) string {
	return fmt.Sprintf(`document.querySelector('.column[data-person="%s"]')`, person)
}

// card is the newest card in a person's column, as the state word shows it.
func card(person string) string {
	return fmt.Sprintf(`[...%s.querySelectorAll("article")].filter((a) => a.querySelector(".header")).at(-1)`, column(person))
}

func (s *sandbox) types(person, text string) {
	s.t.Helper()
	s.press(person+"'s field", column(person)+`?.querySelector(".composer input")`)
	s.eval(column(person)+`.querySelector(".composer input").focus()`, nil)
	s.write(text)
}

// shows waits until the newest card in each column is headed by a state word.
func (s *sandbox) shows(state string) {
	s.t.Helper()
	for _, person := range []string{ana, bruno} {
		s.until(person+" sees "+state, fmt.Sprintf(`%s?.querySelector(".header").textContent.startsWith(%q)`, card(person), state+":"))
	}
}

// approves presses Approve on the newest card and answers its confirm.
func (s *sandbox) approves(person, answer string) {
	s.t.Helper()
	s.press(person+"'s Approve", card(person)+`?.querySelector('[data-action-id="approve"]')`)
	s.press(person+"'s answer", column(person)+`.querySelector('[data-dialog="confirm"] [data-confirm="`+answer+`"]')`)
	s.until("the question is gone", `!document.querySelector(".veil")`)
}

// whispers counts what only this person sees.
func (s *sandbox) whispers(person string) (n int) {
	s.t.Helper()
	s.eval(column(person)+`.querySelectorAll(".message.only").length`, &n)
	return n
}

func TestSandboxPage(t *testing.T) {
	p := runSandbox(t)
	s := &sandbox{openBrowser(t, p.url), p}
	const reason = `<img src=x onerror="alert(1)"> <script>alert(2)</script> <b>key</b> found`
	s.types(ana, "/pam deactivate root@db01 "+reason)
	s.shows("Waiting")
	s.keepsText(reason)
	s.until("Ana is told of the request", column(ana)+`.querySelectorAll(".message.only").length === 1`)

	s.approves(ana, "confirm")
	s.until("Ana is told that she cannot", column(ana)+`.querySelectorAll(".message.only").length === 2`)
	if n := s.whispers(bruno); n != 0 {
		t.Errorf("Bruno sees %d of what only Ana should see", n)
	}
	s.approves(bruno, "deny") // "not now"
	s.shows("Waiting")

	s.approves(bruno, "confirm")
	s.shows("Done")
	s.tellsBoth()
	s.endsWithThePageOpen()
	if len(s.heard) > 0 && !onlyConnections(s.heard) {
		t.Errorf("the page told: %s", s.heard)
	}
}

// keepsText holds that markup in a reason is shown as it was typed.
func (s *sandbox) keepsText(reason string) {
	s.t.Helper()
	for _, person := range []string{ana, bruno} {
		s.until(person+" reads the reason as typed", fmt.Sprintf(`%s.querySelector("blockquote").textContent === %q`, card(person), reason))
	}
	var made int
	s.eval(`document.querySelectorAll("main img, main script, main blockquote b").length`, &made)
	if made > 0 {
		s.t.Errorf("the reason became %d elements", made)
	}
}

// tellsBoth holds what both columns show of the outcome.
func (s *sandbox) tellsBoth() {
	s.t.Helper()
	for _, person := range []string{ana, bruno} {
		s.until("the thread tells "+person, card(person)+`.querySelector(".thread .mention")?.title === "UANA"`)
		var reply, whole string
		s.eval(card(person)+`.querySelector(".thread").innerText`, &reply)
		s.eval(card(person)+`.innerText`, &whole)
		contains(s.t, reply, "Done", "root@db01", "Bruno Lima")
		contains(s.t, whole, "@ana", "@bruno", "root@db01", "Credential successfully deactivated")
		var buttons int
		s.eval(card(person)+`.querySelectorAll("button").length`, &buttons)
		if buttons > 0 {
			s.t.Errorf("%s still sees %d buttons on a card that is done", person, buttons)
		}
	}
}

func (s *sandbox) endsWithThePageOpen() {
	s.t.Helper()
	began := time.Now()
	if status := s.process.stop(); status != exitGood {
		s.t.Errorf("exit status %d after SIGTERM:\n%s", status, s.process.log)
	}
	if took := time.Since(began); took > 5*time.Second {
		s.t.Errorf("ending took %v", took)
	}
	s.until("the page says that nobody answers", column(ana)+`.querySelector(".status").textContent.includes("does not answer")`)
}

// onlyConnections tells whether the page complained of nothing but the server
// that is gone.
func onlyConnections(heard []string) bool {
	for _, h := range heard {
		if !strings.Contains(h, "net::ERR_") {
			return false
		}
	}
	return true
}

package main

import (
	"fmt"
	"testing"
)

// TestSandboxPageBreakGlass: the form, its warning, the loud card and the
// signature, as people see and press them.
func TestSandboxPageBreakGlass(t *testing.T) {
	p := runSandbox(t)
	s := &sandbox{openBrowser(t, p.url), p}
	s.types(ana, "/pam break-glass deactivate root@db01 attacker is in")
	form := column(ana) + `.querySelector('[role="dialog"]')`
	s.until("the form warns", form+`?.innerText.includes("done at once")`)
	var shown string
	s.eval(form+`.innerText`, &shown)
	contains(t, shown, "Break the glass", "@security", "within 1 hour", "At least 20")
	s.press("the form's button", form+`.querySelector('footer [type="submit"]')`)
	s.until("the reason is too short", form+`?.innerText.includes("14 characters")`)
	s.eval(form+`.querySelector("textarea").focus()`, nil)
	s.write(", right now")
	s.press("the form's button", form+`.querySelector('footer [type="submit"]')`)
	for _, person := range []string{ana, bruno} {
		s.until(person+" sees what was done", fmt.Sprintf(`%s?.querySelector(".header").textContent.startsWith("Done · BREAK-GLASS:")`, card(person)))
	}
	for _, who := range []struct{ person, sees string }{{ana, "somebody else must sign"}, {bruno, "Reviewed by"}} {
		s.press(who.person+"'s signature", card(who.person)+`?.querySelector('[data-action-id="review"]')`)
		s.until(who.person+" is asked once more", fmt.Sprintf(`%s.querySelector('[data-dialog="confirm"]')?.innerText.includes("looked at what was done")`, column(who.person)))
		s.press(who.person+"'s answer", column(who.person)+`.querySelector('[data-dialog="confirm"] [data-confirm="confirm"]')`)
		s.until(who.person+" reads "+who.sees, fmt.Sprintf(`%s.innerText.includes(%q)`, column(who.person), who.sees))
	}
	if len(s.heard) > 0 {
		t.Errorf("the page told: %s", s.heard)
	}
}

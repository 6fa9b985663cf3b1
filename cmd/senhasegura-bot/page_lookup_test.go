package main

import (
	"fmt"
	"testing"
)

// TestSandboxPageSearches: the button beside a name that was looked up opens the
// form filled, and the form's search adds what is picked.
func TestSandboxPageSearches(t *testing.T) {
	p := runSandbox(t)
	s := &sandbox{openBrowser(t, p.url), p}
	s.types(ana, "/pam activate root@db01 all clear")
	s.press("the form's button in the answer", column(ana)+`?.querySelector('.message.only [data-action-id="ask_activate"]')`)
	form := column(ana) + `.querySelector('[role="dialog"]')`
	s.until("the form is filled", form+`?.querySelector('input[name="targets"]').value === "5" && `+form+`.querySelector("textarea").value === "all clear"`)
	search := form + `.querySelector('input[name="lookup"]')`
	for _, find := range []struct{ typed, value, picked string }{
		{"root db02", "credential:6", "root@db02"}, {"erp01 oracle", "credential:94", "oracle@erp01"},
	} {
		s.eval(search+`.focus()`, nil)
		s.call("Input.insertText", map[string]any{"text": find.typed})
		s.press("the option "+find.value, fmt.Sprintf(`%s.querySelector('.option[data-value=%q]')`, form, find.value))
		s.until(find.picked+" is picked", fmt.Sprintf(`%s.querySelector('[data-picked=%q]')?.textContent.includes(%q)`, form, find.value, find.picked))
	}
	s.press("what was picked last", form+`.querySelector('[data-picked="credential:94"]')`)
	s.until("it is taken out", `!`+form+`.querySelector('[data-picked="credential:94"]')`)
	s.eval(search+`.focus()`, nil)
	s.write("nobody@nowhere") // Enter in the search sends nothing
	s.until("nothing is found", form+`.innerText.includes("Nothing found.")`)
	s.press("the form's button", form+`.querySelector('footer [type="submit"]')`)
	s.shows("Waiting")
	var shown string
	s.eval(card(ana)+`.innerText`, &shown)
	contains(t, shown, "activate 2 credentials", "root@db01", "root@db02", "all clear")
	if len(s.heard) > 0 {
		t.Errorf("the page told: %s", s.heard)
	}
}

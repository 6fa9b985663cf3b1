package commands

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// escaped is a line as Slack sends it when somebody copies it.
var escaped = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

type failer interface {
	Fatalf(format string, args ...any)
}

// hold checks what is true of every line anybody can type.
func hold(t failer, text string) {
	c, f := Parse(text)
	if f == nil {
		holdCommand(t, text, c)
		return
	}
	if !slices.Contains(FaultCodes(), f.Code) {
		t.Fatalf("%q: unlisted fault %q", text, f.Code)
	}
	if f.Word == "" || !strings.Contains(undo(text).text, f.Word) {
		t.Fatalf("%q: %s quotes %q, which nobody typed", text, f.Code, f.Word)
	}
	if utf8.RuneCountInString(f.Word) > wordRunes {
		t.Fatalf("%q: quotes %d code points", text, utf8.RuneCountInString(f.Word))
	}
	holdLine(t, text, f)
}

// holdLine: the line that is offered reads without a fault, copied as it is.
func holdLine(t failer, text string, f *Fault) {
	if f.Line == "" || strings.HasPrefix(f.Line, "/") {
		t.Fatalf("%q: %s offers %q", text, f.Code, f.Line)
	}
	if _, again := Parse(escaped.Replace(f.Line)); again != nil {
		t.Fatalf("%q: %s offers %q, which has the fault %s on %q", text, f.Code, f.Line, again.Code, again.Word)
	}
}

func holdCommand(t failer, text string, c Command) {
	whole := undo(text).text
	if !strings.HasSuffix(whole, c.Reason) || utf8.RuneCountInString(c.Reason) > ReasonRunes {
		t.Fatalf("%q: the reason %q is not the end of the line, or too long", text, c.Reason)
	}
	if len(c.Targets) > maxTargets {
		t.Fatalf("%q: %d targets", text, len(c.Targets))
	}
	for i, target := range c.Targets {
		if targetFault(c.Kind, target) != "" || slices.Contains(c.Targets[:i], target) {
			t.Fatalf("%q: bad or repeated target %q", text, target)
		}
	}
	if c.Verb != "" && !c.Incomplete() {
		holdSameAsForm(t, text, c)
	}
}

// holdSameAsForm: the form, filled with what was typed, means the same, and so
// does the line that is made of the command.
func holdSameAsForm(t failer, text string, c Command) {
	got, faults := FromFields(string(c.Verb), string(c.Kind), escaped.Replace(strings.Join(c.Targets, "\n")), escaped.Replace(c.Reason))
	if len(faults) > 0 || !slices.Equal(got.Targets, c.Targets) || got.Reason != c.Reason {
		t.Fatalf("%q: typed %+v, by the form %+v %v", text, c, got, faults)
	}
	again, f := Parse(escaped.Replace(c.Line(c.Targets)))
	if f != nil || !slices.Equal(again.Targets, c.Targets) || again.Reason != c.Reason || again.Kind != c.Kind || again.Verb != c.Verb || again.Word != c.Word {
		t.Fatalf("%q: typed %+v, its line %q means %+v %v", text, c, c.Line(c.Targets), again, f)
	}
}

// lines is made of the parts that real lines and their faults are made of.
func lines() *rapid.Generator[string] {
	parts := rapid.SampledFrom([]string{
		"break-glass", "emergência", "breakglas", "activate", "desativar", "release", "liberar", "deactivte", "inativr", "Status", "cancel", "find", "explain", "help", "history",
		"credential", "senha", "secret", "api-secret", "credentials", "5", "6", "007", "+5", "-5", "5.0", "٥", "1234567890123456789",
		"root@db01", "a@b@c", "@db01", "root@", `CORP\root@db01`, "root@db–01", ",", ",", ", ", " ,", ",,", ";", "and", "e", "for 2h", "por 2 horas",
		"for", "leaked", "R-7K2M9Q", "r7k2m9q", "&amp;", "&amp;lt;", "&lt;", "<@U1|ana>", "<#C1|inc>", "<mailto:a@b|a@b>", "<mailto:a@b|c@d>",
		"<http://h.co|h.co>", "<http://evil|h.co>", "“x”", "\u00a0", "\u200b", "\u200d", "\u202e", "\x01", "\n", "\xff", strings.Repeat("long ", 120), "/pam",
	})
	joint := rapid.SampledFrom([]string{" ", " ", " ", ""})
	return rapid.Custom(func(t *rapid.T) string {
		var b strings.Builder
		if rapid.Bool().Draw(t, "break-glass first") {
			b.WriteString("break-glass ")
		}
		if rapid.Bool().Draw(t, "verb first") {
			b.WriteString("deactivate ")
		}
		for range rapid.IntRange(0, 12).Draw(t, "parts") {
			b.WriteString(parts.Draw(t, "part") + joint.Draw(t, "joint"))
		}
		return b.String()
	})
}

func TestEveryLineIsACommandOrAFaultWithARightLine(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) { hold(t, lines().Draw(t, "line")) })
}

// Whatever somebody writes arrives as written, apart from spaces, quotes and
// characters without width, once Slack's own escapes are undone.
func TestSlacksEscapesAreUndoneExactlyOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := plain(rapid.String().Draw(t, "text")).text
		for i := range 3 {
			if got := undo(escaped.Replace(text)).text; got != text {
				t.Fatalf("escaped %d times: %q became %q", i+1, text, got)
			}
			text = escaped.Replace(text)
		}
	})
}

func TestEveryFaultOfTheFormHasARightLine(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		verb := rapid.SampledFrom([]string{"activate", "deactivate", "release", "", "ban"}).Draw(t, "verb")
		kind := rapid.SampledFrom([]string{"credential", "password", "secret", "", "host"}).Draw(t, "kind")
		targets := strings.TrimPrefix(lines().Draw(t, "targets"), "deactivate ")
		reason := lines().Draw(t, "reason")
		picked := rapid.SliceOfN(rapid.SampledFrom([]string{"credential:5", "secret:5", "password:12", "credential:5;drop", "", ":"}), 0, 3).Draw(t, "picked")
		c, faults := FromFields(verb, kind, targets, reason, picked...)
		for field, f := range faults {
			if !slices.Contains(FaultCodes(), f.Code) {
				t.Fatalf("%s: unlisted fault %q", field, f.Code)
			}
			holdLine(t, string(field), f)
		}
		if len(faults) == 0 && (len(c.Targets) == 0 || c.Reason != undo(reason).text) {
			t.Fatalf("%+v for %q %q", c, targets, reason)
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"", "deactivate 5,6 leaked", "deactivate 5 6 leaked", "deactivate ,5,,6, x", "release senha 5", "desativar root@db01 por 2 horas",
		"deactivate <mailto:a@b|c@d> x", "deactivate 5 &amp;lt; <@U1|a>", "status r-oil234", "deactivate ٥,+5,007 x", "explain 1018: x", "break-glass deactivate 5,6 leaked", "emergência desativar", "break-glass help", "\xff\u200d,",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) { hold(t, text) })
}

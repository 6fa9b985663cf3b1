package views

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestForeignTextIsMadeVisible(t *testing.T) {
	for in, want := range map[string]string{
		"plain, são João":     "plain, são João",
		"two\nlines":          "two ⏎ lines",
		"dos\r\nlines":        "dos ⏎ lines",
		"a\u2028b":            "a ⏎ b",
		"tab\there":           "tab here",
		"nbsp\u00a0here":      "nbsp here",
		"bell\a":              "bell␇",
		"rtl \u202Eevil":      "rtl ‹U+202E›evil",
		"zero\u200Bwidth":     "zero‹U+200B›width",
		"filler\u3164":        "filler‹U+3164›",
		"👩\u200d💻":            "👩\u200d💻",
		"a\u200db":            "a‹U+200D›b",
		"wait\n\n\n\nDone":    "wait ⏎ ×4 Done",
		"\u200b\u200b\u200b!": "‹U+200B›×3 !",
		"broken \xff":         "broken \uFFFD",
		"  around  ":          "around",
		"*_~` <!channel> :x:": "*_~` <!channel> :x:",
	} {
		if got := visible(in); got != want {
			t.Errorf("visible(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestMrkdwnIsEscapedThenCut(t *testing.T) {
	for _, c := range []struct {
		in    string
		limit int
		want  string
	}{
		{"<@U1> & co", 100, "&lt;@U1&gt; &amp; co"},
		{"*b* _i_ ~s~ `c`", 100, "∗b∗ ＿i＿ ∼s∼ ˋcˋ"},
		{"aaaa<bbbb", 7, "aaaa…"},
		{"aaaa<bbbb", 9, "aaaa&lt;…"},
		{"ção", 2, "ç…"},
	} {
		if got := safe(c.in, c.limit); got != c.want {
			t.Errorf("safe(%q, %d) = %q, want %q", c.in, c.limit, got, c.want)
		}
	}
}

func FuzzForeignText(f *testing.F) {
	f.Add(nasty, 10)
	f.Add(strings.Repeat("&", 30), 7)
	f.Fuzz(func(t *testing.T, s string, limit int) {
		if limit < 1 || limit > 500 {
			return
		}
		for _, got := range []string{inert(s, limit), safe(s, limit)} {
			if !utf8.ValidString(got) || utf8.RuneCountInString(got) > limit {
				t.Fatalf("%q has %d characters of %d", got, utf8.RuneCountInString(got), limit)
			}
			if i := strings.IndexFunc(got, hidden); i >= 0 {
				t.Fatalf("%q shows less than it holds", got)
			}
		}
		if got := safe(s, limit); strings.ContainsAny(got, "<>*_~`") || strings.Contains(strings.NewReplacer("&amp;", "", "&lt;", "", "&gt;", "").Replace(got), "&") {
			t.Fatalf("%q is not inert", got)
		}
	})
}

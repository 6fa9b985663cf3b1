package views

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"senhasegura-bot/bot/messages"
)

var update = flag.Bool("update", false, "write the golden files")

// readable encodes as Slack gets it, but for people: indented, "<" as itself.
func readable(t *testing.T, v any) []byte {
	t.Helper()
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	if err := e.Encode(v); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// golden holds v to testdata/name.json.
func golden(t *testing.T, name string, v any) {
	t.Helper()
	got := readable(t, v)
	path := filepath.Join("testdata", name+".json")
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s differs (go test ./bot/views -update, then read it); -want +got:\n%s", path, diff)
	}
}

func inLanguages(t *testing.T, test func(t *testing.T, lang string)) {
	for _, lang := range messages.Languages() {
		t.Run(lang, func(t *testing.T) { test(t, lang) })
	}
}

func TestCardsReadAsWritten(t *testing.T) {
	inLanguages(t, func(t *testing.T, lang string) {
		all := map[string]Message{}
		for _, n := range append(underway(), ended()...) {
			all[n.name] = Card(n.r, n.context(lang))
		}
		for _, n := range underway()[:5] {
			c := n.context(lang)
			c.Freeze = freeze("token of the deploy bot stolen")
			all["frozen, "+n.name] = Card(n.r, c)
		}
		golden(t, "cards."+lang, all)
	})
}

func TestOutcomesReadAsWritten(t *testing.T) {
	inLanguages(t, func(t *testing.T, lang string) {
		all := map[string]Message{}
		for _, n := range ended() {
			all[n.name] = Outcome(n.r, n.context(lang))
		}
		golden(t, "outcomes."+lang, all)
	})
}

func TestTheWorstRequestReadsAsWritten(t *testing.T) {
	inLanguages(t, func(t *testing.T, lang string) {
		c := named{again: true}.context(lang)
		all := map[string]Message{
			"pending": Card(worstIn("pending", worst("release", "credential", 20)), c),
			"unknown": Outcome(worstIn("unknown", worst("release", "credential", 20)), c),
		}
		golden(t, "worst."+lang, all)
	})
}

func TestAnswersReadAsWritten(t *testing.T) {
	inLanguages(t, func(t *testing.T, lang string) {
		golden(t, "answers."+lang, answersIn(lang))
	})
}

func TestRefusalsReadAsWritten(t *testing.T) {
	inLanguages(t, func(t *testing.T, lang string) {
		golden(t, "refusals."+lang, refusalsIn(t, lang))
	})
}

func TestFaultsReadAsWritten(t *testing.T) {
	inLanguages(t, func(t *testing.T, lang string) {
		golden(t, "faults."+lang, faultsIn(lang))
	})
}

func TestFormsReadAsWritten(t *testing.T) {
	inLanguages(t, func(t *testing.T, lang string) {
		golden(t, "forms."+lang, formsIn(lang))
	})
}

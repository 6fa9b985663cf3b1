package commands

import (
	"testing"

	"senhasegura-bot/approvals"
)

func TestEveryWordMeansOneThing(t *testing.T) {
	seen := map[string]Name{}
	for _, w := range List() {
		for _, word := range w.Words() {
			if other, twice := seen[word]; twice {
				t.Errorf("%s is %s and %s", word, other, w.Name)
			}
			if seen[word] = w.Name; fold(word) != word {
				t.Errorf("%s cannot be typed: it folds to %s", word, fold(word))
			}
		}
	}
	for _, k := range Kinds() {
		for _, word := range k.Words() {
			if _, verb := LookupWord(word); verb {
				t.Errorf("%s is a kind and a command", word)
			}
		}
	}
}

func TestEveryExampleMeansWhatItSays(t *testing.T) {
	for _, w := range List() {
		c, f := Parse(w.Example)
		if w.Later {
			if f == nil || f.Code != FaultLater {
				t.Errorf("%s: %+v", w.Example, f)
			}
			continue
		}
		if f != nil || c.Word != w.Name || c.Incomplete() || w.Needs && c.Arg == "" {
			t.Errorf("%s: %+v %+v", w.Example, c, f)
		}
		if w.Verb != "" && !approvals.Possible(w.Verb, c.Kind) {
			t.Errorf("%s: no such operation", w.Example)
		}
	}
}

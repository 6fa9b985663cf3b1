package messages

import (
	"testing"
	"testing/fstest"
)

func TestSlackLocalesGoToTheNearestLanguage(t *testing.T) {
	for locale, want := range map[string]string{
		"": "en", "en": "en", "en-US": "en", "en-GB": "en", "de-DE": "en", "pt-BR": "pt-BR", "pt-PT": "pt-BR", "pt": "pt-BR", "pt_BR": "pt-BR", "nonsense": "en",
	} {
		if got := For(locale).Language(); got != want {
			t.Errorf("For(%q) speaks %s, want %s", locale, got, want)
		}
	}
}

func TestThePluralFollowsCount(t *testing.T) {
	for _, c := range []struct {
		locale string
		count  int
		want   string
	}{
		{"en", 1, "deactivate the credential"},
		{"en", 2, "deactivate 2 credentials"},
		{"pt-BR", 1, "desativar a credencial"},
		{"pt-BR", 20, "desativar 20 credenciais"},
	} {
		if got := For(c.locale).Text("op.deactivate.credential.do", Params{"Count": c.count}); got != c.want {
			t.Errorf("%s, %d: %q, want %q", c.locale, c.count, got, c.want)
		}
	}
}

func TestAMissingKeyIsSaidInEnglishAndThenByItsName(t *testing.T) {
	pt := For("pt-BR")
	if got := pt.Text("no.such.key", nil); got != "no.such.key" {
		t.Errorf("an unknown key is said as %q", got)
	}
	if pt.Has("no.such.key") || !pt.Has("state.done") {
		t.Error("Has does not tell known keys from unknown ones")
	}
	c, err := load(fallbackFiles())
	if err != nil {
		t.Fatal(err)
	}
	if got := c.printer(Portuguese).Text("only.english", nil); got != "in English" {
		t.Errorf("a key Portuguese lacks is said as %q", got)
	}
}

func TestAFileWithAFaultIsRefused(t *testing.T) {
	for name, files := range map[string]fstest.MapFS{
		"a key twice in one file": {"locales/a.en.yaml": {Data: []byte("a: x\na: y\n")}},
		"a key twice over files":  {"locales/a.en.yaml": {Data: []byte("a: x\n")}, "locales/b.en.yaml": {Data: []byte("a: y\n")}},
		"no YAML":                 {"locales/a.en.yaml": {Data: []byte("\t{")}},
	} {
		if _, err := load(files); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func fallbackFiles() fstest.MapFS {
	return fstest.MapFS{
		"locales/a.en.yaml":    {Data: []byte("only:\n  english: in English\n")},
		"locales/a.pt-BR.yaml": {Data: []byte("both: nos dois\n")},
	}
}

package messages

import (
	"embed"
	"fmt"
	"io/fs"
	"strings"
	"sync"

	"github.com/goccy/go-yaml"
	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

// The two languages, by the names that the policy uses.
const (
	English    = "en"
	Portuguese = "pt-BR"
)

// Languages lists them, the one to fall back on first.
func Languages() []string { return []string{English, Portuguese} }

// Params are the parameters of one sentence. An int named Count chooses the
// plural form.
type Params map[string]any

// Printer says sentences in one language. It is safe for concurrent use.
type Printer struct {
	lang      string
	localizer *i18n.Localizer
	bundle    *catalogue
}

// For returns the printer for a locale as Slack gives it ("en-US", "pt-BR",
// empty when unknown): Portuguese for every pt, English for the rest.
func For(locale string) *Printer {
	lang := English
	base, _, _ := strings.Cut(strings.ReplaceAll(locale, "_", "-"), "-")
	if strings.EqualFold(base, "pt") {
		lang = Portuguese
	}
	return loaded().printer(lang)
}

// Language is the language the printer speaks.
func (p *Printer) Language() string { return p.lang }

// Has reports whether the printer's own language knows the key.
func (p *Printer) Has(key string) bool { return p.bundle.keys[p.lang][key] != nil }

// Text says the sentence of the key. A key that the language lacks is said in
// English, a key nobody knows by its own name.
func (p *Printer) Text(key string, params Params) string {
	c := &i18n.LocalizeConfig{MessageID: key, TemplateData: map[string]any(params)}
	if n, ok := params["Count"].(int); ok {
		c.PluralCount = n
	}
	text, err := p.localizer.Localize(c)
	if err != nil && text == "" {
		return key
	}
	return text
}

//go:embed locales/*.yaml
var locales embed.FS

// catalogue is all that the embedded files say.
type catalogue struct {
	bundle *i18n.Bundle
	keys   map[string]map[string]*i18n.Message // by language and key
}

// loaded reads the embedded files once.
var loaded = sync.OnceValue(func() *catalogue {
	c, err := load(locales)
	if err != nil {
		panic(err)
	}
	return c
})

func load(files fs.FS) (*catalogue, error) {
	c := &catalogue{bundle: i18n.NewBundle(language.English), keys: map[string]map[string]*i18n.Message{}}
	c.bundle.RegisterUnmarshalFunc("yaml", func(b []byte, v any) error { return yaml.Unmarshal(b, v) })
	names, err := fs.Glob(files, "locales/*.yaml")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		if err := c.read(files, name); err != nil {
			return nil, fmt.Errorf("reading %s: %w", name, err)
		}
	}
	return c, nil
}

func (c *catalogue) printer(lang string) *Printer {
	return &Printer{lang: lang, localizer: i18n.NewLocalizer(c.bundle, lang), bundle: c}
}

func (c *catalogue) read(files fs.FS, name string) error {
	f, err := c.bundle.LoadMessageFileFS(files, name)
	if err != nil {
		return err
	}
	lang := f.Tag.String()
	if c.keys[lang] == nil {
		c.keys[lang] = map[string]*i18n.Message{}
	}
	for _, m := range f.Messages {
		if c.keys[lang][m.ID] != nil {
			return fmt.Errorf("the key %s is there twice", m.ID)
		}
		c.keys[lang][m.ID] = m
	}
	return nil
}

package messages

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/nicksnyder/go-i18n/v2/i18n"

	"senhasegura-bot/approvals"
	"senhasegura-bot/commands"
)

// forms are the plural forms of a message that are there, by name.
func forms(m *i18n.Message) map[string]string {
	all := map[string]string{"zero": m.Zero, "one": m.One, "two": m.Two, "few": m.Few, "many": m.Many, "other": m.Other}
	maps.DeleteFunc(all, func(_, text string) bool { return text == "" })
	return all
}

var param = regexp.MustCompile(`\.([A-Z][A-Za-z]*)`)

// params are the parameters that a message uses in any of its forms.
func params(m *i18n.Message) []string {
	used := map[string]bool{}
	for _, text := range forms(m) {
		for _, action := range regexp.MustCompile(`\{\{.*?\}\}`).FindAllString(text, -1) {
			for _, found := range param.FindAllStringSubmatch(action, -1) {
				used[found[1]] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(used))
}

func TestBothLanguagesSayTheSame(t *testing.T) {
	keys := loaded().keys
	for _, pair := range [][2]string{{English, Portuguese}, {Portuguese, English}} {
		for key, m := range keys[pair[0]] {
			other := keys[pair[1]][key]
			if other == nil {
				t.Errorf("%s has %s, %s has not", pair[0], key, pair[1])
				continue
			}
			if a, b := params(m), params(other); !slices.Equal(a, b) {
				t.Errorf("%s: parameters %v in %s, %v in %s", key, a, pair[0], b, pair[1])
			}
			if a, b := slices.Sorted(maps.Keys(forms(m))), slices.Sorted(maps.Keys(forms(other))); !slices.Equal(a, b) {
				t.Errorf("%s: plural forms %v in %s, %v in %s", key, a, pair[0], b, pair[1])
			}
		}
	}
}

func TestNoSentenceIsEmptyOrBroken(t *testing.T) {
	for _, lang := range Languages() {
		p := For(lang)
		for key, m := range loaded().keys[lang] {
			if strings.TrimSpace(m.Other) == "" {
				t.Errorf("%s %s is empty", lang, key)
			}
			given := Params{}
			for _, name := range params(m) {
				given[name] = "x"
			}
			for _, count := range []int{1, 2} {
				if slices.Contains(params(m), "Count") || m.One != "" {
					given["Count"] = count
				}
				text := p.Text(key, given)
				if strings.Contains(text, "<no value>") || strings.Contains(text, "{{") || text == key {
					t.Errorf("%s %s reads %q", lang, key, text)
				}
			}
		}
	}
}

func TestTheStateWordsAreThoseOfTheContract(t *testing.T) {
	words := map[approvals.State][2]string{
		approvals.Pending: {"Waiting", "Aguardando"}, approvals.Approved: {"Approved", "Aprovado"},
		approvals.Running: {"Running", "Executando"}, approvals.Done: {"Done", "Concluído"},
		approvals.Failed: {"Failed", "Falhou"}, approvals.Partial: {"Partly done", "Concluído em parte"},
		approvals.Unknown: {"Outcome unknown", "Resultado desconhecido"}, approvals.Denied: {"Denied", "Negado"},
		approvals.Cancelled: {"Cancelled", "Cancelado"}, approvals.Expired: {"Expired", "Expirado"},
	}
	for _, s := range approvals.States() {
		for i, lang := range Languages() {
			if got := For(lang).Text("state."+string(s), nil); got != words[s][i] {
				t.Errorf("%s heads cards in %s with %q, want %q", s, lang, got, words[s][i])
			}
		}
	}
}

// needed are the keys that other rooms name by constants of their own.
func needed(t *testing.T) []string {
	var keys []string
	for _, v := range []approvals.Verb{approvals.Activate, approvals.Deactivate, approvals.Release} {
		for _, k := range []approvals.Kind{approvals.Credential, approvals.Password, approvals.Secret} {
			if approvals.Possible(v, k) {
				for _, part := range []string{"do", "did", "means", "stakes"} {
					keys = append(keys, "op."+string(v)+"."+string(k)+"."+part)
				}
			}
		}
	}
	for _, s := range approvals.States() {
		keys = append(keys, "state."+string(s))
	}
	for name, prefix := range map[string]string{"Why": "refusal.", "Result": "result.", "Cause": "cause."} {
		for _, value := range constants(t, name) {
			keys = append(keys, prefix+value)
		}
	}
	for _, code := range commands.FaultCodes() {
		keys = append(keys, "fault."+string(code))
	}
	for _, w := range commands.List() {
		keys = append(keys, w.Key())
	}
	for _, c := range []commands.Changed{commands.ChangedYes, commands.ChangedNo, commands.ChangedUnknown} {
		keys = append(keys, "changed."+string(c))
	}
	for _, a := range []commands.Again{commands.AgainNo, commands.AgainLater, commands.AgainSafe, commands.AgainLook} {
		keys = append(keys, "again."+string(a))
	}
	for _, w := range commands.People() {
		keys = append(keys, "who_can."+string(w))
	}
	return append(keys, commands.ExplainKeys()...)
}

func TestEveryKeyThatTheOtherRoomsNameIsThere(t *testing.T) {
	for _, key := range needed(t) {
		for _, lang := range Languages() {
			if !For(lang).Has(key) {
				t.Errorf("%s lacks %s", lang, key)
			}
		}
	}
}

func TestNoRefusalFaultOrExplanationIsLeftOver(t *testing.T) {
	named := needed(t)
	// The bot's own explanations, which views chooses, and its last resort.
	own := regexp.MustCompile(`^explain\.(changed|unsealed|too_late|deadline)\.(means|next)$|^refusal\.unexplained$`)
	for key := range loaded().keys[English] {
		room, _, _ := strings.Cut(key, ".")
		if !slices.Contains([]string{"refusal", "fault", "explain", "cause", "help"}, room) || own.MatchString(key) {
			continue
		}
		if !slices.Contains(named, key) && key != "help.intro" {
			t.Errorf("nobody names %s", key)
		}
	}
}

// constants are the values of all string constants of a type of package
// approvals, read from its source so that a new one cannot be forgotten.
func constants(t *testing.T, typeName string) []string {
	t.Helper()
	files, err := filepath.Glob("../../approvals/*.go")
	if err != nil {
		t.Fatal(err)
	}
	var values []string
	for _, file := range files {
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok {
				return true
			}
			if name, ok := spec.Type.(*ast.Ident); ok && name.Name == typeName {
				for _, v := range spec.Values {
					value, err := strconv.Unquote(v.(*ast.BasicLit).Value)
					if err != nil {
						t.Fatal(err)
					}
					values = append(values, value)
				}
			}
			return true
		})
	}
	if len(values) == 0 {
		t.Fatalf("no constants of type %s found", typeName)
	}
	return values
}

func TestFaultParametersAreThoseThatFaultsGive(t *testing.T) {
	given := slices.Sorted(maps.Keys((&commands.Fault{}).Params()))
	for key, m := range loaded().keys[English] {
		if !strings.HasPrefix(key, "fault.") {
			continue
		}
		for _, name := range params(m) {
			if !slices.Contains(given, name) {
				t.Errorf("%s uses %s, faults give %v", key, name, given)
			}
		}
	}
}

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"senhasegura-bot/bot/fakeslack"
	"senhasegura-bot/bot/messages"
	"senhasegura-bot/senhasegura"
	"senhasegura-bot/senhasegura/senhaseguratest"
)

// TestEveryErrorIsExplained takes every error of the catalogue the whole way:
// typed, approved, answered by senhasegura as the manuals print it. What the
// thread is then told is held to a text that a person has read, one for each
// language.
func TestEveryErrorIsExplained(t *testing.T) {
	t.Parallel()
	for _, lang := range messages.Languages() {
		t.Run(lang, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, setup{stays: true, policy: "language: " + lang + standardPolicy,
				env: map[string]string{"RUN_DEADLINE": "1900ms", "CALL_TIMEOUT": "1800ms"}}) // no attempt after the first, which is repeated after 2 s
			cases := errorCases()
			w.appliance.SetItems(itemsOf(cases))
			w.start()
			told := w.toldOf(cases)
			var got bytes.Buffer
			for i, c := range cases {
				fmt.Fprintf(&got, "# %s: %s\n\n%s\n\n", c.line(), c.words, told[i])
			}
			goldenText(t, "testdata/explained."+lang+".golden", got.Bytes())
		})
	}
}

// errorCase is one call and senhasegura's answer to it.
type errorCase struct {
	call   errorCall
	id     int
	byName bool
	fault  senhaseguratest.Fault
	words  string // of senhasegura
	absent bool   // from the list
	lost   bool   // nobody knows whether it was carried out
	last   bool   // no call of its module is made for a while afterwards
}

// errorCall is one of the seven calls: what is typed, and the path of it.
type errorCall struct{ typed, path string }

func errorCalls() map[string]errorCall {
	return map[string]errorCall{
		senhasegura.OpActivateCredential:   {"activate credential", "/api/pam/credential/"},
		senhasegura.OpDeactivateCredential: {"deactivate credential", "/api/pam/credential/"},
		senhasegura.OpReleaseCustody:       {"release credential", "/api/pam/credential/custody/"},
		senhasegura.OpActivatePassword:     {"activate password", "/api/mysafe/password/active/"},
		senhasegura.OpDeactivatePassword:   {"deactivate password", "/api/mysafe/password/inactive/"},
		senhasegura.OpActivateSecret:       {"activate secret", "/api/mysafe/secretapi/active/"},
		senhasegura.OpDeactivateSecret:     {"deactivate secret", "/api/mysafe/secretapi/inactive/"},
	}
}

func (c errorCase) ref() string {
	if c.byName {
		return c.name()
	}
	return fmt.Sprint(c.id)
}

func (c errorCase) name() string { return fmt.Sprintf("svc%d@db%02d", c.id, c.id%100) }
func (c errorCase) line() string { return c.call.typed + " " + c.ref() }

// errorCases is every entry of the catalogue for every operation whose page
// lists it, what is listed elsewhere or comes from the gateway for one of each
// module, and two answers that nobody knows.
func errorCases() []errorCase {
	var all []errorCase
	add := func(c errorCase, op string) {
		c.id, c.call = 2001+len(all), errorCalls()[op]
		c.fault.Path = c.call.path + c.ref()
		all = append(all, c)
	}
	for _, code := range senhasegura.All() {
		texts := strings.Split(code.Text, " / ")
		for _, op := range opsOf(code) {
			text := texts[0]
			if len(texts) > 1 && strings.HasSuffix(op, "secret") {
				text = texts[1]
			}
			c := answeredBy(code, text)
			c.absent = isAbsence(code) && op != senhasegura.OpReleaseCustody && op != senhasegura.OpDeactivateSecret
			add(c, op)
			if code.Number == 1007 && op == senhasegura.OpDeactivateCredential {
				c.byName = true
				add(c, op)
			}
		}
	}
	add(errorCase{words: "1999: Something new", fault: senhaseguratest.Fault{Kind: senhaseguratest.Refusal, Code: 1999, Message: "Something new"}}, senhasegura.OpReleaseCustody)
	add(errorCase{words: "Something new", fault: withBody(400, "Something new")}, senhasegura.OpActivateSecret)
	return all
}

// isAbsence: what senhasegura does not find is mostly not in its list either.
func isAbsence(c senhasegura.Code) bool { return c.Key == "pam.1007" || c.Key == "mysafe.1005" }

func opsOf(c senhasegura.Code) []string {
	switch {
	case len(c.Ops) > 0:
		return c.Ops
	case c.Module == senhasegura.PAMCore:
		return []string{senhasegura.OpDeactivateCredential}
	case c.Module == senhasegura.MySafe:
		return []string{senhasegura.OpActivatePassword, senhasegura.OpDeactivateSecret}
	case c.MayHaveChanged:
		return []string{senhasegura.OpDeactivateCredential, senhasegura.OpReleaseCustody, senhasegura.OpActivateSecret}
	}
	return []string{senhasegura.OpDeactivateCredential, senhasegura.OpDeactivatePassword}
}

// answeredBy is the answer as the manuals print it; with 400 where they tell no status.
func answeredBy(c senhasegura.Code, text string) errorCase {
	a := errorCase{words: text, lost: c.MayHaveChanged, last: c.Kind == senhasegura.KindRateLimited}
	if c.Number != 0 {
		a.words = fmt.Sprintf("%d: %s", c.Number, text)
		a.fault = senhaseguratest.Fault{Kind: senhaseguratest.Refusal, Code: c.Number, Message: text}
		return a
	}
	status := c.Status
	if status == 0 {
		status = 400
	}
	a.fault = withBody(status, text)
	a.fault.RetryAfter = map[bool]string{true: "30"}[a.last]
	return a
}

func withBody(status int, text string) senhaseguratest.Fault {
	body, err := json.Marshal(map[string]any{"code": status, "response": map[string]any{
		"status": status, "message": text + ".", "error": true, "error_code": 1, "detail": "", "mensagem": text + ".", "erro": true, "cod_erro": 1}})
	if err != nil {
		panic(err) // only strings, numbers and bools go in
	}
	return senhaseguratest.Fault{Kind: senhaseguratest.Status, Status: status, Body: string(body)}
}

// itemsOf lets the list name each target.
func itemsOf(cases []errorCase) senhaseguratest.Data {
	var d senhaseguratest.Data
	for _, c := range cases {
		user, host, _ := strings.Cut(c.name(), "@")
		switch {
		case c.absent:
		case strings.HasSuffix(c.call.typed, "password"):
			d.Passwords = append(d.Passwords, senhaseguratest.Password{ID: c.id, Name: "Console of " + host, Username: user})
		case strings.HasSuffix(c.call.typed, "secret"):
			d.Secrets = append(d.Secrets, senhaseguratest.Secret{ID: c.id, Name: host + "-api"})
		default:
			d.Credentials = append(d.Credentials, senhaseguratest.Credential{ID: c.id, Username: user, Hostname: host, Type: "Local User"})
		}
	}
	return d
}

// toldOf runs the cases a few at a time, as calls wait for each other. Four
// lost answers are followed by a refusal: a fifth would hold all calls back.
func (w *world) toldOf(cases []errorCase) []string {
	told := make([]string, len(cases))
	var lost, last, rest []int
	for i, c := range cases {
		switch {
		case c.lost:
			lost = append(lost, i)
		case c.last:
			last = append(last, i)
		default:
			rest = append(rest, i)
		}
	}
	few := slices.Collect(slices.Chunk(rest, 8))
	for batch := range slices.Chunk(lost, 4) {
		w.runsCases(cases, batch, told)
		w.runsCases(cases, few[0], told)
		few = few[1:]
	}
	for _, batch := range append(few, last) {
		w.runsCases(cases, batch, told)
	}
	return told
}

// runsCases takes some of the cases from the typed line to the reply in the
// thread, beside each other.
func (w *world) runsCases(cases []errorCase, batch []int, told []string) {
	w.t.Helper()
	cards := map[int]fakeslack.Message{}
	for _, i := range batch {
		w.appliance.Inject(cases[i].fault)
		cards[i] = w.asks(ana, cases[i].line()+" catalogue")
		w.clicks(bruno, cards[i], "approve")
	}
	for _, i := range batch {
		text := w.told(cards[i])
		told[i] = strings.ReplaceAll(text, meta(cards[i]).Request, "R-000000")
	}
}

// goldenText holds a text to a file that a person has read.
func goldenText(t *testing.T, path string, got []byte) {
	t.Helper()
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
		t.Errorf("%s differs (go test ./cmd/senhasegura-bot -run %s -update, then read it); -want +got:\n%s", filepath.Base(path), t.Name(), diff)
	}
}

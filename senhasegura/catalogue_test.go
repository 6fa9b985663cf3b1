package senhasegura_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"senhasegura-bot/senhasegura"
	"senhasegura-bot/senhasegura/senhaseguratest"
)

// isDone are the two answers with a number that are no failure.
var isDone = map[string]string{"pam.1008": "deactivate", "pam.1043": "activate credential"}

// TestTheClientJudgesAsTheCatalogueSays: every entry, answered by the simulator to each call it can
// answer, as the manuals print it, is judged by the client with the kind that the catalogue gives it.
func TestTheClientJudgesAsTheCatalogueSays(t *testing.T) {
	t.Parallel()
	l := newLab(t, nil)
	for _, c := range senhasegura.All() {
		for _, w := range writes() {
			done := isDone[c.Key]
			if !canAnswer(c, w.name) || done != "" && strings.HasPrefix(w.name, done) {
				continue
			}
			for _, text := range strings.Split(c.Text, " / ") {
				l.appliance.ClearFaults()
				for _, path := range []string{"/api/pam/*", "/api/mysafe/*"} {
					f := as(c, text)
					f.Path = path
					l.appliance.Inject(f)
				}
				_, err := w.run(t.Context(), l.client)
				e := mustFail(t, err, c.Kind)
				if known, ok := e.Explain(); !ok || known.Key != c.Key {
					t.Errorf("%s, %s: explained as %q", w.name, c.Key, known.Key)
				}
				if e.Unchanged() == c.MayHaveChanged || e.Definite() == c.RetryHelps {
					t.Errorf("%s, %s: unchanged %v and definite %v, the catalogue says %+v", w.name, c.Key, e.Unchanged(), e.Definite(), c)
				}
			}
		}
	}
}

// canAnswer reports whether a call of this module can be answered so.
func canAnswer(c senhasegura.Code, call string) bool {
	ofPAM := strings.Contains(call, "credential") || strings.Contains(call, "custody") || strings.Contains(call, "by name")
	return c.Module == "" || ofPAM == (c.Module == senhasegura.PAMCore)
}

// as is the answer that the manuals print. Where they tell no status it comes with 400.
func as(c senhasegura.Code, text string) senhaseguratest.Fault {
	if c.Module != "" {
		return senhaseguratest.Fault{Kind: senhaseguratest.Refusal, Code: c.Number, Message: text}
	}
	status := c.Status
	if status == 0 {
		status = http.StatusBadRequest
	}
	return senhaseguratest.Fault{Kind: senhaseguratest.Status, Status: status, Body: refusal(status, 0, text+".")}
}

// TestOpsAreWrites: what the catalogue says of our own calls names calls there are.
func TestOpsAreWrites(t *testing.T) {
	all := []string{senhasegura.OpActivateCredential, senhasegura.OpDeactivateCredential, senhasegura.OpReleaseCustody, senhasegura.OpActivatePassword,
		senhasegura.OpDeactivatePassword, senhasegura.OpActivateSecret, senhasegura.OpDeactivateSecret}
	for _, c := range senhasegura.All() {
		for _, op := range c.Ops {
			if !slices.Contains(all, op) || (c.Module == senhasegura.PAMCore) != slices.Contains(all[:3], op) {
				t.Errorf("%s is listed for %s", c.Key, op)
			}
		}
	}
}

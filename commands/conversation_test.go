package commands

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"senhasegura-bot/approvals"
)

func request(v approvals.Verb, k approvals.Kind, reason string, targets ...string) Command {
	c := Command{Word: Name(v), Verb: v, Kind: k, Targets: targets, Reason: reason}
	if len(targets) == 0 {
		c.Missing = append(c.Missing, FieldTargets)
	}
	if reason == "" {
		c.Missing = append(c.Missing, FieldReason)
	}
	return c
}

func deactivate(reason string, targets ...string) Command {
	return request(approvals.Deactivate, approvals.Credential, reason, targets...)
}

func glass(v approvals.Verb, k approvals.Kind, reason string, targets ...string) Command {
	c := request(v, k, reason, targets...)
	c.Word = BreakGlass
	return c
}

func TestWhatPeopleType(t *testing.T) {
	const act, deact, rel = approvals.Activate, approvals.Deactivate, approvals.Release
	const cred, pass, secret = approvals.Credential, approvals.Password, approvals.Secret
	tests := map[string]Command{
		// Verbs and kinds, in both languages, whatever the case and accents.
		"activate 5 back":                   request(act, cred, "back", "5"),
		"enable 5 back":                     request(act, cred, "back", "5"),
		"ativar 5 de volta":                 request(act, cred, "de volta", "5"),
		"habilitar 5 de volta":              request(act, cred, "de volta", "5"),
		"deactivate 5 leaked":               deactivate("leaked", "5"),
		"disable 5 leaked":                  deactivate("leaked", "5"),
		"desativar 5 vazou":                 deactivate("vazou", "5"),
		"inativar 5 vazou":                  deactivate("vazou", "5"),
		"release 5 stuck":                   request(rel, cred, "stuck", "5"),
		"liberar 5 travou":                  request(rel, cred, "travou", "5"),
		"DEACTIVATE 5 Leaked":               deactivate("Leaked", "5"),
		"Désativar Credêncial 5 vazou":      deactivate("vazou", "5"),
		"deactivate credential 5 leaked":    deactivate("leaked", "5"),
		"deactivate cred 5 leaked":          deactivate("leaked", "5"),
		"desativar credencial 5 vazou":      deactivate("vazou", "5"),
		"deactivate password 5 leaked":      request(deact, pass, "leaked", "5"),
		"ativar senha 5 trocada":            request(act, pass, "trocada", "5"),
		"deactivate secret 5 leaked":        request(deact, secret, "leaked", "5"),
		"deactivate api-secret 5 leaked":    request(deact, secret, "leaked", "5"),
		"deactivate APISECRET 5 leaked":     request(deact, secret, "leaked", "5"),
		"desativar segredo 5 vazou":         request(deact, secret, "vazou", "5"),
		"release credential 5 stuck":        request(rel, cred, "stuck", "5"),
		"deactivate 5 password leaked":      deactivate("password leaked", "5"),
		"deactivate credential 5 6th today": deactivate("6th today", "5"),

		"freeze token stolen, see #inc": {Word: Freeze, Arg: "token stolen, see #inc"},
		"Congelar 5 leaked":             {Word: Freeze, Arg: "5 leaked"},
		"unfreeze":                      {Word: Unfreeze},

		// Break-glass goes before a request. Its form asks for what is missing,
		// and for a longer reason.
		"break-glass deactivate 5 attacker is in":   glass(deact, cred, "attacker is in", "5"),
		"breakglass activate password 5, 6 back":    glass(act, pass, "back", "5", "6"),
		"emergencia desativar root@db01 vazou":      glass(deact, cred, "vazou", "root@db01"),
		"Emergência desativar senha 7 vazou":        glass(deact, pass, "vazou", "7"),
		"EMERGÊNCIA: liberar 1042":                  glass(rel, cred, "", "1042"),
		"break-glass deactivate":                    glass(deact, cred, ""),
		"break-glass deactivate 5":                  glass(deact, cred, "", "5"),
		"break-glass":                               {Word: BreakGlass, Kind: cred, Missing: []Field{FieldVerb, FieldTargets, FieldReason}},
		"break-glass desativar cred 5 em português": glass(deact, cred, "em português", "5"),
		"descongelar":                               {Word: Unfreeze},

		// Targets.
		"deactivate 5,6 leaked":                      deactivate("leaked", "5", "6"),
		"deactivate 5, 6 leaked":                     deactivate("leaked", "5", "6"),
		"deactivate 5 ,6 leaked":                     deactivate("leaked", "5", "6"),
		"deactivate 5 , 6 leaked":                    deactivate("leaked", "5", "6"),
		"deactivate 5,6,5 leaked":                    deactivate("leaked", "5", "6"),
		"deactivate root@db01,ROOT@DB01 leaked":      deactivate("leaked", "root@db01"),
		"deactivate root@db01 leaked":                deactivate("leaked", "root@db01"),
		"deactivate svc-app_1.x@db-01.example_2 x":   deactivate("x", "svc-app_1.x@db-01.example_2"),
		"deactivate josé@db01 vazou":                 deactivate("vazou", "josé@db01"),
		"deactivate 123456789012345678 leaked":       deactivate("leaked", "123456789012345678"),
		"activate root@db01 back":                    request(act, cred, "back", "root@db01"), // Resolve offers the id
		"deactivate a@b@host leaked":                 deactivate("leaked", "a@b@host"),        // Resolve offers the id
		"deactivate 5 leaked, again":                 deactivate("leaked, again", "5"),
		"deactivate " + numbers(20) + ",20,1 leaked": deactivate("leaked", strings.Split(numbers(20), ",")...),

		// Reasons.
		"deactivate 5   leaked \n in   gist ":              deactivate("leaked in gist", "5"),
		"deactivate 5 " + strings.Repeat("ã", 500):         deactivate(strings.Repeat("ã", 500), "5"),
		"deactivate 5 " + strings.Repeat("x", 500) + "   ": deactivate(strings.Repeat("x", 500), "5"),
		"deactivate 5 for the audit":                       deactivate("for the audit", "5"),
		"deactivate 5 for 30 hosts":                        deactivate("for 30 hosts", "5"),
		"deactivate 5 for 5":                               deactivate("for 5", "5"),
		"deactivate 5 for 2-hour maintenance":              deactivate("for 2-hour maintenance", "5"),
		"deactivate 5 for":                                 deactivate("for", "5"),
		"desativar 5 por causa do incidente":               deactivate("por causa do incidente", "5"),
		"desativar 5 por 2 hosts":                          deactivate("por 2 hosts", "5"),
		"deactivate 5 forever 2h":                          deactivate("forever 2h", "5"),
		"deactivate 5 leaked for 2h":                       deactivate("leaked for 2h", "5"),
		"deactivate password 5 bob@example.com left":       request(deact, pass, "bob@example.com left", "5"),
		"deactivate 5 and others leaked":                   deactivate("and others leaked", "5"),

		// What Slack and keyboards do.
		"deactivate <mailto:root@db01.example.com|root@db01.example.com> leaked":                deactivate("leaked", "root@db01.example.com"),
		"deactivate 5,<mailto:a@b.co|a@b.co>, 6 x":                                              deactivate("x", "5", "a@b.co", "6"),
		"deactivate root@<http://db01.example.com|db01.example.com> x":                          deactivate("x", "root@db01.example.com"),
		"deactivate root@<https://db01.example.com|db01.example.com> x":                         deactivate("x", "root@db01.example.com"),
		"deactivate <tel:5551234|5551234> x":                                                    deactivate("x", "5551234"),
		"deactivate 5 see <http://evil.example|db01> now":                                       deactivate("see db01 now", "5"),
		"deactivate 5 see <https://wiki.example/x>":                                             deactivate("see https://wiki.example/x", "5"),
		"deactivate 5 asked by <@U123|ana> in <#C9|inc-7>, cc <!subteam^S1|@sre> <!here> <@W2>": deactivate("asked by @ana in #inc-7, cc @sre @here @W2", "5"),
		"deactivate 5 A &amp;&amp; B &lt;now&gt;":                                               deactivate("A && B <now>", "5"),
		"deactivate 5 &amp;lt; stays":                                                           deactivate("&lt; stays", "5"),
		"deactivate 5 &amp;amp;lt; stays":                                                       deactivate("&amp;lt; stays", "5"),
		"deactivate 5 &lt;@U1|x&gt; was typed":                                                  deactivate("<@U1|x> was typed", "5"),
		"deactivate 5 “leaked” isn’t ‘ok’":                                                      deactivate(`"leaked" isn't 'ok'`, "5"),
		"deactivate\u00a05\u2003leaked\u202fnow":                                                deactivate("leaked now", "5"),
		"\ufeffde\u200bactivate \u200b5\u200d, \u200e6 leaked":                                  deactivate("leaked", "5", "6"),
		"deactivate\t5\r\nleaked":                                                               deactivate("leaked", "5"),
		"deactivate 5 a – b — c":                                                                deactivate("a – b — c", "5"),
		"deactivate 5 e\u0301 \U0001F469\u200d\U0001F4BB":                                       deactivate("e\u0301 \U0001F469\u200d\U0001F4BB", "5"),
		"deactivate 5 bell \x07 \x1b[31m and \u202eevil":                                        deactivate("bell \x07 \x1b[31m and \u202eevil", "5"), // made visible where shown
		"deactivate 5 bad \xff byte":                                                            deactivate("bad \ufffd byte", "5"),

		// What the form asks for.
		"":                        {Kind: cred, Missing: []Field{FieldVerb, FieldTargets, FieldReason}},
		" \u00a0 ":                {Kind: cred, Missing: []Field{FieldVerb, FieldTargets, FieldReason}},
		"desativar":               deactivate(""),
		"deactivate credential":   deactivate(""),
		"activate senha":          request(act, pass, ""),
		"deactivate 5":            deactivate("", "5"),
		"deactivate secret 5, 6 ": request(deact, secret, "", "5", "6"),

		// Other words.
		"help":                        {Word: Help},
		"Ajuda":                       {Word: Help},
		"help release":                {Word: Help, Arg: "release"},
		"pending":                     {Word: Pending},
		"PENDENTES":                   {Word: Pending},
		"status R-7K2M9Q":             {Word: Status, Arg: "R-7K2M9Q"},
		"status r-7k2m9q":             {Word: Status, Arg: "R-7K2M9Q"},
		"status 7k2m9q":               {Word: Status, Arg: "R-7K2M9Q"},
		"status R7K2M9Q":              {Word: Status, Arg: "R-7K2M9Q"},
		"status R12345":               {Word: Status, Arg: "R-R12345"},
		"status R–OIL234":             {Word: Status, Arg: "R-011234"},
		"status `R-7K2M9Q`":           {Word: Status, Arg: "R-7K2M9Q"},
		"cancelar R-7K2M9Q":           {Word: Cancel, Arg: "R-7K2M9Q"},
		"find db01 linux":             {Word: Find, Arg: "db01 linux"},
		"buscar josé":                 {Word: Find, Arg: "josé"},
		"find <mailto:a@b.co|a@b.co>": {Word: Find, Arg: "a@b.co"},
		"explain 1018":                {Word: Explain, Arg: "1018"},
		"explicar mysafe 1005":        {Word: Explain, Arg: "mysafe 1005"},
	}
	for text, want := range tests {
		t.Run(text, func(t *testing.T) {
			got, fault := Parse(text)
			if fault != nil {
				t.Fatalf("fault %s on %q, offering %q", fault.Code, fault.Word, fault.Line)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// numbers is "1,2,…,n".
func numbers(n int) string {
	var all []string
	for i := range n {
		all = append(all, itoa(i+1))
	}
	return strings.Join(all, ",")
}

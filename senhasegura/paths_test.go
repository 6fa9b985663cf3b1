package senhasegura_test

import (
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"senhasegura-bot/senhasegura"
	"senhasegura-bot/senhasegura/senhaseguratest"
)

// Every call of the client, and the only request line it may cause. {prefix} is PAM Core's.
var requestLines = map[string]string{
	"activate credential":   "PUT {prefix}/pam/credential/5",
	"deactivate credential": "DELETE {prefix}/pam/credential/5",
	"deactivate by name":    "DELETE {prefix}/pam/credential/root@db01",
	"release custody":       "DELETE {prefix}/pam/credential/custody/12",
	"activate password":     "POST /api/mysafe/password/active/10",
	"deactivate password":   "POST /api/mysafe/password/inactive/10",
	"activate secret":       "POST /api/mysafe/secretapi/active/10",
	"deactivate secret":     "POST /api/mysafe/secretapi/inactive/10",
	"list credentials":      "GET {prefix}/pam/credential",
	"list passwords":        "GET /api/mysafe/password",
	"list secrets":          "GET /api/mysafe/secretapi",
}

func TestEveryCallHasItsOneRequestLine(t *testing.T) {
	for _, prefix := range []string{"/api", "/iso"} {
		for _, c := range slices.Concat(writes(), lists()) {
			t.Run(prefix+" "+c.name, func(t *testing.T) {
				l := newLab(t, func(_ *senhaseguratest.Config, sc *senhasegura.Config) { sc.Prefix = prefix })
				c.run(t.Context(), l.client)
				want := strings.ReplaceAll(requestLines[c.name], "{prefix}", prefix)
				module, token := senhaseguratest.PAMCore, "POST "+prefix+"/oauth2/token"
				if strings.Contains(want, "mysafe") {
					module, token = senhaseguratest.MySafe, "POST /api/oauth2/token"
				}
				calls := l.appliance.Calls()
				if len(calls) != 2 || calls[0].String() != token || calls[1].String() != want {
					t.Fatalf("got %v, want %s and %s", calls, token, want)
				}
				if calls[0].Client != module || calls[1].Client != module {
					t.Errorf("asked as %q and %q, want %q", calls[0].Client, calls[1].Client, module)
				}
			})
		}
	}
}

func TestThereAreNoOtherCalls(t *testing.T) {
	var names []string
	for m := range reflect.TypeFor[*senhasegura.Client]().Methods() {
		names = append(names, m.Name)
	}
	// Admit, Away, Configured and Connect send nothing, AskToken only what every call begins with.
	want := []string{"ActivateCredential", "ActivatePassword", "ActivateSecret", "Admit", "AskToken", "Away",
		"Configured", "Connect", "DeactivateCredential", "DeactivatePassword", "DeactivateSecret", "ListCredentials", "ListPasswords",
		"ListSecrets", "ReleaseCustody"}
	if !slices.Equal(names, want) {
		t.Errorf("the client's methods are %v;\na new one needs its line in requestLines and its place in writes() or lists()", names)
	}
}

func TestTokenPathIsASettingOfPAMCoreOnly(t *testing.T) {
	l := newLab(t, func(_ *senhaseguratest.Config, sc *senhasegura.Config) { sc.TokenPath = "/iso/oauth2/token" })
	if _, err := l.client.DeactivateCredential(t.Context(), "5"); err != nil {
		t.Fatal(err)
	}
	if _, err := l.client.DeactivatePassword(t.Context(), "10"); err != nil {
		t.Fatal(err)
	}
	calls := l.appliance.Calls()
	if calls[0].Path != "/iso/oauth2/token" || calls[1].Path != "/api/pam/credential/5" || calls[2].Path != "/api/oauth2/token" {
		t.Errorf("got %v", calls)
	}
}

func TestRequestsCarryNoBodyAndNoParameters(t *testing.T) {
	for _, c := range slices.Concat(writes(), lists()) {
		t.Run(c.name, func(t *testing.T) {
			client := rawClient(t, func(_ http.ResponseWriter, r *http.Request) {
				if r.ContentLength != 0 || r.URL.RawQuery != "" || r.Header.Get("Authorization") != "Bearer the-token" {
					t.Errorf("length %d, query %q, authorization %q", r.ContentLength, r.URL.RawQuery, r.Header.Get("Authorization"))
				}
			}, nil)
			c.run(t.Context(), client)
		})
	}
}

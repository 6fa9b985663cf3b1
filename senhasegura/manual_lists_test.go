package senhasegura_test

import (
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"senhasegura-bot/senhasegura"
)

// What the manuals print as the answer to a request for a list, and what people see of it.
func TestListsAsTheManualsPrintThem(t *testing.T) {
	t.Parallel()
	want := map[string][]string{
		"credentials_3_32": {"exampleuser01@exampledevice01 · Server, Example Product · id 1", "exampleuser02@exampledevice01 · Server, Example Product · id 2"},
		"credentials_3_33": {"[email protected]@gmail.com · Web Application, Gmail · id 2", "dleite@w2016 · SSH Key · Server, Windows Server 2016 · id 39"},
		"passwords_3_32":   {"Testing · maria · id 197", "API · dleite · id 198", "Gmail · dleite · id 226"},
		"passwords_3_33": {"Github · [email protected] · id 3", "gmail personal · [email protected] · id 4",
			"gmail corporate · [email protected] · id 5", "senhasegura · dleite · id 6"},
		"secrets_3_32": {"Teste · id 14", "My API secret · id 40"},
		"secrets_3_33": {"GCP1 · id 3", "GCP · id 4", "GCP1 · id 5"},
	}
	kinds := map[string]string{"credentials": senhasegura.KindCredential, "passwords": senhasegura.KindPassword, "secrets": senhasegura.KindSecret}
	paths := map[string]string{"credentials": "/api/pam/credential", "passwords": "/api/mysafe/password", "secrets": "/api/mysafe/secretapi"}
	files, err := filepath.Glob("testdata/lists/*.json")
	if err != nil || len(files) != len(want) {
		t.Fatalf("%d bodies, %v", len(files), err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		body, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		list, _, _ := strings.Cut(name, "_")
		lists := senhasegura.NewLists(senhasegura.ListsConfig{Client: rawClient(t, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == paths[list] {
				w.Write(body)
			}
		}, nil)})
		lists.Refresh(t.Context()) // the two other lists are not served here
		var got []string
		for _, label := range want[name] {
			id := label[strings.LastIndex(label, " ")+1:]
			for _, e := range lists.Lookup(kinds[list], id).Entries {
				got = append(got, e.Label())
				if e.ReadOnly || e.AutomaticChange {
					t.Errorf("%s: got %+v", name, e)
				}
			}
		}
		if !slices.Equal(got, want[name]) {
			t.Errorf("%s: got %q", name, got)
		}
	}
}

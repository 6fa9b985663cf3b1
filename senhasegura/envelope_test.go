package senhasegura

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestBodiesAsTheManualsPrintThem(t *testing.T) {
	files, err := filepath.Glob("testdata/*.json")
	if err != nil || len(files) != 19 {
		t.Fatalf("%d bodies, %v", len(files), err)
	}
	codes := map[string]int{"credential_not_found": 1007, "credential_deactivate_not_found": 1007, "custody_not_held": 1018}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		t.Run(name, func(t *testing.T) {
			body, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			want := codes[name]
			switch {
			case want != 0:
			case strings.HasSuffix(name, "not_found"):
				want = 1005
			case strings.HasSuffix(name, "no_access"):
				want = 1006
			}
			e := decodeEnvelope(body)
			if !e.readable || e.failed != (want != 0) || e.code != want || e.text == "" {
				t.Errorf("got %+v, want code %d", e, want)
			}
		})
	}
}

func FuzzEnvelope(f *testing.F) {
	files, err := filepath.Glob("testdata/*.json")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		body, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body, 200)
		f.Add(body, 400)
	}
	for _, s := range []string{"", "null", "[]", `"x"`, `"ç"`, `"a\"b\u00e7"`, `{"response":{"error":"0"}}`, `{"error":"invalid_client"}`, `{"RESPONSE":{"ERRO":1}}`,
		`{"response":{"error":false,"message":"1017:Key inactive"}}`, "You are not authorized to access this resource."} {
		f.Add([]byte(s), 500)
	}
	o := op{module: MySafe, name: OpActivatePassword, state: activated}
	f.Fuzz(func(t *testing.T, body []byte, status int) {
		if s := ""; json.Unmarshal(body, &s) == nil && unquote(body) != strings.TrimSpace(s) {
			t.Errorf("%s is read as %q", body, unquote(body))
		}
		env := decodeEnvelope(body)
		answer, fault := judge(o, &http.Response{StatusCode: status}, env)
		if fault == nil {
			if status < 200 || status > 299 || !env.readable || env.code != 0 && !answer.Already {
				t.Errorf("success from HTTP %d and %+v", status, env)
			}
			return
		}
		if utf8.RuneCountInString(fault.Message) > messageRunes || strings.ContainsFunc(fault.Message, unicode.IsControl) {
			t.Errorf("message %q", fault.Message)
		}
		if status >= 500 && fault.Kind != KindLost && !strings.Contains(strings.ToLower(env.text), "not authorized") {
			t.Errorf("HTTP %d is %s by %q", status, fault.Kind, env.text)
		}
	})
}

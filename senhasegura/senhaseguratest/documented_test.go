package senhaseguratest_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"senhasegura-bot/senhasegura/senhaseguratest"
)

// TestEveryDocumentedAnswerCanBeGiven, word for word, and it changes nothing.
func TestEveryDocumentedAnswerCanBeGiven(t *testing.T) {
	b := start(t, nil)
	b.login("pam", "p")
	seen := map[string]bool{}
	for _, a := range senhaseguratest.Documented() {
		if seen[a.Name] || a.Name == "" || a.Source == "" || !json.Valid([]byte(a.Body)) {
			t.Errorf("got %+v", a)
		}
		seen[a.Name] = true
		b.Inject(senhaseguratest.Fault{Kind: senhaseguratest.DocumentedAnswer, Name: a.Name, Times: 1})
		status, body, err := b.try("pam", "DELETE /api/pam/credential/5")
		if err != nil || status != a.Status || body != a.Body {
			t.Errorf("%s: got %d %s %v", a.Name, status, body, err)
		}
	}
	if c, _ := b.Items().Credential(5); c.Inactive {
		t.Error("a documented answer changed something")
	}
}

// TestDocumentedAnswersAreTheAppliancesOwn: what the catalogue prints is what the appliance says by itself.
func TestDocumentedAnswersAreTheAppliancesOwn(t *testing.T) {
	b := start(t, nil)
	b.login("pam", "p")
	b.login("safe", "s")
	for _, c := range []struct{ as, line, name string }{
		{"pam", "DELETE /api/pam/credential/5", "pam.deactivated"},
		{"pam", "DELETE /api/pam/credential/5", "pam.1008"},
		{"pam", "PUT /api/pam/credential/5", "pam.enabled"},
		{"pam", "PUT /iso/pam/credential/5", "pam.1043"},
		{"pam", "PUT /iso/pam/credential/7", "pam.activated"},
		{"pam", "DELETE /api/pam/credential/custody/94", "pam.released"},
		{"pam", "DELETE /api/pam/credential/custody/94", "pam.1018"},
		{"pam", "DELETE /api/pam/credential/999", "pam.1007"},
		{"pam", "DELETE /api/pam/credential/120", "pam.1009"},
		{"pam", "DELETE /api/pam/credential/21", "pam.1010"},
		{"pam", "DELETE /api/nothing", "gateway.resource_not_found"},
		{"safe", "POST /api/mysafe/password/inactive/10", "mysafe.password_deactivated"},
		{"safe", "POST /api/mysafe/password/inactive/10", "mysafe.password_already_deactivated"},
		{"safe", "POST /api/mysafe/password/active/10", "mysafe.password_activated"},
		{"safe", "POST /api/mysafe/password/active/10", "mysafe.password_already_activated"},
		{"safe", "POST /api/mysafe/password/active/999", "mysafe.1005.password"},
		{"safe", "POST /api/mysafe/password/inactive/999", "mysafe.1005.password_deactivate"},
		{"safe", "POST /api/mysafe/password/active/312", "mysafe.1006"},
		{"safe", "POST /api/mysafe/password/active/x", "mysafe.1010"},
		{"safe", "POST /api/mysafe/secretapi/inactive/10", "mysafe.secret_deactivated"},
		{"safe", "POST /api/mysafe/secretapi/inactive/10", "mysafe.secret_already_deactivated"},
		{"safe", "POST /api/mysafe/secretapi/active/10", "mysafe.secret_activated"},
		{"safe", "POST /api/mysafe/secretapi/active/10", "mysafe.secret_already_activated"},
		{"safe", "POST /api/mysafe/secretapi/active/999", "mysafe.1005.secret"},
	} {
		status, body, err := b.try(c.as, c.line)
		if want := documented(t, c.name); err != nil || status != want.Status || body != want.Body {
			t.Errorf("%s: got %d %s %v, want %d %s", c.line, status, body, err, want.Status, want.Body)
		}
	}
}

// TestIrregularities: each leaves its mark on an answer of the sort it is about, and none on a token.
func TestIrregularities(t *testing.T) {
	const success, refusal, list, passwords = "DELETE /api/pam/credential/5", "DELETE /api/pam/credential/999", "GET /api/pam/credential", "GET /api/mysafe/password"
	tests := map[string]struct {
		line        string
		has, hasNot string // in the body without white space
		status      int
	}{
		"no_code":         {success, `{"response":`, `"code":200`, 200},
		"no_error_code":   {refusal, `"error":true,`, `"error_code"`, 400},
		"zero_error_code": {refusal, `"error_code":0`, `"error":false`, 400},
		"capital_message": {success, `"Message":`, `"mensagem"`, 200},
		"portuguese":      {refusal, `"erro":true,"mensagem":`, `"error"`, 400},
		"english":         {refusal, `"error":true,"error_code":1,"message":`, `"erro"`, 400},
		"null_detail":     {success, `"detail":null`, `"detail":""`, 200},
		"empty_detail":    {refusal, `"detail":""`, `"detail":null`, 400},
		"no_space":        {refusal, `"message":"1007:Credential not found"`, `1007: `, 400},
		"no_exception":    {refusal, `"message":"1007:`, `"exception"`, 400},
		"flags_as_text":   {refusal, `"erro":"1","error":"1"`, `true`, 400},
		"numbers_as_text": {refusal, `"code":"1007"`, `"status":400`, 400},
		"error_in_200":    {refusal, `"code":1007`, `"error":false`, 200},
		"tenant":          {success, `"tenant":`, `"error":true`, 200},
		"other_wording":   {success, `"error":false`, "deactivated", 200},
		"ids_as_text":     {passwords, `"identifier":"10"`, `"identifier":10`, 200},
		"ids_as_numbers":  {list, `"id":5,`, `"id":"5"`, 200},
		"plural_key":      {passwords, `"passwords_on_list":[{`, `"password_on_list"`, 200},
	}
	for _, known := range senhaseguratest.Irregularities() {
		t.Run(known.Name, func(t *testing.T) {
			t.Parallel()
			b := start(t, nil)
			b.Inject(senhaseguratest.Fault{Kind: senhaseguratest.IrregularAnswer, Name: known.Name})
			if status, _ := b.login("pam", "p"); status != 200 {
				t.Errorf("no token: %d", status)
			}
			b.login("safe", "s")
			c, ok := tests[known.Name]
			if !ok || known.What == "" || known.Source == "" {
				t.Fatalf("nothing is known of %+v", known)
			}
			as := map[bool]string{false: "pam", true: "safe"}[c.line == passwords]
			status, body, err := b.try(as, c.line)
			var packed bytes.Buffer
			if err != nil || json.Compact(&packed, []byte(body)) != nil {
				t.Fatalf("got %s, %v", body, err)
			}
			got := packed.String()
			if status != c.status || !strings.Contains(got, c.has) || strings.Contains(got, c.hasNot) {
				t.Errorf("got %d %s, want %s and not %s", status, got, c.has, c.hasNot)
			}
		})
	}
}

func TestEdited(t *testing.T) {
	b := start(t, nil)
	b.login("pam", "p")
	b.Inject(senhaseguratest.Fault{Method: "DELETE", Kind: senhaseguratest.Edited, Set: map[string]any{"response.error": "1", "code": nil, "more.of": 7}})
	_, body, _ := b.try("pam", "DELETE /api/pam/credential/5")
	var got struct {
		Code     *int
		Response struct{ Error any }
		More     struct{ Of int }
	}
	if err := json.Unmarshal([]byte(body), &got); err != nil || got.Code != nil || got.Response.Error != "1" || got.More.Of != 7 {
		t.Errorf("got %s, %v", body, err)
	}
}

// Values may lie in each other, and the fault stays as it was injected, for whichever requests come at once.
func TestEditedInsideAnObjectThatIsSet(t *testing.T) {
	b := start(t, nil)
	b.login("pam", "p")
	b.Inject(senhaseguratest.Fault{Kind: senhaseguratest.Edited, Set: map[string]any{"response": "gone", "response.of": 1, "more": map[string]any{"a": 1}, "more.of": 7}})
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			if _, body, _ := b.try("pam", "DELETE /api/pam/credential/5"); !strings.Contains(body, "\"of\": 7") || strings.Contains(body, "gone") {
				t.Errorf("got %s", body)
			}
		})
	}
	group.Wait()
	if more := b.Faults()[0].Set["more"].(map[string]any); len(more) != 1 {
		t.Errorf("the fault became %v", more)
	}
}

func TestGzip(t *testing.T) {
	b := start(t, nil)
	b.login("pam", "p")
	b.Inject(senhaseguratest.Fault{Kind: senhaseguratest.Gzip})
	b.client.Transport.(*http.Transport).DisableCompression = true // it neither asks for it nor undoes it
	_, body, err := b.try("pam", "DELETE /api/pam/credential/5")
	if err != nil {
		t.Fatal(err)
	}
	z, err := gzip.NewReader(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(z); err != nil || string(got) != documented(t, "pam.deactivated").Body {
		t.Errorf("got %s, %v", got, err)
	}
}

// TestTokensLapseEarly: whatever expires_in says.
func TestTokensLapseEarly(t *testing.T) {
	b := start(t, nil)
	b.Inject(senhaseguratest.Fault{Path: "*/oauth2/token", Kind: senhaseguratest.TokenLapses, Times: 1})
	if status, body := b.login("pam", "p"); status != 200 || body["expires_in"] != 3600.0 {
		t.Errorf("got %d %v", status, body)
	}
	b.expect("pam", "DELETE /api/pam/credential/5", 401, "Unauthorized")
	b.login("pam", "p")
	b.expect("pam", "DELETE /api/pam/credential/5", 200, "Credential successfully deactivated")
}

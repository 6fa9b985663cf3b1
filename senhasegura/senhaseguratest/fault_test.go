package senhaseguratest_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"senhasegura-bot/senhasegura/senhaseguratest"
)

func TestFaults(t *testing.T) {
	for _, c := range []struct {
		fault  senhaseguratest.Fault
		status int // 0: no answer
		holds  string
		acted  bool
	}{
		{senhaseguratest.Fault{Kind: senhaseguratest.Status, Status: 418, Body: "tea"}, 418, "tea", false},
		{senhaseguratest.Fault{Kind: senhaseguratest.Status, Status: 500, Act: true}, 500, "", true},
		{senhaseguratest.Fault{Kind: senhaseguratest.Refusal, Code: 1039, Message: "Without permission"}, 400, `"1039: Without permission"`, false},
		{senhaseguratest.Fault{Kind: senhaseguratest.Delay, DelayMS: 1}, 200, "deactivated", true},
		{senhaseguratest.Fault{Kind: senhaseguratest.Reset}, 0, "", false},
		{senhaseguratest.Fault{Kind: senhaseguratest.Reset, Act: true}, 0, "", true},
		{senhaseguratest.Fault{Kind: senhaseguratest.HTML}, 502, "<html>", false},
		{senhaseguratest.Fault{Kind: senhaseguratest.Empty}, 200, "", false},
		{senhaseguratest.Fault{Kind: senhaseguratest.Truncated}, 0, "", true},
		{senhaseguratest.Fault{Kind: senhaseguratest.Huge, Act: true}, 200, "      ", true},
		{senhaseguratest.Fault{Kind: senhaseguratest.Drip, DelayMS: 1}, 200, "deactivated", true},
		{senhaseguratest.Fault{Kind: senhaseguratest.Redirect, Status: 307}, 307, "", false},
		{senhaseguratest.Fault{Kind: senhaseguratest.RateLimited, RetryAfter: "2"}, 429, "rate limit", false},
		{senhaseguratest.Fault{Kind: senhaseguratest.TokenRejected}, 401, "Unauthorized", false},
		{senhaseguratest.Fault{Kind: senhaseguratest.NotAuthorized}, 500, "not authorized", false},
		{senhaseguratest.Fault{Kind: senhaseguratest.Unexpected, Act: true}, 500, "Unexpected error", true},
		{senhaseguratest.Fault{Kind: senhaseguratest.Upstream}, 504, "timing out", false},
	} {
		t.Run(string(c.fault.Kind), func(t *testing.T) {
			b := start(t, nil)
			b.login("pam", "p")
			c.fault.Method, c.fault.Path, c.fault.Times = "DELETE", "/api/pam/*", 1
			b.Inject(c.fault)
			status, body, err := b.try("pam", "DELETE /api/pam/credential/5")
			if c.status == 0 && err == nil || c.status != 0 && (err != nil || status != c.status || !strings.Contains(body, c.holds)) {
				t.Errorf("got %d %.80q %v", status, body, err)
			}
			item, _ := b.Items().Credential(5)
			if call := b.Writes()[0]; item.Inactive != c.acted || call.Acted != c.acted || call.Answer != string(c.fault.Kind) {
				t.Errorf("inactive %v, journal %+v", item.Inactive, call)
			}
			b.expect("pam", "DELETE /api/pam/credential/6", 200, "Credential successfully deactivated") // Times is over
		})
	}
}

// TestEveryKindIsAFault: nobody can name a kind that does nothing.
func TestEveryKindIsAFault(t *testing.T) {
	needs := map[senhaseguratest.FaultKind]senhaseguratest.Fault{
		senhaseguratest.DocumentedAnswer: {Name: "pam.1018"},
		senhaseguratest.IrregularAnswer:  {Name: "tenant"},
		senhaseguratest.Edited:           {Set: map[string]any{"more": true}},
	}
	b := start(t, nil)
	b.login("pam", "p")
	status, normal, err := b.try("pam", "GET /api/pam/credential")
	if err != nil || status != 200 {
		t.Fatal(status, err)
	}
	for _, known := range senhaseguratest.Kinds() {
		kind := known.Kind
		if known.What == "" {
			t.Errorf("%s is not explained", kind)
		}
		switch kind { // shown elsewhere: the answer is the normal one, in another form, at another time, or for a token
		case senhaseguratest.Delay, senhaseguratest.Drip, senhaseguratest.DripHeaders, senhaseguratest.Hang, senhaseguratest.Hints, senhaseguratest.TooShort,
			senhaseguratest.DropIdle, senhaseguratest.DropNext, senhaseguratest.HTTP10, senhaseguratest.Gzip, senhaseguratest.TokenLapses, senhaseguratest.Twice:
			continue
		}
		f := needs[kind]
		f.Kind, f.Times = kind, 1
		b.Inject(f)
		if status, body, err := b.try("pam", "GET /api/pam/credential"); err == nil && status == 200 && body == normal {
			t.Errorf("%s does nothing", kind)
		}
	}
}

func TestHangEndsWhenFaultsAreCleared(t *testing.T) {
	b := start(t, nil)
	b.login("pam", "p")
	b.Inject(senhaseguratest.Fault{Kind: senhaseguratest.Hang, Times: 1})
	ended := make(chan error)
	go func() { _, _, err := b.try("pam", "DELETE /api/pam/credential/5"); ended <- err }()
	for deadline := time.Now().Add(5 * time.Second); len(b.Writes()) == 0; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the request does not arrive")
		}
	}
	b.ClearFaults()
	if err := <-ended; err == nil {
		t.Error("answered after all")
	}
}

func TestWhichRequestsAFaultTakes(t *testing.T) {
	b := start(t, nil)
	b.login("pam", "p")
	b.Inject(senhaseguratest.Fault{Method: "put", Path: "*/credential/5", Skip: 1, Times: 1, Kind: senhaseguratest.Unexpected})
	b.expect("pam", "PUT /api/pam/credential/6", 400, "1043: Credential is already activated!")
	b.expect("pam", "DELETE /api/pam/credential/5", 200, "Credential successfully deactivated")
	b.expect("pam", "PUT /api/pam/credential/5", 200, "Credential successfully activated")
	b.expect("pam", "PUT /api/pam/credential/5", 500, "Unexpected error.")
	b.expect("pam", "PUT /api/pam/credential/5", 400, "1043: Credential is already activated!")
}

func TestControlOverHTTP(t *testing.T) {
	b := start(t, nil)
	b.login("pam", "p")
	control := httptest.NewServer(b.Control())
	defer control.Close()
	ask := func(method, path, body string, status int, into any) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, control.URL+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		resp, err := b.client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if resp.StatusCode != status {
			t.Errorf("%s %s: got %d, want %d", method, path, resp.StatusCode, status)
		}
		if into != nil {
			if err := json.NewDecoder(resp.Body).Decode(into); err != nil {
				t.Error(err)
			}
		}
	}
	ask("POST", "/faults", `{"method":"DELETE","path":"/api/pam/*","kind":"not_authorized"}`, 204, nil)
	b.expect("pam", "DELETE /api/pam/credential/5", 500, "You are not authorized to access this resource.")
	ask("DELETE", "/faults", "", 204, nil)
	b.expect("pam", "DELETE /api/pam/credential/5", 200, "Credential successfully deactivated")
	for _, bad := range []string{`{"kind":"explode"}`, `{"kind":"hang","tims":1}`, `{`, ``, `{}`, `{"kind":"reset"} {"kind":"reset"}`,
		`{"kind":"documented"}`, `{"kind":"documented","name":"pam.1"}`, `{"kind":"irregular","name":"pam.1018"}`, `{"kind":"edited"}`,
		`{"kind":"status","status":99}`, `{"kind":"status","status":103}`, `{"kind":"hints","status":101}`, `{"kind":"hints","status":200}`,
		`{"kind":"reset","times":-1}`, `{"kind":"delay","delay_ms":-1}`,
		`{"kind":"delay","delay_ms":9223372036854775807}`} {
		ask("POST", "/faults", bad, 400, nil)
	}
	var faults []senhaseguratest.ArmedFault
	if ask("GET", "/faults", "", 200, &faults); len(faults) != 0 {
		t.Errorf("armed all the same: %+v", faults)
	}
	ask("POST", "/faults", `{"path":"/nowhere","times":2,"kind":"documented","name":"pam.1018"}`, 204, nil)
	b.try("pam", "GET /nowhere")
	if ask("GET", "/faults", "", 200, &faults); len(faults) != 1 || faults[0].Taken != 1 || faults[0].Name != "pam.1018" {
		t.Errorf("got %+v", faults)
	}
	ask("DELETE", "/faults", "", 204, nil)
	var calls []senhaseguratest.Call
	ask("GET", "/calls", "", 200, &calls)
	if len(calls) != 4 || calls[2].String() != "DELETE /api/pam/credential/5" || calls[2].Client != senhaseguratest.PAMCore {
		t.Errorf("got %+v", calls)
	}
	var items senhaseguratest.Data
	ask("GET", "/items", "", 200, &items)
	if c, ok := items.Credential(5); !ok || !c.Inactive {
		t.Errorf("got %+v", items)
	}
	ask("PUT", "/items", `{"credentials":[{"id":5,"username":"root","hostname":"db01"}]}`, 204, nil)
	b.expect("pam", "DELETE /api/pam/credential/5", 200, "Credential successfully deactivated")
	b.try("pam", "GET /api/pam/credential/5")
	ask("GET", "/violations", "", 200, &calls)
	if len(calls) != 1 || calls[0].Violation == "" {
		t.Errorf("got %+v", calls)
	}
	for _, bad := range []string{`{"credentials":[{"id":0}]}`, `{"credentials":[{"id":5},{"id":5}]}`, `{"passwords":[{"id":5}]}`, `{"credentials":[{"id":5,"custody":"me"}]}`} {
		ask("PUT", "/items", bad, 400, nil)
	}
	ask("DELETE", "/tokens", "", 204, nil)
	b.expect("pam", "DELETE /api/pam/credential/5", 401, "Unauthorized")
	ask("DELETE", "/calls", "", 204, nil)
	if ask("GET", "/calls", "", 200, &calls); len(calls) != 0 {
		t.Errorf("not forgotten: %+v", calls)
	}
	for _, catalogue := range []string{"/kinds", "/documented", "/irregularities"} {
		var entries []any
		if ask("GET", catalogue, "", 200, &entries); len(entries) < 10 {
			t.Errorf("%s: got %v", catalogue, entries)
		}
	}
	ask("GET", "/nowhere", "", 404, nil)
}

package senhasegura_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"senhasegura-bot/senhasegura"
	"senhasegura-bot/senhasegura/senhaseguratest"
)

const failedEnvelope = `{"code":%d,"response":{"status":%d,"message":%s,"error":true,"error_code":1},"exception":{"code":%d,"message":%[3]s,"detail":null}}`

func refusal(status, code int, message string) string {
	text, err := json.Marshal(message)
	if err != nil {
		panic(err) // a string always encodes
	}
	return fmt.Sprintf(failedEnvelope, status, status, text, code)
}

// done stands for an answer that is no error.
const done = senhasegura.Kind("done")

var answers = map[string]struct {
	status int
	body   string
	kind   senhasegura.Kind
	code   int
}{
	"documented success":               {200, `{"code":200,"response":{"status":200,"message":"ok","error":false,"erro":false}}`, done, 0},
	"success in other words":           {200, `{"response":{"status":200,"message":"Feito","erro":false}}`, done, 0},
	"success with a number in front":   {200, `{"response":{"message":"1234 things done","error":0}}`, done, 0},
	"success behind a byte order mark": {200, "\ufeff" + `{"response":{"error":"0"}}`, done, 0},
	"success by status alone":          {200, `{"response":{"status":"200","message":"ok"}}`, done, 0},
	"201":                              {201, `{"response":{"status":201,"error":false}}`, done, 0},

	"refusal":                           {400, refusal(400, 1007, "1007: Credential not found"), senhasegura.KindRefused, 1007},
	"refusal inside HTTP 200":           {200, refusal(400, 1007, "1007: Credential not found"), senhasegura.KindRefused, 1007},
	"refusal known by its flag":         {200, `{"response":{"error":"1","message":"Something"}}`, senhasegura.KindRefused, 0},
	"refusal known by its message":      {200, `{"response":{"error":false,"message":"1017:Key inactive"}}`, senhasegura.KindRefused, 1017},
	"refusal without response":          {400, `{"exception":{"code":"1009","message":"1009: No access to credential"}}`, senhasegura.KindRefused, 1009},
	"code only at the message's start":  {400, `{"response":{"status":400,"message":"1006 User does not have access","error":true}}`, senhasegura.KindRefused, 1006},
	"unknown code":                      {400, refusal(400, 1999, "1999: New"), senhasegura.KindRefused, 1999},
	"wrong resource":                    {404, `{"code":404,"response":{"status":404,"message":"Resource sub not found","error":true}}`, senhasegura.KindRefused, 0},
	"wrong resource, from the gateway":  {404, `{"message":"RESOURCE SUB NOT FOUND."}`, senhasegura.KindRefused, 0},
	"not authorized, 500":               {500, `{"response":{"status":500,"message":"You are not authorized to access this resource.","error":true}}`, senhasegura.KindRefused, 0},
	"not authorized, 403, plain text":   {403, "You are not authorized to access this resource", senhasegura.KindRefused, 0},
	"not authorized, 200":               {200, `{"response":{"status":200,"message":"You are not authorized to access this resource","error":false}}`, senhasegura.KindRefused, 0},
	"OAuth 1.0":                         {400, `{"error":"Invalid signature"}`, senhasegura.KindAuth, 0},
	"client authentication, by the API": {400, `{"error":"invalid_client","message":"Client authentication failed"}`, senhasegura.KindAuth, 0},
	"rate limit":                        {429, `{"message":"API rate limit exceeded"}`, senhasegura.KindRateLimited, 0},
	"rate limit, no body":               {429, ``, senhasegura.KindRateLimited, 0},

	"unexpected error":                {500, `{"response":{"status":500,"message":"Unexpected error.","error":true}}`, senhasegura.KindLost, 0},
	"unexpected error inside 200":     {200, `{"response":{"status":500,"message":"Unexpected error.","error":true}}`, senhasegura.KindLost, 0},
	"server fault that claims a code": {500, refusal(500, 1007, "1007: Credential not found"), senhasegura.KindLost, 1007},
	"server fault inside 400":         {400, `{"response":{"status":503,"message":"Maintenance","error":true}}`, senhasegura.KindLost, 0},
	"upstream slow":                   {504, `{"message":"The upstream server is timing out"}`, senhasegura.KindLost, 0},
	"timed out, whatever status":      {400, `{"response":{"status":400,"message":"Request timed out.","error":true}}`, senhasegura.KindLost, 0},
	"empty":                           {200, ``, senhasegura.KindLost, 0},
	"204":                             {204, ``, senhasegura.KindLost, 0},
	"HTML":                            {200, `<html>ok</html>`, senhasegura.KindLost, 0},
	"HTML, 404":                       {404, `<html>nginx</html>`, senhasegura.KindLost, 0},
	"truncated JSON":                  {200, `{"response":{"status":200,"error":false`, senhasegura.KindLost, 0},
	"two answers":                     {200, `{"response":{"error":false}}{"response":{"error":true}}`, senhasegura.KindLost, 0},
	"no envelope":                     {200, `{"status":200,"message":"ok","error":false}`, senhasegura.KindLost, 0},
	"response is a string":            {200, `{"response":"ok"}`, senhasegura.KindLost, 0},
	"response is null":                {200, `{"response":null}`, senhasegura.KindLost, 0},
	"response says nothing":           {200, `{"response":{"message":"ok"}}`, senhasegura.KindLost, 0},
	"flag says nothing":               {200, `{"response":{"error":"maybe"}}`, senhasegura.KindLost, 0},
	"array":                           {200, `[{"response":{"error":false}}]`, senhasegura.KindLost, 0},
	"null":                            {200, `null`, senhasegura.KindLost, 0},
	"400 that says all is well":       {400, `{"response":{"status":200,"error":false}}`, senhasegura.KindLost, 0},
	"403 of an unknown proxy":         {403, `{"message":"Your IP address is not allowed"}`, senhasegura.KindLost, 0},
	"huge":                            {200, strings.Repeat(" ", 1<<20) + `{"response":{"error":false}}`, senhasegura.KindLost, 0},
}

func TestWhatAnAnswerMeans(t *testing.T) {
	for name, c := range answers {
		t.Run(name, func(t *testing.T) {
			client := rawClient(t, answerWith(c.status, c.body), nil)
			answer, err := client.ReleaseCustody(t.Context(), "12")
			if c.kind == done {
				if err != nil || answer.Already || answer.Status != c.status {
					t.Errorf("got %+v, %v", answer, err)
				}
				return
			}
			if e := mustFail(t, err, c.kind); e.Code != c.code || e.Status != c.status || !e.Sent || e.Op != senhasegura.OpReleaseCustody {
				t.Errorf("got %+v", e)
			}
		})
	}
}

func TestAlreadyOnlyInItsForms(t *testing.T) {
	inactive, active := refusal(400, 1008, "1008: Credential inactive"), refusal(400, 1043, "1043: Credential is already activated!")
	already := func(text string) string {
		return fmt.Sprintf(`{"response":{"status":200,"message":%q,"error":false}}`, text)
	}
	for name, c := range map[string]struct {
		call   string
		status int
		body   string
		want   senhasegura.Kind // "" means Already
	}{
		"deactivate 1008":              {"deactivate credential", 400, inactive, ""},
		"deactivate 1008 inside 200":   {"deactivate by name", 200, inactive, ""},
		"activate 1043":                {"activate credential", 400, active, ""},
		"password text":                {"activate password", 200, already("password has already been ACTIVATED."), ""},
		"secret text":                  {"deactivate secret", 200, already("Api secret has already been deactivated"), ""},
		"deactivate 1043":              {"deactivate credential", 400, active, senhasegura.KindRefused},
		"activate 1008":                {"activate credential", 400, inactive, senhasegura.KindRefused},
		"release 1008":                 {"release custody", 400, inactive, senhasegura.KindRefused},
		"deactivate 1008 under 500":    {"deactivate credential", 500, inactive, senhasegura.KindLost},
		"MySafe 1043":                  {"activate password", 400, active, senhasegura.KindRefused},
		"MySafe 1008":                  {"deactivate password", 400, inactive, senhasegura.KindRefused},
		"the opposite state":           {"deactivate password", 200, already("Password has already been activated"), senhasegura.KindLost},
		"the text under 400":           {"activate password", 400, `{"response":{"status":400,"message":"Password has already been activated","error":true}}`, senhasegura.KindRefused},
		"the text without an envelope": {"activate password", 200, `{"message":"Password has already been activated"}`, senhasegura.KindLost},
	} {
		t.Run(name, func(t *testing.T) {
			client := rawClient(t, answerWith(c.status, c.body), nil)
			for _, w := range writes() {
				if w.name != c.call {
					continue
				}
				answer, err := w.run(t.Context(), client)
				if c.want != "" {
					mustFail(t, err, c.want)
				} else if err != nil || !answer.Already {
					t.Errorf("got %+v, %v", answer, err)
				}
			}
		})
	}
}

func TestBrokenAnswersAreLost(t *testing.T) {
	for _, kind := range []senhaseguratest.FaultKind{senhaseguratest.HTML, senhaseguratest.Truncated, senhaseguratest.Empty,
		senhaseguratest.Huge, senhaseguratest.Drip, senhaseguratest.Upstream, senhaseguratest.Unexpected, senhaseguratest.Reset} {
		t.Run(string(kind), func(t *testing.T) {
			l := newLab(t, func(_ *senhaseguratest.Config, sc *senhasegura.Config) { sc.CallTimeout = 2 * time.Second })
			l.appliance.Inject(senhaseguratest.Fault{Path: "*/credential/5", Kind: kind, Act: true})
			_, err := l.client.DeactivateCredential(t.Context(), "5")
			if e := mustFail(t, err, senhasegura.KindLost); e.Definite() || e.Unchanged() {
				t.Errorf("got %+v", e)
			}
			if w := l.appliance.Writes(); len(w) != 1 {
				t.Errorf("got %v, want one write", w)
			}
		})
	}
}

func TestRetryAfter(t *testing.T) {
	for value, want := range map[string]time.Duration{
		"7": 7 * time.Second, "": 0, "soon": 0, "-3": 0, "99999999999": 24 * time.Hour,
		time.Now().Add(time.Hour).UTC().Format(http.TimeFormat):  time.Hour,
		time.Now().Add(-time.Hour).UTC().Format(http.TimeFormat): 0,
	} {
		l := newLab(t, nil)
		l.appliance.Inject(senhaseguratest.Fault{Path: "*/credential/5", Kind: senhaseguratest.RateLimited, RetryAfter: value})
		_, err := l.client.DeactivateCredential(t.Context(), "5")
		e := mustFail(t, err, senhasegura.KindRateLimited)
		if off := (want - e.RetryAfter).Abs(); off > 5*time.Second || want == 0 && off != 0 {
			t.Errorf("Retry-After %q: got %v, want %v", value, e.RetryAfter, want)
		}
	}
}

// TestRetryAfterByTheClockOfWhoAnswers: a date means the time until it, by the
// date of the answer itself.
func TestRetryAfterByTheClockOfWhoAnswers(t *testing.T) {
	l := newLab(t, nil)
	l.appliance.Inject(senhaseguratest.Fault{Path: "*/credential/5", Kind: senhaseguratest.RateLimited,
		RetryAfter: "Mon, 02 Jan 2012 03:04:17 GMT", Header: map[string]string{"Date": "Mon, 02 Jan 2012 03:04:07 GMT"}})
	_, err := l.client.DeactivateCredential(t.Context(), "5")
	if e := mustFail(t, err, senhasegura.KindRateLimited); e.RetryAfter != 10*time.Second {
		t.Errorf("got %v, want 10s", e.RetryAfter)
	}
}

func TestModuleThatIsNotConfigured(t *testing.T) {
	l := newLab(t, func(_ *senhaseguratest.Config, sc *senhasegura.Config) { sc.MySafe = senhasegura.Credentials{} })
	for _, run := range append(writes()[4:], lists()[1:]...) {
		_, err := run.run(t.Context(), l.client)
		if e := mustFail(t, err, senhasegura.KindNotConfigured); e.Sent || e.Module != senhasegura.MySafe {
			t.Errorf("got %+v", e)
		}
	}
	if calls := l.appliance.Calls(); len(calls) != 0 {
		t.Errorf("sent %v", calls)
	}
}

func TestMessagesAreVerbatimButBounded(t *testing.T) {
	long := "1007: a\u0000b\u202ec\nd " + strings.Repeat("ã", 600)
	client := rawClient(t, answerWith(400, refusal(400, 1007, long)), nil)
	_, err := client.DeactivateCredential(t.Context(), "5")
	e := mustFail(t, err, senhasegura.KindRefused)
	if !strings.HasPrefix(e.Message, "1007: abc d ãã") || utf8.RuneCountInString(e.Message) != 500 {
		t.Errorf("got %q (%d runes)", e.Message, utf8.RuneCountInString(e.Message))
	}
	if strings.Contains(err.Error(), "ã") {
		t.Errorf("foreign text in Error(): %v", err)
	}
}

func TestNothingSecretInErrorsOrLogs(t *testing.T) {
	faults := []senhaseguratest.Fault{
		{Path: "*/credential/5", Kind: senhaseguratest.Status, Status: 400, Body: `{"x":"body-secret"}`},
		{Path: "*/credential/5", Kind: senhaseguratest.Redirect, Location: "/?code=location-secret"},
		{Path: "*/credential/5", Kind: senhaseguratest.Redirect, Location: "http://%zz?code=location-secret"},
		{Path: "*/credential/5", Kind: senhaseguratest.Hang},
		{Path: "*/credential/5", Kind: senhaseguratest.TokenRejected},
		{Path: "*/oauth2/token", Kind: senhaseguratest.Status, Status: 401, Body: `{"error":"invalid_client","hint":"body-secret"}`},
		{Path: "*/oauth2/token", Kind: senhaseguratest.Status, Status: 500, Body: `body-secret`},
		{Path: "*/oauth2/token", Kind: senhaseguratest.Status, Status: 200, Body: `{"token":"body-secret"}`},
		{Path: "*/oauth2/token", Kind: senhaseguratest.Hang},
	}
	for _, f := range faults {
		l := newLab(t, func(_ *senhaseguratest.Config, sc *senhasegura.Config) { sc.CallTimeout = 50 * time.Millisecond })
		l.appliance.Inject(f)
		_, err := l.client.DeactivateCredential(t.Context(), "5")
		if err == nil {
			t.Fatal("no error")
		}
		said := fmt.Sprintf("%v %+v %#v %s", err, err, err, l.log)
		for _, secret := range []string{pamSecret, mySafeSecret, "body-secret", "location-secret", "token-1-of", "Bearer"} {
			if strings.Contains(said, secret) {
				t.Errorf("fault %+v: %q is in %s", f, secret, said)
			}
		}
	}
}

func TestMalformedHTTPIsNotQuoted(t *testing.T) {
	client := rawClient(t, func(w http.ResponseWriter, _ *http.Request) {
		conn, _, _ := w.(http.Hijacker).Hijack()
		conn.Write([]byte("body-secret\r\n\r\n"))
		conn.Close()
	}, nil)
	_, err := client.DeactivateCredential(t.Context(), "5")
	if mustFail(t, err, senhasegura.KindLost); strings.Contains(err.Error(), "body-secret") {
		t.Errorf("got %v", err)
	}
}

func TestSwitchingProtocolsDoesNotHoldTheCall(t *testing.T) {
	client := rawClient(t, func(w http.ResponseWriter, _ *http.Request) {
		conn, _, _ := w.(http.Hijacker).Hijack()
		conn.Write([]byte("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n"))
		conn.Read(make([]byte, 1)) // until the client closes
		conn.Close()
	}, nil)
	_, err := client.DeactivateCredential(t.Context(), "5")
	mustFail(t, err, senhasegura.KindLost)
}

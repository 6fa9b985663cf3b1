package senhasegura_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"senhasegura-bot/senhasegura"
)

// heads answers every request the same way, and returns what was heard of that
// and how a list and a token request failed.
func heads(t *testing.T, answer http.HandlerFunc) (list, token senhasegura.Head, faults []error) {
	t.Helper()
	var heard []senhasegura.Head
	note := func(h senhasegura.Head) { heard = append(heard, h) }
	client := rawClient(t, answer, func(c *senhasegura.Config) { c.Heard = note })
	_, err := client.ListCredentials(t.Context())
	faults = append(faults, err)
	list = heard[len(heard)-1]
	server := httptest.NewServer(answer)
	defer server.Close()
	c := bothModules()
	c.URL, c.Heard = mustURL(t, server.URL), note
	client = newClient(t, c)
	_, err = client.AskToken(t.Context(), senhasegura.PAMCore)
	return list, heard[len(heard)-1], append(faults, err)
}

// TestHeads: of an answer is told what a call does not look at, and nothing that
// was secret in the request.
func TestHeads(t *testing.T) {
	date := time.Date(2031, 5, 6, 7, 8, 9, 0, time.UTC)
	with := func(status int, kind, body string, header ...string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			r.ParseForm()
			w.Header().Set("Content-Type", kind)
			w.Header().Set("Date", date.Format(http.TimeFormat))
			for i := 0; i+1 < len(header); i += 2 {
				w.Header().Set(header[i], header[i+1])
			}
			w.WriteHeader(status)
			w.Write([]byte(strings.NewReplacer("TOKEN", r.Header.Get("Authorization"), "SECRET", r.PostForm.Get("client_secret")).Replace(body)))
		}
	}
	for _, c := range []struct {
		name     string
		answer   http.HandlerFunc
		kind     string
		begin    string
		location string
	}{
		{"a page", with(200, "text/html; charset=utf-8", "<html><head>\n<title>Sign\nin</title></head><body>x</body>"), "text/html", "Sign in", ""},
		{"a page without a title", with(502, "text/html", "<h1>Bad</h1><p>Gateway\u202e\x07</p>"), "text/html", "Bad Gateway", ""},
		{"plain text", with(403, "text/plain", "10.1.2.3 is not allowed"), "text/plain", "10.1.2.3 is not allowed", ""},
		{"JSON of another kind", with(400, "application/json", `{"detail":"no"}`), "application/json", `{"detail":"no"}`, ""},
		{"secrets handed back", with(400, "text/plain", "you sent [TOKEN] and [SECRET]"), "text/plain", "you sent [", ""},
		{"a redirect", with(302, "", "", "Location", "https://other.example:8443/login?next=hush"), "", "", "https://other.example:8443"},
		{"a redirect to nowhere", with(302, "", "", "Location", "http://%zz/"), "", "", ""},
		{"an error that PHP calls a page", with(401, "text/html", `{"detail":"no"}`), "text/html", `{"detail":"no"}`, ""},
		{"a token that PHP calls a page", with(200, "text/html", `{"access_token":"hush","expires_in":"1 hour"}`), "text/html", "", ""},
		{"a warning before a token", with(200, "text/html", `<b>Notice</b>: x {"access_token":"hush"}`), "text/html", "", ""},
		{"a success", with(200, "text/plain", "access_token=hush"), "text/plain", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			list, token, faults := heads(t, c.answer)
			if list.Path != "/api/pam/credential" || token.Path != "/api/oauth2/token" {
				t.Errorf("asked for %s and %s", list.Path, token.Path)
			}
			for _, h := range []senhasegura.Head{list, token} {
				if h.Type != c.kind || h.Location != c.location || !strings.HasPrefix(h.Begin, c.begin) || c.begin == "" && h.Begin != "" {
					t.Errorf("got %+v", h)
				}
				if !h.Date.Equal(date) || h.Answered.Before(h.Asked) || time.Since(h.Asked) > time.Minute {
					t.Errorf("the times are %+v", h)
				}
				for _, secret := range []string{"the-token", pamSecret, "hush"} {
					if strings.Contains(h.Begin+h.Location, secret) {
						t.Errorf("%q is in %+v", secret, h)
					}
				}
			}
			if c.name != "a success" && (faults[0] == nil || faults[1] == nil) {
				t.Errorf("the calls got %v", faults)
			}
		})
	}
}

// TestHeadsHideEveryForm: secrets in the forms that servers write them in, and
// one of which only the beginning is read.
func TestHeadsHideEveryForm(t *testing.T) {
	const secret = `a&b<c"d/e f`
	for _, body := range []string{"<p>a&amp;b&lt;c&#34;d/e f</p>", `{"x":"a\u0026b\u003cc\"d\/e f"}`, `{"x":"a\u0026b\u003cc\"d/e f"}`, "client_secret=a%26b%3Cc%22d%2Fe+f",
		secret, "<" + strings.Repeat("-", 4090) + ">" + secret, "<" + strings.Repeat("-", 4084) + ">" + "a&amp;b&lt;c"} {
		var head senhasegura.Head
		server := httptest.NewServer(answerWith(400, body))
		c := bothModules()
		c.URL, c.Heard = mustURL(t, server.URL), func(h senhasegura.Head) { head = h }
		c.PAM.Secret = func() string { return secret }
		client := newClient(t, c)
		_, err := client.AskToken(t.Context(), senhasegura.PAMCore)
		mustFail(t, err, senhasegura.KindAuth)
		server.Close()
		if strings.Contains(head.Begin, "a&") || strings.Contains(head.Begin, "a%26") || strings.Contains(head.Begin, `a\u`) {
			t.Errorf("of %.60q is told %q", body, head.Begin)
		}
	}
}

// TestHeadTakesNothingAway: an answer whose beginning was looked at is judged as
// ever, and only so much of it is told.
func TestHeadTakesNothingAway(t *testing.T) {
	var head senhasegura.Head
	client := rawClient(t, answerWith(500, `{"response":{"error":true,"message":"You are not authorized to access this resource."}}`+strings.Repeat(" ", 10_000)),
		func(c *senhasegura.Config) { c.Heard = func(h senhasegura.Head) { head = h } })
	_, err := client.ListCredentials(t.Context())
	if e := mustFail(t, err, senhasegura.KindRefused); e.Message != "You are not authorized to access this resource." {
		t.Errorf("got %+v", e)
	}
	long := rawClient(t, answerWith(500, strings.Repeat("ã", 10_000)), func(c *senhasegura.Config) { c.Heard = func(h senhasegura.Head) { head = h } })
	_, err = long.ListCredentials(t.Context())
	mustFail(t, err, senhasegura.KindLost)
	if n := utf8.RuneCountInString(head.Begin); n != 200 {
		t.Errorf("%d runes are told", n)
	}
}

package senhasegura

import (
	"bytes"
	"io"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
)

const (
	beginBytes = 4 << 10
	beginRunes = 200
)

// Head is what an HTTP answer shows that no call looks at, for who examines an installation.
type Head struct {
	Path     string // that was asked for
	Status   int
	Type     string    // media type, such as "text/html"; empty without a usable one
	Begin    string    // how a failure, or a page instead of data, begins: on one line, at most 200 runes, without what was secret in the request
	Location string    // of a redirect: scheme and host it leads to, without the rest; empty where that cannot be read
	Date     time.Time // by the clock of the one who answered, to the second; zero without
	Asked    time.Time // by ours
	Answered time.Time // by ours
}

// Page reports whether a page for people came instead of data.
func (h Head) Page() bool { return h.Type == "text/html" }

// listener tells heard of every answer before it is judged.
type listener struct {
	next  http.RoundTripper
	heard func(Head)
}

func (l listener) RoundTrip(r *http.Request) (*http.Response, error) {
	asked := time.Now()
	resp, err := l.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	h := Head{Path: r.URL.Path, Status: resp.StatusCode, Asked: asked, Answered: time.Now()}
	h.Type, _, _ = mime.ParseMediaType(resp.Header.Get("Content-Type"))
	h.Date, _ = http.ParseTime(resp.Header.Get("Date"))
	if to, err := resp.Location(); err == nil && to.Host != "" {
		h.Location = to.Scheme + "://" + to.Host
	}
	if resp.StatusCode >= 400 || h.Page() {
		h.Begin = begin(r, resp)
	}
	l.heard(h)
	return resp, nil
}

// begin reads how a body begins and puts it back.
func begin(r *http.Request, resp *http.Response) string {
	first, err := io.ReadAll(io.LimitReader(resp.Body, beginBytes))
	rest := io.Reader(resp.Body)
	if err != nil {
		rest = cut{err}
	}
	resp.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(first), rest), resp.Body}
	text := string(first)
	for _, secret := range secretsOf(r) {
		text = strings.ReplaceAll(text, secret, "…")
	}
	return clean(words(text), beginRunes)
}

var (
	title = regexp.MustCompile(`(?is)<title[^>]*>(.*?)</title>`)
	tags  = regexp.MustCompile(`(?s)<[^>]*>`)
)

// words are the title of a page, or else the text without tags.
func words(text string) string {
	if m := title.FindStringSubmatch(text); m != nil {
		return m[1]
	}
	return strings.Join(strings.Fields(tags.ReplaceAllString(text, " ")), " ")
}

// secretsOf are what an answer must not hand back: the token, or the secret that a token was asked with.
func secretsOf(r *http.Request) []string {
	var all []string
	if token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		all = append(all, token)
	}
	if r.GetBody == nil {
		return all
	}
	if body, err := r.GetBody(); err == nil {
		form, _ := io.ReadAll(body)
		values, _ := url.ParseQuery(string(form))
		if secret := values.Get("client_secret"); secret != "" {
			all = append(all, secret, url.QueryEscape(secret))
		}
	}
	return all
}

// cut is the rest of a body that broke off.
type cut struct{ err error }

func (c cut) Read([]byte) (int, error) { return 0, c.err }

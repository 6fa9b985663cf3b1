package senhasegura

import (
	"bytes"
	"io"
	"mime"
	"net/http"
	"regexp"
	"strings"
	"time"
)

const (
	beginBytes = 4 << 10
	beginRunes = 200
	hostBytes  = 260 // the longest name, and a port
)

// Head is what an HTTP answer shows that no call looks at, for who examines an installation.
type Head struct {
	Path     string // that was asked for
	Status   int
	Type     string    // media type, such as "text/html"; empty without a usable one
	Begin    string    // how a failure begins, or the title of a page instead of data: on one line, at most 200 runes, without what was secret in the request
	Location string    // of a redirect: scheme and host it leads to, without the rest; empty where that cannot be read
	Date     time.Time // by the clock of the one who answered, to the second; zero without
	Asked    time.Time // by ours
	Answered time.Time // by ours

	page bool
}

// Page reports whether a page for people came instead of data. PHP calls text/html whatever is not called
// otherwise, so its type alone makes none.
func (h Head) Page() bool { return h.page }

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
	kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	h.Type = clean(kind, beginRunes)
	h.Date, _ = http.ParseTime(resp.Header.Get("Date"))
	if to, err := resp.Location(); err == nil && to.Host != "" && len(to.Host) <= hostBytes {
		h.Location = to.Scheme + "://" + to.Host
	}
	if resp.StatusCode >= 400 || h.Type == "text/html" {
		h.begins(r, resp)
	}
	l.heard(h)
	return resp, nil
}

// begins reads how a body begins and puts it back. Of a success only a page's title is told: the rest may be
// what was asked for.
func (h *Head) begins(r *http.Request, resp *http.Response) {
	first, err := io.ReadAll(io.LimitReader(resp.Body, beginBytes))
	rest := io.Reader(resp.Body)
	if err != nil {
		rest = cut{err}
	}
	resp.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(first), rest), resp.Body}
	secrets := secretsOf(r)
	text := hide(strings.TrimPrefix(string(first), byteOrderMark), secrets)
	if len(first) == beginBytes {
		text = withoutHalf(text, secrets)
	}
	h.page = h.Type == "text/html" && strings.HasPrefix(strings.TrimSpace(text), "<")
	if said := words(text, h.Status >= 400); h.page || h.Status >= 400 {
		h.Begin = clean(said, beginRunes)
	}
}

var (
	title = regexp.MustCompile(`(?is)<title[^>]*>(.*?)</title>`)
	tags  = regexp.MustCompile(`(?s)<[^>]*>`)
)

// words are the title of a page, or else, if wanted, the text without tags.
func words(text string, all bool) string {
	if m := title.FindStringSubmatch(text); m != nil {
		return m[1]
	}
	if !all {
		return ""
	}
	return strings.Join(strings.Fields(tags.ReplaceAllString(text, " ")), " ")
}

// cut is the rest of a body that broke off.
type cut struct{ err error }

func (c cut) Read([]byte) (int, error) { return 0, c.err }

package bot

import (
	"net/http"
	"path"
	"strconv"
	"sync"
	"time"

	"github.com/slack-go/slack"
)

// Limits is the http.RoundTripper under a slack.Client that keeps to what Slack
// says of its rates: once an answer carries Retry-After, no call of that method
// leaves before it is over. Such a call fails at once with a
// *slack.RateLimitedError that says what is left, as if Slack had answered so: a
// card is put back with its time, and a look-up fails closed without waiting.
//
// Slack counts by method, app and workspace (docs.slack.dev/apis/web-api/rate-limits),
// and a process has one of each of the latter two, so the method is the key. Only
// chat.postMessage counts by channel besides, about one message a second, and
// its 429 does not say which of the two was meant. The whole method waits then:
// to post on against a limit of the workspace is what Slack forbids, and where
// the channel was meant the others wait for about a second.
//
// There is no limiter ahead of an answer: what Slack takes today is Slack's to
// say. Each process keeps to what it was told itself.
type Limits struct {
	// Next sends what may leave; required.
	Next http.RoundTripper

	mu    sync.Mutex
	until map[string]time.Time
}

// RoundTrip implements http.RoundTripper.
func (l *Limits) RoundTrip(r *http.Request) (*http.Response, error) {
	method := path.Base(r.URL.Path)
	if left := l.left(method); left > 0 {
		if r.Body != nil {
			r.Body.Close()
		}
		return nil, &slack.RateLimitedError{RetryAfter: left}
	}
	answer, err := l.Next.RoundTrip(r)
	if err == nil && answer.StatusCode != http.StatusOK {
		l.hold(method, retryAfter(answer.Header.Get("Retry-After")))
	}
	return answer, err
}

// left is how long calls of a method are still to wait.
func (l *Limits) left(method string) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return time.Until(l.until[method])
}

// hold keeps calls of a method back for d, or for longer if that was said before.
func (l *Limits) hold(method string, d time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.until == nil {
		l.until = map[string]time.Time{}
	}
	if until := time.Now().Add(d); until.After(l.until[method]) {
		l.until[method] = until
	}
}

// retryAfter reads the header: whole seconds, as Slack sends them, or a date, as
// what stands in front of it may. Zero is none.
func retryAfter(said string) time.Duration {
	if seconds, err := strconv.ParseInt(said, 10, 32); err == nil {
		return max(time.Duration(seconds)*time.Second, 0)
	}
	if at, err := http.ParseTime(said); err == nil {
		return max(time.Until(at), 0)
	}
	return 0
}

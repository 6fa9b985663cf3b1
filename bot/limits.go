package bot

import (
	"context"
	"io"
	"net/http"
	"net/url"
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
// say. But once it has said so, hundreds of cards may wait for the same moment.
// They do not all leave then: one does, and for each answer that is no refusal
// one more at a time, so that Slack is asked too often as seldom as can be. The
// others wait for that, as long as their contexts allow. This is counted by
// channel where Slack does, so that a busy channel keeps no other waiting. Nor
// may it take every turn: what goes to a channel that was not refused itself
// waits here for the moment where it can, and so leaves in it, while what was
// refused comes back later.
//
// Each process keeps to what it was told itself.
type Limits struct {
	// Next sends what may leave; required.
	Next http.RoundTripper

	mu    sync.Mutex
	until map[string]time.Time // by method: nothing leaves before
	lines map[string]*line     // by method, and channel where Slack counts so
}

// line is where calls wait that may not leave all at once. Limits.mu guards it.
type line struct {
	channel bool          // whether it is of one channel
	room    int           // how many may be under way; 0 is any number
	under   int           // how many are
	moved   chan struct{} // closed and replaced when one comes back
}

// wide is from which room on any number may leave again.
const wide = 16

// RoundTrip implements http.RoundTripper.
func (l *Limits) RoundTrip(r *http.Request) (*http.Response, error) {
	method := path.Base(r.URL.Path)
	waiting := l.line(method, channelOf(method, r))
	if err := l.enter(r.Context(), method, waiting); err != nil {
		if r.Body != nil {
			r.Body.Close()
		}
		return nil, err
	}
	answer, err := l.Next.RoundTrip(r)
	l.leave(method, waiting, answer)
	return answer, err
}

// channelOf is the channel of a post.
func channelOf(method string, r *http.Request) string {
	if method != "chat.postMessage" || r.GetBody == nil {
		return ""
	}
	body, err := r.GetBody()
	if err != nil {
		return ""
	}
	defer body.Close()
	text, _ := io.ReadAll(body)
	form, _ := url.ParseQuery(string(text)) // unreadable: as if it named none
	return " " + form.Get("channel")
}

func (l *Limits) line(method, channel string) *line {
	name := method + channel
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.lines == nil {
		l.lines, l.until = map[string]*line{}, map[string]time.Time{}
	}
	if l.lines[name] == nil {
		l.lines[name] = &line{channel: channel != "", moved: make(chan struct{})}
	}
	return l.lines[name]
}

// enter waits for room, or fails while Slack wants to be spared.
func (l *Limits) enter(ctx context.Context, method string, in *line) error {
	for {
		l.mu.Lock()
		left, room, moved := time.Until(l.until[method]), in.room == 0 || in.under < in.room, in.moved
		calm := in.channel && in.room == 0
		if left <= 0 && room {
			in.under++
		}
		l.mu.Unlock()
		var over <-chan time.Time
		switch {
		case left > 0 && !(calm && inTime(ctx, left)):
			return &slack.RateLimitedError{RetryAfter: left}
		case left > 0:
			over = time.After(left)
		case room:
			return nil
		}
		select {
		case <-over:
		case <-moved:
		case <-ctx.Done(): // it did not leave, and must not count as sent
			return &slack.RateLimitedError{RetryAfter: time.Second}
		}
	}
}

// inTime reports whether a wait ends before the context does; one without an end
// is not kept waiting.
func inTime(ctx context.Context, wait time.Duration) bool {
	end, ends := ctx.Deadline()
	return ends && time.Until(end) > wait
}

// leave notes what came back; answer may be nil.
func (l *Limits) leave(method string, in *line, answer *http.Response) {
	l.mu.Lock()
	defer l.mu.Unlock()
	in.under--
	switch wait := spared(answer); {
	case wait > 0:
		in.room = 1
		if until := time.Now().Add(wait); until.After(l.until[method]) { // of two that crossed, the longer holds
			l.until[method] = until
		}
	case answer != nil && in.room > 0:
		in.room = (in.room + 1) % wide
	}
	close(in.moved)
	in.moved = make(chan struct{})
}

// spared is how long an answer asks for no more calls.
func spared(answer *http.Response) time.Duration {
	if answer == nil || answer.StatusCode == http.StatusOK {
		return 0
	}
	return retryAfter(answer.Header.Get("Retry-After"))
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

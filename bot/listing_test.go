package bot_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/slack-go/slack"

	"senhasegura-bot/approvals"
	"senhasegura-bot/bot"
	"senhasegura-bot/bot/fakeslack"
)

// town is a workspace of n people, named U00000 and so on, and the directory
// of the bot in it. Calls reach it without a network, so that hours pass at once.
type town struct {
	*fakeslack.Workspace
	people   *bot.People
	everyone []string
	answered func(*http.Request) // called when an answer is on its way
}

func newTown(n int) *town {
	w := &town{Workspace: fakeslack.New(fakeslack.Config{}), answered: func(*http.Request) {}}
	w.SetURL("http://slack.test")
	for i := range n {
		w.everyone = append(w.everyone, fmt.Sprintf("U%05d", i))
		w.AddUser(fakeslack.User{ID: w.everyone[i], Name: w.everyone[i]})
	}
	w.people = bot.NewPeople(bot.PeopleConfig{
		API:  slack.New("xoxb-fake", slack.OptionAPIURL("http://slack.test/api/"), slack.OptionHTTPClient(w)),
		Home: bot.Home{Team: "T0FAKE", BotUser: "U0BOT"}, IdentityAge: time.Minute, Logger: slog.New(slog.DiscardHandler),
	})
	return w
}

// Do is the wire.
func (w *town) Do(r *http.Request) (*http.Response, error) {
	answer := httptest.NewRecorder()
	w.Handler().ServeHTTP(answer, r)
	w.answered(r)
	return answer.Result(), r.Context().Err()
}

// departs deactivates somebody; Slack says so.
func (w *town) departs(t *testing.T, user string) {
	w.UpdateUser(user, func(u *fakeslack.User) { u.Deleted = true })
	var e bot.Event
	if err := json.Unmarshal(fmt.Appendf(nil, `{"event":{"type":"user_change","user":{"id":%q}}}`, user), &e); err != nil {
		t.Error(err)
	}
	bot.New(bot.Config{People: w.people}).Event(e)
}

// TestListStaysFreshAndSlow: the list is never older than ten
// minutes, and users.list never called more than twenty times a minute.
func TestListStaysFreshAndSlow(t *testing.T) {
	for _, people := range []int{3, 19_999, 30_000} {
		t.Run(fmt.Sprint(people), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { freshAndSlow(t, people) })
		})
	}
}

func freshAndSlow(t *testing.T, people int) {
	w := newTown(people)
	defer w.Close()
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- w.people.Run(ctx) }()
	time.Sleep(5 * time.Minute) // of the bubble's time: the first reading
	group := w.everyone[:min(people, 2000)]
	for minute := range 15 {
		found, err := w.people.Accounts(ctx, group, approvals.AgeCounting)
		if err != nil || len(found) != len(group) {
			t.Fatalf("after %d minutes %d of %d people are known: %v", minute, len(found), len(group), err)
		}
		time.Sleep(time.Minute)
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
	calls := w.Calls("users.list")
	for i := 20; i < len(calls); i++ {
		if calls[i].At.Sub(calls[i-20].At) < time.Minute {
			t.Fatalf("21 calls of users.list within %s", calls[i].At.Sub(calls[i-20].At))
		}
	}
	if n := len(w.Calls("users.info")); people > 20 && n != 0 {
		t.Errorf("users.info was called %d times", n)
	}
}

// TestChangedWhileTheListIsRead: somebody who changes while the page that names
// them is on its way is asked about, and so is whoever changed before or after;
// nobody else is.
func TestChangedWhileTheListIsRead(t *testing.T) {
	w := newTown(2500)
	defer w.Close()
	var page atomic.Int32 // later questions come side by side
	w.answered = func(r *http.Request) {
		if page.Add(1) == 2 && strings.HasSuffix(r.URL.Path, "users.list") {
			w.departs(t, "U00010") // on the page before
			w.departs(t, "U01500") // on this one
			w.departs(t, "U02400") // on the next, which is true already
		}
	}
	if err := w.people.Refresh(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	w.departs(t, "U00020")
	found, err := w.people.Accounts(t.Context(), w.everyone, approvals.AgeCounting)
	if err != nil || len(found) != 2500 {
		t.Fatalf("%d people, %v", len(found), err)
	}
	var gone, asked []string
	for _, a := range found {
		if !a.Member {
			gone = append(gone, a.User)
		}
	}
	for _, c := range w.Calls("users.info") {
		asked = append(asked, c.Args["user"])
	}
	slices.Sort(gone)
	slices.Sort(asked)
	if want := []string{"U00010", "U00020", "U01500", "U02400"}; !slices.Equal(gone, want) {
		t.Errorf("gone are %v, want %v", gone, want)
	}
	if want := []string{"U00010", "U00020", "U01500"}; !slices.Equal(asked, want) {
		t.Errorf("asked about %v, want %v", asked, want)
	}
}

// TestCountingWithoutAList: some are asked about; what they do not show is not
// claimed.
func TestCountingWithoutAList(t *testing.T) {
	w := newTown(2000)
	defer w.Close()
	found, err := w.people.Accounts(t.Context(), w.everyone, approvals.AgeCounting)
	if err != nil || len(found) != 60 || len(w.Calls("users.info")) != 60 {
		t.Errorf("%d people found by %d calls, want 60: %v", len(found), len(w.Calls("users.info")), err)
	}
	if _, err = w.people.Accounts(t.Context(), w.everyone, approvals.AgeCounting); err != nil || len(w.Calls("users.info")) != 60 {
		t.Errorf("%d calls after counting twice, want 60: %v", len(w.Calls("users.info")), err)
	}
	for _, user := range w.everyone[:50] {
		w.departs(t, user)
	}
	if _, err = w.people.Accounts(t.Context(), w.everyone, approvals.AgeCounting); err == nil {
		t.Error("ten of sixty are members, and the other 1940 are taken for nobody")
	}
}

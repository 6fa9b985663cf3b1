package fakeslack

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestTokens(t *testing.T) {
	s := newScene(t, Config{Scopes: []string{"chat:write"}})
	s.must("auth.test")
	s.refused("missing_scope", "users.info", "user", "U1")
	s.refused("not_allowed_token_type", "apps.connections.open")
	for token, code := range map[string]string{"": "not_authed", "xoxb-other": "invalid_auth", "xapp-fake": "not_allowed_token_type"} {
		res, err := http.PostForm(s.server+"/api/auth.test", url.Values{"token": {token}})
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if calls := s.Calls("auth.test"); calls[len(calls)-1].Error != code || calls[len(calls)-1].Args["token"] != "" {
			t.Errorf("token %q: %+v, want %s and no token kept", token, calls[len(calls)-1], code)
		}
	}
	s.refused("unknown_method", "chat.shout")
}

func TestPosting(t *testing.T) {
	s := newScene(t, Config{})
	s.AddChannel(Channel{ID: "C2", Name: "public"})
	s.AddChannel(Channel{ID: "G1", Name: "secret", Private: true, Members: []string{"U1"}})
	s.AddChannel(Channel{ID: "C3", Name: "old", Archived: true, Members: []string{"U0BOT"}})
	s.refused("not_in_channel", "chat.postMessage", "channel", "C2", "text", "x")
	s.refused("channel_not_found", "chat.postMessage", "channel", "G1", "text", "x")
	s.refused("channel_not_found", "conversations.info", "channel", "G1")
	s.refused("is_archived", "chat.postMessage", "channel", "C3", "text", "x")
	s.refused("no_text", "chat.postMessage", "channel", "C1")
	s.refused("msg_too_long", "chat.postMessage", "channel", "C1", "text", long(40001))
	s.refused("user_not_in_channel", "chat.postEphemeral", "channel", "C1", "user", "U9", "text", "x")
	bad := s.refused("invalid_blocks", "chat.postMessage", "channel", "C1", "text", "x", "blocks", `[{"type":"header"}]`)
	if said := fmt.Sprint(bad["response_metadata"]); !strings.Contains(said, "[ERROR] missing required field: text [json-pointer:/blocks/0]") {
		t.Errorf("said %s", said)
	}
	dm := s.must("conversations.open", "users", "U1")["channel"].(map[string]any)["id"].(string)
	s.must("chat.postMessage", "channel", dm, "text", "x")
	s.must("chat.postMessage", "channel", "U1", "text", "y")
	if n := len(s.Messages(dm)); n != 2 {
		t.Errorf("the DM holds %d messages, want 2", n)
	}
}

func TestAnUpdateWithoutBlocksRemovesThem(t *testing.T) {
	s := newScene(t, Config{})
	card := s.card()
	s.must("chat.update", "channel", "C1", "ts", card.TS, "text", "done")
	m, _ := s.Message(card)
	if m.Blocks != nil || len(Buttons(m)) != 0 || m.Metadata == nil || len(m.History) != 2 {
		t.Errorf("after the update: %+v", m)
	}
	if m.History[0].Blocks == nil {
		t.Error("the history lost what was shown first")
	}
	said := s.Say("U1", "C1", "", "hello")
	s.refused("cant_update_message", "chat.update", "channel", "C1", "ts", said.TS, "text", "x")
	s.refused("message_not_found", "chat.update", "channel", "C1", "ts", "1.2", "text", "x")
	s.refused("msg_too_long", "chat.update", "channel", "C1", "ts", card.TS, "text", long(4001))
}

func TestThreadsAndLinks(t *testing.T) {
	s := newScene(t, Config{})
	card := s.card()
	s.must("chat.postMessage", "channel", "C1", "thread_ts", card.TS, "text", "done <@U1>", "reply_broadcast", "true")
	thread := s.Thread("C1", card.TS)
	if len(thread) != 1 || !thread[0].Broadcast || !slices.Equal(Mentions(thread[0]), []string{"U1"}) {
		t.Errorf("thread: %+v", thread)
	}
	s.refused("thread_not_found", "chat.postMessage", "channel", "C1", "thread_ts", "1.2", "text", "x")
	link := s.must("chat.getPermalink", "channel", "C1", "message_ts", card.TS)["permalink"]
	if want := s.server + "/archives/C1/p" + strings.ReplaceAll(card.TS, ".", ""); link != want {
		t.Errorf("permalink %v, want %s", link, want)
	}
}

func TestPaging(t *testing.T) {
	s := newScene(t, Config{})
	for i := range 7 {
		s.AddUser(User{ID: fmt.Sprintf("UX%d", i), Name: fmt.Sprintf("x%d", i)})
		s.Join("C1", fmt.Sprintf("UX%d", i))
	}
	var seen []string
	cursor, pages := "", 0
	for {
		out := s.must("conversations.members", "channel", "C1", "limit", "3", "cursor", cursor)
		for _, m := range out["members"].([]any) {
			seen = append(seen, m.(string))
		}
		pages++
		cursor = out["response_metadata"].(map[string]any)["next_cursor"].(string)
		if cursor == "" {
			break
		}
	}
	slices.Sort(seen)
	if len(slices.Compact(seen)) != 10 || pages != 4 {
		t.Errorf("%d members in %d pages, want 10 in 4", len(seen), pages)
	}
	s.refused("invalid_cursor", "users.list", "cursor", "nonsense")
	s.refused("invalid_limit", "users.list", "limit", "many")
}

func TestPeople(t *testing.T) {
	s := newScene(t, Config{})
	ask := func() map[string]any {
		return s.must("users.info", "user", "U1", "include_locale", "true")["user"].(map[string]any)
	}
	if u := ask(); u["locale"] != "pt-BR" || u["is_restricted"] != false || u["team_id"] != "T0FAKE" {
		t.Errorf("a full member: %v", u)
	}
	s.UpdateUser("U1", func(u *User) { u.IsStranger, u.TeamID = true, "T9" })
	if u := ask(); u["locale"] != nil || u["is_stranger"] != true || u["team_id"] != "T9" {
		t.Errorf("a stranger: %v", u)
	}
	s.UpdateUser("U1", func(u *User) { u.IsStranger, u.Deleted = false, true })
	if u := ask(); u["deleted"] != true || u["is_restricted"] != nil {
		t.Errorf("a deleted account: %v", u)
	}
	s.refused("user_not_found", "users.info", "user", "U9")
	s.SetGroupUsers("S1", "U2")
	if users := s.must("usergroups.users.list", "usergroup", "S1")["users"]; fmt.Sprint(users) != "[U2]" {
		t.Errorf("group: %v", users)
	}
	s.refused("no_such_subteam", "usergroups.users.list", "usergroup", "S9")
	if n := len(s.Calls("users.info")); n != 4 {
		t.Errorf("the journal holds %d calls of users.info, want 4", n)
	}
}

func TestFaults(t *testing.T) {
	const long = 30 * time.Second
	s := newScene(t, Config{})
	post := func(patience time.Duration) (*http.Response, error) {
		client := &http.Client{Timeout: patience, Transport: &http.Transport{DisableKeepAlives: true}}
		return client.PostForm(s.server+"/api/chat.postMessage", url.Values{"token": {"xoxb-fake"}, "channel": {"C1"}, "text": {"x"}})
	}
	s.Fail("chat.postMessage", Fault{RetryAfter: 1500 * time.Millisecond})
	res, err := post(long)
	if err != nil || res.StatusCode != 429 || res.Header.Get("Retry-After") != "2" {
		t.Errorf("rate limit: %v %v", res, err)
	}
	s.Fail("*", Fault{Status: 503})
	if res, err = post(long); err != nil || res.StatusCode != 503 {
		t.Errorf("outage: %v %v", res, err)
	}
	s.Fail("chat.postMessage", Fault{Reset: true, AfterActing: true})
	if _, err = post(long); err == nil {
		t.Error("the connection was not reset")
	}
	if n := len(s.Messages("C1")); n != 1 {
		t.Errorf("%d messages, want the one whose answer was lost", n)
	}
	s.Fail("chat.postMessage", Fault{Hang: true, Times: -1})
	var timeout net.Error
	if _, err = post(200 * time.Millisecond); !errors.As(err, &timeout) || !timeout.Timeout() {
		t.Errorf("hang: %v", err)
	}
	s.Heal("chat.postMessage")
	s.Fail("chat.postMessage", Fault{Delay: 50 * time.Millisecond})
	start := time.Now()
	if s.must("chat.postMessage", "channel", "C1", "text", "slow"); time.Since(start) < 50*time.Millisecond {
		t.Error("the delay was not kept")
	}
	over := make(chan struct{})
	close(over)
	s.Fail("chat.postMessage", Fault{Delay: time.Hour, Until: over})
	s.must("chat.postMessage", "channel", "C1", "text", "no longer slow")
	s.Fail("chat.postMessage", Fault{Error: "fatal_error", When: func(c Call) bool { return c.Args["channel"] == "C9" }})
	s.must("chat.postMessage", "channel", "C1", "text", "x")
	s.refused("fatal_error", "chat.postMessage", "channel", "C9", "text", "x")
}

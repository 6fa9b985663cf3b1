package fakeslack

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// The vector is the one on docs.slack.dev/authentication/verifying-requests-from-slack.
func TestSignatureVector(t *testing.T) {
	body := "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar" +
		"&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=" +
		"&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN" +
		"&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
	got := Signature("8f742231b10e8888abcd99yyyzzz85a5", 1531420618, []byte(body))
	if want := "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestCommand(t *testing.T) {
	s := newScene(t, Config{})
	var form url.Values
	s.bot = func(rw http.ResponseWriter, r *http.Request, f url.Values) {
		form = f
		raw := f.Get("raw")
		if r.URL.Path != "/slack/commands" || r.Header.Get("X-Slack-Request-Timestamp") != "1700000000" ||
			r.Header.Get("X-Slack-Signature") != Signature("fake-signing-secret", 1700000000, []byte(raw)) {
			t.Errorf("delivered to %s with %v", r.URL.Path, r.Header)
		}
		rw.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(rw, `{"text":"only you"}`)
	}
	reply, err := s.Command("U1", "C1", "/pam", "deactivate 5 <b> & @bruno asks @sre in #incident, root@db1 @nobody")
	if err != nil || reply.Text() != "only you" {
		t.Fatalf("%+v, %v", reply, err)
	}
	if got, want := form.Get("text"), "deactivate 5 &lt;b&gt; &amp; <@U2|bruno> asks <!subteam^S1|@sre> in <#C1|incident>, root@db1 @nobody"; got != want {
		t.Errorf("text %q, want %q", got, want)
	}
	if form.Get("channel_name") != "incident" || form.Get("user_name") != "ana" || form.Get("trigger_id") == "" {
		t.Errorf("form %v", form)
	}
	if e := s.Ephemerals("U1"); len(e) != 1 || e[0].Via != "command" || len(s.Ephemerals("U2")) != 0 || len(s.Messages("C1")) != 0 {
		t.Errorf("shown: %+v", e)
	}
}

func TestAutolink(t *testing.T) {
	s := newScene(t, Config{Autolink: true})
	form, err := s.CommandForm("U1", "C1", "/pam", "deactivate root@db.example.com see https://x.example/a?b=1")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := form.Get("text"), "deactivate <mailto:root@db.example.com|root@db.example.com> see <https://x.example/a?b=1>"; got != want {
		t.Errorf("text %q, want %q", got, want)
	}
}

func TestABotThatFailsToAnswer(t *testing.T) {
	tests := []struct {
		name, shown string
		bot         func(http.ResponseWriter, *http.Request, url.Values)
		want        error
	}{
		{"too late", "operation_timeout", func(_ http.ResponseWriter, r *http.Request, _ url.Values) { <-r.Context().Done() }, ErrTimeout},
		{"server error", "dispatch_failed", func(rw http.ResponseWriter, _ *http.Request, _ url.Values) { rw.WriteHeader(500) }, ErrDispatch},
		{"redirect", "dispatch_failed", func(rw http.ResponseWriter, _ *http.Request, _ url.Values) { rw.WriteHeader(302) }, ErrDispatch},
		{"bad blocks", "dispatch_failed", func(rw http.ResponseWriter, _ *http.Request, _ url.Values) {
			rw.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(rw, `{"text":"x","blocks":[{"type":"header"}]}`)
		}, ErrDispatch},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			patience := 30 * time.Second
			if tt.want == ErrTimeout {
				patience = 100 * time.Millisecond
			}
			s := newScene(t, Config{Timeout: patience})
			s.bot = tt.bot
			if _, err := s.Command("U1", "C1", "/pam", "help"); !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
			if e := s.Ephemerals("U1"); len(e) != 1 || e[0].Via != "slackbot" || !strings.Contains(e[0].Text, tt.shown) {
				t.Errorf("shown: %+v", e)
			}
		})
	}
}

func TestClick(t *testing.T) {
	s := newScene(t, Config{})
	card := s.card()
	var p map[string]any
	s.bot = func(_ http.ResponseWriter, _ *http.Request, f url.Values) {
		p = nil
		_ = json.Unmarshal([]byte(f.Get("payload")), &p)
	}
	if _, err := s.Click("U2", card, "approve"); err != nil {
		t.Fatal(err)
	}
	action := p["actions"].([]any)[0].(map[string]any)
	message := p["message"].(map[string]any)
	if p["type"] != "block_actions" || action["value"] != "opaque" || action["block_id"] != "acts" || message["metadata"] == nil ||
		p["user"].(map[string]any)["id"] != "U2" || p["container"].(map[string]any)["message_ts"] != card.TS {
		t.Errorf("payload %v", p)
	}
	old, _ := s.Message(card)
	s.must("chat.update", "channel", "C1", "ts", card.TS, "text", "done")
	if _, err := s.Click("U2", card, "approve"); !errors.Is(err, ErrNoButton) {
		t.Errorf("pressing what is gone: %v", err)
	}
	if _, err := s.ClickOld("U2", old, "approve"); err != nil || p["actions"] == nil {
		t.Errorf("pressing an old copy: %v", err)
	}
	claim := MessageRef{"C7", "7.7"}
	if _, err := s.Press(Press{User: "U2", Old: &old, ActionID: "approve", Value: "forged", Claim: &claim}); err != nil {
		t.Fatal(err)
	}
	if p["actions"].([]any)[0].(map[string]any)["value"] != "forged" || p["channel"].(map[string]any)["id"] != "C7" {
		t.Errorf("forged payload %v", p)
	}
}

func TestResponseURL(t *testing.T) {
	s := newScene(t, Config{})
	card := s.card()
	var link string
	s.bot = func(_ http.ResponseWriter, _ *http.Request, f url.Values) {
		var p struct {
			URL string `json:"response_url"`
		}
		_ = json.Unmarshal([]byte(f.Get("payload")), &p)
		link = p.URL
	}
	click := func() {
		if _, err := s.Click("U2", card, "approve"); err != nil {
			t.Fatal(err)
		}
	}
	use := func(body string) int {
		res, err := http.Post(link, "application/json", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		return res.StatusCode
	}
	click()
	for i := range responseUses {
		if status := use(`{"text":"not you"}`); status != 200 {
			t.Fatalf("use %d: %d", i+1, status)
		}
	}
	if status := use(`{"text":"once more"}`); status != 404 || len(s.Ephemerals("U2")) != 5 {
		t.Errorf("the sixth use: %d, %d shown", status, len(s.Ephemerals("U2")))
	}
	click()
	if use(`{"text":"pointer","replace_original":true}`); PlainText(s.Messages("C1")[0]) != "pointer" {
		t.Errorf("replace_original: %+v", s.Messages("C1")[0])
	}
	s.clock.advance(responseLife + time.Second)
	if status := use(`{"text":"late"}`); status != 404 {
		t.Errorf("after thirty minutes: %d", status)
	}
}

func TestEventsAndRetries(t *testing.T) {
	s := newScene(t, Config{})
	var ids, retries []string
	s.bot = func(rw http.ResponseWriter, r *http.Request, f url.Values) {
		var p struct {
			ID        string `json:"event_id"`
			Challenge string `json:"challenge"`
		}
		_ = json.Unmarshal([]byte(f.Get("raw")), &p)
		ids, retries = append(ids, p.ID), append(retries, r.Header.Get("X-Slack-Retry-Num"))
		_, _ = io.WriteString(rw, p.Challenge)
	}
	ack, err := s.Event("channel_rename", map[string]any{"channel": map[string]any{"id": "C1"}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.RetryEvent(ack.Delivery, 1, "http_timeout"); err != nil {
		t.Fatal(err)
	}
	if ids[0] == "" || ids[0] != ids[1] || retries[1] != "1" {
		t.Errorf("ids %v, retries %v", ids, retries)
	}
	if _, err := s.URLVerification(); err != nil {
		t.Error(err)
	}
}

func TestManyPeopleAtOnce(t *testing.T) {
	s := newScene(t, Config{Timeout: 30 * time.Second})
	card := s.card()
	s.bot = func(rw http.ResponseWriter, r *http.Request, _ url.Values) {
		s.Say("U2", "C1", card.TS, "meanwhile")
	}
	const people = 50
	faults := make(chan error, people)
	for range people {
		go func() {
			_, err := s.Click("U1", card, "approve")
			faults <- err
		}()
	}
	for range people {
		if err := <-faults; err != nil {
			t.Error(err)
		}
	}
	err := s.WaitFor(soon(t), func() bool { return len(s.Thread("C1", card.TS)) == people && len(s.Deliveries()) == people })
	if err != nil {
		t.Errorf("%d replies and %d deliveries: %v", len(s.Thread("C1", card.TS)), len(s.Deliveries()), err)
	}
	seen := map[string]bool{}
	for _, m := range s.Messages("C1") {
		seen[m.TS] = true
	}
	if len(seen) != people+1 {
		t.Errorf("%d different timestamps, want %d", len(seen), people+1)
	}
}

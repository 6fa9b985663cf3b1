package fakeslack

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
)

// clock is a workspace clock a test moves.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// scene is a workspace with Ana, Bruno and a bot whose answers a test decides.
type scene struct {
	*Workspace
	t      *testing.T
	clock  *clock
	server string
	bot    func(rw http.ResponseWriter, r *http.Request, form url.Values)
}

func newScene(t *testing.T, cfg Config) *scene {
	t.Helper()
	s := &scene{t: t, clock: &clock{now: time.Unix(1700000000, 0)}}
	cfg.Now = s.clock.Now
	s.Workspace = New(cfg)
	slack := httptest.NewServer(s.Handler())
	bot := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		form, _ := url.ParseQuery(string(body))
		form.Set("raw", string(body))
		if s.bot != nil {
			s.bot(rw, r, form)
		}
	}))
	t.Cleanup(func() { s.Close(); slack.Close(); bot.Close() })
	s.server = slack.URL
	s.SetURL(slack.URL)
	s.SetBot(bot.URL)
	s.AddUser(User{ID: "U1", Name: "ana", RealName: "Ana", Locale: "pt-BR"})
	s.AddUser(User{ID: "U2", Name: "bruno", RealName: "Bruno"})
	s.AddGroup(Group{ID: "S1", Handle: "sre", Name: "SRE", Users: []string{"U1", "U2"}})
	s.AddChannel(Channel{ID: "C1", Name: "incident", Members: []string{"U0BOT", "U1", "U2"}})
	return s
}

// api calls a method as the bot does, with a form body.
func (s *scene) api(method string, pairs ...string) map[string]any {
	s.t.Helper()
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	req, err := http.NewRequest(http.MethodPost, s.server+"/api/"+method, strings.NewReader(form.Encode()))
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Content-Type", formType)
	req.Header.Set("Authorization", "Bearer xoxb-fake")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	var out map[string]any
	if err := json.NewDecoder(res.Body).Decode(&out); err != nil {
		s.t.Fatalf("%s: status %d: %v", method, res.StatusCode, err)
	}
	return out
}

// must is api for calls that have to go well.
func (s *scene) must(method string, pairs ...string) map[string]any {
	s.t.Helper()
	out := s.api(method, pairs...)
	if out["ok"] != true {
		s.t.Fatalf("%s: %v", method, out)
	}
	return out
}

func (s *scene) refused(code, method string, pairs ...string) map[string]any {
	s.t.Helper()
	out := s.api(method, pairs...)
	if out["ok"] != false || out["error"] != code {
		s.t.Fatalf("%s answered %v, want the error %s", method, out, code)
	}
	return out
}

// card posts a message with one button and returns it.
func (s *scene) card() MessageRef {
	s.t.Helper()
	out := s.must("chat.postMessage", "channel", "C1", "text", "card", "blocks", cardBlocks,
		"metadata", `{"event_type":"pam_request","event_payload":{"request":"R-1"}}`)
	return MessageRef{Channel: "C1", TS: out["ts"].(string)}
}

const cardBlocks = `[
 {"type":"section","text":{"type":"mrkdwn","text":"*Waiting* <@U1> &lt;b&gt;"}},
 {"type":"actions","block_id":"acts","elements":[
  {"type":"button","action_id":"approve","style":"primary","value":"opaque","text":{"type":"plain_text","text":"Approve"},
   "confirm":{"title":{"type":"plain_text","text":"Sure?"},"text":{"type":"plain_text","text":"Really"},
    "confirm":{"type":"plain_text","text":"Yes"},"deny":{"type":"plain_text","text":"No"}}}]}]`

func soon(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	t.Cleanup(cancel)
	return ctx
}

package fakeslack

import (
	"bufio"
	"encoding/json"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// browse asks for a path of the page; change may alter the request first.
func (s *scene) browse(method, path, body string, change func(*http.Request)) (int, string) {
	s.t.Helper()
	req, err := http.NewRequest(method, s.server+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("X-Fakeslack", "page")
	req.Header.Set("Origin", s.server)
	if change != nil {
		change(req)
	}
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	out, _ := io.ReadAll(res.Body)
	return res.StatusCode, string(out)
}

func TestThePageKeepsOthersOut(t *testing.T) {
	s := newScene(t, Config{})
	say := `{"person":"U1","channel":"C1","text":"hello"}`
	tests := []struct {
		name, method, path string
		change             func(*http.Request)
		want               int
	}{
		{"the page", "GET", "/", nil, 200},
		{"its script", "GET", "/ui/static/page.js", nil, 200},
		{"localhost", "GET", "/ui/state", func(r *http.Request) { r.Host = "localhost:8080" }, 200},
		{"a rebound name", "GET", "/", func(r *http.Request) { r.Host = "evil.example" }, 403},
		{"a rebound name for the state", "GET", "/ui/state", func(r *http.Request) { r.Host = "127.0.0.1.evil.example:80" }, 403},
		{"the page's own POST", "POST", "/ui/say", nil, 200},
		{"a POST without the header", "POST", "/ui/say", func(r *http.Request) { r.Header.Del("X-Fakeslack") }, 403},
		{"a POST of another origin", "POST", "/ui/say", func(r *http.Request) { r.Header.Set("Origin", "http://evil.example") }, 403},
		{"a GET that would act", "GET", "/ui/say", nil, 405},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got, _ := s.browse(tt.method, tt.path, say, tt.change); got != tt.want {
				t.Errorf("status %d, want %d", got, tt.want)
			}
		})
	}
	if n := len(s.Messages("C1")); n != 1 {
		t.Errorf("%d messages, want the one the page sent", n)
	}
}

// see is one column's state.
func (s *scene) see(person, channel string) (out struct {
	Messages []struct {
		TS, Text string
		Only     bool
	}
	Channels []struct{ ID string }
	Modal    map[string]any
}) {
	s.t.Helper()
	_, body := s.browse("GET", "/ui/state?"+url.Values{"person": {person}, "channel": {channel}}.Encode(), "", nil)
	if err := json.Unmarshal([]byte(body), &out); err != nil {
		s.t.Fatal(err)
	}
	return out
}

func TestColumnsShowWhatEachPersonSees(t *testing.T) {
	s := newScene(t, Config{})
	s.AddChannel(Channel{ID: "G1", Name: "leads", Private: true, Members: []string{"U0BOT", "U2"}})
	s.AddUser(User{ID: "U3", Name: "carla", IsRestricted: true})
	s.must("chat.postMessage", "channel", "G1", "text", "secret")
	s.must("chat.postEphemeral", "channel", "C1", "user", "U1", "text", "only Ana")
	if seen := s.see("U1", "C1").Messages; len(seen) != 1 || !seen[0].Only {
		t.Errorf("Ana sees %+v", seen)
	}
	if seen := s.see("U2", "C1").Messages; len(seen) != 0 {
		t.Errorf("Bruno sees %+v", seen)
	}
	if seen := s.see("U1", "G1"); len(seen.Messages) != 0 || len(seen.Channels) != 1 {
		t.Errorf("Ana sees the private channel: %+v", seen)
	}
	if seen := s.see("U2", "G1"); len(seen.Messages) != 1 || len(seen.Channels) != 2 {
		t.Errorf("Bruno does not see his channel: %+v", seen)
	}
	if seen := s.see("U3", "C1"); len(seen.Channels) != 0 {
		t.Errorf("a guest sees a channel without being in it: %+v", seen)
	}
	if _, said := s.browse("POST", "/ui/say", `{"person":"U1","channel":"G1","text":"/pam help"}`, nil); !strings.Contains(said, "cannot see") || len(s.Deliveries()) != 0 {
		t.Errorf("a command from outside: %s", said)
	}
}

func TestThePageActs(t *testing.T) {
	s := newScene(t, Config{})
	card := s.card()
	s.bot = func(_ http.ResponseWriter, _ *http.Request, f url.Values) {
		var p struct {
			Type    string
			Trigger string `json:"trigger_id"`
		}
		_ = json.Unmarshal([]byte(f.Get("payload")), &p)
		if p.Type == "block_actions" {
			s.must("views.open", "trigger_id", p.Trigger, "view", form)
		}
	}
	press := `{"person":"U2","channel":"C1","ts":"` + card.TS + `","action_id":"approve"}`
	if _, said := s.browse("POST", "/ui/click", press, nil); strings.TrimSpace(said) != "{}" {
		t.Fatalf("the click: %s", said)
	}
	if _, said := s.browse("POST", "/ui/click", strings.Replace(press, "approve", "gone", 1), nil); !strings.Contains(said, "no such button") {
		t.Errorf("a button that is not there: %s", said)
	}
	id := s.see("U2", "C1").Modal["id"].(string)
	if s.see("U1", "C1").Modal != nil {
		t.Error("somebody else's modal is open too")
	}
	submit := `{"person":"U2","view_id":"` + id + `","values":{"verb":"release","reason":""}}`
	if _, said := s.browse("POST", "/ui/submit", submit, nil); !strings.Contains(said, required) {
		t.Errorf("an empty field: %s", said)
	}
	if _, said := s.browse("POST", "/ui/submit", strings.Replace(submit, `""`, `"why"`, 1), nil); strings.Contains(said, "error\"") || s.see("U2", "C1").Modal != nil {
		t.Errorf("the submission: %s", said)
	}
}

func TestThePageHearsOfChanges(t *testing.T) {
	s := newScene(t, Config{})
	res, err := http.Get(s.server + "/ui/events")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	lines := bufio.NewScanner(res.Body)
	next := func() string {
		for lines.Scan() {
			if lines.Text() != "" {
				return lines.Text()
			}
		}
		return ""
	}
	first := next()
	s.Say("U1", "C1", "", "hello")
	if second := next(); second == first || second == "" {
		t.Errorf("got %q after %q", second, first)
	}
}

func TestPermalinksLeadToThePage(t *testing.T) {
	s := newScene(t, Config{})
	link := s.must("chat.getPermalink", "channel", "C1", "message_ts", s.card().TS)["permalink"].(string)
	status, _ := s.browse("GET", strings.TrimPrefix(link, s.server), "", nil)
	if status != http.StatusSeeOther {
		t.Errorf("status %d", status)
	}
}

// Everything a message holds must end as a text node.
func TestThePageWritesNoMarkup(t *testing.T) {
	scripts, err := fs.Glob(pageFiles, "ui/*.js")
	if err != nil || len(scripts) == 0 {
		t.Fatal(scripts, err)
	}
	for _, name := range scripts {
		source, err := pageFiles.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, bad := range []string{"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function", "DOMParser"} {
			if strings.Contains(string(source), bad) {
				t.Errorf("%s uses %s", name, bad)
			}
		}
	}
}

package fakeslack

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Config describes one workspace and the one app installed in it. Every field
// has a default except BotURL, which HTTP deliveries need (see SetBot).
type Config struct {
	TeamID, TeamName, TeamDomain string   // default T0FAKE, "Stand-in", "stand-in"
	EnterpriseID                 string   // Enterprise Grid organization; empty: none
	AppID, BotID, BotUserID      string   // default A0FAKE, B0FAKE, U0BOT
	BotName                      string   // default "pam"
	BotToken, AppToken           string   // default xoxb-fake, xapp-fake
	SigningSecret                string   // default "fake-signing-secret"
	Scopes                       []string // granted to the bot; nil: all
	// BotURL is where the bot listens; /slack/commands, /slack/interactivity
	// and /slack/events are appended. Unused with Socket.
	BotURL string
	// Socket sends every delivery over Socket Mode instead of HTTP.
	Socket bool
	// Autolink marks up mail addresses and URLs in typed text, as Slack's own
	// composer may do: a@b.example becomes <mailto:a@b.example|a@b.example>.
	Autolink bool
	// Timeout is how long the bot has to acknowledge; default 3 s. It is
	// measured by the machine's clock, not by Now.
	Timeout time.Duration
	// Now is the workspace's clock: message timestamps, signatures, the age
	// of trigger ids and response URLs. Default time.Now.
	Now func() time.Time
}

func (c *Config) setDefaults() {
	for at, value := range map[*string]string{
		&c.TeamID: "T0FAKE", &c.TeamName: "Stand-in", &c.TeamDomain: "stand-in",
		&c.AppID: "A0FAKE", &c.BotID: "B0FAKE", &c.BotUserID: "U0BOT", &c.BotName: "pam",
		&c.BotToken: "xoxb-fake", &c.AppToken: "xapp-fake", &c.SigningSecret: "fake-signing-secret",
	} {
		if *at == "" {
			*at = value
		}
	}
	if c.Timeout == 0 {
		c.Timeout = 3 * time.Second
	}
	if c.Now == nil {
		c.Now = time.Now
	}
}

// What a person sees when the bot does not answer as it must. The texts are
// Slack's own.
var (
	ErrTimeout  = errors.New("operation_timeout") // no acknowledgement in time
	ErrDispatch = errors.New("dispatch_failed")   // no bot there, or its answer was not usable
	ErrExternal = errors.New("people of another organization cannot use this app's commands")
)

// Workspace is one stand-in workspace. All methods may be called at the same
// time from any number of goroutines.
type Workspace struct {
	cfg     Config
	methods map[string]method
	client  *http.Client

	mu         sync.Mutex
	changed    chan struct{} // closed and replaced at every change
	done       chan struct{} // closed by Close
	revision   int
	seq        int
	lastTS     int64
	url        string
	users      map[string]*User
	userOrder  []string
	channels   map[string]*Channel
	order      []string // of channels
	groups     map[string]*Group
	groupOrder []string
	messages   []*Message
	views      map[string][]*View // each person's stack of modals
	triggers   map[string]*trigger
	responses  map[string]*responseURL
	faults     map[string][]*Fault
	calls      []Call
	deliveries []Delivery
	sockets    sockets
}

// New returns an empty workspace: its only member is the bot.
func New(cfg Config) *Workspace {
	cfg.setDefaults()
	w := &Workspace{
		cfg: cfg, changed: make(chan struct{}), done: make(chan struct{}), client: newClient(),
		users: map[string]*User{}, channels: map[string]*Channel{}, groups: map[string]*Group{},
		views: map[string][]*View{}, triggers: map[string]*trigger{},
		responses: map[string]*responseURL{}, faults: map[string][]*Fault{},
		sockets: newSockets(),
	}
	w.methods = w.methodTable()
	w.AddUser(User{ID: cfg.BotUserID, Name: cfg.BotName, RealName: cfg.BotName, IsBot: true})
	return w
}

// newClient has its own transport, follows no redirect and keeps no
// connection, so that a bot that stops is noticed at once.
func newClient() *http.Client {
	return &http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// Config returns the configuration with its defaults filled in.
func (w *Workspace) Config() Config {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.cfg
}

// SetBot tells the workspace where the bot listens.
func (w *Workspace) SetBot(baseURL string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cfg.BotURL = strings.TrimRight(baseURL, "/")
}

// SetURL tells the workspace under which URL its own Handler is served. It is
// needed before the first command or click, whose payloads carry response URLs.
func (w *Workspace) SetURL(baseURL string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.url = strings.TrimRight(baseURL, "/")
}

// APIURL is what SLACK_API_URL should be.
func (w *Workspace) APIURL() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.url + "/api/"
}

// SetSocket switches between Socket Mode (true) and HTTP. While Socket Mode is
// on, the bot's HTTP routes get nothing.
func (w *Workspace) SetSocket(on bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cfg.Socket = on
}

// Close lets hanging requests go and hangs up every socket. An http.Server in
// front of the Handler can be closed without waiting after it.
func (w *Workspace) Close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	select {
	case <-w.done:
		return
	default:
		close(w.done)
	}
	w.hangUp()
}

// touch tells everybody who waits that something changed. w.mu is held.
func (w *Workspace) touch() {
	w.revision++
	close(w.changed)
	w.changed = make(chan struct{})
}

// next returns an id no one had before. w.mu is held.
func (w *Workspace) next(prefix string) string {
	w.seq++
	return fmt.Sprintf("%s%07X", prefix, w.seq)
}

// stamp returns a message timestamp: the clock in microseconds, but always
// later than the one before. w.mu is held.
func (w *Workspace) stamp() string {
	w.lastTS = max(w.lastTS+1, w.cfg.Now().UnixMicro())
	return fmt.Sprintf("%d.%06d", w.lastTS/1e6, w.lastTS%1e6)
}

// WaitFor blocks until ready, which is called with nothing held and again
// after every change of the workspace, returns true, or ctx ends.
func (w *Workspace) WaitFor(ctx context.Context, ready func() bool) error {
	for {
		w.mu.Lock()
		changed := w.changed
		w.mu.Unlock()
		if ready() {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("waiting for the workspace: %w", ctx.Err())
		}
	}
}

package senhaseguratest

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// The names of the two clients, as Call.Client shows them.
const (
	PAMCore = "PAM Core"
	MySafe  = "MySafe"
)

// Client is an OAuth 2.0 client. Zero: there is none.
type Client struct{ ID, Secret string }

// Config of an Appliance. Everything may be zero.
type Config struct {
	PAM, MySafe  Client
	Tenant       string           // demanded from token requests where set
	Prefixes     []string         // of PAM Core; nil means both, /api and /iso
	TokenLife    time.Duration    // zero means 1 h; whole seconds
	TokenRefusal int              // how a bad token is answered: 401, or 404 "No route matched" [both inferred]; zero means 401
	ReadOnly     bool             // the A2A authorization may not write: 1039
	Irregular    bool             // everything the manuals' bodies do somewhere, everywhere: see reply.go
	Now          func() time.Time // nil means time.Now
	Data         Data
}

// Appliance is the http.Handler of the API. Safe for concurrent use.
type Appliance struct {
	config Config

	mu     sync.Mutex
	data   Data
	tokens map[string]grant
	serial int
	faults []*armed

	journal journal
}

// New starts nothing: serve the Appliance, and Control apart from it.
func New(c Config) *Appliance {
	if c.Prefixes == nil {
		c.Prefixes = []string{"/api", "/iso"}
	}
	if c.TokenLife == 0 {
		c.TokenLife = time.Hour
	}
	if c.TokenRefusal == 0 {
		c.TokenRefusal = http.StatusUnauthorized
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return &Appliance{config: c, data: c.Data.clone(), tokens: map[string]grant{}, journal: journal{now: c.Now}}
}

// ServeHTTP answers one request, or does what an injected fault says instead.
func (a *Appliance) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f := a.takeFault(r.Method, r.URL.EscapedPath())
	if f == nil || f.Kind != Early {
		r.ParseForm() // the whole body is read, so that the server notices when the caller leaves
	}
	q, call := a.receive(r)
	defer a.journal.end(call)
	if f != nil {
		a.misbehave(w, r, q, call, f)
		return
	}
	done := a.handle(q)
	a.journal.note(call, done)
	done.write(w)
}

// receive understands a request and enters it into the journal.
func (a *Appliance) receive(r *http.Request) (request, int) {
	q := a.read(r)
	return q, a.journal.begin(Call{Method: r.Method, Path: r.URL.EscapedPath(), Client: q.client, Violation: q.violation()})
}

// request is what the appliance understands of an HTTP request.
type request struct {
	method string
	prefix string   // "/api" or "/iso"
	path   []string // segments after the prefix, unescaped
	client string   // whose token it carries, "" without a valid one
	http   *http.Request
}

func (a *Appliance) read(r *http.Request) request {
	q := request{method: r.Method, http: r, client: a.bearer(r)}
	segments := strings.Split(strings.TrimPrefix(r.URL.Path, "/"), "/")
	q.prefix, q.path = "/"+segments[0], segments[1:]
	if strings.Join(q.path, "/") == "oauth2/token" {
		q.client = a.clientOf(r.PostForm.Get("client_id"))
	}
	return q
}

// violation names what no client of this project may ever do, "" for everything else.
func (q request) violation() string {
	reads := q.method == http.MethodGet || q.method == http.MethodHead
	switch {
	case len(q.path) < 2 || q.path[0] != "pam" && q.path[0] != "mysafe":
		return ""
	case reads && len(q.path) > 2:
		return "reads a single item: returns it in clear and takes custody"
	case q.method == http.MethodPost && q.path[0] == "pam":
		return "writes a credential's data"
	}
	return ""
}

// handle does what is asked for and returns the answer.
func (a *Appliance) handle(q request) reply {
	a.mu.Lock()
	defer a.mu.Unlock()
	switch {
	case strings.Join(q.path, "/") == "oauth2/token":
		return a.issue(q)
	case len(q.path) > 0 && q.path[0] == "pam" && slices.Contains(a.config.Prefixes, q.prefix):
		return a.checked(q, PAMCore, a.pam)
	case len(q.path) > 0 && q.path[0] == "mysafe" && q.prefix == "/api":
		return a.checked(q, MySafe, a.mysafe)
	}
	return a.fail(http.StatusNotFound, 0, "Resource sub not found")
}

func (a *Appliance) checked(q request, client string, next func(request) reply) reply {
	if q.client != client {
		return a.refuseToken()
	}
	return next(q)
}

// Items returns a copy of the state.
func (a *Appliance) Items() Data {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.data.clone()
}

// SetItems replaces the state.
func (a *Appliance) SetItems(d Data) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.data = d.clone()
}

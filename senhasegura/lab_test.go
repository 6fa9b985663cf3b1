package senhasegura_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"senhasegura-bot/senhasegura"
	"senhasegura-bot/senhasegura/senhaseguratest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	pamSecret    = "pam-client-secret"
	mySafeSecret = "mysafe-client-secret"
)

// lab is a client and the appliance it talks to.
type lab struct {
	t         *testing.T
	appliance *senhaseguratest.Appliance
	server    *httptest.Server
	client    *senhasegura.Client
	log       *safeBuffer
}

type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *safeBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *safeBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// newLab starts an appliance with the sample data. change may adjust both configurations.
func newLab(t *testing.T, change func(*senhaseguratest.Config, *senhasegura.Config)) *lab {
	t.Helper()
	a := senhaseguratest.Config{
		PAM:    senhaseguratest.Client{ID: "pam-client", Secret: pamSecret},
		MySafe: senhaseguratest.Client{ID: "mysafe-client", Secret: mySafeSecret},
		Data:   senhaseguratest.Sample(),
	}
	c := bothModules()
	if change != nil {
		change(&a, &c)
	}
	l := &lab{t: t, appliance: senhaseguratest.New(a), log: &safeBuffer{}}
	l.server = httptest.NewServer(l.appliance)
	c.URL = mustURL(t, l.server.URL)
	c.Logger = slog.New(slog.NewTextHandler(l.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	l.client = newClient(t, c)
	t.Cleanup(func() {
		l.appliance.ClearFaults()
		l.server.Close()
		if v := l.appliance.Violations(); len(v) > 0 {
			t.Errorf("the client did what it must never do: %v", v)
		}
	})
	return l
}

func bothModules() senhasegura.Config {
	return senhasegura.Config{
		PAM:    senhasegura.Credentials{ID: "pam-client", Secret: func() string { return pamSecret }},
		MySafe: senhasegura.Credentials{ID: "mysafe-client", Secret: func() string { return mySafeSecret }},
		// A busy machine is no appliance that does not answer.
		CallTimeout: 20 * time.Second, ListTimeout: 2 * time.Minute,
	}
}

func newClient(t *testing.T, c senhasegura.Config) *senhasegura.Client {
	t.Helper()
	client, err := senhasegura.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// rawClient talks to a handler of the test's own; tokens are issued for it.
func rawClient(t *testing.T, api http.HandlerFunc, change func(*senhasegura.Config)) *senhasegura.Client {
	t.Helper()
	server := httptest.NewServer(withTokens(api))
	c := bothModules()
	c.URL = mustURL(t, server.URL)
	if change != nil {
		change(&c)
	}
	client := newClient(t, c)
	t.Cleanup(server.Close)
	return client
}

func withTokens(api http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/api/oauth2/token" {
			w.Header().Set("Content-Type", "application/json")
			w.Write([]byte(`{"token_type":"Bearer","expires_in":3600,"access_token":"the-token"}`))
			return
		}
		api(w, r)
	}
}

func mustURL(t testing.TB, s string) *url.URL {
	t.Helper()
	u, err := url.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// call is one of the seven writes or three lists, by name.
type call struct {
	name string
	run  func(context.Context, *senhasegura.Client) (senhasegura.Answer, error)
}

func writes() []call {
	type c = senhasegura.Client
	type answer = senhasegura.Answer
	return []call{
		{"activate credential", func(ctx context.Context, c *c) (answer, error) { return c.ActivateCredential(ctx, "5") }},
		{"deactivate credential", func(ctx context.Context, c *c) (answer, error) { return c.DeactivateCredential(ctx, "5") }},
		{"deactivate by name", func(ctx context.Context, c *c) (answer, error) { return c.DeactivateCredential(ctx, "root@db01") }},
		{"release custody", func(ctx context.Context, c *c) (answer, error) { return c.ReleaseCustody(ctx, "12") }},
		{"activate password", func(ctx context.Context, c *c) (answer, error) { return c.ActivatePassword(ctx, "10") }},
		{"deactivate password", func(ctx context.Context, c *c) (answer, error) { return c.DeactivatePassword(ctx, "10") }},
		{"activate secret", func(ctx context.Context, c *c) (answer, error) { return c.ActivateSecret(ctx, "10") }},
		{"deactivate secret", func(ctx context.Context, c *c) (answer, error) { return c.DeactivateSecret(ctx, "10") }},
	}
}

func lists() []call {
	type c = senhasegura.Client
	type answer = senhasegura.Answer
	return []call{
		{"list credentials", func(ctx context.Context, c *c) (answer, error) {
			_, err := c.ListCredentials(ctx)
			return answer{}, err
		}},
		{"list passwords", func(ctx context.Context, c *c) (answer, error) { _, err := c.ListPasswords(ctx); return answer{}, err }},
		{"list secrets", func(ctx context.Context, c *c) (answer, error) { _, err := c.ListSecrets(ctx); return answer{}, err }},
	}
}

// mustFail returns the error as the client's own type, and checks its kind.
func mustFail(t *testing.T, err error, kind senhasegura.Kind) *senhasegura.Error {
	t.Helper()
	e, ok := errors.AsType[*senhasegura.Error](err)
	if !ok {
		t.Fatalf("got %v (%T), want an error of kind %s", err, err, kind)
	}
	if e.Kind != kind {
		t.Fatalf("got kind %s (%v, message %q), want %s", e.Kind, e, e.Message, kind)
	}
	return e
}

// closed is where nobody listens: no connection is ever given so low a port.
const closed = "http://127.0.0.1:1"

// eventually polls until ok or a deadline.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	deadline := time.After(5 * time.Second)
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-deadline:
			t.Fatalf("not in time: %s", what)
		case <-tick.C:
		}
	}
}

// rawClientF is a client for fuzzing: it answers every call with a refusal and reports its request line.
func rawClientF(f *testing.F, saw func(line string)) *senhasegura.Client {
	server := httptest.NewServer(withTokens(func(w http.ResponseWriter, r *http.Request) {
		saw(r.Method + " " + r.RequestURI)
		answerWith(400, `{"response":{"error":true,"message":"1007: Credential not found"}}`)(w, r)
	}))
	c := bothModules()
	u, err := url.Parse(server.URL)
	if err != nil {
		f.Fatal(err)
	}
	c.URL = u
	client, err := senhasegura.New(c)
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(server.Close)
	return client
}

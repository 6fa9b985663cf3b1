package senhasegura

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
	"golang.org/x/sync/singleflight"
)

// renewEarly is how long before its end a token is replaced.
const renewEarly = 30 * time.Second

// tokens hands out the token of one module: fetched once for all who wait, kept until shortly before its
// end, and dropped when the API refuses it.
type tokens struct {
	fetch  *fetcher
	flight singleflight.Group

	mu         sync.Mutex
	generation int                // grows with each drop
	kept       oauth2.TokenSource // of this generation
	current    string             // last token of this generation
}

func newTokens(client *http.Client, endpoint string, who Credentials, tenant string) *tokens {
	f := &fetcher{client: client, endpoint: endpoint, who: who, tenant: tenant}
	return &tokens{fetch: f, kept: keep(f)}
}

func keep(source oauth2.TokenSource) oauth2.TokenSource {
	return oauth2.ReuseTokenSourceWithExpiry(nil, source, renewEarly)
}

// get waits for a token no longer than ctx. The fetch itself goes on for the others who wait.
func (t *tokens) get(ctx context.Context) (string, error) {
	t.mu.Lock()
	generation, source := t.generation, t.kept
	t.mu.Unlock()
	result := t.flight.DoChan(strconv.Itoa(generation), func() (any, error) {
		token, err := source.Token()
		if err != nil {
			return "", err
		}
		t.remember(generation, token.AccessToken)
		return token.AccessToken, nil
	})
	select {
	case <-ctx.Done():
		return "", ctx.Err()
	case r := <-result:
		return r.Val.(string), r.Err
	}
}

func (t *tokens) remember(generation int, token string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.generation == generation {
		t.current = token
	}
}

// drop forgets a refused token, unless another has taken its place already.
func (t *tokens) drop(refused string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.current != refused {
		return
	}
	t.generation++
	t.current = ""
	t.kept = keep(t.fetch)
}

// fetcher asks the token endpoint. oauth2 keeps the context of a source's construction for every refresh,
// so each fetch gets a background context of its own with a client that has a timeout.
type fetcher struct {
	client   *http.Client
	endpoint string
	who      Credentials
	tenant   string
}

func (f *fetcher) Token() (*oauth2.Token, error) { return f.ask(context.Background()) }

func (f *fetcher) ask(ctx context.Context) (*oauth2.Token, error) {
	config := clientcredentials.Config{
		ClientID:     f.who.ID,
		ClientSecret: f.who.Secret(),
		TokenURL:     f.endpoint,
		AuthStyle:    oauth2.AuthStyleInParams,
	}
	if f.tenant != "" {
		config.EndpointParams = url.Values{"tenant": {f.tenant}}
	}
	return config.Token(context.WithValue(ctx, oauth2.HTTPClient, f.client))
}

// tokenError turns a failed fetch into an Error: the API call was not sent, whatever it was.
func tokenError(o op, err error) *Error {
	if r, ok := errors.AsType[*redirected](err); ok {
		return newError(o, Error{Kind: KindRedirect, Status: r.status, Err: errTokenRedirect})
	}
	answer, ok := errors.AsType[*oauth2.RetrieveError](err)
	if !ok {
		return newError(o, Error{Kind: KindNotSent, Err: fmt.Errorf("fetching a token: %w", redact(err))})
	}
	status, env := answer.Response.StatusCode, decodeEnvelope(answer.Body).without(secretsOf(answer.Response.Request))
	return newError(o, Error{
		Kind:       tokenKind(status, env.text),
		Status:     status,
		Code:       env.code,
		Message:    env.text,
		RetryAfter: retryAfter(answer.Response.Header),
		Err:        errTokenEndpoint,
	})
}

func tokenKind(status int, text string) Kind {
	known, _ := ExplainText(text)
	switch {
	case status == http.StatusTooManyRequests:
		return KindRateLimited
	case status >= 500 && known.Key != keyNotAuthorized,
		status == http.StatusRequestTimeout, known.Kind == KindLost: // nobody looked at the client id
		return KindNotSent
	}
	return KindAuth
}

var (
	errTokenEndpoint = errors.New("the token endpoint refused")
	errTokenRedirect = errors.New("the token endpoint answered with a redirect, which is never followed")
)

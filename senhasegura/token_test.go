package senhasegura_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"senhasegura-bot/senhasegura"
	"senhasegura-bot/senhasegura/senhaseguratest"
)

func (l *lab) tokenRequests() (n int) {
	for _, c := range l.appliance.Calls() {
		if c.Token() {
			n++
		}
	}
	return n
}

func TestOneTokenServesManyCalls(t *testing.T) {
	l := newLab(t, nil)
	for range 5 {
		l.client.DeactivateCredential(t.Context(), "5")
		l.client.DeactivatePassword(t.Context(), "10")
	}
	if n := l.tokenRequests(); n != 2 {
		t.Errorf("%d token requests, want one per module", n)
	}
}

func TestTokenRequestForm(t *testing.T) {
	for _, tenant := range []string{"", "acme"} {
		l := newLab(t, func(a *senhaseguratest.Config, c *senhasegura.Config) { a.Tenant, c.Tenant = tenant, tenant })
		if _, err := l.client.DeactivateCredential(t.Context(), "5"); err != nil {
			t.Errorf("tenant %q: %v", tenant, err)
		}
	}
	l := newLab(t, func(a *senhaseguratest.Config, _ *senhasegura.Config) { a.Tenant = "acme" })
	_, err := l.client.DeactivateCredential(t.Context(), "5")
	mustFail(t, err, senhasegura.KindAuth)
}

func TestManyCallersShareOneFetch(t *testing.T) {
	for name, fault := range map[string]senhaseguratest.FaultKind{"good": senhaseguratest.Delay, "bad": senhaseguratest.Hang} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t, nil)
			l.appliance.Inject(senhaseguratest.Fault{Path: "*/oauth2/token", Kind: fault, DelayMS: 100})
			var group sync.WaitGroup
			for range 30 {
				group.Go(func() { l.client.ListCredentials(t.Context()) })
			}
			eventually(t, "the token is asked for", func() bool { return l.tokenRequests() > 0 })
			if name == "bad" {
				l.appliance.ClearFaults()
			}
			group.Wait()
			if n := l.tokenRequests(); n != 1 && name == "good" || n > 2 {
				t.Errorf("%d token requests for 30 callers", n)
			}
		})
	}
}

func TestTokensAreRenewedBeforeTheyEnd(t *testing.T) {
	for life, want := range map[time.Duration]int{29 * time.Second: 3, 40 * time.Second: 1} {
		l := newLab(t, func(a *senhaseguratest.Config, _ *senhasegura.Config) { a.TokenLife = life })
		for range 3 {
			l.client.ListCredentials(t.Context())
		}
		if n := l.tokenRequests(); n != want {
			t.Errorf("tokens that live %v: %d requests, want %d", life, n, want)
		}
	}
}

func TestRefusedTokenIsReplacedOnce(t *testing.T) {
	for _, status := range []int{http.StatusUnauthorized, http.StatusNotFound} {
		l := newLab(t, func(a *senhaseguratest.Config, _ *senhasegura.Config) { a.TokenRefusal = status })
		l.client.ListCredentials(t.Context())
		l.appliance.RevokeTokens()
		if _, err := l.client.DeactivateCredential(t.Context(), "5"); err != nil {
			t.Fatal(err)
		}
		w := l.appliance.Writes()
		if len(w) != 2 || w[0].Client != "" || w[1].Client != senhaseguratest.PAMCore || l.tokenRequests() != 2 {
			t.Errorf("HTTP %d: got %v", status, l.appliance.Calls())
		}
	}
}

func TestSecondRefusalIsFinal(t *testing.T) {
	for _, status := range []int{http.StatusUnauthorized, http.StatusNotFound} {
		l := newLab(t, func(a *senhaseguratest.Config, _ *senhasegura.Config) { a.TokenRefusal = status })
		l.appliance.Inject(senhaseguratest.Fault{Path: "*/credential/5", Kind: senhaseguratest.TokenRejected})
		_, err := l.client.DeactivateCredential(t.Context(), "5")
		e := mustFail(t, err, senhasegura.KindAuth)
		if !e.Definite() || e.Status != status || e.Message == "" {
			t.Errorf("got %+v", e)
		}
		if len(l.appliance.Writes()) != 2 || l.tokenRequests() != 2 {
			t.Errorf("got %v", l.appliance.Calls())
		}
	}
}

func TestManyRefusedAtOnceFetchOneToken(t *testing.T) {
	l := newLab(t, nil)
	l.client.ListCredentials(t.Context())
	l.appliance.RevokeTokens()
	var group sync.WaitGroup
	for range 20 {
		group.Go(func() {
			if _, err := l.client.ListCredentials(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if n := l.tokenRequests(); n != 2 {
		t.Errorf("%d token requests, want the first and one more", n)
	}
}

func TestWhatTheTokenEndpointSays(t *testing.T) {
	for name, c := range map[string]struct {
		fault   senhaseguratest.Fault
		kind    senhasegura.Kind
		message string
	}{
		"wrong secret":      {senhaseguratest.Fault{Kind: senhaseguratest.Status, Status: 401, Body: `{"error":"invalid_client","message":"Client authentication failed"}`}, senhasegura.KindAuth, "Client authentication failed"},
		"description":       {senhaseguratest.Fault{Kind: senhaseguratest.Status, Status: 400, Body: `{"error":"invalid_client","error_description":"No"}`}, senhasegura.KindAuth, "No"},
		"OAuth 1.0":         {senhaseguratest.Fault{Kind: senhaseguratest.Status, Status: 400, Body: `{"response":{"status":400,"message":"Invalid signature","error":true}}`}, senhasegura.KindAuth, "Invalid signature"},
		"error inside 200":  {senhaseguratest.Fault{Kind: senhaseguratest.Status, Status: 200, Body: `{"error":"invalid_client","message":"Client authentication failed"}`, Header: map[string]string{"Content-Type": "application/json"}}, senhasegura.KindAuth, "Client authentication failed"},
		"not authorized":    {senhaseguratest.Fault{Kind: senhaseguratest.NotAuthorized}, senhasegura.KindAuth, "You are not authorized to access this resource."},
		"HTML":              {senhaseguratest.Fault{Kind: senhaseguratest.HTML, Status: 200}, senhasegura.KindNotSent, ""},
		"a gateway's fault": {senhaseguratest.Fault{Kind: senhaseguratest.Upstream}, senhasegura.KindNotSent, "The upstream server is timing out"},
		"reset":             {senhaseguratest.Fault{Kind: senhaseguratest.Reset}, senhasegura.KindNotSent, ""},
		"no token":          {senhaseguratest.Fault{Kind: senhaseguratest.Status, Status: 200, Body: `{}`, Header: map[string]string{"Content-Type": "application/json"}}, senhasegura.KindNotSent, ""},
		"rate limit":        {senhaseguratest.Fault{Kind: senhaseguratest.RateLimited, RetryAfter: "3"}, senhasegura.KindRateLimited, "API rate limit exceeded"},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t, nil)
			c.fault.Path = "*/oauth2/token"
			l.appliance.Inject(c.fault)
			_, err := l.client.DeactivateCredential(t.Context(), "5")
			e := mustFail(t, err, c.kind)
			if e.Sent || e.Message != c.message || !e.Unchanged() {
				t.Errorf("got %+v", e)
			}
			if len(l.appliance.Writes()) != 0 {
				t.Error("called without a token")
			}
		})
	}
}

func TestACallerWaitsForATokenNoLongerThanItsOwnTime(t *testing.T) {
	l := newLab(t, nil)
	l.appliance.Inject(senhaseguratest.Fault{Path: "*/oauth2/token", Times: 1, Kind: senhaseguratest.Delay, DelayMS: 200})
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	_, err := l.client.DeactivateCredential(ctx, "5")
	if mustFail(t, err, senhasegura.KindNotSent); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	// The fetch went on for whoever comes next: one caller's haste is not another's failure.
	if _, err := l.client.DeactivateCredential(t.Context(), "5"); err != nil {
		t.Fatal(err)
	}
	if n := l.tokenRequests(); n != 1 {
		t.Errorf("%d token requests", n)
	}
}

func TestASecretChangedWhileRunningIsTaken(t *testing.T) {
	secret := "old"
	l := newLab(t, func(_ *senhaseguratest.Config, c *senhasegura.Config) { c.PAM.Secret = func() string { return secret } })
	_, err := l.client.DeactivateCredential(t.Context(), "5")
	mustFail(t, err, senhasegura.KindAuth)
	secret = pamSecret
	if _, err := l.client.DeactivateCredential(t.Context(), "5"); err != nil {
		t.Fatal(err)
	}
}

func TestIrregularAppliance(t *testing.T) {
	l := newLab(t, func(a *senhaseguratest.Config, _ *senhasegura.Config) { a.Irregular = true })
	for _, c := range lists() {
		if _, err := c.run(t.Context(), l.client); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	answer, err := l.client.DeactivateCredential(t.Context(), "5")
	if err != nil || answer.Already {
		t.Errorf("got %+v, %v", answer, err)
	}
	if answer, err = l.client.DeactivateCredential(t.Context(), "5"); err != nil || !answer.Already {
		t.Errorf("got %+v, %v", answer, err)
	}
	_, err = l.client.ReleaseCustody(t.Context(), "18")
	if e := mustFail(t, err, senhasegura.KindRefused); e.Code != 1018 || e.Status != 200 {
		t.Errorf("got %+v", e)
	}
}

// TestNoPartOfASecretComesBack: what is cut off is cut off after the secret was
// taken out, of a success too.
func TestNoPartOfASecretComesBack(t *testing.T) {
	for room := 470; room < 505; room++ {
		says := func(status int) http.HandlerFunc {
			return func(w http.ResponseWriter, r *http.Request) {
				r.ParseForm()
				w.WriteHeader(status)
				fmt.Fprintf(w, `{"response":{"status":%d,"error":%t,"message":"%s%s%s"}}`, status, status != 200, strings.Repeat("x", room),
					strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "), r.PostForm.Get("client_secret"))
			}
		}
		answer, err := rawClient(t, says(200), nil).ReleaseCustody(t.Context(), "12")
		if err != nil || strings.Trim(answer.Message, "x…") != "" {
			t.Errorf("a success says %q, %v", answer.Message, err)
		}
		_, err = rawClient(t, says(400), nil).ReleaseCustody(t.Context(), "12")
		if e := mustFail(t, err, senhasegura.KindRefused); strings.Trim(e.Message, "x…") != "" {
			t.Errorf("a refusal says %q", e.Message)
		}
		server := httptest.NewServer(says(400))
		_, err = clientOf(t, server).ReleaseCustody(t.Context(), "12")
		server.Close()
		if e := mustFail(t, err, senhasegura.KindAuth); strings.Trim(e.Message, "x…") != "" {
			t.Errorf("the token endpoint says %q", e.Message)
		}
	}
}

// TestNothingSecretComesBack: an answer that repeats the request shows people
// neither token nor secret.
func TestNothingSecretComesBack(t *testing.T) {
	echo := func(w http.ResponseWriter, r *http.Request) {
		r.ParseForm()
		w.WriteHeader(400)
		fmt.Fprintf(w, `{"message":"1007: you sent %s%s"}`, r.Header.Get("Authorization"), r.PostForm.Get("client_secret"))
	}
	client := rawClient(t, echo, nil)
	_, err := client.ReleaseCustody(t.Context(), "12")
	if e := mustFail(t, err, senhasegura.KindRefused); e.Message != "1007: you sent Bearer …" {
		t.Errorf("the message is %q", e.Message)
	}
	server := httptest.NewServer(http.HandlerFunc(echo))
	defer server.Close()
	_, err = clientOf(t, server).ReleaseCustody(t.Context(), "12")
	if e := mustFail(t, err, senhasegura.KindAuth); e.Message != "1007: you sent …" {
		t.Errorf("the message is %q", e.Message)
	}
}

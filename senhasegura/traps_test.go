package senhasegura_test

import (
	"context"
	"net/http"
	"testing"

	"senhasegura-bot/senhasegura"
)

// The traps in the manuals, one by one.

func TestTrap1ReleaseDoesNotFollowTheExampleThatDisables(t *testing.T) {
	l := newLab(t, nil)
	if _, err := l.client.ReleaseCustody(t.Context(), "94"); err != nil {
		t.Fatal(err)
	}
	c, _ := l.appliance.Items().Credential(94)
	if c.Inactive || c.Custody != "" {
		t.Errorf("after a release the credential is %+v; it must be active and free", c)
	}
}

func TestTrap2SecretsAreNotSwitchedThroughThePathOfPasswords(t *testing.T) {
	l := newLab(t, nil) // a password and a secret both have the number 10
	if _, err := l.client.DeactivateSecret(t.Context(), "10"); err != nil {
		t.Fatal(err)
	}
	password, _ := l.appliance.Items().Password(10)
	secret, _ := l.appliance.Items().Secret(10)
	if password.Inactive || !secret.Inactive {
		t.Errorf("password inactive %v, secret inactive %v", password.Inactive, secret.Inactive)
	}
}

func TestTrap3PutEnables(t *testing.T) {
	l := newLab(t, nil)
	answer, err := l.client.ActivateCredential(t.Context(), "7")
	if err != nil || answer.Already {
		t.Fatalf("got %+v, %v", answer, err)
	}
	if c, _ := l.appliance.Items().Credential(7); c.Inactive {
		t.Error("still inactive")
	}
}

func TestTrap4NothingEverReadsASingleItem(t *testing.T) {
	l := newLab(t, nil)
	for _, ref := range []string{"5", "94", "custody/5", "../5", "5/", "", "0", "root@db01"} {
		for _, c := range callsOn(ref) {
			c.run(t.Context(), l.client)
		}
	}
	for _, c := range lists() {
		c.run(t.Context(), l.client)
	}
	if v := l.appliance.Violations(); len(v) != 0 {
		t.Errorf("violations: %v", v)
	}
}

func TestTrap5CustodyTakenByAPersonStays(t *testing.T) {
	l := newLab(t, nil)
	_, err := l.client.ReleaseCustody(t.Context(), "18")
	e := mustFail(t, err, senhasegura.KindRefused)
	if e.Code != 1018 || !e.Definite() || e.Message != "1018: The credential is not in the user custody" {
		t.Errorf("got %+v", e)
	}
}

func TestTrap6AutomaticChangeIsKnownBeforeReleasing(t *testing.T) {
	l := newLab(t, nil)
	list := senhasegura.NewLists(senhasegura.ListsConfig{Client: l.client})
	if err := list.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	rotating := list.Lookup(senhasegura.KindCredential, "94")
	staying := list.Lookup(senhasegura.KindCredential, "12")
	if len(rotating.Entries) != 1 || !rotating.Entries[0].AutomaticChange || staying.Entries[0].AutomaticChange {
		t.Errorf("got %+v and %+v", rotating, staying)
	}
}

func TestTrap7ANumberMeansSomethingElseInTheOtherModule(t *testing.T) {
	for _, number := range []int{1005, 1009, 1010} {
		if both := senhasegura.Known(number); len(both) != 2 || both[0].Module == both[1].Module || both[0].Text == both[1].Text {
			t.Errorf("%d: got %+v", number, both)
		}
	}
	l := newLab(t, nil)
	_, err := l.client.ActivateCredential(t.Context(), "21")
	pam, _ := mustFail(t, err, senhasegura.KindRefused).Explain()
	if pam.Key != "pam.1010" {
		t.Errorf("got %+v", pam)
	}
}

func TestTrap8AlreadyThereHasThreeForms(t *testing.T) {
	type run func(context.Context, *senhasegura.Client) (senhasegura.Answer, error)
	for name, c := range map[string]struct {
		run    run
		status int
	}{
		"1043 on activate": {func(ctx context.Context, c *senhasegura.Client) (senhasegura.Answer, error) {
			return c.ActivateCredential(ctx, "5")
		}, 400},
		"1008 on deactivate": {func(ctx context.Context, c *senhasegura.Client) (senhasegura.Answer, error) {
			return c.DeactivateCredential(ctx, "7")
		}, 400},
		"1008 by name": {func(ctx context.Context, c *senhasegura.Client) (senhasegura.Answer, error) {
			return c.DeactivateCredential(ctx, "postgres@db01")
		}, 400},
		"password is active": {func(ctx context.Context, c *senhasegura.Client) (senhasegura.Answer, error) {
			return c.ActivatePassword(ctx, "10")
		}, 200},
		"password is not active": {func(ctx context.Context, c *senhasegura.Client) (senhasegura.Answer, error) {
			return c.DeactivatePassword(ctx, "11")
		}, 200},
		"secret is active": {func(ctx context.Context, c *senhasegura.Client) (senhasegura.Answer, error) {
			return c.ActivateSecret(ctx, "10")
		}, 200},
		"secret is not active": {func(ctx context.Context, c *senhasegura.Client) (senhasegura.Answer, error) {
			return c.DeactivateSecret(ctx, "42")
		}, 200},
	} {
		t.Run(name, func(t *testing.T) {
			answer, err := c.run(t.Context(), newLab(t, nil).client)
			if err != nil || !answer.Already || answer.Status != c.status || answer.Message == "" {
				t.Errorf("got %+v, %v", answer, err)
			}
		})
	}
}

func TestTrap8OnReleaseInactiveIsAFailure(t *testing.T) {
	l := newLab(t, nil)
	_, err := l.client.ReleaseCustody(t.Context(), "7")
	if e := mustFail(t, err, senhasegura.KindRefused); e.Code != 1008 {
		t.Errorf("got %+v", e)
	}
}

func TestTrap9NothingButTheApplicationIsToldToSenhasegura(t *testing.T) {
	client := rawClient(t, func(_ http.ResponseWriter, r *http.Request) {
		for name := range r.Header {
			switch name {
			case "Authorization", "Accept", "User-Agent", "Content-Length", "Connection":
			default:
				t.Errorf("header %s", name)
			}
		}
	}, nil)
	for _, c := range writes() {
		c.run(t.Context(), client)
	}
}

func TestTrap10NotAuthorizedIsARefusalUnderHTTP500(t *testing.T) {
	for _, c := range writes() {
		client := rawClient(t, answerWith(500, `{"code":500,"response":{"status":500,"message":"You are not authorized to access this resource.","error":true,"error_code":1}}`), nil)
		_, err := c.run(t.Context(), client)
		if e := mustFail(t, err, senhasegura.KindRefused); !e.Definite() || e.Status != 500 {
			t.Errorf("%s: got %+v", c.name, e)
		}
	}
}

func answerWith(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		w.Write([]byte(body))
	}
}

// callsOn is every write on one identifier.
func callsOn(ref string) []call {
	type c = senhasegura.Client
	type answer = senhasegura.Answer
	return []call{
		{"ActivateCredential", func(ctx context.Context, c *c) (answer, error) { return c.ActivateCredential(ctx, ref) }},
		{"DeactivateCredential", func(ctx context.Context, c *c) (answer, error) { return c.DeactivateCredential(ctx, ref) }},
		{"ReleaseCustody", func(ctx context.Context, c *c) (answer, error) { return c.ReleaseCustody(ctx, ref) }},
		{"ActivatePassword", func(ctx context.Context, c *c) (answer, error) { return c.ActivatePassword(ctx, ref) }},
		{"DeactivatePassword", func(ctx context.Context, c *c) (answer, error) { return c.DeactivatePassword(ctx, ref) }},
		{"ActivateSecret", func(ctx context.Context, c *c) (answer, error) { return c.ActivateSecret(ctx, ref) }},
		{"DeactivateSecret", func(ctx context.Context, c *c) (answer, error) { return c.DeactivateSecret(ctx, ref) }},
	}
}

package commands

import (
	"context"
	"log/slog"
	"net/http/httptest"
	"net/url"
	"testing"

	"senhasegura-bot/approvals"
	"senhasegura-bot/senhasegura"
	"senhasegura-bot/senhasegura/senhaseguratest"
)

// lab is a caller and the appliance it talks to, over a real connection.
type lab struct {
	*Caller
	appliance *senhaseguratest.Appliance
	lists     *senhasegura.Lists
}

func newLab(t *testing.T) *lab {
	t.Helper()
	a := senhaseguratest.New(senhaseguratest.Config{
		PAM:    senhaseguratest.Client{ID: "pam", Secret: "p"},
		MySafe: senhaseguratest.Client{ID: "mysafe", Secret: "m"},
		Data:   senhaseguratest.Sample(),
	})
	server := httptest.NewServer(a)
	base, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	client, err := senhasegura.New(senhasegura.Config{
		URL:    base,
		PAM:    senhasegura.Credentials{ID: "pam", Secret: func() string { return "p" }},
		MySafe: senhasegura.Credentials{ID: "mysafe", Secret: func() string { return "m" }},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		a.ClearFaults()
		server.Close()
		if v := a.Violations(); len(v) > 0 {
			t.Errorf("what must never be sent was sent: %v", v)
		}
	})
	lists := senhasegura.NewLists(senhasegura.ListsConfig{Client: client})
	return &lab{NewCaller(CallerConfig{Client: client, Lists: lists, Logger: slog.New(slog.DiscardHandler)}), a, lists}
}

// Call makes a call with leave for it.
func (l *lab) Call(ctx context.Context, v approvals.Verb, k approvals.Kind, ref string, gate func(context.Context) error) approvals.Answer {
	return l.Admit(k).Call(ctx, v, k, ref, gate)
}

// listed is a lab whose lists were read.
func listed(t *testing.T) *lab {
	t.Helper()
	l := newLab(t)
	if err := l.lists.Refresh(context.Background()); err != nil {
		t.Fatal(err)
	}
	return l
}

package senhasegura_test

import (
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"

	"senhasegura-bot/senhasegura"
	"senhasegura-bot/senhasegura/senhaseguratest"
)

// TestAnAnswerTooManyIsNobodysAnswer: a gateway answers each of one sort of call twice. The second answer, a
// success, must never be taken for that of another call, which is refused.
func TestAnAnswerTooManyIsNobodysAnswer(t *testing.T) {
	l := newLab(t, nil)
	l.appliance.Inject(senhaseguratest.Fault{Path: "*/secretapi/*", Kind: senhaseguratest.Twice})
	var group sync.WaitGroup
	for range 16 {
		group.Go(func() {
			for range 20 {
				if _, err := l.client.DeactivateSecret(t.Context(), "10"); err != nil {
					t.Error(err)
				}
				if answer, err := l.client.ReleaseCustody(t.Context(), "18"); err == nil {
					t.Errorf("a refused release is done: %+v", answer)
				}
			}
		})
	}
	group.Wait()
}

// TestEachRequestHasAConnectionOfItsOwn, tokens and lists too: the race above is won by luck where it is not.
func TestEachRequestHasAConnectionOfItsOwn(t *testing.T) {
	appliance := senhaseguratest.New(senhaseguratest.Config{PAM: senhaseguratest.Client{ID: "pam-client", Secret: pamSecret}, Data: senhaseguratest.Sample()})
	server := httptest.NewUnstartedServer(appliance)
	var opened atomic.Int64
	server.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			opened.Add(1)
		}
	}
	server.Start()
	defer server.Close()
	client := clientOf(t, server)
	for range 3 {
		if _, err := client.ListCredentials(t.Context()); err != nil {
			t.Fatal(err)
		}
		_, err := client.ReleaseCustody(t.Context(), "18")
		mustFail(t, err, senhasegura.KindRefused)
	}
	if calls := appliance.Calls(); int(opened.Load()) != len(calls) || len(calls) != 7 {
		t.Errorf("%d connections for %v", opened.Load(), calls)
	}
}

package senhasegura_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"senhasegura-bot/senhasegura"
	"senhasegura-bot/senhasegura/senhaseguratest"
)

var redirects = []int{300, 301, 302, 303, 304, 305, 307, 308}

func TestNoRedirectIsFollowedAnywhere(t *testing.T) {
	var strangers atomic.Int64
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { strangers.Add(1) }))
	defer elsewhere.Close()
	targets := map[string]string{"same path": "", "another item": "/api/pam/credential/94", "elsewhere": elsewhere.URL, "nonsense": "http://%zz/"}
	for _, status := range redirects {
		for where, location := range targets {
			for _, c := range slices.Concat(writes(), lists()) {
				for _, path := range []string{"/*/pam/*", "/*/mysafe/*", "*/oauth2/token"} {
					if !strings.Contains(path, "token") && strings.Contains(requestLines[c.name], "mysafe") != strings.Contains(path, "mysafe") {
						continue
					}
					t.Run(fmt.Sprint(status, " ", where, " ", c.name, " ", path), func(t *testing.T) {
						refuseRedirect(t, c, senhaseguratest.Fault{Path: path, Kind: senhaseguratest.Redirect, Status: status, Location: location})
					})
				}
			}
		}
	}
	if n := strangers.Load(); n != 0 {
		t.Errorf("%d requests went elsewhere", n)
	}
}

func refuseRedirect(t *testing.T, c call, f senhaseguratest.Fault) {
	t.Helper()
	l := newLab(t, nil)
	l.appliance.Inject(f)
	_, err := c.run(t.Context(), l.client)
	e := mustFail(t, err, senhasegura.KindRedirect)
	if e.Status != f.Status || !e.Definite() || !e.Unchanged() {
		t.Errorf("got %+v", e)
	}
	want := 2
	if strings.Contains(f.Path, "token") {
		want = 1
		if e.Sent {
			t.Error("sent, although only the token was asked for")
		}
	}
	if calls := l.appliance.Calls(); len(calls) != want {
		t.Errorf("got %v, want %d requests", calls, want)
	}
}

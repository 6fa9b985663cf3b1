package senhasegura_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"senhasegura-bot/senhasegura"
	"senhasegura-bot/senhasegura/senhaseguratest"
)

// clock is a time that stands still until moved.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.at }

func (c *clock) move(d time.Duration) { c.mu.Lock(); defer c.mu.Unlock(); c.at = c.at.Add(d) }

func freshLists(t *testing.T, l *lab) (*senhasegura.Lists, *clock) {
	t.Helper()
	c := &clock{at: time.Date(2025, 3, 1, 12, 0, 0, 0, time.UTC)}
	lists := senhasegura.NewLists(senhasegura.ListsConfig{Client: l.client, Now: c.now})
	if lists.Fresh() || lists.Lookup(senhasegura.KindCredential, "5").Known {
		t.Error("known before anything was read")
	}
	if err := lists.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	return lists, c
}

func ids(entries []senhasegura.Entry) string {
	var out []string
	for _, e := range entries {
		out = append(out, e.Kind[:1]+e.ID)
	}
	return strings.Join(out, " ")
}

func TestLookup(t *testing.T) {
	lists, _ := freshLists(t, newLab(t, nil))
	for _, c := range []struct{ kind, ref, want string }{
		{senhasegura.KindCredential, "5", "c5"},
		{senhasegura.KindCredential, "ROOT@Db01", "c5"},
		{senhasegura.KindCredential, "admin@app.prod.example", "c110 c111"},
		{senhasegura.KindCredential, "svc@corp.example@ad01", "c101"},
		{senhasegura.KindCredential, "999", ""},
		{senhasegura.KindPassword, "10", "p10"},
		{senhasegura.KindSecret, "10", "s10"},
	} {
		if m := lists.Lookup(c.kind, c.ref); !m.Known || ids(m.Entries) != c.want {
			t.Errorf("%s %s: got %v %q, want %q", c.kind, c.ref, m.Known, ids(m.Entries), c.want)
		}
	}
	if m := lists.Lookup("device", "5"); m.Known {
		t.Errorf("got %+v", m)
	}
	for ref, want := range map[string]string{
		"5": "root@db01 · Server, Ubuntu 22.04 · id 5", "21": "deploy@web02 · SSH Key · Server, Ubuntu 24.04 · id 21",
	} {
		if got := lists.Lookup(senhasegura.KindCredential, ref).Entries[0].Label(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if got := lists.Lookup(senhasegura.KindPassword, "12").Entries[0].Label(); got != "Produção: console · sre · id 12" {
		t.Errorf("got %q", got)
	}
}

func TestFind(t *testing.T) {
	lists, _ := freshLists(t, newLab(t, nil))
	for text, want := range map[string]string{
		"db01": "c5 c7", "DB01 root": "c5", "producao": "p12", "PRODUÇÃO": "p12", "10.0.9": "c130", "cisco": "c130",
		"billing": "s10 s42", "10": "p10 s10 c5 c6 c7 c12 c18 c21 c94 c101", "ssh key": "c21", "nothing such": "", "--": "", "": "", "  ": "",
	} {
		if got := ids(lists.Find(text, 10)); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
	if got := lists.Find("root", 2); len(got) != 2 {
		t.Errorf("limit 2: got %d", len(got))
	}
}

func TestNearest(t *testing.T) {
	lists, _ := freshLists(t, newLab(t, nil))
	for text, want := range map[string]string{"rot@db01": "c5", "postgre@db01": "c7", "billng-api": "s10", "": "", "zzzzzzzzzzzzz": ""} {
		got := lists.Nearest(text, 1)
		if ids(got) != want {
			t.Errorf("%q: got %q, want %q", text, ids(got), want)
		}
	}
	if got := ids(lists.Nearest("billng-api", 9, senhasegura.KindSecret)); got != "s10 s42" {
		t.Errorf("among secrets: %q", got)
	}
	if got := ids(lists.Nearest("billng-api", 9, senhasegura.KindCredential, senhasegura.KindPassword)); got != "" {
		t.Errorf("among the others: %q", got)
	}
}

func TestWhatIsOlderThanAMinuteIsNotKnown(t *testing.T) {
	l := newLab(t, nil)
	lists, c := freshLists(t, l)
	c.move(60 * time.Second)
	if age, ok := lists.Age(); !lists.Fresh() || !ok || age != time.Minute || !lists.Lookup(senhasegura.KindCredential, "5").Known {
		t.Errorf("after 60 s: age %v", age)
	}
	c.move(time.Millisecond)
	if lists.Fresh() || lists.Lookup(senhasegura.KindCredential, "5").Known || len(lists.Find("root", 9)) != 0 || len(lists.Nearest("root@db01", 9)) != 0 {
		t.Error("still known after more than 60 s")
	}
}

func TestOneFailingListLeavesTheOthers(t *testing.T) {
	l := newLab(t, nil)
	lists, c := freshLists(t, l)
	c.move(50 * time.Second)
	l.appliance.Inject(senhaseguratest.Fault{Path: "*/mysafe/password", Kind: senhaseguratest.Truncated})
	err := lists.Refresh(t.Context())
	mustFail(t, err, senhasegura.KindLost)
	c.move(20 * time.Second)
	if lists.Fresh() || lists.Lookup(senhasegura.KindPassword, "10").Known || !lists.Lookup(senhasegura.KindCredential, "5").Known {
		t.Errorf("after %v", err)
	}
}

func TestModuleWithoutCredentialsIsSkipped(t *testing.T) {
	l := newLab(t, func(_ *senhaseguratest.Config, c *senhasegura.Config) { c.MySafe = senhasegura.Credentials{} })
	lists, _ := freshLists(t, l)
	if !lists.Fresh() || lists.Lookup(senhasegura.KindPassword, "10").Known {
		t.Error("MySafe should be unknown, and the rest fresh")
	}
}

func TestRefreshesAreShared(t *testing.T) {
	l := newLab(t, nil)
	lists := senhasegura.NewLists(senhasegura.ListsConfig{Client: l.client})
	l.appliance.Inject(senhaseguratest.Fault{Path: "*/pam/credential", Kind: senhaseguratest.Delay, DelayMS: 50})
	var group sync.WaitGroup
	for range 20 {
		group.Go(func() {
			if err := lists.Refresh(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	reads := 0
	for _, c := range l.appliance.Calls() {
		if c.Path == "/api/pam/credential" {
			reads++
		}
	}
	if reads > 3 {
		t.Errorf("%d reads for 20 callers", reads)
	}
}

func TestRunRefreshesUntilItsContextEnds(t *testing.T) {
	l := newLab(t, nil)
	lists := senhasegura.NewLists(senhasegura.ListsConfig{Client: l.client})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- lists.Run(ctx) }()
	eventually(t, "the lists are fresh", lists.Fresh)
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestListForms(t *testing.T) {
	for name, body := range map[string]string{
		"list first":      `{"credentials":[{"id":"5","username":"root","automatic_change":"1"}],"response":{"error":false}}`,
		"numbers":         `{"response":{"error":false},"credentials":[{"id":5,"username":"root","automatic_change":1,"hostname":null}]}`,
		"strange entries": `{"response":{"error":0},"credentials":[7,null,"x",{},{"id":"x"},{"id":"0"},{"id":"5","username":"ro\u0000ot","automatic_change":true}]}`,
		"unknown keys":    `{"more":[[1,{"a":2}]],"credentials":[{"id":"5","username":"root","automatic_change":"1","tags":["a"]}],"code":200}`,
	} {
		client := rawClient(t, answerWith(200, body), nil)
		found, err := client.ListCredentials(t.Context())
		if err != nil || !slices.Equal(found, []senhasegura.Credential{{ID: "5", Username: "root", AutomaticChange: true}}) {
			t.Errorf("%s: got %+v, %v", name, found, err)
		}
	}
	for member, want := range map[string]senhasegura.Credential{
		`"automatic_change":"0"`: {}, `"automatic_change":false`: {}, `"automatic_change":1`: {AutomaticChange: true},
		`"model":"x"`: {ChangeUnknown: true}, `"automatic_change":null`: {ChangeUnknown: true}, `"automatic_change":"often"`: {ChangeUnknown: true},
	} {
		want.ID = "5"
		found, err := rawClient(t, answerWith(200, `{"credentials":[{"id":"5",`+member+`}]}`), nil).ListCredentials(t.Context())
		if err != nil || !slices.Equal(found, []senhasegura.Credential{want}) {
			t.Errorf("%s: got %+v, %v", member, found, err)
		}
	}
	for _, body := range []string{`{"response":{"error":false},"credentials":[]}`, `{"response":{"error":false},"credentials":null}`} {
		if found, err := rawClient(t, answerWith(200, body), nil).ListCredentials(t.Context()); err != nil || len(found) != 0 {
			t.Errorf("%s: got %v, %v", body, found, err)
		}
	}
}

func TestListsThatCannotBeRead(t *testing.T) {
	entry := `{"id":"5","username":"root"}`
	for name, c := range map[string]struct {
		body string
		kind senhasegura.Kind
	}{
		"no list":    {`{"response":{"status":200,"error":false}}`, senhasegura.KindLost},
		"no array":   {`{"credentials":{"0":` + entry + `}}`, senhasegura.KindLost},
		"truncated":  {`{"credentials":[` + entry + `,`, senhasegura.KindLost},
		"HTML":       {`<html>`, senhasegura.KindLost},
		"empty":      {``, senhasegura.KindLost},
		"two bodies": {`{"credentials":[]}{}`, senhasegura.KindLost},
		"huge entry": {`{"credentials":["` + strings.Repeat("x", 2<<20) + `"]}`, senhasegura.KindLost},
		"huge other": {`{"x":"` + strings.Repeat("x", 2<<20) + `","credentials":[]}`, senhasegura.KindLost},
		"refused":    {`{"response":{"status":400,"error":true,"message":"1039: Without PAM Configuration Access permission"}}`, senhasegura.KindRefused},
	} {
		_, err := rawClient(t, answerWith(200, c.body), nil).ListCredentials(t.Context())
		if e, ok := err.(*senhasegura.Error); !ok || e.Kind != c.kind {
			t.Errorf("%s: got %v, want %s", name, err, c.kind)
		}
	}
}

func TestLargeLists(t *testing.T) {
	serve := func(n int, entry string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			io.WriteString(w, `{"response":{"error":false},"credentials":[{"id":"1"}`)
			for i := range n - 1 {
				io.WriteString(w, ","+strings.ReplaceAll(entry, "#", fmt.Sprint(i+2)))
			}
			io.WriteString(w, `]}`)
		}
	}
	client := rawClient(t, serve(20_000, `{"id":"#","username":"root","hostname":"host-#"}`), nil)
	lists := senhasegura.NewLists(senhasegura.ListsConfig{Client: client})
	lists.Refresh(t.Context()) // the lists of MySafe are not served here
	if m := lists.Lookup(senhasegura.KindCredential, "root@HOST-19999"); ids(m.Entries) != "c19999" {
		t.Errorf("got %+v", m)
	}
	_, err := rawClient(t, serve(200_000, "{}"), nil).ListCredentials(t.Context())
	if err != nil {
		t.Error(err)
	}
	_, err = rawClient(t, serve(200_001, "{}"), nil).ListCredentials(t.Context())
	mustFail(t, err, senhasegura.KindLost)
}

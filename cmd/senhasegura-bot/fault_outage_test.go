package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/slack-go/slack"

	"senhasegura-bot/bot"
	"senhasegura-bot/bot/fakeslack"
	"senhasegura-bot/senhasegura/senhaseguratest"
)

// bubble is the bot, wired as ever, in a bubble of synctest, whose clock it and
// its Slack and its Redis follow: ten minutes pass as soon as nobody has
// anything to do. What waits for the network holds that clock, so Slack is
// called without one, and Redis and senhasegura are outside.
type bubble struct {
	*world // the workspace and what is read from it; no process
	s      *server
	after  sync.WaitGroup
}

// RoundTrip calls Slack without a network. A connection that breaks is a panic there.
func (b *bubble) RoundTrip(r *http.Request) (answer *http.Response, err error) {
	defer func() {
		if recover() != nil {
			answer, err = nil, io.ErrUnexpectedEOF
		}
		if r.Context().Err() != nil {
			answer, err = nil, r.Context().Err()
		}
	}()
	recorder := httptest.NewRecorder()
	b.ws.Handler().ServeHTTP(recorder, r)
	return recorder.Result(), nil
}

// newBubble wires the bot between a Redis and an appliance outside.
func newBubble(t *testing.T, redis *miniredis.Miniredis, pam *httptest.Server, policy string) *bubble {
	t.Helper()
	b := &bubble{world: &world{t: t, ws: fakeslack.New(fakeslack.Config{})}}
	b.ws.SetURL("http://slack.test")
	b.populate()
	config, faults := Load([]string{
		"SLACK_BOT_TOKEN=xoxb-fake", "SLACK_SIGNING_SECRET=fake-signing-secret", "SLACK_API_URL=http://127.0.0.1/api/",
		"REDIS_URL=redis://" + redis.Addr(), "SENHASEGURA_URL=" + pam.URL, "POLICY_FILE=" + policy,
		"SENHASEGURA_CLIENT_ID=pam-client", "SENHASEGURA_CLIENT_SECRET=pam-secret-value",
		"AUDIT_KEY=an audit key of more than thirty-two characters",
	}, os.ReadFile, Flags{})
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	file, err := LoadPolicy(policy)
	if err != nil {
		t.Fatal(err)
	}
	b.s, err = connect(t.Context(), config, file, slog.New(slog.DiscardHandler), newAPI(config, b))
	if err != nil {
		t.Fatal(err)
	}
	b.s.readFirst(t.Context()) // an id is known by its name, which the rules may be about
	b.peek = b.s.store
	return b
}

// run sweeps, with Redis's clock at the bubble's, until the returned function is called.
func (b *bubble) run(redis *miniredis.Miniredis) (stop func()) {
	ctx, cancel := context.WithCancel(b.t.Context())
	var all sync.WaitGroup
	all.Go(func() { _ = b.s.sweeper.Run(ctx, time.Second) })
	all.Go(func() {
		const step = 200 * time.Millisecond
		for tick := time.NewTicker(step); ctx.Err() == nil; {
			select {
			case <-tick.C:
				redis.SetTime(time.Now())
				redis.FastForward(step)
			case <-ctx.Done():
				tick.Stop()
			}
		}
	})
	return func() { cancel(); all.Wait(); b.after.Wait(); b.ws.Close(); b.s.close() }
}

// then does what follows an answer.
func (b *bubble) then(r bot.Reply) {
	if r.Then != nil {
		b.after.Go(func() { r.Then(context.WithoutCancel(b.t.Context())) })
	}
}

// types gives a command to the bot as a transport would, and returns the answer.
func (b *bubble) types(user, text string) string {
	b.t.Helper()
	form, err := b.ws.CommandForm(user, incident, "/pam", text)
	if err != nil {
		b.t.Fatal(err)
	}
	command, err := slack.SlashCommandParse(&http.Request{Method: http.MethodPost, PostForm: form, Form: form})
	if err != nil {
		b.t.Fatal(err)
	}
	reply := b.s.bot.Command(b.t.Context(), form.Get("trigger_id"), command)
	b.then(reply)
	said, _ := json.Marshal(reply.Body)
	return string(said)
}

// asks types a command that makes a request and returns its id.
func (b *bubble) asks(user, text string) string {
	b.t.Helper()
	said := b.types(user, text)
	at := strings.Index(said, "R-")
	if at < 0 {
		b.t.Fatalf("no request: %s", said)
	}
	return said[at : at+8]
}

// presses gives a click on a request's card to the bot.
func (b *bubble) presses(user, id, action string) {
	b.t.Helper()
	all := b.copies(id)
	if len(all) == 0 {
		b.t.Fatalf("%s has no card to press %s on", id, action)
	}
	payload, err := b.ws.ClickPayload(fakeslack.Press{User: user, Message: all[0].Ref(), ActionID: action})
	if err != nil {
		b.t.Fatal(err)
	}
	raw, _ := json.Marshal(payload)
	var click bot.Interaction
	if err := json.Unmarshal(raw, &click); err != nil {
		b.t.Fatal(err)
	}
	b.then(b.s.bot.Interact(b.t.Context(), click))
}

// shows is the state that a request's card shows.
func (b *bubble) shows(id string) string {
	all := b.copies(id)
	if len(all) == 0 {
		return "no card"
	}
	return meta(all[0]).State
}

// outage makes Slack go away for ten minutes, a little different every two of
// them: refusing, silent, cut off, limiting. In the fifth minute only chat is
// away: people can act.
func (b *bubble) outage(began time.Time) {
	during := func(from, to time.Duration) func(fakeslack.Call) bool {
		return func(c fakeslack.Call) bool {
			since := c.At.Sub(began)
			chat := strings.HasPrefix(c.Method, "chat.")
			return since >= from && since < to && (chat || since < 4*time.Minute || since >= 5*time.Minute)
		}
	}
	const m = time.Minute
	for _, f := range []fakeslack.Fault{
		{Status: 503, When: during(0, 2*m)}, {Hang: true, When: during(2*m, 4*m)}, {Reset: true, When: during(4*m, 6*m)},
		{RetryAfter: 60 * time.Second, When: during(6*m, 8*m)}, {Status: 500, When: during(8*m, 10*m)},
	} {
		f.Times = -1
		b.ws.Fail("*", f)
	}
}

// TestFaultSlackTenMinutes: Slack is away for ten minutes while requests wait,
// run, end and are made. Then every card shows the truth within a minute, each
// outcome is told once, and Slack was neither flooded meanwhile nor called when
// it had asked not to be.
func TestFaultSlackTenMinutes(t *testing.T) {
	t.Parallel()
	redis := miniredis.RunT(t)
	appliance := senhaseguratest.New(senhaseguratest.Config{
		PAM: senhaseguratest.Client{ID: "pam-client", Secret: "pam-secret-value"}, Data: senhaseguratest.Sample()})
	pam := httptest.NewUnstartedServer(appliance)
	pam.Config.SetKeepAlivesEnabled(false) // a connection that waits for the network would hold the clock
	pam.Start()
	t.Cleanup(pam.Close)
	policy := filepath.Join(t.TempDir(), "policy.yml")
	if err := os.WriteFile(policy, []byte(standardPolicy+"rules:\n  - name: short\n    targets: [\"12\"]\n    expires: 5m\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		redis.SetTime(time.Now())
		b := newBubble(t, redis, pam, policy)
		b.t = t
		stop := b.run(redis)
		defer stop()
		b.awayForTenMinutes(appliance)
	})
}

// awayForTenMinutes is the scenario.
func (b *bubble) awayForTenMinutes(appliance *senhaseguratest.Appliance) {
	t := b.t
	// Its answers fail for a while: it runs when the outage begins.
	appliance.Inject(senhaseguratest.Fault{Method: "DELETE", Path: "*/pam/credential/6", Times: 3, Kind: senhaseguratest.Status, Status: 500})
	// Its answer is lost: the outcome is unknown.
	appliance.Inject(senhaseguratest.Fault{Method: "DELETE", Path: "*/custody/94", Times: 1, Kind: senhaseguratest.Reset, Act: true})
	want := map[string]string{}
	request := func(text, state string) string {
		id := b.asks(ana, text)
		want[id] = state
		return id
	}
	waits := request("deactivate 5 leaked", "pending")
	runs := request("deactivate 6 leaked", "done")
	request("deactivate 12 leaked", "expired")
	lost := request("release 94 job is done", "unknown")
	approved := request("deactivate 130 leaked", "done")
	cancelled := request("activate 131 all clear", "cancelled")
	time.Sleep(3 * time.Second)
	b.presses(bruno, runs, "approve")
	time.Sleep(time.Second)
	b.presses(bruno, lost, "approve")
	born := request("activate 130 all clear", "pending") // its card is not posted yet
	began := time.Now()
	b.outage(began)
	time.Sleep(4*time.Minute + 10*time.Second)
	b.presses(clara, approved, "approve")
	b.types(ana, "cancel "+cancelled)
	time.Sleep(time.Until(began.Add(10 * time.Minute)))

	b.ws.Heal("*")
	returned := time.Now()
	late := maps.Clone(want)
	for len(late) > 0 && time.Since(returned) < time.Minute {
		time.Sleep(time.Second)
		maps.DeleteFunc(late, func(id, state string) bool { return b.shows(id) == state })
	}
	took := time.Since(returned)
	for id, state := range late {
		t.Errorf("the card of %s shows %s a minute after Slack is back, not %s", id, b.shows(id), state)
	}
	time.Sleep(2 * time.Minute)
	for id, state := range want {
		told := map[string]int{"pending": 0, "cancelled": 0}
		n, quiet := told[state]
		if !quiet {
			n = 1
		}
		if cards, replies := len(b.copies(id)), b.replies(id); cards != 1 || replies != n || b.shows(id) != state {
			t.Errorf("%s (%s): shows %s in %d cards, told %d times", id, state, b.shows(id), cards, replies)
		}
	}
	b.judge(began, returned, took)
	for _, id := range []string{waits, born} { // and it goes on
		b.presses(bruno, id, "approve")
		time.Sleep(15 * time.Second)
		if b.shows(id) != "done" {
			t.Errorf("%s shows %s after it was approved", id, b.shows(id))
		}
	}
}

// judge looks at what Slack was called with meanwhile.
func (b *bubble) judge(began, returned time.Time, took time.Duration) {
	calls := slices.DeleteFunc(b.ws.Calls(""), func(c fakeslack.Call) bool { return c.At.Before(began) || !c.At.Before(returned) })
	by := map[string]int{}
	limited := map[string]time.Time{}
	for _, c := range calls {
		by[c.Method]++
		// Calls of one moment may all have left before the first of them was limited.
		if at, ok := limited[c.Method]; ok && c.At.After(at) && c.At.Before(at.Add(60*time.Second)) {
			b.t.Errorf("%s was called %s after it was limited for 60 s", c.Method, c.At.Sub(at))
		}
		if c.Status == http.StatusTooManyRequests {
			limited[c.Method] = c.At
		}
	}
	if len(limited) == 0 {
		b.t.Error("nothing was limited")
	}
	b.t.Logf("%d calls of Slack in ten minutes without it: %v; all cards were true %s after it was back", len(calls), by, took)
	if limit := 250; len(calls) > limit {
		b.t.Error(fmt.Sprintf("%d calls are a storm: want at most %d", len(calls), limit))
	}
}

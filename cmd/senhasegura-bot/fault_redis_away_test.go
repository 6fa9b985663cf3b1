package main

import (
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"senhasegura-bot/approvals"
	"senhasegura-bot/approvals/redisstore/redistest"
	"senhasegura-bot/bot/fakeslack"
	"senhasegura-bot/senhasegura/senhaseguratest"
)

// away is one way in which Redis cannot be written: begins makes it so, ends
// brings it back.
type away struct {
	name         string
	begins, ends func(t *testing.T, redis *redistest.Server, network *redistest.Proxy)
	reads        bool // it still answers
}

func aways() []away {
	type (
		server = *redistest.Server
		proxy  = *redistest.Proxy
	)
	return []away{
		{name: "refused",
			begins: func(_ *testing.T, r server, _ proxy) { r.Quit() },
			ends:   func(t *testing.T, r server, _ proxy) { r.Resume(t) }},
		{name: "silent",
			begins: func(_ *testing.T, _ server, p proxy) { p.Silence(true) },
			ends:   func(_ *testing.T, _ server, p proxy) { p.Silence(false) }},
		{name: "frozen",
			begins: func(_ *testing.T, r server, _ proxy) { r.Freeze() },
			ends:   func(_ *testing.T, r server, _ proxy) { r.Thaw() }},
		{name: "full", reads: true,
			begins: func(t *testing.T, r server, _ proxy) { r.Must(t, "CONFIG", "SET", "maxmemory", "1") },
			ends:   func(t *testing.T, r server, _ proxy) { r.Must(t, "CONFIG", "SET", "maxmemory", "0") }},
		{name: "read-only", reads: true,
			begins: func(t *testing.T, r server, _ proxy) { r.Must(t, "REPLICAOF", "127.0.0.1", "1") },
			ends:   func(t *testing.T, r server, _ proxy) { r.Must(t, "REPLICAOF", "NO", "ONE") }},
	}
}

// TestFaultRedisAway: while Redis cannot be written, in whichever way, every
// command and click is answered before Slack stops waiting and nobody is told
// more than is certain; the process is alive and not ready. When it is back,
// work goes on by itself.
func TestFaultRedisAway(t *testing.T) {
	t.Parallel()
	for _, a := range aways() {
		t.Run(a.name, func(t *testing.T) {
			t.Parallel()
			s := setup{env: map[string]string{"LEASE": "3s"}, redis: redistest.Start(t, redistest.AOF("everysec")...)}
			network := redistest.NewProxy(t, s.redis.Addr)
			s.env["REDIS_URL"] = network.URL
			w := newWorld(t, s)
			w.firstTry = true
			p := w.processes[0]
			pending := w.asks(ana, "deactivate 5 leaked")
			w.appliance.Inject(senhaseguratest.Fault{Method: "DELETE", Path: "*/pam/credential/6", Times: 1, Kind: senhaseguratest.Delay, DelayMS: 1000})
			running := w.asks(ana, "deactivate 6 leaked")
			w.clicks(bruno, running, "approve")
			w.eventually("a call is under way", func() bool { return len(w.calls()) == 1 })

			a.begins(t, s.redis, network)
			w.eventually("not ready", func() bool {
				status, body := p.get("/readyz")
				return status == http.StatusServiceUnavailable && strings.Contains(body, "redis") && strings.Contains(body, "takes no writes") == a.reads
			})
			if status, _ := p.get("/healthz"); status != http.StatusOK {
				t.Errorf("not alive: %d", status)
			}
			w.answersWithout(pending)

			a.ends(t, s.redis, network)
			w.eventually("ready again", func() bool { status, _ := p.get("/readyz"); return status == http.StatusOK })
			w.becomesWithin(running, "done", 60)
			w.decides(pending)
			w.becomesWithin(pending, "done", 60)
			if n := len(w.calls()); n != 2 {
				t.Errorf("%d calls for two requests: %v", n, w.calls())
			}
			contains(t, w.requests(incident, ana, "deactivate 130 leaked"), "is requested")
		})
	}
}

// answersWithout types and presses everything at once while nothing can be
// stored, and holds the answers to what is certain.
func (w *world) answersWithout(card fakeslack.Message) {
	w.t.Helper()
	id := meta(card).Request
	const certain, unsure = "Nothing was requested or decided", "Not confirmed"
	wants := map[string][]string{
		"deactivate 12 leaked": {certain, unsure}, "status " + id: {certain}, "pending": {certain}, "cancel " + id: {certain, unsure},
		"find db01": {"root@db01"}, "explain 1018": {"custody"}, "help": {"deactivate"},
	}
	var asking sync.WaitGroup
	for line, either := range wants {
		asking.Go(func() {
			var reply fakeslack.Reply
			err := answersInTime(func() (err error) { reply, err = w.ws.Command(ana, incident, "/pam", line); return err })
			if err != nil || reply.Shown == nil {
				w.t.Errorf("%s: no answer after %s: %v", line, reply.Took, err)
				return
			}
			shown := plainText(*reply.Shown)
			for _, part := range either {
				if strings.Contains(shown, part) {
					return
				}
			}
			w.t.Errorf("%s: answered %s", line, shown)
		})
	}
	for user, action := range map[string]string{bruno: "approve", heitor: "deny", ana: "cancel"} {
		asking.Go(func() {
			if err := answersInTime(func() error { _, err := w.ws.ClickOld(user, card, action); return err }); err != nil {
				w.t.Errorf("%s pressed %s and had no answer: %v", user, action, err)
			}
		})
	}
	asking.Wait()
	for user, either := range map[string][]string{bruno: {certain, unsure}, ana: {certain, unsure}} {
		w.eventually(user+" is told that the click did nothing", func() bool {
			for _, m := range w.ws.Ephemerals(user) {
				if m.Via == "chat.postEphemeral" && (strings.Contains(plainText(m), either[0]) || strings.Contains(plainText(m), either[1])) {
					return true
				}
			}
			return false
		})
	}
}

// answersInTime asks again when Slack gave up waiting: a machine that is busy with other
// tests may be late once, and a bot that is slow by itself is slow each time.
func answersInTime(ask func() error) (err error) {
	for range 3 {
		if err = ask(); !errors.Is(err, fakeslack.ErrTimeout) {
			break
		}
	}
	return err
}

// decides presses Approve as somebody who was told that nothing was decided.
func (w *world) decides(card fakeslack.Message) {
	w.t.Helper()
	id := meta(card).Request
	if r, _, err := w.store().Load(w.t.Context(), id); err != nil || r.State != approvals.Pending {
		w.t.Fatalf("it is %s, %v", r.State, err)
	}
	w.clicks(bruno, card, "approve")
}

// TestFaultOutageInADrawing: Redis goes away between a post and its record, for
// longer than a drawing takes. There is one card, and its thread is told once.
func TestFaultOutageInADrawing(t *testing.T) {
	t.Parallel()
	s := setup{redis: redistest.Start(t, redistest.AOF("everysec")...)}
	w := newWorld(t, s)
	w.firstTry = true
	hidden := func(d time.Duration, act func()) {
		w.ws.Fail("chat.postMessage", fakeslack.Fault{Times: 1, AfterActing: true, Delay: time.Second})
		before := len(w.ws.Messages(incident))
		act()
		w.eventually("the post is there", func() bool { return len(w.ws.Messages(incident)) > before })
		s.redis.Quit()
		lasts(d)
		s.redis.Resume(t)
	}
	var card fakeslack.Message
	hidden(7*time.Second, func() { card = w.asks(ana, "deactivate 5 leaked") })
	w.eventually("the card is on record", func() bool {
		c, err := w.store().Card(t.Context(), meta(card).Request)
		return err == nil && c.TS == card.TS
	})
	hidden(7*time.Second, func() { w.clicks(bruno, card, "approve") })
	w.becomes(card, "done")
	w.eventually("the card rests", func() bool {
		c, err := w.store().Card(t.Context(), meta(card).Request)
		return err == nil && c.Told == 1 && c.TS == card.TS
	})
	if n := len(w.ws.Thread(card.Channel, card.TS)); n != 1 || len(w.cards()) != 1 {
		t.Errorf("%d cards, the thread was told %d times", len(w.cards()), n)
	}
}

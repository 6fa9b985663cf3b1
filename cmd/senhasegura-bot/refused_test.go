package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"senhasegura-bot/approvals"
	"senhasegura-bot/approvals/redisstore"
	"senhasegura-bot/bot/fakeslack"
)

// opens connects to the world's Redis, as somebody who may write there.
func (w *world) opens() redis.UniversalClient {
	w.t.Helper()
	client, err := redisstore.Open(w.redis.URL)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { client.Close() })
	return client
}

// TestFifteenRefusalsOfOnePerson: ten are listed, and when the minute is over
// one entry says that there were five more. Each click is answered all the
// same, and another person's are listed.
func TestFifteenRefusalsOfOnePerson(t *testing.T) {
	transports(t, func(t *testing.T, socket bool) {
		w := newWorld(t, setup{socket: socket})
		card := w.asks(ana, "deactivate 5 leaked")
		for i := range 15 {
			w.forges(dora, card, []string{"approve", "deny", "cancel"}[i%3], fmt.Sprintf("R-000000.%d", i))
		}
		w.clicks(ana, card, "approve")
		w.answered(dora, 15)
		const more = "senhasegura-bot:{T0FAKE}:audit:more"
		client := w.opens()
		var due, person string
		w.eventually("five are counted", func() bool {
			var n string
			due, person, _ = strings.Cut(client.HGet(t.Context(), more, dora).Val(), " ")
			n, person, _ = strings.Cut(person, " ")
			return n == "5"
		})
		w.onRecord("ten of Dora's", 10, func(e approvals.Logged) bool { return e.By.User == dora })
		w.onRecord("Ana's", 1, func(e approvals.Logged) bool { return e.By.User == ana && e.Note == "own_request" })
		// Nobody waits here for the minute to be over: it is said to be.
		client.HSet(t.Context(), more, dora, fmt.Sprintf("%d 5 %s", number(t, due)-60_000, person))

		var counts []int
		w.eventually("the count is exported", func() bool {
			counts = w.exportedRefusals(dora)
			return len(counts) == 11
		})
		for i, n := range counts {
			if want := map[bool]int{true: 5}[i == 10]; n != want {
				t.Errorf("refusal %d of Dora's stands for %d more, want %d", i+1, n, want)
			}
		}
		cef, _ := w.tool("audit", "export", "--format", "cef")
		contains(t, cef, "cnt=5")
		w.verifies()
		w.still(card)
	})
}

func number(t *testing.T, s string) (n int64) {
	t.Helper()
	if err := json.Unmarshal([]byte(s), &n); err != nil {
		t.Fatalf("%q is no number", s)
	}
	return n
}

// exportedRefusals is, for each refusal of a person that `audit export` prints,
// how many more it stands for.
func (w *world) exportedRefusals(user string) []int {
	w.t.Helper()
	out, _ := w.tool("audit", "export")
	var counts []int
	for line := range strings.Lines(out) {
		var l struct {
			Entry approvals.Entry `json:"entry"`
		}
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			w.t.Fatalf("exported: %s: %v", line, err)
		}
		if l.Entry.Event == approvals.EventRefuse && l.Entry.By.User == user {
			counts = append(counts, l.Entry.Count)
		}
	}
	return counts
}

// TestTheAuditIsBentWhileTheBotServes: somebody with write access to Redis
// alters an entry, or puts a link of their own at the end of the chain. The bot
// finds the one with the next day's look and the other at once; the channel of
// the audit and the log are told where, and the bot goes on.
func TestTheAuditIsBentWhileTheBotServes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		where string
		bend  func(*testing.T, redis.UniversalClient)
	}{
		"an entry": {"entry 3:", func(t *testing.T, c redis.UniversalClient) {
			alter(t, c, 3, bruno, clara) // who approved
			yesterday := time.Now().Add(-25 * time.Hour).UnixMilli()
			c.HSet(t.Context(), auditBase+":published", "at", yesterday) // a day passes
		}},
		"the end": {"entry 7:", func(t *testing.T, c redis.UniversalClient) {
			c.XAdd(t.Context(), &redis.XAddArgs{Stream: auditBase + ":chain", ID: "7-0", Values: []string{"hash", strings.Repeat("0", 64), "seal", "0"}})
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, client := servesAnAudit(t)
			c.bend(t, client)
			w.eventually("the channel is told", func() bool { return len(w.ws.Messages(auditChannel)) == 2 })
			contains(t, plainText(w.ws.Messages(auditChannel)[1]), "The audit does not verify: "+c.where, "senhasegura-bot audit verify redis")
			w.logs(w.processes[0], "not what was written there", c.where)
			if out, status := w.tool("audit", "verify", "redis"); status != exitFailed || !strings.Contains(out, c.where) {
				t.Errorf("audit verify: status %d\n%s", status, out)
			}
			card := w.asks(ana, "activate 5 clear")
			w.clicks(bruno, card, "approve")
			w.becomes(card, "done")
		})
	}
}

// servesAnAudit is a bot that has told the head of an audit of six entries; the
// third is Bruno's approval.
func servesAnAudit(t *testing.T) (*world, redis.UniversalClient) {
	w := newWorld(t, setup{stays: true, policy: standardPolicy + "audit_channel: " + auditChannel + "\n"})
	w.ws.AddChannel(fakeslack.Channel{ID: auditChannel, Name: "pam-audit", Creator: dora, Members: []string{"U0BOT", clara}})
	w.start()
	card := w.asks(ana, "deactivate 5 leaked")
	w.clicks(ana, card, "approve")
	w.onRecord("Ana's own", 1, func(approvals.Logged) bool { return true })
	w.clicks(bruno, card, "approve")
	w.becomes(card, "done")
	contains(t, w.verifies(), "6 entries")
	w.eventually("a head is told", func() bool { return len(w.ws.Messages(auditChannel)) == 1 })
	client := w.opens()
	w.eventually("that is noted", func() bool { return client.Exists(t.Context(), auditBase+":published").Val() == 1 })
	return w, client
}

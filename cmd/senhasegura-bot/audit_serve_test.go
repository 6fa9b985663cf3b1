package main

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
	"github.com/slack-go/slack"

	"senhasegura-bot/approvals"
	"senhasegura-bot/approvals/redisstore"
	"senhasegura-bot/bot"
	"senhasegura-bot/bot/fakeslack"
)

const auditChannel = "CAUDIT"

// keeper is the part of a process that keeps the audit, over a Redis whose
// clock is set by hand: days pass at once.
type keeper struct {
	*server
	t       *testing.T
	ws      *fakeslack.Workspace
	redis   *miniredis.Miniredis
	client  redis.UniversalClient
	now     time.Time
	entries int
}

func newKeeper(t *testing.T) *keeper {
	k := &keeper{t: t, redis: miniredis.RunT(t), now: time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)}
	k.ws = fakeslack.New(fakeslack.Config{})
	k.ws.AddChannel(fakeslack.Channel{ID: auditChannel, Name: "pam-audit", Members: []string{"U0BOT"}})
	web := httptest.NewServer(k.ws.Handler())
	t.Cleanup(func() { k.ws.Close(); web.Close() })
	k.client = redis.NewClient(&redis.Options{Addr: k.redis.Addr()})
	t.Cleanup(func() { k.client.Close() })
	policy := &livePolicy{}
	policy.current.Store(&approvals.Policy{Language: "en", AuditChannel: auditChannel})
	desk := approvals.NewDesk(approvals.Config{Process: "p1", Policy: policy.Current})
	api := slack.New("xoxb-fake", slack.OptionAPIURL(web.URL+"/api/"))
	k.server = &server{logger: slog.New(slog.DiscardHandler), policy: policy, desk: desk,
		store: redisstore.New(redisstore.Config{Client: k.client, Team: "T0FAKE", AuditKey: []byte("key")}),
		bot:   bot.New(bot.Config{API: api, Desk: desk, Logger: slog.New(slog.DiscardHandler)})}
	k.pass(0)
	return k
}

func (k *keeper) pass(d time.Duration) {
	k.now = k.now.Add(d)
	k.redis.SetTime(k.now)
	k.redis.FastForward(d)
}

// happens puts n entries on record.
func (k *keeper) happens(n int) {
	k.t.Helper()
	for range n {
		k.entries++
		by := approvals.Person{User: fmt.Sprint("U", k.entries), Name: "somebody"}
		if err := k.store.Note(k.t.Context(), approvals.Entry{Event: approvals.EventRefuse, By: by, Note: "own_request"}); err != nil {
			k.t.Fatal(err)
		}
	}
}

// alters changes what an entry says, as somebody who can write to Redis.
func (k *keeper) alters(seq int) {
	k.t.Helper()
	alter(k.t, k.client, seq, "own_request", "not_eligible")
}

// alter writes other words into an entry of the audit; its HMAC stays.
func alter(t *testing.T, client redis.UniversalClient, seq int, old, new string) {
	t.Helper()
	k := readKept(t, client)
	was := fmt.Sprint(k.entry(seq)["entry"])
	if k.replace(seq, "entry", old, new); was == k.entry(seq)["entry"] {
		t.Fatalf("entry %d does not say %q: %s", seq, old, was)
	}
	_, err := client.TxPipelined(t.Context(), func(p redis.Pipeliner) error { // a bot may be serving
		p.Del(t.Context(), auditBase)
		for _, m := range k.entries {
			p.XAdd(t.Context(), &redis.XAddArgs{Stream: auditBase, ID: m.ID, Values: m.Values})
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// looks is one pass in which everything is looked at; bent says whether it must
// complain of the audit.
func (k *keeper) looks(bent bool) {
	k.t.Helper()
	if err := k.keepAudit(k.t.Context(), true); errors.Is(err, redisstore.ErrBent) != bent {
		k.t.Fatalf("looking at the audit: %v, want a complaint: %v", err, bent)
	}
}

// told checks what the channel has read so far: each message holds its part.
func (k *keeper) told(parts ...string) {
	k.t.Helper()
	got := k.ws.Messages(auditChannel)
	if len(got) != len(parts) {
		k.t.Fatalf("%d messages, want %d: %+v", len(got), len(parts), got)
	}
	for i, part := range parts {
		contains(k.t, plainText(got[i]), part)
	}
}

const day = 24 * time.Hour

// TestHeadOfTheDay: the head is told once a day, over all processes, if there
// is a new one.
func TestHeadOfTheDay(t *testing.T) {
	k := newKeeper(t)
	k.looks(false)
	k.told()
	k.happens(3)
	k.looks(false)
	k.told("--head 3:")
	k.happens(1)
	k.pass(day - time.Second)
	k.looks(false)
	k.told("--head 3:")
	k.pass(time.Second)
	k.looks(false)
	k.looks(false)
	k.told("--head 3:", "--head 4:")
	k.pass(3 * day) // nothing happened
	k.looks(false)
	k.told("--head 3:", "--head 4:")
	k.happens(1)
	k.pass(day)
	k.ws.Fail("chat.postMessage", fakeslack.Fault{Error: "not_in_channel"})
	if err := k.keepAudit(t.Context(), true); err == nil {
		t.Error("a head that could not be told is no fault")
	}
	k.looks(false) // claimed for a minute by who failed
	k.told("--head 3:", "--head 4:")
	k.pass(time.Minute)
	k.looks(false)
	k.told("--head 3:", "--head 4:", "--head 5:")
}

// TestBentAudit: an audit that was tampered with is told once a day with the
// place, in the place of the head, and for as long as it is so.
func TestBentAudit(t *testing.T) {
	const where = "does not verify: entry 2:"
	k := newKeeper(t)
	k.happens(3)
	k.looks(false)
	k.alters(2)
	k.happens(1)
	k.pass(day)
	k.looks(true)
	k.told("--head 3:", where)
	for range 23 {
		k.pass(time.Hour)
		k.looks(true)
	}
	k.told("--head 3:", where)
	k.pass(time.Hour)
	k.looks(true)
	k.told("--head 3:", where, where)
	alter(t, k.client, 2, "not_eligible", "own_request")
	k.pass(time.Minute)
	k.looks(false)
	k.told("--head 3:", where, where, "--head 4:")
}

// TestBentOnAQuietDay: it is noticed although nothing happened since the head
// was told.
func TestBentOnAQuietDay(t *testing.T) {
	k := newKeeper(t)
	k.happens(3)
	k.looks(false)
	k.pass(2 * day)
	k.looks(false)
	k.alters(1)
	k.pass(day)
	k.looks(true)
	k.told("--head 3:", "does not verify: entry 1:")
}

// TestBentWhileSlackIsAway: what could not be told is told later.
func TestBentWhileSlackIsAway(t *testing.T) {
	k := newKeeper(t)
	k.happens(3)
	k.looks(false)
	k.alters(3)
	k.pass(day)
	k.ws.Fail("chat.postMessage", fakeslack.Fault{Status: 503})
	k.looks(true)
	k.told("--head 3:")
	k.pass(time.Minute)
	k.looks(true)
	k.told("--head 3:", "does not verify: entry 3:")
}

// TestBentEnd: an end of the chain that is not the bot's, or was cut back, is
// told at once and not after a day.
func TestBentEnd(t *testing.T) {
	k := newKeeper(t)
	k.happens(3)
	k.looks(false)
	k.pass(time.Hour)
	chain := auditBase + ":chain"
	if err := k.client.XAdd(t.Context(), &redis.XAddArgs{Stream: chain, ID: "4-0", Values: []string{"hash", strings.Repeat("0", 64), "seal", "0"}}).Err(); err != nil {
		t.Fatal(err)
	}
	k.looks(true)
	k.told("--head 3:", "does not verify: entry 4:")

	k = newKeeper(t)
	k.happens(3)
	k.looks(false)
	k.pass(time.Hour)
	k.client.XDel(t.Context(), chain, "3-0")
	k.client.XDel(t.Context(), auditBase, "3-0")
	k.looks(true)
	k.told("--head 3:", "does not verify: entry 3:")
}

// TestToldTomorrow: who can write to Redis does not put the next telling off by
// a date that lies ahead.
func TestToldTomorrow(t *testing.T) {
	k := newKeeper(t)
	k.happens(3)
	k.looks(false)
	k.alters(1)
	k.client.HSet(t.Context(), auditBase+":published", "at", k.now.Add(1000*day).UnixMilli())
	k.pass(time.Minute)
	k.looks(true)
	k.told("--head 3:", "does not verify: entry 1:")
}

// TestToldBySomebodyElse: who can write to Redis silences the witness neither
// by notes of what was told just now, nor by holding the right to tell.
func TestToldBySomebodyElse(t *testing.T) {
	k := newKeeper(t)
	k.happens(3)
	k.looks(false)
	k.alters(1)
	k.pass(day)
	published := auditBase + ":published"
	k.client.HSet(t.Context(), published, "at", k.now.UnixMilli(), "bent:"+auditChannel, k.now.UnixMilli())
	k.looks(true)
	k.told("--head 3:", "does not verify: entry 1:")

	k = newKeeper(t)
	k.happens(3)
	k.looks(false)
	k.alters(1)
	k.pass(day)
	at := k.client.HGet(t.Context(), published, "at").Val()
	if first, err := k.store.First(t.Context(), "audit head:"+auditChannel+":3:"+at, 1000*day); !first || err != nil {
		t.Fatalf("taking the right to tell: %v, %v", first, err)
	}
	for range 15 {
		k.looks(false)
		k.pass(time.Minute)
	}
	k.told("--head 3:")
	k.pass(time.Minute)
	k.looks(true)
	k.told("--head 3:", "does not verify: entry 1:")
}

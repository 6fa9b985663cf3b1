package main

import (
	"context"
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"senhasegura-bot/approvals"
	"senhasegura-bot/approvals/redisstore"
	"senhasegura-bot/bot/fakeslack"
)

// tamper changes a request in Redis as somebody could who may write there but
// has no AUDIT_KEY.
func (w *world) tamper(id string, bend func(*approvals.Request), fields ...any) {
	w.t.Helper()
	client, err := redisstore.Open(w.redis.URL)
	if err != nil {
		w.t.Fatal(err)
	}
	defer client.Close()
	ctx, key := context.Background(), "senhasegura-bot:{T0FAKE}:request:"+id
	record, err := client.HGet(ctx, key, "record").Result()
	if err != nil {
		w.t.Fatal(err)
	}
	var r approvals.Request
	if err := json.Unmarshal([]byte(record), &r); err != nil {
		w.t.Fatal(err)
	}
	bend(&r)
	bent, err := json.Marshal(r)
	if err != nil {
		w.t.Fatal(err)
	}
	fields = append(fields, "record", string(bent), "state", string(r.State))
	if err := client.HSet(ctx, key, fields...).Err(); err != nil {
		w.t.Fatal(err)
	}
	if r.State == approvals.Approved {
		client.ZAdd(ctx, "senhasegura-bot:{T0FAKE}:runnable", redis.Z{Score: 1, Member: id})
	}
}

// TestRedisWithoutTheKey: with full write access to Redis and no key, nothing
// brings about a call that two people did not decide on as the card showed it.
func TestRedisWithoutTheKey(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	approve := func(card fakeslack.Message) { w.clicks(bruno, card, "approve") }
	vote := func(r *approvals.Request, user string) {
		r.State, r.Run = approvals.Approved, approvals.Run{Number: 1, StartBy: r.Expires}
		r.Votes = []approvals.Vote{{Person: approvals.Person{Key: "T0FAKE:" + user, User: user}, At: r.Created, Seal: "made up"}}
	}
	for _, c := range []struct {
		name string
		bend func(*approvals.Request)
		with []any
		then func(fakeslack.Message)
	}{
		{name: "approved by nobody", bend: func(r *approvals.Request) { r.State = approvals.Approved }},
		{name: "a vote made up", bend: func(r *approvals.Request) { vote(r, clara) }},
		{name: "another requester, so that Bruno approves his own",
			bend: func(r *approvals.Request) { r.Requester = approvals.Person{Key: "T0FAKE:" + dora, User: dora} },
			with: []any{"requester", "T0FAKE:" + dora, "requester_user", dora}, then: approve},
		{name: "another target than the card shows", bend: func(r *approvals.Request) { r.Targets = []approvals.Target{{Ref: "12"}} }, then: approve},
		{name: "another verb than the card shows", bend: func(r *approvals.Request) { r.Verb = approvals.Release }, then: approve},
		{name: "a laxer rule", bend: func(r *approvals.Request) { r.Rule.Approvers = [][]approvals.Approver{{{Person: dora}}} },
			then: func(m fakeslack.Message) { w.clicks(dora, m, "approve") }},
	} {
		card := w.asks(ana, "deactivate 5 leaked")
		id := meta(card).Request
		w.tamper(id, c.bend, c.with...)
		if c.then != nil {
			c.then(card)
		}
		w.settles(id)
		if calls := w.calls(); len(calls) > 0 {
			t.Errorf("%s: %v", c.name, calls)
		}
		w.tamper(id, func(r *approvals.Request) { r.State = approvals.Denied })
		w.forgetOpen()
	}
}

// settles waits until a run of the request, if there is one, has ended.
func (w *world) settles(id string) {
	w.t.Helper()
	client, err := redisstore.Open(w.redis.URL)
	if err != nil {
		w.t.Fatal(err)
	}
	defer client.Close()
	store := redisstore.New(redisstore.Config{Client: client, Team: "T0FAKE"})
	w.eventually("the run of "+id+" ends", func() bool {
		r, _, err := store.Load(w.t.Context(), id)
		return err == nil && r.State != approvals.Approved && r.State != approvals.Running
	})
}

// forgetOpen frees the targets of requests that a test has bent.
func (w *world) forgetOpen() {
	client, err := redisstore.Open(w.redis.URL)
	if err != nil {
		w.t.Fatal(err)
	}
	defer client.Close()
	keys, err := client.Keys(context.Background(), "senhasegura-bot:{T0FAKE}:open:*").Result()
	if err != nil {
		w.t.Fatal(err)
	}
	for _, key := range keys {
		client.Del(context.Background(), key)
	}
}

// TestReplayOfAnOldRequest: what was approved and run once does not run again
// because its state was set back.
func TestReplayOfAnOldRequest(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	card := w.asks(ana, "deactivate 5 leaked")
	w.clicks(bruno, card, "approve")
	w.becomes(card, "done")
	id := meta(card).Request
	for _, number := range []int{0, -3, 2} {
		w.tamper(id, func(r *approvals.Request) {
			r.State, r.Targets[0] = approvals.Approved, approvals.Target{Ref: r.Targets[0].Ref, ID: r.Targets[0].ID, Name: r.Targets[0].Name, Label: r.Targets[0].Label}
			r.Run = approvals.Run{Number: number, StartBy: r.Expires.AddDate(1, 0, 0)}
		})
		w.settles(id)
	}
	if n := len(w.calls()); n != 1 {
		t.Errorf("%d calls, want 1: %v", n, w.calls())
	}
}

// TestSamePersonEdited: taking an entry of same_person away does not make one
// person two while a request is open.
func TestSamePersonEdited(t *testing.T) {
	t.Parallel()
	policy := "defaults:\n  approvers: [S0SRE]\n"
	w := newWorld(t, setup{stays: true, policy: policy + "same_person: [[UANA, UBRUNO]]\n"})
	for _, id := range []string{ana, bruno} {
		w.ws.UpdateUser(id, func(u *fakeslack.User) {
			u.Enterprise = &fakeslack.EnterpriseUser{ID: "WONE", EnterpriseID: "E0ORG", Teams: []string{"T0FAKE"}}
		})
	}
	p := w.start()
	card := w.asks(ana, "deactivate 5 leaked")
	w.writePolicy(policy)
	p.cmd.Process.Signal(hangup)
	w.eventually("the policy is reloaded", func() bool { return strings.Contains(p.log.String(), "policy reloaded") })
	w.clicks(bruno, card, "approve")
	w.whispered(bruno, "somebody else must decide it")
	if n := len(w.calls()); n != 0 {
		t.Errorf("%d calls", n)
	}
}

// TestPrivateChannelsStayPrivate: neither a duplicate nor a form that was
// opened before somebody left tells or does anything there.
func TestPrivateChannelsStayPrivate(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{env: map[string]string{"IDENTITY_CACHE": "0s"}})
	w.ws.AddChannel(fakeslack.Channel{ID: "CPRIV", Name: "war-room", Private: true, Creator: dora, Members: []string{"U0BOT", ana, bruno, dora}})
	contains(t, w.requests("CPRIV", ana, "deactivate 5 leaked"), "is requested")
	shown := w.types(clara, "deactivate 5 leaked")
	contains(t, shown, "in a channel you cannot see")
	if strings.Contains(shown, "R-") {
		t.Errorf("a duplicate names a request of a private channel: %s", shown)
	}
	w.typesIn("CPRIV", dora, "deactivate 6")
	view := w.opened(dora, "request")
	w.ws.Leave("CPRIV", dora)
	out, err := w.ws.Submit(dora, view, fakeslack.Values{"reason": "leaked"})
	if err != nil || !strings.Contains(out.View.Text(), "not a member") {
		t.Errorf("asking where one has left: %q, %v", out.View.Text(), err)
	}
}

// TestAnotherWorkspacesRequest: what one workspace approved is not run for
// another that shares Redis and AUDIT_KEY with it, and may have another
// appliance.
func TestAnotherWorkspacesRequest(t *testing.T) {
	t.Parallel()
	first := newWorld(t, setup{})
	second := newWorld(t, setup{stays: true})
	second.ws = fakeslack.New(fakeslack.Config{TeamID: "T0SECOND"})
	slack := httptest.NewServer(second.ws.Handler())
	second.ws.SetURL(slack.URL)
	t.Cleanup(func() { second.ws.Close(); slack.Close() })
	second.env["SLACK_API_URL"], second.env["REDIS_URL"] = slack.URL+"/api/", first.redis.URL
	second.start()
	card := first.asks(ana, "deactivate 5 leaked")
	first.clicks(bruno, card, "approve")
	first.becomes(card, "done")
	id := meta(card).Request
	client, err := redisstore.Open(first.redis.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	store := redisstore.New(redisstore.Config{Client: client, Team: "T0FAKE"})
	r, _, err := store.Load(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	copied := "senhasegura-bot:{T0SECOND}:request:" + id
	if err := client.Copy(t.Context(), "senhasegura-bot:{T0FAKE}:request:"+id, copied, 0, false).Err(); err != nil {
		t.Fatal(err)
	}
	r.State, r.Run = approvals.Approved, approvals.Run{Number: 1, StartBy: r.Expires}
	r.Targets[0].Result, r.Targets[0].Answer = "", approvals.Answer{}
	record, _ := json.Marshal(r)
	client.HSet(t.Context(), copied, "record", string(record), "state", "approved")
	client.ZAdd(t.Context(), "senhasegura-bot:{T0SECOND}:runnable", redis.Z{Score: 1, Member: id})
	store = redisstore.New(redisstore.Config{Client: client, Team: "T0SECOND"})
	second.eventually("the copy is refused", func() bool {
		r, _, err := store.Load(t.Context(), id)
		return err == nil && r.State == approvals.Failed
	})
	if calls := second.calls(); len(calls) > 0 {
		t.Errorf("the second workspace's appliance received %v", calls)
	}
}

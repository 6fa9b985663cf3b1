package main

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"senhasegura-bot/approvals"
	"senhasegura-bot/approvals/redisstore"
	"senhasegura-bot/bot/fakeslack"
	"senhasegura-bot/senhasegura/senhaseguratest"
)

// TestApproveAndExpireAtOnce: two people's clicks come when the time is just up,
// at two processes that both look for what has expired. Either a click counted,
// or the request expired; never both, and never neither.
func TestApproveAndExpireAtOnce(t *testing.T) {
	transports(t, func(t *testing.T, socket bool) {
		w := newWorld(t, setup{socket: socket, stays: true, policy: standardPolicy + "rules:\n  - name: soon\n    expires: 3s\n"})
		const rounds = 24
		items := w.appliance.Items()
		for i := range rounds {
			items.Credentials = append(items.Credentials, senhaseguratest.Credential{ID: 1000 + i, Username: "root", Hostname: fmt.Sprintf("host%d", i)})
		}
		w.appliance.SetItems(items)
		w.start()
		w.start()
		cards := w.clickedAround(rounds, func(i int, expires time.Time) time.Time {
			switch i {
			case 0:
				return time.Now() // surely in time
			case rounds - 1:
				return expires.Add(2 * time.Second) // surely not
			}
			return expires.Add(time.Duration(i-rounds*3/5) * 100 * time.Millisecond / rounds) // 60 ms before to 40 ms after
		})
		votes := map[string]int{}
		for i, card := range cards {
			voters := w.approvedOrExpired(card)
			if n := times(w.calls(), fmt.Sprintf("DELETE /api/pam/credential/%d by PAM Core", 1000+i)); n != len(voters) {
				t.Errorf("%s: approved by %v, %d calls", meta(card).Request, voters, n)
			}
			for _, user := range voters {
				votes[user]++
			}
		}
		approved := votes[bruno] + votes[clara]
		if approved == 0 || approved == rounds {
			t.Errorf("%d of %d were approved: not a race", approved, rounds)
		}
		w.answered(bruno, rounds-votes[bruno])
		w.answered(clara, rounds-votes[clara])
		if n := len(w.calls()); n != approved {
			t.Errorf("%d calls for %d approvals", n, approved)
		}
		w.verifies()
	})
}

// clickedAround asks for the credentials from 1000 on, one request for each;
// Bruno presses at the instant given for its number and expiry, Clara right after.
func (w *world) clickedAround(rounds int, at func(i int, expires time.Time) time.Time) []fakeslack.Message {
	w.t.Helper()
	var cards []fakeslack.Message
	var clicking sync.WaitGroup
	for i := range rounds {
		card := w.asks(ana, fmt.Sprintf("deactivate %d leaked", 1000+i))
		cards = append(cards, card)
		then := at(i, w.expires(card))
		for j, user := range []string{bruno, clara} {
			clicking.Go(func() {
				<-time.After(time.Until(then.Add(time.Duration(2*j) * time.Millisecond)))
				w.clicks(user, card, "approve")
			})
		}
	}
	clicking.Wait()
	return cards
}

// approvedOrExpired checks that a request tells one of the two stories, and
// returns who approved it.
func (w *world) approvedOrExpired(card fakeslack.Message) []string {
	w.t.Helper()
	id := meta(card).Request
	w.eventually(id+" is decided", func() bool { return len(w.audit(id)) > 1 })
	decided := w.audit(id)[1]
	if decided.Event == approvals.EventVote {
		w.oneStory(card, "done", ran...)
	} else {
		w.oneStory(card, "expired", approvals.EventSubmit, approvals.EventExpire)
	}
	if late := !decided.At.Before(w.expires(card)); late != (decided.Event == approvals.EventExpire) {
		w.t.Errorf("%s: %s at %s, and it expires at %s", id, decided.Event, decided.At, w.expires(card))
	}
	return w.votersOf(id)
}

// expires is when a request does, by the store's clock.
func (w *world) expires(card fakeslack.Message) time.Time {
	w.t.Helper()
	client, err := redisstore.Open(w.redis.URL)
	if err != nil {
		w.t.Fatal(err)
	}
	defer client.Close()
	r, _, err := redisstore.New(redisstore.Config{Client: client, Team: "T0FAKE"}).Load(w.t.Context(), meta(card).Request)
	if err != nil {
		w.t.Fatal(err)
	}
	return r.Expires
}

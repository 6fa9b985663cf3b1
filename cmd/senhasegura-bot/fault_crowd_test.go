package main

import (
	"context"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"senhasegura-bot/bot/fakeslack"
	"senhasegura-bot/senhasegura/senhaseguratest"
)

// Bounds of a crowd: how many flows are under way at once, and how soon after
// the fault every one of them must have come to its end (product.md §4).
const (
	underWay = 24
	converge = 60 * time.Second
)

// crowd is many people at work in one channel, each flow with its own.
type crowd struct {
	w     *world
	t     *testing.T
	flows []*flow

	ctx     context.Context // ends when all must have come to its end
	cancel  context.CancelFunc
	working sync.WaitGroup
	started atomic.Int64
	front   *balancer
	deaths  []time.Time   // of processes; or when they were stopped
	windows int           // threads told twice by a death
	ahead   time.Duration // of Redis's clock to senhasegura's

	mu    sync.Mutex
	cards map[string]fakeslack.Message // by request
	read  map[string]lastLook          // by message
}

// lastLook is which request's card a message was when its history was so long.
type lastLook struct {
	history int
	request string
}

// newCrowd makes n flows, their people and their credentials.
func newCrowd(w *world, n int) *crowd {
	c := &crowd{w: w, t: w.t, cards: map[string]fakeslack.Message{}, read: map[string]lastLook{}}
	c.ctx, c.cancel = context.WithCancel(context.Background())
	w.t.Cleanup(c.cancel)
	data := senhaseguratest.Sample()
	var approvers []string
	for i := range n {
		f := newFlow(c, i)
		c.flows = append(c.flows, f)
		for _, id := range []string{f.asker, f.one, f.two} {
			w.ws.AddUser(fakeslack.User{ID: id, Name: strings.ToLower(id)})
			w.ws.Join(incident, id)
		}
		approvers = append(approvers, f.one, f.two)
		if f.pair == nil {
			data.Credentials = append(data.Credentials, f.credential())
		}
	}
	w.ws.SetGroupUsers("S0SRE", approvers...)
	w.appliance.SetItems(data)
	return c
}

// comes lets the flows begin, at most underWay at a time.
func (c *crowd) comes() {
	c.working.Go(c.watch)
	places := make(chan struct{}, underWay)
	c.working.Go(func() {
		var flows sync.WaitGroup
		for _, f := range c.flows {
			places <- struct{}{}
			c.pause(rand.N(100 * time.Millisecond))
			c.started.Add(1)
			flows.Go(func() { f.goes(); <-places })
		}
		flows.Wait()
		c.cancel()
	})
}

// begun waits until n flows are under way or ended.
func (c *crowd) begun(n int) {
	for c.ctx.Err() == nil && int(c.started.Load()) < min(n, len(c.flows)) {
		c.pause(10 * time.Millisecond)
	}
}

// ends waits for the flows: the fault is over.
func (c *crowd) ends() {
	c.begun(len(c.flows))
	stop := time.AfterFunc(converge, c.cancel)
	defer stop.Stop()
	c.working.Wait()
}

// pause passes time, as people let it pass between two looks.
func (c *crowd) pause(d time.Duration) {
	select {
	case <-c.ctx.Done():
	case <-time.After(d):
	}
}

// watch keeps the cards as the channel shows them: a copy that became a pointer
// is none, and people press the card itself.
func (c *crowd) watch() {
	for c.ctx.Err() == nil {
		c.look()
		c.pause(50 * time.Millisecond)
	}
}

func (c *crowd) look() {
	all := c.w.ws.Messages(incident)
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.cards)
	for _, m := range all {
		if m.ThreadTS != "" {
			continue
		}
		if c.read[m.TS].history != len(m.History) {
			c.read[m.TS] = lastLook{len(m.History), meta(m).Request}
		}
		if id := c.read[m.TS].request; id != "" {
			c.cards[id] = m
		}
	}
}

func (c *crowd) card(id string) (fakeslack.Message, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	m, ok := c.cards[id]
	return m, ok
}

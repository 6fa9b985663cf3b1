package main

import (
	"bytes"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync"
	"time"
)

// balancer is what stands before the processes: each delivery goes to the next
// of those that have not ended. One that is stopped gets its share too, as no
// balancer knows at once. To a process whose clock is ahead of Slack's, a
// delivery is as old as that.
type balancer struct {
	w *world

	mu    sync.Mutex
	to    []*process
	ahead map[*process]time.Duration
	next  int
}

// balance lets Slack deliver to the balancer.
func (c *crowd) balance() {
	c.front = &balancer{w: c.w, to: append([]*process(nil), c.w.processes...), ahead: map[*process]time.Duration{}}
	proxy := &httputil.ReverseProxy{Rewrite: c.front.route, ErrorLog: log.New(io.Discard, "", 0)} // who does not wait for an answer is counted
	server := httptest.NewServer(proxy)
	c.t.Cleanup(server.Close)
	c.w.ws.SetBot(server.URL)
}

// add lets a process have its share from now on.
func (b *balancer) add(p *process) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.to = append(b.to, p)
}

// turn is the process whose turn it is, and how far its clock is ahead.
func (b *balancer) turn() (*process, time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for range b.to {
		b.next++
		if p := b.to[b.next%len(b.to)]; !p.ended() {
			return p, b.ahead[p]
		}
	}
	return b.to[0], 0
}

func (b *balancer) route(r *httputil.ProxyRequest) {
	p, ahead := b.turn()
	if u, err := url.Parse(p.url); err == nil {
		r.SetURL(u)
	}
	if ahead == 0 {
		return
	}
	body, err := io.ReadAll(r.Out.Body)
	if err != nil {
		body = nil // whoever sent it has gone
	}
	for name, values := range b.w.ws.Sign(body, time.Now().Add(-ahead)) {
		r.Out.Header[http.CanonicalHeaderKey(name)] = values
	}
	r.Out.Body = io.NopCloser(bytes.NewReader(body))
}

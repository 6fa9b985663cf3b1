package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// web is the HTTP side. It answers from the first moment of the process to the
// last: alive before anything is there, and to the end of what runs, so that
// whoever types or clicks meanwhile reads why nothing happened instead of
// Slack's own failure.
type web struct {
	fronts  []*front
	servers []*http.Server
	failed  chan error
}

// front answers at one address: for a process that is still starting, and then
// by its routes.
type front struct {
	routes atomic.Pointer[http.Handler]
}

func (f *front) open(routes http.Handler) { f.routes.Store(&routes) }

func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	routes := f.routes.Load()
	switch {
	case routes != nil:
		(*routes).ServeHTTP(w, r)
	case r.URL.Path == "/healthz":
		fmt.Fprintln(w, "alive")
	default:
		http.Error(w, "starting", http.StatusServiceUnavailable)
	}
}

// openWeb serves on the listeners, nil ones left out, until close.
func openWeb(listeners ...net.Listener) *web {
	w := &web{failed: make(chan error, len(listeners))}
	for _, l := range listeners {
		f := &front{}
		w.fronts = append(w.fronts, f)
		if l == nil {
			continue
		}
		server := &http.Server{Handler: f, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second,
			WriteTimeout: 15 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10}
		w.servers = append(w.servers, server)
		go func() { w.failed <- server.Serve(l) }()
	}
	return w
}

// open lets each address answer by its routes.
func (w *web) open(routes ...http.Handler) {
	for i, r := range routes {
		w.fronts[i].open(r)
	}
}

// stopping lets a load balancer look elsewhere, and answers whoever comes here
// still.
func (w *web) stopping() {
	for _, f := range w.fronts {
		if routes := f.routes.Load(); routes != nil {
			f.open(stopping(*routes))
		}
	}
}

func stopping(routes http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Connection", "close")
		if r.URL.Path == "/readyz" {
			http.Error(w, "stopping", http.StatusServiceUnavailable)
			return
		}
		routes.ServeHTTP(w, r)
	})
}

// wait returns nil when ctx ends, or why an address cannot be served any more.
func (w *web) wait(ctx context.Context) error {
	select {
	case err := <-w.failed:
		return fmt.Errorf("serving HTTP: %w", err)
	case <-ctx.Done():
		return nil
	}
}

// close takes no more requests and lets open ones end, within closeGrace.
func (w *web) close(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, closeGrace)
	defer cancel()
	var closing sync.WaitGroup
	for _, server := range w.servers {
		closing.Go(func() {
			if server.Shutdown(ctx) != nil {
				server.Close() // connections on which nobody asks anything
			}
		})
	}
	closing.Wait()
}

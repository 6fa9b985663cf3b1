package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// routes are the addresses of product.md §7. The metrics are among them unless
// they have an address of their own.
func (s *server) routes(metrics bool) http.Handler {
	mux := http.NewServeMux()
	if s.webhook != nil {
		mux.Handle("/slack/", s.webhook)
	}
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "alive") })
	mux.HandleFunc("GET /readyz", s.ready)
	if metrics {
		mux.Handle("GET /metrics", s.metricsHandler())
	}
	return mux
}

func (s *server) metricsOnly() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", s.metricsHandler())
	return mux
}

func (s *server) metricsHandler() http.Handler {
	return promhttp.HandlerFor(s.metrics, promhttp.HandlerOpts{})
}

// front answers for a process that is still starting, and then by its routes.
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

// readyWithin bounds what readiness asks.
const readyWithin = 2 * time.Second

// ready answers 200 when Redis answers and Slack has not revoked the token,
// else 503 with a line for each reason.
func (s *server) ready(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), readyWithin)
	defer cancel()
	var reasons []string
	if err := s.store.Ping(ctx); err != nil {
		reasons = append(reasons, "redis does not answer")
	}
	if code := s.token.revoked(ctx); code != "" {
		reasons = append(reasons, "slack refuses the bot token: "+code)
	}
	if len(reasons) == 0 {
		fmt.Fprintln(w, "ready")
		return
	}
	w.WriteHeader(http.StatusServiceUnavailable)
	for _, reason := range reasons {
		fmt.Fprintln(w, reason)
	}
}

// serveHTTP serves until ctx ends, then lets open requests end.
func serveHTTP(ctx context.Context, l net.Listener, h http.Handler) error {
	server := &http.Server{Handler: h, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second,
		WriteTimeout: 15 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(l) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serving HTTP: %w", err)
	case <-ctx.Done():
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeGrace)
	defer cancel()
	if server.Shutdown(ctx) != nil {
		server.Close() // connections on which nobody asks anything
	}
	return nil
}

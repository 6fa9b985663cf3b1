package main

import (
	"context"
	"fmt"
	"net/http"
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

// readyWithin bounds what readiness asks.
const readyWithin = 2 * time.Second

// ready answers 200 when Redis takes writes and Slack has not revoked the token,
// else 503 with a line for each reason. What is learned is kept for others: one who
// asks and hangs up must not end the asking.
func (s *server) ready(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), readyWithin)
	defer cancel()
	var reasons []string
	if why := s.kept.unwritable(ctx); why != "" {
		reasons = append(reasons, why)
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

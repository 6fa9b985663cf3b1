package main

import (
	"context"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"senhasegura-bot/approvals"
)

// newMetrics is a registry with what the runtime says of itself.
func newMetrics() *prometheus.Registry {
	r := prometheus.NewRegistry()
	r.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return r
}

// watchBreaker shows whether calls are held back because senhasegura does not
// answer.
func watchBreaker(r *prometheus.Registry, away func() bool) {
	r.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "senhasegura_bot_breaker_open",
		Help: "1 while this process holds calls back because senhasegura does not answer.",
	}, func() float64 {
		if away() {
			return 1
		}
		return 0
	}))
}

// countedCaller counts the calls to senhasegura by what they came to. Every
// label is from a closed set.
type countedCaller struct {
	approvals.Caller
	calls *prometheus.CounterVec
}

func countCalls(r *prometheus.Registry, c approvals.Caller) approvals.Caller {
	calls := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "senhasegura_bot_calls_total",
		Help: "Calls to senhasegura by verb, kind and answer.",
	}, []string{"verb", "kind", "answer"})
	r.MustRegister(calls)
	return countedCaller{Caller: c, calls: calls}
}

func (c countedCaller) Admit(k approvals.Kind) approvals.Permit {
	if permit := c.Caller.Admit(k); permit != nil {
		return countedPermit{permit, c.calls}
	}
	return nil
}

type countedPermit struct {
	approvals.Permit
	calls *prometheus.CounterVec
}

func (c countedPermit) Call(ctx context.Context, v approvals.Verb, k approvals.Kind, ref string, gate func(context.Context) error) approvals.Answer {
	answer := c.Permit.Call(ctx, v, k, ref, gate)
	c.calls.WithLabelValues(string(v), string(k), string(answer.Kind)).Inc()
	return answer
}

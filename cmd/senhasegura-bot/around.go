package main

import (
	"net/http"

	"senhasegura-bot/approvals"
)

// around is what tests put between the parts of a process, so that it can die
// right before and right after each thing that others see of it. Zero, as in
// every process that serves people, puts nothing there.
type around struct {
	store  func(approvals.Store) approvals.Store
	caller func(approvals.Caller) approvals.Caller
	slack  func(http.RoundTripper) http.RoundTripper
}

func (a around) Store(s approvals.Store) approvals.Store {
	if a.store == nil {
		return s
	}
	return a.store(s)
}

func (a around) Caller(c approvals.Caller) approvals.Caller {
	if a.caller == nil {
		return c
	}
	return a.caller(c)
}

func (a around) Slack(t http.RoundTripper) http.RoundTripper {
	if a.slack == nil {
		return t
	}
	return a.slack(t)
}

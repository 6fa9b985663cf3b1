package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"os"
	"path"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"senhasegura-bot/approvals"
)

// diesAt and stopsAt are the environment variables that make a test binary a
// process of the bot, which is killed, or stopped, at the point they name.
const diesAt, stopsAt = "TEST_DIES_AT", "TEST_STOPS_AT"

// mortal is the bot as a process of the test binary, with a place to die right
// before and right after each step.
func mortal(point string, by syscall.Signal) int {
	m := &reaper{point: point, by: by}
	return run(os.Args[1:], console{environ: os.Environ(), out: os.Stdout, err: os.Stderr, around: around{
		store:  func(s approvals.Store) approvals.Store { return mortalStore{s, m} },
		caller: func(c approvals.Caller) approvals.Caller { return mortalCaller{c, m} },
		slack:  func(t http.RoundTripper) http.RoundTripper { return mortalSlack{t, m} },
	}})
}

// stopTakes is longer than a stop takes to reach every thread: until then nothing
// may go on here.
const stopTakes = 100 * time.Millisecond

// reaper ends the process at its point, as a power cut would, or stops it, as a
// suspended machine does; that once.
type reaper struct {
	point string
	by    syscall.Signal
	once  sync.Once
}

// around does a step that others see. One that is not on the list panics, which
// every scenario takes for a fault.
func (m *reaper) around(name string, do func()) {
	if !slices.ContainsFunc(steps(), func(s step) bool { return s.name == name }) {
		panic("a step that is not on the list: " + name)
	}
	m.reach("before " + name)
	do()
	m.reach("after " + name)
}

func (m *reaper) reach(point string) {
	if point != m.point {
		return
	}
	m.once.Do(func() {
		_ = syscall.Kill(os.Getpid(), m.by)
		if m.by == syscall.SIGKILL {
			select {} // nothing of this process goes on
		}
		time.Sleep(stopTakes)
	})
}

// mortalStore has every write of the store as a step.
type mortalStore struct {
	approvals.Store
	*reaper
}

func (s mortalStore) Submit(ctx context.Context, sub approvals.Submission) (r approvals.Request, err error) {
	name := "store.submit"
	if sub.Request.Glass.On() {
		name += ".break_glass"
	}
	s.around(name, func() { r, err = s.Store.Submit(ctx, sub) })
	return r, err
}

func (s mortalStore) Commit(ctx context.Context, c approvals.Change) (err error) {
	s.around("store.commit."+commitName(c.Before.State, c.Entry.Event), func() { err = s.Store.Commit(ctx, c) })
	return err
}

// commitName tells a run that is taken over from one that begins.
func commitName(before approvals.State, event approvals.EventKind) string {
	if event == approvals.EventClaim && before == approvals.Running {
		return "take_over"
	}
	return string(event)
}

func (s mortalStore) Renew(ctx context.Context, id string, fence int64, d time.Duration) (until time.Time, err error) {
	s.around("store.renew", func() { until, err = s.Store.Renew(ctx, id, fence, d) })
	return until, err
}

func (s mortalStore) Unlease(ctx context.Context, id string, fence int64) (err error) {
	s.around("store.unlease", func() { err = s.Store.Unlease(ctx, id, fence) })
	return err
}

func (s mortalStore) TakeCard(ctx context.Context, id, holder string, d time.Duration) (c approvals.Card, r approvals.Request, now time.Time, err error) {
	s.around("store.take_card", func() { c, r, now, err = s.Store.TakeCard(ctx, id, holder, d) })
	return c, r, now, err
}

func (s mortalStore) PutCard(ctx context.Context, id string, c approvals.Card, due time.Duration) (err error) {
	s.around("store.put_card", func() { err = s.Store.PutCard(ctx, id, c, due) })
	return err
}

func (s mortalStore) Freeze(ctx context.Context, op string, f approvals.Freeze, e approvals.Entry) (now approvals.Freeze, did bool, err error) {
	s.around("store.freeze", func() { now, did, err = s.Store.Freeze(ctx, op, f, e) })
	return now, did, err
}

func (s mortalStore) Unfreeze(ctx context.Context, op string, e approvals.Entry) (was approvals.Freeze, did bool, err error) {
	s.around("store.unfreeze", func() { was, did, err = s.Store.Unfreeze(ctx, op, e) })
	return was, did, err
}

func (s mortalStore) Trim(ctx context.Context, age time.Duration, limit int) (n int, err error) {
	s.around("store.trim", func() { n, err = s.Store.Trim(ctx, age, limit) })
	return n, err
}

func (s mortalStore) Note(ctx context.Context, e approvals.Entry) (err error) {
	s.around("store.note", func() { err = s.Store.Note(ctx, e) })
	return err
}

func (s mortalStore) Forget(ctx context.Context, id string) (err error) {
	s.around("store.forget", func() { err = s.Store.Forget(ctx, id) })
	return err
}

// mortalCaller has a call as a step, and in it the write: what comes after the
// last check of the mark.
type mortalCaller struct {
	approvals.Caller
	*reaper
}

func (c mortalCaller) Admit(k approvals.Kind) approvals.Permit {
	if permit := c.Caller.Admit(k); permit != nil {
		return mortalPermit{permit, c.reaper}
	}
	return nil
}

type mortalPermit struct {
	approvals.Permit
	*reaper
}

func (p mortalPermit) Call(ctx context.Context, v approvals.Verb, k approvals.Kind, ref string, gate func(context.Context) error) (a approvals.Answer) {
	p.around("senhasegura.call", func() {
		a = p.Permit.Call(ctx, v, k, ref, func(ctx context.Context) error {
			err := gate(ctx)
			if err == nil {
				p.reach("before senhasegura.write")
			}
			return err
		})
	})
	return a
}

// mortalSlack has every message and form that Slack is sent as a step.
type mortalSlack struct {
	http.RoundTripper
	*reaper
}

func (s mortalSlack) RoundTrip(req *http.Request) (resp *http.Response, err error) {
	method := path.Base(req.URL.Path)
	if !writesToSlack(method) {
		return s.RoundTripper.RoundTrip(req)
	}
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	req.Body = io.NopCloser(bytes.NewReader(body))
	form, _ := url.ParseQuery(string(body)) // views go as JSON, and need no telling apart
	s.around("slack."+method+messageKind(method, form), func() { resp, err = s.RoundTripper.RoundTrip(req) })
	return resp, err
}

// writesToSlack reports whether people can see what the method did.
func writesToSlack(method string) bool {
	return strings.HasPrefix(method, "chat.") && method != "chat.getPermalink" ||
		strings.HasPrefix(method, "views.") || method == "conversations.open"
}

// messageKind tells the messages of the bot apart.
func messageKind(method string, form url.Values) string {
	switch {
	case method != "chat.postMessage" && method != "chat.update":
		return ""
	case form.Get("thread_ts") != "":
		return ".reply"
	case strings.HasPrefix(form.Get("channel"), "D"):
		return ".direct"
	case form.Get("metadata") != "":
		return ".card"
	}
	return ".notice"
}

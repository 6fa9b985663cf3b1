package main

import (
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"senhasegura-bot/approvals/redisstore/redistest"
)

// door is the way to the world's appliance. While it is shut, connections are
// refused.
type door struct {
	t       *testing.T
	addr    string
	handler http.Handler
	server  *http.Server
}

// door makes processes that start from now on reach the appliance through one.
func (w *world) door() *door {
	w.t.Helper()
	d := &door{t: w.t, addr: redistest.FreeAddr(w.t), handler: w.appliance}
	d.open()
	w.t.Cleanup(func() { d.server.Close() })
	w.env["SENHASEGURA_URL"] = "http://" + d.addr
	return d
}

func (d *door) open() {
	d.t.Helper()
	var listener net.Listener
	var err error
	for deadline := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		if listener, err = net.Listen("tcp", d.addr); err == nil {
			break
		}
		if time.Now().After(deadline) {
			d.t.Fatalf("opening the door again: %v", err)
		}
	}
	d.server = &http.Server{Handler: d.handler}
	go d.server.Serve(listener)
}

func (d *door) shut() { d.server.Close() }

// metric is the value of a metric without labels, as the process shows it.
func (p *process) metric(name string) string {
	_, body := p.get("/metrics")
	for line := range strings.Lines(body) {
		if value, found := strings.CutPrefix(line, name+" "); found {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// logged counts the lines that a process wrote of one message.
func (p *process) logged(message string) int {
	return strings.Count(p.log.String(), `"msg":"`+message)
}

func containsAll(text string, parts ...string) bool {
	for _, part := range parts {
		if !strings.Contains(text, part) {
			return false
		}
	}
	return true
}

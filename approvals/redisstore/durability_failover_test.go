package redisstore_test

import (
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"senhasegura-bot/approvals/redisstore/redistest"
)

// failover is one trial on a master and a replica: the link between them
// stalls, the master is gone, the replica takes its place. It is promoted by
// hand, which loses what Sentinel or a cluster lose when they do it.
type failover struct {
	setting, fault string
	args           []string      // of the master
	stall          time.Duration // how long before the master is gone
	least, most    time.Duration // of confirmed requests that are lost
	refuses        bool          // the master stops taking requests meanwhile
	oneWay         bool          // the replica receives nothing, but is heard
}

func failovers() []failover {
	const stalled = "link stalls, 4 s later the master is gone"
	demanding := func(lag int) []string { // in whole seconds: between two acknowledgements 1 may be over
		return []string{"--min-replicas-to-write", "1", "--min-replicas-max-lag", fmt.Sprint(lag)}
	}
	return []failover{
		{setting: "a replica", fault: "the master is gone", most: time.Second},
		{setting: "a replica", fault: stalled, stall: 4 * time.Second, least: 3 * time.Second, most: 6 * time.Second},
		{setting: "a replica, min-replicas-to-write 1, min-replicas-max-lag 1", fault: stalled, stall: 4 * time.Second,
			args: demanding(1), most: 3500 * time.Millisecond, refuses: true},
		// Lag is the time since the replica said something, whatever it has received.
		{setting: "a replica, min-replicas-to-write 1, min-replicas-max-lag 3", fault: "link stalls towards the replica only, 4 s later the master is gone",
			args: demanding(3), stall: 4 * time.Second, least: 3 * time.Second, most: 6 * time.Second, oneWay: true},
	}
}

func (f failover) try(t *testing.T) (loss, int) {
	master := redistest.NewMachine(t, "", append(f.args, always...)...)
	wire := newWire(t, master.Addr, f.oneWay)
	replica := redistest.NewMachine(t, "", append(wire.replicaOf(), always...)...)
	inReplica := open(t, replica.URL)
	eventually(t, "the replica follows", func() bool {
		return strings.Contains(inReplica.Info(t.Context(), "replication").Val(), "master_link_status:up")
	})
	s := store(t, master.Addr)
	eventually(t, "the master takes writes", func() bool { return s.Ping(t.Context()) == nil })
	a := startAsking(t, s)
	eventually(t, "requests come in", a.warm)
	if f.stall > 0 {
		wire.stall()
		stalled := time.Now()
		eventually(t, "the stall has lasted", func() bool { return time.Since(stalled) > f.stall })
	}
	refused := a.refusals()
	master.Kill()
	a.end()
	wire.cut()
	if err := inReplica.SlaveOf(t.Context(), "NO", "ONE").Err(); err != nil {
		t.Fatal(err)
	}
	return a.count(t, store(t, replica.Addr)), refused
}

func (f failover) judge(t *testing.T, l loss, refused int) {
	crash{least: f.least, most: f.most}.judge(t, l)
	if f.refuses != (refused > 0) {
		t.Errorf("the master refused %d requests: %+v", refused, l)
	}
}

// wire is the link between a master and its replica.
type wire struct {
	l       net.Listener
	stalled chan struct{}
	over    chan struct{}
}

func newWire(t *testing.T, to string, oneWay bool) *wire {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{l: l, stalled: make(chan struct{}), over: make(chan struct{})}
	t.Cleanup(w.cut)
	go func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("tcp", to)
			if err != nil {
				_ = in.Close()
				return
			}
			back := w.passes
			if oneWay {
				back = func(string) bool { return true }
			}
			go pass(out, in, back)
			go pass(in, out, w.passes)
		}
	}()
	return w
}

func (w *wire) replicaOf() []string {
	host, port, _ := net.SplitHostPort(w.l.Addr().String())
	return []string{"--replicaof", host + " " + port}
}

// passes holds back what arrives while the wire is stalled, and then drops it.
func (w *wire) passes(string) bool {
	select {
	case <-w.stalled:
		<-w.over
		return false
	default:
		return true
	}
}

func (w *wire) stall() { close(w.stalled) }

// cut ends the link; nothing that was held back arrives.
func (w *wire) cut() {
	select {
	case <-w.over:
	default:
		close(w.over)
		_ = w.l.Close()
	}
}

// pass copies from one connection to the other while told to go on.
func pass(to, from net.Conn, on func(string) bool) {
	defer to.Close()
	defer from.Close()
	buffer := make([]byte, 1<<16)
	for {
		n, err := from.Read(buffer)
		if n > 0 && !on(string(buffer[:n])) {
			return
		}
		if _, werr := to.Write(buffer[:n]); err != nil || werr != nil {
			return
		}
	}
}

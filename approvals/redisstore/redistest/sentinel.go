package redistest

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// masterName is how the sentinels call what they watch.
const masterName = "pam"

// Sentinel is a master with two replicas, watched by three sentinels.
type Sentinel struct {
	URL       string    // redis+sentinel://…?master=pam
	Nodes     []*Server // a master and two replicas; which is which changes
	Sentinels []*Server
}

// StartSentinel runs them until the test ends, and waits until each knows the
// others. A master that was silent for down is replaced by the sentinels
// themselves. Settings are more arguments of the three nodes.
func StartSentinel(t testing.TB, down time.Duration, settings ...string) *Sentinel {
	t.Helper()
	s := &Sentinel{Nodes: []*Server{Start(t, settings...)}}
	host, port, _ := net.SplitHostPort(s.Nodes[0].Addr)
	for range 2 {
		s.Nodes = append(s.Nodes, Start(t, append(settings, "--replicaof", host+" "+port)...))
	}
	var addrs []string
	for range 3 {
		one := startSentinel(t, s.Nodes[0].Addr, down)
		s.Sentinels, addrs = append(s.Sentinels, one), append(addrs, one.Addr)
	}
	s.URL = "redis+sentinel://" + strings.Join(addrs, ",") + "/0?master=" + masterName
	for _, one := range s.Sentinels {
		await(t, "the sentinels know each other and both replicas", func() bool {
			info, _ := one.Do("INFO", "sentinel")
			return strings.Contains(fmt.Sprint(info), "status=ok,address="+s.Nodes[0].Addr+",slaves=2,sentinels=3")
		})
	}
	return s
}

func startSentinel(t testing.TB, master string, down time.Duration) *Server {
	t.Helper()
	host, port, _ := net.SplitHostPort(master)
	dir := t.TempDir()
	return start(t, nil, func(own string) []string {
		file := filepath.Join(dir, own+".conf") // a sentinel rewrites its file
		text := fmt.Sprintf("bind 127.0.0.1\nport %s\ndir %s\nsentinel monitor %s %s %s 2\n"+
			"sentinel down-after-milliseconds %[3]s %[6]d\nsentinel failover-timeout %[3]s 10000\n",
			own, dir, masterName, host, port, down.Milliseconds())
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return []string{file, "--sentinel", "--loglevel", "warning"}
	})
}

// Master is the node that the sentinels name; nil while none of them does.
func (s *Sentinel) Master() *Server {
	for _, one := range s.Sentinels {
		answer, err := one.Do("SENTINEL", "get-master-addr-by-name", masterName)
		addr, _ := answer.([]any)
		for _, node := range s.Nodes {
			if err == nil && len(addr) == 2 && node.Addr == fmt.Sprintf("%s:%s", addr...) {
				return node
			}
		}
	}
	return nil
}

// Failover makes another node the master as a careful operator does, so that
// nothing is lost: writes pause, the replicas catch up, the sentinels switch,
// and what was the master follows the new one before it takes writes again. (It
// is told so here: a pause keeps what the sentinels say to it waiting as well.)
func (s *Sentinel) Failover(t testing.TB) {
	t.Helper()
	old, next := s.Master(), (*Server)(nil)
	await(t, "there is a new master", func() bool {
		_, err := old.Do("CLIENT", "PAUSE", "60000", "WRITE")
		if err != nil || !s.caughtUp(old) {
			return false
		}
		if _, err := s.Sentinels[0].Do("SENTINEL", "FAILOVER", masterName); err != nil {
			return false // they still end the last one
		}
		return within(giveUp, func() bool {
			next = s.Master()
			return next != nil && next != old && role(next) == "master"
		})
	})
	host, port, _ := net.SplitHostPort(next.Addr)
	old.Must(t, "REPLICAOF", host, port)
	old.Must(t, "CLIENT", "UNPAUSE")
	await(t, "both replicas follow", func() bool {
		info, _ := next.Do("INFO", "replication")
		return field(info, "connected_slaves") == "2"
	})
}

func role(s *Server) string {
	info, _ := s.Do("INFO", "replication")
	return field(info, "role")
}

// caughtUp reports whether every replica has what the master has.
func (s *Sentinel) caughtUp(master *Server) bool {
	info, err := master.Do("INFO", "replication")
	if err != nil || field(info, "connected_slaves") != "2" {
		return false
	}
	want := number(field(info, "master_repl_offset"))
	for _, node := range s.Nodes {
		have, _ := node.Do("INFO", "replication")
		if node != master && number(field(have, "slave_repl_offset")) < want {
			return false
		}
	}
	return true
}

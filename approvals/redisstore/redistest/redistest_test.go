package redistest_test

import (
	"strings"
	"testing"
	"time"

	"senhasegura-bot/approvals/redisstore/redistest"
)

const second = time.Second

// TestResume: a server comes back on its port with what it had.
func TestResume(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t, redistest.AOF("always")...)
	for i, end := range []func(){s.Stop, s.Quit} {
		s.Must(t, "INCR", "n")
		end()
		if _, err := s.Do("PING"); err == nil {
			t.Fatal("it still answers")
		}
		s.Resume(t)
		n, err := s.Do("GET", "n")
		for err != nil && strings.HasPrefix(err.Error(), "LOADING") {
			n, err = s.Do("GET", "n")
		}
		if n != string(rune('1'+i)) {
			t.Errorf("after the start it holds %v, %v", n, err)
		}
	}
}

// TestSentinelFailover and TestClusterFailover: what was written is at the new
// master.
func TestSentinelFailover(t *testing.T) {
	t.Parallel()
	s := redistest.StartSentinel(t, 30*second)
	old := s.Master()
	old.Must(t, "SET", "k", "v")
	s.Failover(t)
	if now := s.Master(); now == old || now.Must(t, "GET", "k") != "v" {
		t.Errorf("the master is %s, was %s", now.Addr, old.Addr)
	}
}

func TestClusterFailover(t *testing.T) {
	t.Parallel()
	c := redistest.StartCluster(t, 5*second)
	old, next := c.Master(t, "{T}k")
	old.Must(t, "SET", "{T}k", "v")
	c.Failover(t, "{T}k")
	if now, _ := c.Master(t, "{T}k"); now != next || now.Must(t, "GET", "{T}k") != "v" {
		t.Errorf("the master is %s, was %s", now.Addr, old.Addr)
	}
}

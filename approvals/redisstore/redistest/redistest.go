package redistest

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// Server is a running redis-server.
type Server struct {
	Addr string // 127.0.0.1:port
	URL  string // redis://127.0.0.1:port/0
	cmd  *exec.Cmd
	done chan struct{}
}

// ready bounds how long a server may take to answer.
const ready = 10 * time.Second

// Start runs a redis-server until the test ends.
func Start(t testing.TB) *Server {
	t.Helper()
	path, err := exec.LookPath("redis-server")
	if err != nil {
		if os.Getenv("REQUIRE_REDIS") == "1" {
			t.Fatal("REQUIRE_REDIS=1, but there is no redis-server on PATH")
		}
		t.Skip("no redis-server on PATH")
	}
	// Another process may take the free port first: then another is tried.
	for range 3 {
		if s := launch(t, path); s != nil {
			t.Cleanup(s.Stop)
			return s
		}
	}
	t.Fatal("redis-server did not start")
	return nil
}

// Stop kills the server, as a crash would. Stopping it again does nothing.
func (s *Server) Stop() {
	_ = s.cmd.Process.Kill() // fails only when it is gone already
	<-s.done
}

func launch(t testing.TB, path string) *Server {
	t.Helper()
	addr := freeAddr(t)
	_, port, _ := net.SplitHostPort(addr)
	cmd := exec.Command(path, "--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no",
		"--dir", t.TempDir(), "--loglevel", "warning")
	if err := cmd.Start(); err != nil {
		t.Fatalf("starting redis-server: %v", err)
	}
	s := &Server{Addr: addr, URL: "redis://" + addr + "/0", cmd: cmd, done: make(chan struct{})}
	go func() {
		_ = cmd.Wait() // its status is a kill's
		close(s.done)
	}()
	if !s.answers() {
		s.Stop()
		return nil
	}
	return s
}

func freeAddr(t testing.TB) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("finding a free port: %v", err)
	}
	defer l.Close()
	return l.Addr().String()
}

// answers polls until our server, and not another on its port, says so.
func (s *Server) answers() bool {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(ready); time.Now().Before(deadline); {
		if pid, err := s.pid(); err == nil {
			return pid == fmt.Sprint(s.cmd.Process.Pid)
		}
		select {
		case <-s.done:
			return false
		case <-tick.C:
		}
	}
	return false
}

// pid asks the server for its process id.
func (s *Server) pid() (string, error) {
	conn, err := net.DialTimeout("tcp", s.Addr, time.Second)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(time.Second))
	if _, err := conn.Write([]byte("INFO server\r\n")); err != nil {
		return "", err
	}
	lines := bufio.NewScanner(conn)
	for lines.Scan() {
		if pid, found := strings.CutPrefix(lines.Text(), "process_id:"); found {
			return strings.TrimSpace(pid), nil
		}
	}
	return "", fmt.Errorf("no process_id in INFO: %w", lines.Err())
}

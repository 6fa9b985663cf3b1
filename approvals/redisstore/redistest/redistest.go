package redistest

import (
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Server is a running redis-server.
type Server struct {
	Addr string // 127.0.0.1:port
	URL  string // redis://127.0.0.1:port/0

	args []string // of redis-server
	env  []string // besides ours
	cmd  *exec.Cmd
	done chan struct{}
}

// ready bounds how long a server may take to answer.
const ready = 20 * time.Second

// tries is how often another port is drawn when a server did not get its own.
const tries = 5

// Start runs a redis-server until the test ends. Settings are more arguments of
// redis-server, which win over ours.
func Start(t testing.TB, settings ...string) *Server {
	t.Helper()
	return start(t, nil, plain(t, settings))
}

// plain are the arguments of a server for tests.
func plain(t testing.TB, settings []string) func(port string) []string {
	dir := t.TempDir()
	return func(port string) []string {
		return slices.Concat([]string{"--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no",
			"--dir", dir, "--loglevel", "warning"}, settings)
	}
}

// AOF are the settings of a server that keeps what it was told in its
// directory; sync is its appendfsync: always, everysec or no.
func AOF(sync string) []string { return []string{"--appendonly", "yes", "--appendfsync", sync} }

// start runs a redis-server with the arguments for a port. Another process may
// take a free port first: then another is drawn.
func start(t testing.TB, env []string, args func(port string) []string) *Server {
	t.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil {
		if os.Getenv("REQUIRE_REDIS") == "1" {
			t.Fatal("REQUIRE_REDIS=1, but there is no redis-server on PATH")
		}
		t.Skip("no redis-server on PATH")
	}
	for range tries {
		addr := FreeAddr(t)
		_, port, _ := net.SplitHostPort(addr)
		s := &Server{Addr: addr, URL: "redis://" + addr + "/0", args: args(port), env: env}
		if err := s.launch(); err != nil {
			t.Fatalf("starting redis-server: %v", err)
		}
		if s.answers() {
			t.Cleanup(s.Stop)
			return s
		}
		s.Stop()
	}
	t.Fatal("redis-server did not start")
	return nil
}

func (s *Server) launch() error {
	cmd := exec.Command("redis-server", s.args...)
	cmd.Env = append(os.Environ(), s.env...)
	if err := cmd.Start(); err != nil {
		return err
	}
	done := make(chan struct{})
	s.cmd, s.done = cmd, done
	go func() {
		_ = cmd.Wait() // its status is a kill's
		close(done)
	}()
	return nil
}

// Stop kills the server, as a crash would. Stopping it again does nothing.
func (s *Server) Stop() {
	_ = s.cmd.Process.Kill() // fails only when it is gone already
	<-s.done
}

// Quit ends the server as an operator does: it writes what it must, and exits.
func (s *Server) Quit() {
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	<-s.done
}

// Resume starts a server that ended, on its port and its directory, and waits
// until it answers. It may still be loading.
func (s *Server) Resume(t testing.TB) {
	t.Helper()
	for range tries {
		if err := s.launch(); err != nil {
			t.Errorf("starting redis-server again: %v", err)
			return
		}
		if s.answers() {
			return
		}
		s.Stop()
	}
	t.Errorf("redis-server did not start again on %s", s.Addr)
}

// Freeze makes the server stand still: its connections stay open and nothing
// answers.
func (s *Server) Freeze() { _ = s.cmd.Process.Signal(syscall.SIGSTOP) }

// Thaw lets a frozen server go on, with everything that was sent meanwhile.
func (s *Server) Thaw() { _ = s.cmd.Process.Signal(syscall.SIGCONT) }

// The ports that are drawn from: below those that Linux gives to connections,
// and far enough for a cluster's bus.
const firstPort, lastPort = 12000, 32000

// FreeAddr is an address of this machine that nobody listened on a moment ago,
// for who listens on it later, or again. No connection gets its port, and no
// other caller gets it while the test runs, in another process either: until
// its end the UDP port of that number is taken, by which callers know.
func FreeAddr(t testing.TB) string {
	t.Helper()
	for range 100 {
		addr := fmt.Sprintf("127.0.0.1:%d", firstPort+rand.N(lastPort-firstPort))
		drawn, err := net.ListenPacket("udp", addr)
		if err != nil {
			continue
		}
		t.Cleanup(func() { drawn.Close() })
		if l, err := net.Listen("tcp", addr); err == nil {
			l.Close()
			return addr
		}
	}
	t.Fatal("no free port")
	return ""
}

// answers polls until our server, and not another on its port, says so.
func (s *Server) answers() bool {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(ready); time.Now().Before(deadline); {
		if info, err := s.Do("INFO", "server"); err == nil {
			return field(info, "process_id") == fmt.Sprint(s.cmd.Process.Pid)
		}
		select {
		case <-s.done:
			return false
		case <-tick.C:
		}
	}
	return false
}

// field finds a line "name:value" in the answer of INFO.
func field(info any, name string) string {
	text, _ := info.(string)
	for line := range strings.Lines(text) {
		if value, found := strings.CutPrefix(line, name+":"); found {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// number reads what INFO prints; zero when it is none.
func number(text string) int64 {
	n, _ := strconv.ParseInt(text, 10, 64)
	return n
}

// giveUp is how long a failover may take before it must be asked for again.
const giveUp = 10 * time.Second

// await polls until it holds, and ends the test when it never does.
func await(t testing.TB, what string, holds func() bool) {
	t.Helper()
	if !within(4*ready, holds) {
		t.Fatalf("never came true: %s", what)
	}
}

// within polls until it holds, for so long.
func within(d time.Duration, holds func() bool) bool {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(d); !holds(); <-tick.C {
		if time.Now().After(deadline) {
			return false
		}
	}
	return true
}

package redistest

import (
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Machine runs a redis-server with settings and files of its own. It can lose
// the process alone, or the power:
//
//	m := redistest.NewMachine(t, redistest.WatchDisk(t), "--appendonly", "yes", "--appendfsync", "everysec")
//	…
//	m.PowerCut()
//	m.Boot()
type Machine struct {
	Addr string // 127.0.0.1:port, the same after each Boot
	URL  string
	dir  string // the server's files
	log  string // what is on the disk for sure, see testdata/disk.c
	disk Disk
	args []string
	on   *Server
	t    testing.TB
}

// NewMachine boots a machine that ends with the test. The settings are
// arguments of redis-server; without any, nothing is kept.
func NewMachine(t testing.TB, disk Disk, settings ...string) *Machine {
	t.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil {
		if os.Getenv("REQUIRE_REDIS") == "1" {
			t.Fatal("REQUIRE_REDIS=1, but there is no redis-server on PATH")
		}
		t.Skip("no redis-server on PATH")
	}
	m := &Machine{Addr: FreeAddr(t), dir: t.TempDir(), log: filepath.Join(t.TempDir(), "synced"), disk: disk, t: t}
	m.URL = "redis://" + m.Addr + "/0"
	_, port, _ := net.SplitHostPort(m.Addr)
	m.args = append([]string{"--port", port, "--bind", "127.0.0.1", "--dir", m.dir, "--loglevel", "warning",
		"--save", "", "--repl-diskless-sync-delay", "0"}, settings...)
	t.Cleanup(func() {
		if m.on != nil {
			m.Kill()
		}
	})
	m.Boot()
	return m
}

// Boot starts the server over the files that are there.
func (m *Machine) Boot() {
	m.t.Helper()
	cmd := exec.Command("redis-server", m.args...)
	if m.disk != "" {
		cmd.Env = append(os.Environ(), "LD_PRELOAD="+string(m.disk), "DISK_LOG="+m.log)
	}
	if err := cmd.Start(); err != nil {
		m.t.Fatalf("starting redis-server: %v", err)
	}
	m.on = &Server{Addr: m.Addr, URL: m.URL, cmd: cmd, done: make(chan struct{})}
	done := m.on.done
	go func() {
		_ = cmd.Wait() // its status is a kill's
		close(done)
	}()
	if !m.on.answers() {
		m.t.Fatalf("redis-server %s did not start", strings.Join(m.args, " "))
	}
}

// Kill ends the process at once (SIGKILL). What it had written to its files
// stays, forced to disk or not.
func (m *Machine) Kill() { m.on.Stop() }

// PowerCut kills the server and takes from its files what was not forced to
// disk: the least that a disk keeps.
func (m *Machine) PowerCut() {
	m.t.Helper()
	m.Kill()
	synced := m.synced()
	err := filepath.WalkDir(m.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		inode := info.Sys().(*syscall.Stat_t).Ino
		return os.Truncate(path, min(info.Size(), synced[inode]))
	})
	if err != nil {
		m.t.Fatalf("cutting the power: %v", err)
	}
}

// synced is how much of each file, by inode, was forced to disk last.
func (m *Machine) synced() map[uint64]int64 {
	sizes := map[uint64]int64{}
	text, err := os.ReadFile(m.log)
	if err != nil && !os.IsNotExist(err) {
		m.t.Fatalf("reading what is on disk: %v", err)
	}
	for line := range strings.Lines(string(text)) {
		var inode uint64
		var size int64
		if _, err := fmt.Sscanf(line, "%d %d", &inode, &size); err == nil {
			sizes[inode] = size
		}
	}
	return sizes
}

// SinceSync is how long ago the server forced something to disk last; a long
// time where it never did.
func (m *Machine) SinceSync() time.Duration {
	info, err := os.Stat(m.log)
	if err != nil {
		return time.Hour
	}
	return time.Since(info.ModTime())
}

// SlowDisk makes each sync from now on take so much longer.
func (m *Machine) SlowDisk(d time.Duration) {
	if err := os.WriteFile(m.log+".slow", fmt.Append(nil, d.Milliseconds()), 0o600); err != nil {
		m.t.Fatal(err)
	}
}

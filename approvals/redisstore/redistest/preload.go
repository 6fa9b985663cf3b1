package redistest

import (
	_ "embed"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// Disk is the library that watches what a server has forced to disk; empty
// watches nothing, and PowerCut then finds nothing on disk.
type Disk string

//go:embed testdata/disk.c
var diskSource []byte

// WatchDisk builds it.
func WatchDisk(t testing.TB) Disk {
	t.Helper()
	return Disk(library(t, diskSource))
}

//go:embed testdata/clock.c
var clockSource []byte

// StartAhead runs a redis-server whose clock is that much ahead of ours, in
// whole seconds, until the test ends.
func StartAhead(t testing.TB, ahead time.Duration, settings ...string) *Server {
	t.Helper()
	env := []string{"LD_PRELOAD=" + library(t, clockSource), "CLOCK_AHEAD=" + strconv.Itoa(int(ahead/time.Second))}
	return start(t, env, plain(t, settings))
}

// library builds what is loaded into a server. That takes a C compiler, as the
// race detector does: without one the test is skipped, or fails where
// REQUIRE_REDIS=1.
func library(t testing.TB, source []byte) string {
	t.Helper()
	dir := t.TempDir()
	code, path := filepath.Join(dir, "preload.c"), filepath.Join(dir, "preload.so")
	if err := os.WriteFile(code, source, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("cc", "-shared", "-fPIC", "-O1", "-o", path, code).CombinedOutput()
	switch {
	case err == nil:
	case os.Getenv("REQUIRE_REDIS") == "1":
		t.Fatalf("REQUIRE_REDIS=1, but nothing can be loaded into a server: %v\n%s", err, out)
	default:
		t.Skipf("nothing can be loaded into a server: %v", err)
	}
	return path
}

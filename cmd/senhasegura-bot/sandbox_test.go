package main

import (
	"bytes"
	"net"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestSandboxRefusesAnAddressInOneSentence(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	tests := []struct{ name, addr, says string }{
		{"every interface", "0.0.0.0:0", "loopback"},
		{"no host", ":8080", "loopback"},
		{"another machine", "192.0.2.1:8080", "loopback"},
		{"a name", "example.com:8080", "loopback"},
		{"nonsense", "nonsense", "loopback"},
		{"no port", "127.0.0.1", "loopback"},
		{"a port too high", "127.0.0.1:70000", "port"},
		{"a port by name", "127.0.0.1:http", "port"},
		{"taken", taken.Addr().String(), "in use"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var out, complaint bytes.Buffer
			if status := run([]string{"sandbox", "--addr", tt.addr}, console{out: &out, err: &complaint}); status != exitUsage {
				t.Errorf("status %d", status)
			}
			if said := complaint.String(); strings.Count(said, "\n") != 1 || !strings.HasPrefix(said, "--addr ") || !strings.Contains(said, tt.says) {
				t.Errorf("it said %q", said)
			}
			if out.Len() > 0 {
				t.Errorf("it printed %q", out.String())
			}
		})
	}
}

func TestSandboxSaysWhereItIsAndWhatIsReal(t *testing.T) {
	p := runSandbox(t)
	pollUntil(func() bool { return strings.Contains(p.log.String(), "Ctrl-C") })
	contains(t, p.log.String(), "http://127.0.0.1:", "Real:", "Not real:", "Nothing leaves this", "Ctrl-C")
	if strings.Contains(p.log.String(), "level=") {
		t.Errorf("the log is in the way:\n%s", p.log)
	}
	if status, _ := p.get("/"); status != 200 {
		t.Errorf("the page answers %d", status)
	}
	if status := p.stop(); status != exitGood {
		t.Errorf("exit status %d", status)
	}
}

// runSandbox starts the sandbox on a free port and waits for its first line.
func runSandbox(t *testing.T, flags ...string) *process {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	p := &process{t: t, cmd: exec.Command(path, append([]string{"sandbox", "--addr", "127.0.0.1:0"}, flags...)...), log: &logBuffer{}, done: make(chan struct{})}
	p.cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME")}
	p.cmd.Stdout, p.cmd.Stderr = p.log, p.log
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { p.err = p.cmd.Wait(); close(p.done) }()
	t.Cleanup(func() {
		p.cmd.Process.Signal(syscall.SIGTERM) // not killed: it removes its folder
		<-p.done
	})
	if !pollUntil(func() bool {
		line, _, whole := strings.Cut(p.log.String(), "\n")
		url, first := strings.CutPrefix(line, "listening on ")
		p.url = url
		return whole && first
	}) {
		t.Fatalf("the first line is not “listening on …”:\n%s", p.log)
	}
	return p
}

// pollUntil tells whether done came true in time.
func pollUntil(done func() bool) bool {
	for deadline := time.Now().Add(patience); !done(); {
		if time.Now().After(deadline) {
			return false
		}
		time.Sleep(10 * time.Millisecond) // between two looks
	}
	return true
}

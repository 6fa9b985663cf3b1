package main

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"

	"senhasegura-bot/approvals/redisstore/redistest"
)

const howSet = `"msg":"how Redis is set"`

// TestFaultStartSaysWhatRedisLoses: a Redis that is away at the start does not
// hold the start up; what its settings can lose is said once when it answers.
func TestFaultStartSaysWhatRedisLoses(t *testing.T) {
	t.Parallel()
	redis := redistest.NewMachine(t, "", "--appendonly", "yes", "--appendfsync", "everysec")
	redis.Kill()
	w := newWorld(t, setup{stays: true, env: map[string]string{"REDIS_URL": strings.Replace(redis.URL, "//", "//:hunter2@", 1)}}) // any password will do
	p := w.launch("serve")
	w.eventually("it serves without Redis", func() bool { p.url = servedAt(p.log.String()); return p.url != "" })
	w.eventually("it says that Redis is away", func() bool {
		status, _ := p.get("/readyz")
		return status == http.StatusServiceUnavailable && strings.Contains(p.log.String(), "Redis cannot be asked yet")
	})
	if strings.Contains(p.log.String(), howSet) {
		t.Error("it says how a Redis is set that does not answer")
	}
	redis.Boot()
	said := func() string { return lineWith(p.log.String(), "appendonly yes, appendfsync everysec") }
	w.eventually("it says what Redis can lose", func() bool { return said() != "" })
	contains(t, said(), `"level":"WARN"`, howSet, "about the last second of what was confirmed", `"change":"set appendfsync always"`)
	w.eventually("it is ready", func() bool { status, _ := p.get("/readyz"); return status == http.StatusOK })
	if n := strings.Count(p.log.String(), "appendfsync everysec"); n != 1 || strings.Contains(p.log.String(), "hunter2") {
		t.Errorf("it is said %d times, or with the password:\n%s", n, p.log)
	}
}

// TestNobodyShowsThePassword: what answers in place of Redis says back what it was
// told, the password among it; neither serve's log nor another command shows it.
func TestNobodyShowsThePassword(t *testing.T) {
	t.Parallel()
	parrot, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer parrot.Close()
	go func() {
		for {
			c, err := parrot.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				for heard := make([]byte, 4096); ; {
					n, err := c.Read(heard)
					if err != nil {
						return
					}
					fmt.Fprintf(c, "-ERR unknown command, with args %s\r\n", strings.Join(strings.Fields(string(heard[:n])), " "))
				}
			}()
		}
	}()
	w := newWorld(t, setup{stays: true, env: map[string]string{"REDIS_URL": "redis://bot:hunter2@" + parrot.Addr().String()}})
	p := w.launch("serve")
	w.eventually("it logs what was said", func() bool {
		return strings.Contains(p.log.String(), "with args") && strings.Contains(p.log.String(), redacted)
	})
	if strings.Contains(p.log.String(), "hunter2") {
		t.Errorf("the log holds the password:\n%s", p.log)
	}
	for _, args := range [][]string{{"doctor"}, {"audit", "verify", "redis", "--team", "T0FAKE"}, {"audit", "export", "--team", "T0FAKE"}} {
		tool := w.launch(args...)
		<-tool.done
		if out := tool.log.String(); strings.Contains(out, "hunter2") || !strings.Contains(out, "with args") || !strings.Contains(out, redacted) {
			t.Errorf("%v says:\n%s", args, out)
		}
	}
}

// TestLogWithoutSecrets: nor does the log hold any other secret of the settings,
// in a text or an error; of two that begin alike not the end of the longer either.
func TestLogWithoutSecrets(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	c := Config{SlackBotToken: newSecret("xoxb-hush"), AuditKey: newSecret("xoxb-hush-hush"), PAM: ClientPair{Secret: newSecret("hush2")}}
	c.logger(&out).Warn("told xoxb-hush-hush", "by", "hush2", "error", errors.New("no xoxb-hush here"))
	if s := out.String(); strings.Contains(s, "hush") || strings.Count(s, redacted) != 3 {
		t.Errorf("the log is %s", s)
	}
}

// TestStartSaysWhatMemoryMeans: memory:// is for trying things out, and says so.
func TestStartSaysWhatMemoryMeans(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{stays: true, env: map[string]string{"REDIS_URL": memoryURL}})
	p := w.start()
	contains(t, lineWith(p.log.String(), "REDIS_URL"), `"level":"WARN"`, "every request, vote and audit entry is lost when this process ends")
}

func lineWith(text, part string) string {
	for line := range strings.Lines(text) {
		if strings.Contains(line, part) {
			return line
		}
	}
	return ""
}

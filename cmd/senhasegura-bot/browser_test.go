package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// browser is one page in headless Chromium, driven over the DevTools protocol.
// Everything it does is a question and its answer, so one goroutine is enough.
type browser struct {
	t     *testing.T
	conn  *websocket.Conn
	calls int
	// heard are the exceptions, errors and dialogs of the page.
	heard []string
}

// openBrowser opens url. Where there is no Chromium the test is skipped, or
// fails if REQUIRE_CHROMIUM=1.
func openBrowser(t *testing.T, url string) *browser {
	t.Helper()
	path := chromium()
	if path == "" && os.Getenv("REQUIRE_CHROMIUM") == "1" {
		t.Fatal("REQUIRE_CHROMIUM=1, but there is no Chromium")
	} else if path == "" {
		t.Skip("there is no Chromium; REQUIRE_CHROMIUM=1 makes this a failure")
	}
	b := &browser{t: t}
	b.connect(startChromium(t, path))
	for _, domain := range []string{"Page", "Runtime", "Log"} {
		b.call(domain+".enable", nil)
	}
	b.call("Emulation.setDeviceMetricsOverride", map[string]any{"width": 1400, "height": 1000, "deviceScaleFactor": 1, "mobile": false})
	b.call("Page.navigate", map[string]any{"url": url})
	return b
}

func chromium() string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// startChromium returns the address of its DevTools, as host:port.
func startChromium(t *testing.T, path string) string {
	t.Helper()
	profile, err := os.MkdirTemp("", "senhasegura-bot-chromium")
	if err != nil {
		t.Fatal(err)
	}
	said := &logBuffer{}
	cmd := exec.Command(path, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-dev-shm-usage",
		"--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-breakpad",
		"--user-data-dir="+profile, "--remote-debugging-port=0", "about:blank")
	cmd.Stderr = said
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // its children end with it
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		cmd.Wait()
		pollUntil(func() bool { return os.RemoveAll(profile) == nil }) // its children may still write
	})
	var port string
	if !pollUntil(func() bool {
		written, _ := os.ReadFile(filepath.Join(profile, "DevToolsActivePort"))
		line, _, whole := strings.Cut(string(written), "\n")
		port = line
		return whole
	}) {
		t.Fatalf("Chromium does not open its DevTools:\n%s", said)
	}
	return "127.0.0.1:" + port
}

func (b *browser) connect(devtools string) {
	b.t.Helper()
	req, err := http.NewRequest(http.MethodPut, "http://"+devtools+"/json/new?about:blank", nil)
	if err != nil {
		b.t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		b.t.Fatalf("opening a page: %v", err)
	}
	defer resp.Body.Close()
	var target struct {
		URL string `json:"webSocketDebuggerUrl"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&target); err != nil {
		b.t.Fatalf("opening a page: %v", err)
	}
	if b.conn, _, err = websocket.DefaultDialer.Dial(target.URL, nil); err != nil {
		b.t.Fatalf("connecting to the page: %v", err)
	}
	b.t.Cleanup(func() { b.conn.Close() })
}

// call sends a command and waits for its answer; what the page tells in
// between is heard.
func (b *browser) call(method string, params any) json.RawMessage {
	b.t.Helper()
	b.calls++
	b.conn.SetReadDeadline(time.Now().Add(patience))
	if err := b.conn.WriteJSON(map[string]any{"id": b.calls, "method": method, "params": params}); err != nil {
		b.t.Fatalf("%s: %v", method, err)
	}
	for {
		var got struct {
			ID                    int
			Method                string
			Params, Result, Error json.RawMessage
		}
		if err := b.conn.ReadJSON(&got); err != nil {
			b.t.Fatalf("%s: %v; the page told: %s", method, err, b.heard)
		}
		switch {
		case got.ID == b.calls && got.Error != nil:
			b.t.Fatalf("%s: %s", method, got.Error)
		case got.ID == b.calls:
			return got.Result
		case got.Method == "Runtime.exceptionThrown", got.Method == "Log.entryAdded", got.Method == "Page.javascriptDialogOpening":
			b.heard = append(b.heard, fmt.Sprintf("%s %s", got.Method, got.Params))
		}
	}
}

// eval evaluates JavaScript in the page; out may be nil.
func (b *browser) eval(script string, out any) {
	b.t.Helper()
	var answer struct {
		Result           struct{ Value json.RawMessage }
		ExceptionDetails json.RawMessage
	}
	result := b.call("Runtime.evaluate", map[string]any{"expression": script, "returnByValue": true, "awaitPromise": true})
	if err := json.Unmarshal(result, &answer); err != nil || answer.ExceptionDetails != nil {
		b.t.Fatalf("evaluating %s: %v %s", script, err, answer.ExceptionDetails)
	}
	if out == nil {
		return
	}
	if err := json.Unmarshal(answer.Result.Value, out); err != nil {
		b.t.Fatalf("evaluating %s: %v in %s", script, err, result)
	}
}

// until polls a condition in JavaScript.
func (b *browser) until(what, condition string) {
	b.t.Helper()
	if !pollUntil(func() (done bool) { b.eval("!!("+condition+")", &done); return done }) {
		var shown string
		b.eval("document.body.innerText", &shown)
		b.t.Fatalf("never came true: %s\nthe page shows:\n%s\nand told: %s", what, shown, b.heard)
	}
}

// press clicks what the JavaScript expression names, once it is there, enabled
// and not covered by anything.
func (b *browser) press(what, element string) {
	b.t.Helper()
	b.until(what+" can be pressed", `(() => {
		const node = `+element+`;
		if (!node || node.disabled) return false;
		node.scrollIntoView({ block: "center" });
		const at = node.getBoundingClientRect();
		if (!node.contains(document.elementFromPoint(at.x + at.width / 2, at.y + at.height / 2))) return false;
		node.click();
		return true;
	})()`)
}

// write types text into the field that has the focus, then Enter.
func (b *browser) write(text string) {
	b.t.Helper()
	b.call("Input.insertText", map[string]any{"text": text})
	for _, kind := range []string{"keyDown", "keyUp"} {
		b.call("Input.dispatchKeyEvent", map[string]any{"type": kind, "key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13, "text": map[bool]string{true: "\r"}[kind == "keyDown"]})
	}
}

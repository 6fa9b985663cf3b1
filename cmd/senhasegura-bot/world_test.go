package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"senhasegura-bot/approvals"
	"senhasegura-bot/approvals/redisstore"
	"senhasegura-bot/approvals/redisstore/redistest"
	"senhasegura-bot/bot/fakeslack"
	"senhasegura-bot/senhasegura/senhaseguratest"
)

// patience bounds every wait of the scenarios.
const patience = 15 * time.Second

// binary builds senhasegura-bot once for all tests of the package.
var binary = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "senhasegura-bot-test")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "senhasegura-bot")
	out, err := exec.Command("go", slices.Concat([]string{"build", "-o", path}, buildFlags, []string{"."})...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("building: %w\n%s", err, out)
	}
	return path, nil
})

func TestMain(m *testing.M) {
	for name, by := range map[string]syscall.Signal{diesAt: syscall.SIGKILL, stopsAt: syscall.SIGSTOP} {
		if point := os.Getenv(name); point != "" {
			os.Exit(mortal(point, by))
		}
	}
	flag.Parse()
	chosen := false
	flag.Visit(func(f *flag.Flag) { chosen = chosen || f.Name == "test.parallel" })
	if !chosen {
		_ = flag.Set("test.parallel", strconv.Itoa(perCore*runtime.GOMAXPROCS(0)))
	}
	code := m.Run()
	done, again := deeds.Load(), deedsAgain.Load()
	if testing.Verbose() {
		fmt.Printf("of %d lines and presses, %d were repeated\n", done, again)
	}
	if again > rareAgain+done*againInHundred/100 {
		fmt.Printf("FAIL: of %d lines and presses, %d were repeated: too many for a machine that is merely busy\n", done, again)
		code = max(code, 1)
	}
	if path, err := binary(); err == nil {
		os.RemoveAll(filepath.Dir(path))
	}
	os.Exit(code)
}

// The people of the scenarios. Ana asks; Bruno and Clara are in @sre; Dora is
// a member in no group; Heitor reads Portuguese and is in @sre too.
const (
	ana, bruno, clara, dora, heitor = "UANA", "UBRUNO", "UCLARA", "UDORA", "UHEITOR"
	guest, stranger, robot          = "UGUEST", "USTRANGER", "UROBOT"
	incident, quiet, shared         = "CINCIDENT", "CQUIET", "CSHARED"
)

const standardPolicy = `
defaults:
  approvers: [S0SRE]
limits: {per_person_minute: 0, pending_per_person: 0, pending: 0}
`

// world is the built binary as a process between a stand-in workspace, a
// stand-in appliance and a real Redis.
type world struct {
	t         *testing.T
	ws        *fakeslack.Workspace
	slack     *httptest.Server
	appliance *senhaseguratest.Appliance
	pam       *httptest.Server
	redis     *redistest.Server
	env       map[string]string
	policy    string // path
	processes []*process
	peek      *redisstore.Store
	pressed   sync.Map // of presses, by card: who is told to try again does so
	firstTry  bool     // nobody tries again: how soon and what Slack's people are answered is what is tested
}

// setup is what a scenario wants to be different.
type setup struct {
	socket bool
	prefix string
	policy string
	env    map[string]string
	stays  bool              // the scenario starts the process itself
	redis  *redistest.Server // nil: one of its own
}

func newWorld(t *testing.T, s setup) *world {
	t.Helper()
	w := &world{t: t, redis: s.redis}
	if w.redis == nil {
		w.redis = redistest.Start(t)
	}
	w.ws = fakeslack.New(fakeslack.Config{Socket: s.socket})
	w.slack = httptest.NewServer(w.ws.Handler())
	w.ws.SetURL(w.slack.URL)
	t.Cleanup(func() { w.ws.Close(); w.slack.Close() })
	w.appliance = senhaseguratest.New(senhaseguratest.Config{
		PAM: senhaseguratest.Client{ID: "pam-client", Secret: "pam-secret-value"}, MySafe: senhaseguratest.Client{ID: "mysafe-client", Secret: "mysafe-secret-value"},
		Data: senhaseguratest.Sample()})
	w.pam = httptest.NewServer(w.appliance)
	t.Cleanup(func() { w.appliance.ClearFaults(); w.pam.Close() })
	w.populate()
	w.policy = filepath.Join(t.TempDir(), "policy.yml")
	w.writePolicy(first(s.policy, standardPolicy))
	w.env = map[string]string{
		"SLACK_BOT_TOKEN": "xoxb-fake", "SLACK_API_URL": w.slack.URL + "/api/", "REDIS_URL": w.redis.URL,
		"SENHASEGURA_URL": w.pam.URL, "SENHASEGURA_API_PREFIX": first(s.prefix, "/api"),
		"SENHASEGURA_CLIENT_ID": "pam-client", "SENHASEGURA_CLIENT_SECRET": "pam-secret-value",
		"MYSAFE_CLIENT_ID": "mysafe-client", "MYSAFE_CLIENT_SECRET": "mysafe-secret-value",
		"POLICY_FILE": w.policy, "LISTEN_ADDR": "127.0.0.1:0", "AUDIT_KEY": "an audit key of more than thirty-two characters",
	}
	if s.socket {
		w.env["SLACK_APP_TOKEN"] = "xapp-fake"
	} else {
		w.env["SLACK_SIGNING_SECRET"] = "fake-signing-secret"
	}
	maps.Copy(w.env, s.env)
	if !s.stays {
		w.start()
	}
	t.Cleanup(w.noViolation)
	return w
}

func first(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}

func (w *world) populate() {
	for _, u := range []fakeslack.User{
		{ID: ana, Name: "ana", RealName: "Ana Souza"}, {ID: bruno, Name: "bruno", RealName: "Bruno Lima"},
		{ID: clara, Name: "clara", RealName: "Clara Dias"}, {ID: dora, Name: "dora", RealName: "Dora Reis"},
		{ID: heitor, Name: "heitor", RealName: "Heitor Melo", Locale: "pt-BR"},
		{ID: guest, Name: "gil", IsRestricted: true}, {ID: stranger, Name: "sam", TeamID: "T0OTHER", IsStranger: true},
		{ID: robot, Name: "robot", IsBot: true},
	} {
		w.ws.AddUser(u)
	}
	everybody := []string{"U0BOT", ana, bruno, clara, dora, heitor, guest, robot}
	w.ws.AddGroup(fakeslack.Group{ID: "S0SRE", Handle: "sre", Name: "SRE", Users: []string{bruno, clara, heitor, guest, robot}})
	w.ws.AddChannel(fakeslack.Channel{ID: incident, Name: "inc-42", Creator: dora, Members: append(everybody, stranger)})
	w.ws.AddChannel(fakeslack.Channel{ID: quiet, Name: "quiet", Creator: dora, Members: []string{ana, bruno}})
	w.ws.AddChannel(fakeslack.Channel{ID: shared, Name: "partners", Creator: dora, IsExtShared: true, Members: append(everybody, stranger)})
}

func (w *world) writePolicy(text string) {
	w.t.Helper()
	if err := os.WriteFile(w.policy, []byte(text), 0o600); err != nil {
		w.t.Fatal(err)
	}
}

// process is one running binary.
type process struct {
	t    *testing.T
	cmd  *exec.Cmd
	url  string
	log  *logBuffer
	done chan struct{}
	err  error
}

// logBuffer keeps what a process writes; safe to read while it writes.
type logBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// launch starts the binary with the world's settings and does not wait.
func (w *world) launch(args ...string) *process {
	w.t.Helper()
	path, err := binary()
	if err != nil {
		w.t.Fatal(err)
	}
	return w.launchAs(exec.Command(path, args...))
}

// launchAs starts a command with the world's settings, besides its own.
func (w *world) launchAs(cmd *exec.Cmd) *process {
	w.t.Helper()
	p := &process{t: w.t, cmd: cmd, log: &logBuffer{}, done: make(chan struct{})}
	p.cmd.Env = append(p.cmd.Env, "PATH="+os.Getenv("PATH"), "HOME="+os.Getenv("HOME"))
	for name, value := range w.env {
		if value != "" {
			p.cmd.Env = append(p.cmd.Env, name+"="+value)
		}
	}
	p.cmd.Stdout, p.cmd.Stderr = p.log, p.log
	if err := p.cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	go func() { p.err = p.cmd.Wait(); close(p.done) }()
	w.processes = append(w.processes, p)
	w.t.Cleanup(func() {
		p.cmd.Process.Kill()
		<-p.done
		if w.t.Failed() {
			w.t.Logf("the process wrote:\n%s", p.log)
		}
	})
	return p
}

// start starts a process and waits until it is ready; Slack then delivers to it.
func (w *world) start() *process {
	w.t.Helper()
	return w.serves(w.launch("serve"))
}

// serves waits until a process is ready; Slack then delivers to it.
func (w *world) serves(p *process) *process {
	w.t.Helper()
	w.eventually("the process serves", func() bool {
		p.url = servedAt(p.log.String())
		select {
		case <-p.done:
			w.t.Fatalf("the process ended: %v\n%s", p.err, p.log)
		default:
		}
		return p.url != ""
	})
	w.ws.SetBot(p.url)
	w.eventually("the process is ready", func() bool { status, _ := p.get("/readyz"); return status == http.StatusOK })
	if w.env["SLACK_APP_TOKEN"] != "" {
		w.eventually("both sockets are open", func() bool { return w.ws.Sockets() >= 2*w.running() })
	}
	return p
}

func (w *world) running() int {
	n := 0
	for _, p := range w.processes {
		select {
		case <-p.done:
		default:
			n++
		}
	}
	return n
}

// servedAt finds the address in the log line that says it.
func servedAt(log string) string { return addressIn(log, "serving", "addr") }

// addressIn finds an address that the log's line of a message gives, as a URL.
func addressIn(log, message, name string) string {
	for line := range strings.Lines(log) {
		var said map[string]any
		if json.Unmarshal([]byte(line), &said) != nil || said["msg"] != message {
			continue
		}
		if addr, ok := said[name].(string); ok {
			return "http://" + addr
		}
	}
	return ""
}

func (p *process) get(path string) (int, string) {
	client := http.Client{Timeout: patience} // it may be stopped
	resp, err := client.Get(p.url + path)
	if err != nil {
		return 0, err.Error()
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, string(body)
}

// kill ends the process as a power cut would.
func (p *process) kill() {
	p.cmd.Process.Kill()
	<-p.done
}

// stop asks the process to end and returns its exit status.
func (p *process) stop() int {
	p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.done:
	case <-time.After(30 * time.Second):
		p.t.Fatalf("the process still runs 30 s after SIGTERM\n%s", p.log)
	}
	if exit := new(exec.ExitError); errors.As(p.err, &exit) {
		return exit.ExitCode()
	}
	return 0
}

// eventually polls until done holds.
func (w *world) eventually(what string, done func() bool) {
	w.t.Helper()
	w.eventuallyWithin(int(patience/time.Second), what, done)
}

func (w *world) eventuallyWithin(seconds int, what string, done func() bool) {
	w.t.Helper()
	for deadline := time.Now().Add(time.Duration(seconds) * time.Second); !done(); {
		if time.Now().After(deadline) {
			w.t.Fatalf("never came true: %s", what)
		}
		time.Sleep(10 * time.Millisecond) // between two looks
	}
}

// types sends a command and returns what its sender is shown.
func (w *world) types(user, text string) string { return w.typesIn(incident, user, text) }

func (w *world) typesIn(channel, user, text string) string {
	w.t.Helper()
	reply, err := w.ws.Command(user, channel, "/pam", text)
	deeds.Add(1)
	if w.repeats(errors.Is(err, fakeslack.ErrTimeout)) { // a busy machine: the person sends the line again
		reply, err = w.ws.Command(user, channel, "/pam", text)
	}
	if err != nil {
		w.t.Fatalf("%s typed %q: %v", user, text, err)
	}
	if reply.Shown == nil {
		return ""
	}
	return fakeslack.PlainText(*reply.Shown)
}

// requests types a line that makes a request, and returns what is read. On a busy
// machine Slack or Redis may answer too late: who is told so types it again, and
// who is told that it is not confirmed looks before.
func (w *world) requests(channel, user, text string) string {
	w.t.Helper()
	shown := w.typesIn(channel, user, text)
	for try := 0; try < tries && w.repeats(tryAgain(shown) || w.unrecorded(channel, user, shown)); try++ {
		shown = w.typesIn(channel, user, text)
	}
	return shown
}

// unrecorded tells whether, by what somebody is told in either language, their
// request could not be recorded, or was not, as they see when they look.
func (w *world) unrecorded(channel, user, shown string) bool {
	has := func(shown, english, portuguese string) bool {
		return strings.Contains(shown, english) || strings.Contains(shown, portuguese)
	}
	if has(shown, "Not confirmed", "Sem confirmação") {
		look := w.typesIn(channel, user, "status "+requestIDs.FindString(shown))
		return has(look, "I know no request", "Não conheço o pedido")
	}
	return has(shown, "cannot keep requests just now", "não consigo registrar pedidos agora")
}

// asks makes a request and returns its card.
func (w *world) asks(user, text string) fakeslack.Message {
	w.t.Helper()
	before := w.cards()
	shown := w.requests(incident, user, text)
	var card fakeslack.Message
	w.eventually("a card for "+text+" (the answer was: "+shown+")", func() bool {
		for _, m := range w.ws.Messages(incident) {
			if meta(m).Request != "" && !slices.Contains(before, m.TS) {
				card = m
				return true
			}
		}
		return false
	})
	return card
}

func (w *world) cards() []string {
	var all []string
	for _, m := range w.ws.Messages(incident) {
		if meta(m).Request != "" {
			all = append(all, m.TS)
		}
	}
	return all
}

// shown is the metadata of a card.
type shown struct {
	Request string `json:"request"`
	State   string `json:"state"`
	Version int    `json:"version"`
}

func meta(m fakeslack.Message) shown { return metaOf(m.Metadata) }

func metaOf(metadata json.RawMessage) shown {
	var data struct {
		Type    string `json:"event_type"`
		Payload shown  `json:"event_payload"`
	}
	if json.Unmarshal(metadata, &data) != nil || data.Type != "pam_request" {
		return shown{}
	}
	return data.Payload
}

// tries is how often somebody tries again what Slack answered too late for.
const tries = 5

// What people did in the scenarios, and how much of it again. A machine that is
// busy makes them repeat a few; were it the bot that is slow, it would be many.
var deeds, deedsAgain atomic.Int64

const rareAgain, againInHundred = 10, 2

// repeats reports whether somebody does again what Slack answered too late for,
// and counts it.
func (w *world) repeats(late bool) bool {
	if !late || w.firstTry {
		return false
	}
	deedsAgain.Add(1)
	return true
}

// tryAgain tells whether somebody is told, in either language, that Slack could
// not be asked, or that the card they pressed on is not on record yet.
func tryAgain(shown string) bool {
	return slices.ContainsFunc([]string{"could not ask Slack", "from Slack just now", "is just being posted",
		"perguntar ao Slack", "no Slack agora", "está sendo publicado"}, func(part string) bool { return strings.Contains(shown, part) })
}

// press is what somebody pressed on a card, and how often that person had been
// told to try again before.
type press struct {
	user, action string
	told, tries  int
}

// toldAgain counts how often somebody was told to try again.
func (w *world) toldAgain(user string) int {
	n := 0
	for _, m := range w.ws.Ephemerals(user) {
		if tryAgain(plainText(m)) {
			n++
		}
	}
	return n
}

// insists presses again what was pressed last on a card, if the person was told
// to since.
func (w *world) insists(card fakeslack.Message) {
	last, there := w.pressed.Load(card.Ref())
	if !there {
		return
	}
	p := last.(press)
	if n := w.toldAgain(p.user); p.tries < tries && w.repeats(n > p.told) {
		w.pressed.Store(card.Ref(), press{p.user, p.action, n, p.tries + 1})
		_, _ = w.ws.ClickOld(p.user, card, p.action)
	}
}

// clicks presses a button of the card as it stands.
func (w *world) clicks(user string, card fakeslack.Message, action string) {
	w.t.Helper()
	w.pressed.Store(card.Ref(), press{user: user, action: action, told: w.toldAgain(user)})
	_, err := w.ws.ClickOld(user, card, action)
	deeds.Add(1)
	if w.repeats(errors.Is(err, fakeslack.ErrTimeout)) { // a busy machine: the person presses again
		_, err = w.ws.ClickOld(user, card, action)
	}
	if err != nil {
		w.t.Fatalf("%s pressed %s: %v", user, action, err)
	}
}

// becomes waits until the card shows the state and returns it as it then is.
func (w *world) becomes(card fakeslack.Message, state string) fakeslack.Message {
	w.t.Helper()
	return w.becomesWithin(card, state, int(patience/time.Second))
}

func (w *world) becomesWithin(card fakeslack.Message, state string, seconds int) fakeslack.Message {
	w.t.Helper()
	var now fakeslack.Message
	w.eventuallyWithin(seconds, "the card of "+meta(card).Request+" becomes "+state, func() bool {
		now, _ = w.ws.Message(card.Ref())
		if meta(now).State == meta(card).State {
			w.insists(card)
		}
		return meta(now).State == state
	})
	return now
}

// logs waits until a process has logged all parts.
func (w *world) logs(p *process, parts ...string) {
	w.t.Helper()
	w.eventually("the log says "+strings.Join(parts, ", "), func() bool { return containsAll(p.log.String(), parts...) })
}

// told waits for the reply in the card's thread and returns its text.
func (w *world) told(card fakeslack.Message) string {
	w.t.Helper()
	var text string
	w.eventually("the thread is told", func() bool {
		replies := w.ws.Thread(card.Channel, card.TS)
		if len(replies) > 0 {
			text = fakeslack.PlainText(replies[len(replies)-1])
		} else {
			w.insists(card)
		}
		return text != ""
	})
	return text
}

// whispered waits for something that only the person sees and that holds part.
func (w *world) whispered(user, part string) string {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), patience)
	defer cancel()
	m, err := w.ws.WaitEphemeral(ctx, user, func(m fakeslack.Message) bool { return strings.Contains(fakeslack.PlainText(m), part) })
	if err != nil {
		var seen []string
		for _, m := range w.ws.Ephemerals(user) {
			seen = append(seen, fakeslack.PlainText(m))
		}
		w.t.Fatalf("%s was never told %q, but:\n%s", user, part, strings.Join(seen, "\n--\n"))
	}
	return fakeslack.PlainText(m)
}

// calls are the writes that the appliance received, as method, path and client.
func (w *world) calls() []string {
	var all []string
	for _, c := range w.appliance.Writes() {
		all = append(all, c.String()+" by "+c.Client)
	}
	return all
}

// audit is the events of a request on record, in order.
func (w *world) audit(request string) []approvals.Logged {
	w.t.Helper()
	all, err := w.store().Audit(w.t.Context(), 0, 100_000)
	if err != nil {
		w.t.Fatal(err)
	}
	return slices.DeleteFunc(all, func(e approvals.Logged) bool { return e.Request != request })
}

// store is what the processes share, seen from outside.
func (w *world) store() *redisstore.Store {
	w.t.Helper()
	if w.peek == nil {
		client, err := redisstore.Open(w.redis.URL)
		if err != nil {
			w.t.Fatal(err)
		}
		w.t.Cleanup(func() { client.Close() })
		w.peek = redisstore.New(redisstore.Config{Client: client, Team: "T0FAKE"})
	}
	return w.peek
}

const hangup = syscall.SIGHUP

func plainText(m fakeslack.Message) string { return fakeslack.PlainText(m) }

// noViolation holds what must never happen, after every scenario.
func (w *world) noViolation() {
	for _, p := range w.processes {
		if strings.Contains(p.log.String(), "DATA RACE") || strings.Contains(p.log.String(), "panic:") {
			w.t.Errorf("a process raced or panicked:\n%s", p.log)
		}
	}
	for _, v := range w.appliance.Violations() {
		w.t.Errorf("the appliance was read item by item: %s", v)
	}
	for _, p := range w.processes {
		for _, secret := range []string{"xoxb-fake", "xapp-fake", "fake-signing-secret", "pam-secret-value", "mysafe-secret-value"} {
			if strings.Contains(p.log.String(), secret) {
				w.t.Errorf("a secret is in the log: %s", secret)
			}
		}
	}
}

func contains(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("%q is missing in:\n%s", part, text)
		}
	}
}

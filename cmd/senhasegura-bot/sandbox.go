package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"syscall"

	"golang.org/x/sync/errgroup"

	"senhasegura-bot/bot/fakeslack"
	"senhasegura-bot/senhasegura/senhaseguratest"
)

// sandboxPolicy is what holds in the sandbox; it shows two rules and the defaults.
//
//go:embed sandbox-policy.yml
var sandboxPolicy []byte

type sandboxCommand struct {
	Addr          string `default:"127.0.0.1:8080" help:"Where the page is served; loopback only." placeholder:"HOST:PORT"`
	ApplianceOnly bool   `help:"Serve the simulated senhasegura alone, to test other tools against."`
	Data          string `help:"What it holds, as GET /_control/items prints it; only with --appliance-only." placeholder:"FILE"`
}

// Run runs the bot between stand-ins until a signal ends it.
func (s *sandboxCommand) Run(c *console, r *running) error {
	data, err := s.data()
	if err != nil {
		return err
	}
	page, err := s.listen()
	if err != nil {
		return err
	}
	defer page.Close()
	if s.ApplianceOnly {
		return s.serveAppliance(r, c.out, page, data)
	}
	dir, err := os.MkdirTemp("", "senhasegura-bot-sandbox")
	if err != nil {
		return fmt.Errorf("making a folder for the policy: %w", err)
	}
	defer os.RemoveAll(dir)
	policy := filepath.Join(dir, "policy.yml")
	if err := os.WriteFile(policy, sandboxPolicy, 0o600); err != nil {
		return fmt.Errorf("writing the policy: %w", err)
	}
	return s.serve(r, c, page, policy, data)
}

// listen opens the page's address, which lets anybody who reaches it act as
// anybody in the workspace: loopback only.
func (s *sandboxCommand) listen() (net.Listener, error) {
	host, port, err := net.SplitHostPort(s.Addr)
	if host == "localhost" {
		host = "127.0.0.1" // whatever else the machine calls so
	}
	if ip := net.ParseIP(host); err != nil || ip == nil || !ip.IsLoopback() {
		return nil, s.fault("must be host:port on loopback, such as 127.0.0.1:8080, not %q", s.Addr)
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return nil, s.fault("needs a port from 0 to 65535 (0: any free one), not %q", port)
	}
	l, err := net.Listen("tcp", net.JoinHostPort(host, port))
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, s.fault("%s is in use already; --addr 127.0.0.1:0 takes any free port", s.Addr)
	}
	if err != nil {
		return nil, s.fault("%s cannot be listened on: %v", s.Addr, err)
	}
	return l, nil
}

func (*sandboxCommand) fault(format string, args ...any) error {
	return usage("--addr "+format, args...)
}

func (s *sandboxCommand) serve(ctx context.Context, c *console, page net.Listener, policy string, data senhaseguratest.Data) error {
	address := "http://" + page.Addr().String()
	workspace := sandboxWorkspace(address)
	defer workspace.Close()
	appliance := senhaseguratest.New(senhaseguratest.Config{PAM: sandboxPAM, MySafe: sandboxMySafe, Data: data})
	// One answer that gets lost, so that an unknown outcome can be tried too.
	appliance.Inject(senhaseguratest.Fault{Method: "DELETE", Path: "*/pam/credential/custody/12", Times: 1, Kind: senhaseguratest.Reset, Act: true})
	pam := httptest.NewServer(appliance)
	defer pam.Close()
	own, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listening for the stand-in workspace: %w", err)
	}
	workspace.SetBot("http://" + own.Addr().String())

	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return servePage(ctx, page, workspace.Handler()) })
	group.Go(func() error {
		config, faults := Load(sandboxSettings(address, pam.URL, policy), os.ReadFile, Flags{})
		if len(faults) > 0 {
			return fmt.Errorf("the sandbox's own settings: %v", faults)
		}
		file, err := LoadPolicy(policy)
		if err != nil {
			return err
		}
		// Warnings are for those who run the bot; here people read the page.
		logger := slog.New(slog.NewTextHandler(c.err, &slog.HandlerOptions{Level: slog.LevelError}))
		return serve(ctx, config, file, logger, own, nil, func() { announceSandbox(c.out, address) })
	})
	return group.Wait()
}

// servePage serves the stand-in workspace: its pages stay open for news, so
// they are cut off at the end rather than waited for.
func servePage(ctx context.Context, l net.Listener, h http.Handler) error {
	server := &http.Server{Handler: h, ReadHeaderTimeout: closeGrace}
	go func() {
		<-ctx.Done()
		server.Close()
	}()
	if err := server.Serve(l); ctx.Err() == nil {
		return fmt.Errorf("serving the page: %w", err)
	}
	return nil
}

func sandboxSettings(slackURL, pamURL, policy string) []string {
	return []string{
		"SLACK_BOT_TOKEN=xoxb-sandbox", "SLACK_SIGNING_SECRET=sandbox-signing-secret", "SLACK_API_URL=" + slackURL + "/api/",
		"REDIS_URL=" + memoryURL, "SENHASEGURA_URL=" + pamURL, "POLICY_FILE=" + policy,
		"SENHASEGURA_CLIENT_ID=" + sandboxPAM.ID, "SENHASEGURA_CLIENT_SECRET=" + sandboxPAM.Secret,
		"MYSAFE_CLIENT_ID=" + sandboxMySafe.ID, "MYSAFE_CLIENT_SECRET=" + sandboxMySafe.Secret,
		"AUDIT_KEY=the sandbox keeps nothing, so this key protects nothing",
	}
}

func announceSandbox(w io.Writer, address string) {
	fmt.Fprintf(w, `listening on %s

Welcome. Open that page: several people sit side by side in one channel.
As Ana, type
  /pam deactivate root@db01 key found in a public repository
then press Approve as Bruno, and watch. Add Clara to read Portuguese, or Gil
to be a guest.

Real: the bot, its policy, its cards, and that it takes two people.
Not real: Slack (the page stands in for it), senhasegura (a simulator that
answers as the manuals say), Redis (inside this process). Nothing leaves this
machine and nothing is kept. Ctrl-C ends it.
`, address)
}

// sandboxWorkspace is a small company in one channel.
func sandboxWorkspace(address string) *fakeslack.Workspace {
	ws := fakeslack.New(fakeslack.Config{TeamID: "TSANDBOX", TeamName: "Sandbox", BotToken: "xoxb-sandbox", SigningSecret: "sandbox-signing-secret"})
	ws.SetURL(address)
	for _, u := range []fakeslack.User{
		{ID: "UANA", Name: "ana", RealName: "Ana Souza", Title: "on call"},
		{ID: "UBRUNO", Name: "bruno", RealName: "Bruno Lima", Title: "security"},
		{ID: "UCLARA", Name: "clara", RealName: "Clara Dias", Title: "platform lead", Locale: "pt-BR"},
		{ID: "UDORA", Name: "dora", RealName: "Dora Reis", Title: "on call"},
		{ID: "UGIL", Name: "gil", RealName: "Gil Prado", Title: "guest", IsRestricted: true},
	} {
		ws.AddUser(u)
	}
	everybody := []string{"U0BOT", "UANA", "UBRUNO", "UCLARA", "UDORA", "UGIL"}
	ws.AddGroup(fakeslack.Group{ID: "S0SEC", Handle: "security", Name: "Security", Users: []string{"UBRUNO", "UCLARA"}})
	ws.AddChannel(fakeslack.Channel{ID: "CINC42", Name: "inc-42", Creator: "UDORA", Members: everybody})
	ws.AddChannel(fakeslack.Channel{ID: "COPS", Name: "ops", Creator: "UDORA", Members: everybody})
	ws.Say("UDORA", "CINC42", "", "The root key of db01 is in a public repository! @ana, can you switch it off?\n"+
		"`/pam deactivate root@db01 key found in a public repository`\n@bruno is here to approve.")
	return ws
}

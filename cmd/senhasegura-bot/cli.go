package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/alecthomas/kong"
)

// Exit statuses of product.md §7.
const (
	exitGood   = 0
	exitFailed = 1
	exitUsage  = 2 // usage, settings, or a faulty policy
)

// console is what a command sees of the terminal it runs in.
type console struct {
	environ  []string
	out, err io.Writer
	around   around
}

// cli is the command line.
type cli struct {
	Serve   serveCommand   `cmd:"" help:"Run the bot."`
	Sandbox sandboxCommand `cmd:"" help:"Try the bot: everything on this machine, nothing needed."`
	Doctor  doctorCommand  `cmd:"" help:"Check a deployment: Slack, senhasegura, Redis, and what Redis can lose. Faults of the settings or the policy are told as serve tells them."`
	Policy  policyCommand  `cmd:"" help:"Look at a policy file."`
	Audit   auditCommand   `cmd:"" help:"Export the audit, or verify it."`
	Explain explainCommand `cmd:"" help:"Say what an error code or text of senhasegura means, and what to do. Needs no settings."`
	Version versionCommand `cmd:"" help:"Say which version this is."`
}

// exit is a kong exit, carried out where kong asked for it.
type exit int

// run runs one command line and returns its exit status.
func run(args []string, c console) (status int) {
	var line cli
	parser, err := kong.New(&line, kong.Name("senhasegura-bot"),
		kong.Description("Two people in Slack for each privileged change in senhasegura."),
		kong.Vars(flagVars()), kong.Writers(c.out, c.err), kong.Exit(func(code int) { panic(exit(code)) }))
	if err != nil {
		fmt.Fprintln(c.err, "senhasegura-bot:", err)
		return exitFailed
	}
	defer func() { // --help leaves by kong.Exit
		switch r := recover().(type) {
		case nil:
		case exit:
			status = int(r)
		default:
			panic(r)
		}
	}()
	command, err := parser.Parse(args)
	if err != nil {
		fmt.Fprintf(c.err, "senhasegura-bot: %v\nTry: senhasegura-bot --help\n", err)
		return exitUsage
	}
	ctx, stop := untilSignal()
	defer stop()
	if err := command.Run(&c, &running{ctx}); err != nil {
		return failure(c.err, err)
	}
	return exitGood
}

// untilSignal returns a context that the first SIGINT or SIGTERM ends. Before it
// ends both have their usual effect again: whoever sees the process stop can end
// it at once by a second one.
func untilSignal() (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(context.Background())
	told := make(chan os.Signal, 1)
	signal.Notify(told, os.Interrupt, syscall.SIGTERM)
	go func() {
		select {
		case <-told:
		case <-ctx.Done():
		}
		signal.Stop(told)
		cancel()
	}()
	return ctx, cancel
}

// running carries the context that a signal ends into a command.
type running struct{ context.Context }

// usageError is a fault of settings or policy: several lines, exit status 2.
type usageError struct{ lines []string }

func (e *usageError) Error() string { return fmt.Sprintf("%d faults", len(e.lines)) }

// failedCheck is a check that found something; it was printed already.
var errCheckFailed = errors.New("a check failed")

func failure(w io.Writer, err error) int {
	var usage *usageError
	var faults *PolicyFaults
	switch {
	case errors.Is(err, errCheckFailed):
		return exitFailed
	case errors.As(err, &usage):
		for _, line := range usage.lines {
			fmt.Fprintln(w, line)
		}
		return exitUsage
	case errors.As(err, &faults):
		fmt.Fprintln(w, faults)
		return exitUsage
	}
	fmt.Fprintln(w, "senhasegura-bot:", err)
	return exitFailed
}

type serveCommand struct{ Flags }

// Run serves until a signal ends it.
func (s *serveCommand) Run(c *console, r *running) error {
	config, file, err := s.settings(c)
	if err != nil {
		return err
	}
	config.around = c.around
	logger := config.logger(c.err)
	for _, w := range config.Warnings {
		logger.Warn("setting", "name", w.Setting, "warning", w.Message)
	}
	for _, w := range file.Warnings {
		logger.Warn("policy", "warning", w.line(file.Path))
	}
	main, metrics, err := listen(config)
	if err != nil {
		return err
	}
	return inTime(r, logger, func() error { return serve(r, config, file, logger, main, metrics, func() {}) })
}

// settings reads the settings and the policy; what is wrong with either is
// reported together.
func (s *serveCommand) settings(c *console) (Config, *PolicyFile, error) {
	config, faults := Load(c.environ, os.ReadFile, s.Flags)
	usage := &usageError{}
	for _, f := range faults {
		usage.lines = append(usage.lines, f.String())
	}
	file, err := LoadPolicy(config.PolicyFile)
	var policy *PolicyFaults
	switch {
	case errors.As(err, &policy):
		for _, line := range policy.Lines() {
			usage.lines = append(usage.lines, "POLICY_FILE "+line)
		}
	case err != nil:
		usage.lines = append(usage.lines, "POLICY_FILE "+err.Error())
	}
	if len(usage.lines) > 0 {
		return config, nil, usage
	}
	return config, file, nil
}

// listen opens the addresses before anything else is started by them.
func listen(c Config) (main, metrics net.Listener, err error) {
	if main, err = net.Listen("tcp", c.ListenAddr); err != nil {
		return nil, nil, &usageError{lines: []string{"LISTEN_ADDR cannot be listened on: " + err.Error()}}
	}
	if c.MetricsAddr == "" || c.MetricsAddr == c.ListenAddr {
		return main, nil, nil
	}
	if metrics, err = net.Listen("tcp", c.MetricsAddr); err != nil {
		main.Close()
		return nil, nil, &usageError{lines: []string{"METRICS_ADDR cannot be listened on: " + err.Error()}}
	}
	return main, metrics, nil
}

type policyCommand struct {
	Check   policyCheckCommand   `cmd:"" help:"Say what is wrong with a policy file, with line and column."`
	Explain policyExplainCommand `cmd:"" help:"Say which rule would hold for a line, who could approve it, and whether it would be refused."`
}

type policyCheckCommand struct {
	File string `arg:"" optional:"" default:"policy.yml" env:"POLICY_FILE" help:"The policy file."`
}

// Run prints every fault and warning.
func (p *policyCheckCommand) Run(c *console) error {
	if runPolicyCheck(c.out, p.File) != exitGood {
		return errCheckFailed
	}
	return nil
}

type versionCommand struct{}

// Run prints the version that the Go toolchain recorded in the binary.
func (*versionCommand) Run(c *console) error {
	version, revision := "(unknown)", ""
	if info, ok := debug.ReadBuildInfo(); ok {
		version = info.Main.Version
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				revision = " " + s.Value
			}
		}
	}
	_, err := fmt.Fprintf(c.out, "senhasegura-bot %s%s\n", version, revision)
	return err
}

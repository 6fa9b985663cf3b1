package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/redis/go-redis/v9"
	"github.com/slack-go/slack"

	"senhasegura-bot/approvals/redisstore"
	"senhasegura-bot/bot"
)

type doctorCommand struct {
	Flags
	JSON bool `name:"json" help:"Print JSON. Faults of the settings or the policy are still plain text, with status 2."`
}

// examineAll bounds everything, whatever hangs.
const examineAll = 55 * time.Second

// Run checks a deployment from where it runs, with the settings that serve
// would take. Faults of the settings or the policy are told as serve tells
// them; a fault of anything else is a failed check. It changes nothing, and
// takes less than a minute.
func (d *doctorCommand) Run(c *console, r *running) error {
	config, file, err := (&serveCommand{Flags: d.Flags}).settings(c)
	if err != nil {
		return err
	}
	redis.SetLogger(redisLog{slog.New(slog.DiscardHandler)}) // its errors come back as well
	x := &examination{config: config, file: file, api: newAPI(config, slackTransport())}
	x.settings()
	ctx, cancel := context.WithTimeout(r, examineAll)
	defer cancel()
	pam := x.apart()
	var beside sync.WaitGroup
	beside.Go(func() { pam.senhasegura(ctx) })
	x.slack(ctx)
	x.handles(ctx)
	x.redis(ctx)
	beside.Wait()
	x.join(pam)
	x.clock()
	if err := x.print(c.out, d.JSON); err != nil {
		return err
	}
	if x.count(redisstore.Fault) > 0 {
		return errCheckFailed
	}
	return nil
}

// check is one thing that was looked at. What is the line's subject; Means and
// Change are empty where all is well and nothing more is to be known.
type check struct {
	Status redisstore.Severity `json:"status"`
	Check  string              `json:"check"` // of a closed set, for scripts
	What   string              `json:"what"`
	Means  string              `json:"means,omitempty"`
	Change string              `json:"change,omitempty"`
}

func (c check) String() string {
	line := fmt.Sprintf("%-7s  %s", c.Status, c.What)
	switch {
	case c.Means != "" && c.Change != "":
		line += "  — " + c.Means + "; " + c.Change
	case c.Means+c.Change != "":
		line += "  — " + c.Means + c.Change
	}
	return line
}

// examination collects the checks of one deployment.
type examination struct {
	config Config
	file   *PolicyFile
	api    *slack.Client
	home   bot.Home // zero while Slack has not said where the token belongs
	checks []check

	slackClock, applianceClock reading
}

// apart is an examination of the same deployment that runs beside x.
func (x *examination) apart() *examination {
	return &examination{config: x.config, file: x.file, api: x.api}
}

// join takes over what was found apart.
func (x *examination) join(parts ...*examination) {
	for _, p := range parts {
		x.checks = append(x.checks, p.checks...)
		if p.applianceClock.known {
			x.applianceClock = p.applianceClock
		}
	}
}

// found is the one place that adds a check. Much of what is said was said by
// others: it stays on its line, and no secret of ours that they hand back gets
// through.
func (x *examination) found(c check) {
	for _, text := range []*string{&c.What, &c.Means, &c.Change} {
		*text = x.harmless(*text)
	}
	x.checks = append(x.checks, c)
}

func (x *examination) harmless(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, x.config.hiding().Replace(text))
}

func (x *examination) ok(name, what string) { x.found(check{redisstore.OK, name, what, "", ""}) }

func (x *examination) warn(name, what, means, change string) {
	x.found(check{redisstore.Warning, name, what, means, change})
}

func (x *examination) fault(name, what, means, change string) {
	x.found(check{redisstore.Fault, name, what, means, change})
}

func (x *examination) count(s redisstore.Severity) int {
	n := 0
	for _, c := range x.checks {
		if c.Status == s {
			n++
		}
	}
	return n
}

func (x *examination) print(w io.Writer, asJSON bool) error {
	faults, warnings := x.count(redisstore.Fault), x.count(redisstore.Warning)
	if asJSON {
		e := json.NewEncoder(w)
		e.SetEscapeHTML(false)
		e.SetIndent("", "  ")
		return e.Encode(struct {
			Good     bool    `json:"good"`
			Faults   int     `json:"faults"`
			Warnings int     `json:"warnings"`
			Checks   []check `json:"checks"`
		}{faults == 0, faults, warnings, x.checks})
	}
	for _, c := range x.checks {
		if _, err := fmt.Fprintln(w, c); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(w, "%s, %s\n", some(faults, "fault"), some(warnings, "warning"))
	return err
}

func some(n int, what string) string {
	switch n {
	case 0:
		return "no " + what + "s"
	case 1:
		return "1 " + what
	}
	return fmt.Sprint(n, " ", what, "s")
}

// settings are good, or Run had ended; what is left are their warnings.
func (x *examination) settings() {
	for _, w := range x.config.Warnings {
		x.warn("settings", w.Setting, w.Message, "")
	}
	for _, w := range x.file.Warnings {
		x.warn("policy", w.line(x.file.Path), "", "")
	}
	x.ok("settings", "the settings are complete")
	x.ok("policy", x.file.Path+" can be used")
}

// redis checks that Redis answers, that it takes writes, and what it can lose.
func (x *examination) redis(ctx context.Context) {
	if x.config.RedisURL() == memoryURL {
		x.fault("redis", memoryURL,
			"requests are kept in memory only: every request, vote and audit entry is lost when the process ends, and no second process shares them",
			"set REDIS_URL to a Redis 7.0 or later")
		return
	}
	client, err := redisstore.Open(x.config.RedisURL())
	if err != nil {
		x.fault("redis", "REDIS_URL", err.Error(), "set it anew")
		return
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(ctx, examineTime)
	defer cancel()
	findings, err := redisstore.Examine(ctx, client)
	if err != nil {
		x.fault("redis", "Redis", err.Error(), "check REDIS_URL, the way to it from here, and its user and password")
		return
	}
	x.ok("redis", "Redis answers")
	x.writes(ctx, client)
	for _, f := range findings {
		if f.Nodes != "" {
			f.What += " (" + f.Nodes + ")"
		}
		x.found(check{f.Severity, "redis_" + f.Subject, f.What, f.Means, f.Change})
	}
}

// writes tries whether Redis takes writes, and leaves nothing behind. Where
// Slack has not said which workspace it is, any key will do.
func (x *examination) writes(ctx context.Context, client redis.UniversalClient) {
	store := redisstore.New(redisstore.Config{Client: client, Team: cmp.Or(x.home.Team, "doctor")})
	if err := store.Ping(ctx); err != nil {
		x.fault("redis_writes", "Redis takes no writes", "nothing can be requested: "+err.Error(),
			"see what else is said of Redis, or allow the bot's user the keys senhasegura-bot:* and every command of its scripts")
		return
	}
	x.ok("redis_writes", "Redis takes writes")
}

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"senhasegura-bot/approvals/audit"
	"senhasegura-bot/approvals/redisstore"
)

type auditCommand struct {
	Export auditExportCommand `cmd:"" help:"Write the audit in Redis to the standard output."`
	Verify auditVerifyCommand `cmd:"" help:"Say whether the audit, in Redis or in an exported file, is what the bot wrote."`
}

type auditExportCommand struct {
	Since  string `help:"Only entries from this instant on: 2026-01-31, or 2026-01-31T12:00:00Z." placeholder:"TIME"`
	Until  string `help:"Only entries before this instant." placeholder:"TIME"`
	Format string `help:"jsonl, which verify reads; csv for spreadsheets; cef for a SIEM." enum:"jsonl,csv,cef" default:"jsonl"`
	Team   string `help:"The workspace (T…), where Redis holds several." placeholder:"ID"`
}

// Run exports. What is too new to be sealed is left out.
func (a *auditExportCommand) Run(c *console, r *running) error {
	selection, err := a.selection()
	if err != nil {
		return err
	}
	store, done, err := auditStore(r, c, a.Team)
	if err != nil {
		return err
	}
	defer done()
	n, err := store.ExportAudit(r, c.out, selection)
	if err != nil {
		return unread(err)
	}
	fmt.Fprintf(c.err, "%s exported\n", entries(n))
	return nil
}

func (a *auditExportCommand) selection() (audit.Selection, error) {
	since, err := instantOf("--since", a.Since)
	if err != nil {
		return audit.Selection{}, err
	}
	until, err := instantOf("--until", a.Until)
	return audit.Selection{Format: audit.Format(a.Format), Since: since, Until: until}, err
}

// instantOf reads a day, which begins at midnight UTC, or an instant.
func instantOf(flag, s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, nil
		}
	}
	return time.Time{}, &usageError{[]string{flag + " must be a day (2026-01-31) or an instant (2026-01-31T12:00:00Z)"}}
}

type auditVerifyCommand struct {
	Source string   `arg:"" name:"file|redis" help:"An exported jsonl file, - for the standard input, or the word redis."`
	Head   []string `help:"A head that was posted to the audit's channel; may be given again." placeholder:"N:HASH"`
	Team   string   `help:"The workspace (T…), where Redis holds several." placeholder:"ID"`
}

// Run verifies: exit status 1 says that the audit was read and is not what the
// bot wrote, 2 that it could not be read.
func (a *auditVerifyCommand) Run(c *console, r *running) error {
	var heads []audit.Head
	for _, s := range a.Head {
		h, err := audit.ParseHead(s)
		if err != nil {
			return &usageError{[]string{"--head: " + err.Error()}}
		}
		heads = append(heads, h)
	}
	report, err := a.verify(c, r, heads)
	if err != nil {
		return err
	}
	printReport(c.out, report)
	if !report.Good() {
		return errCheckFailed
	}
	return nil
}

func (a *auditVerifyCommand) verify(c *console, r *running, heads []audit.Head) (audit.Report, error) {
	if a.Source == "redis" {
		store, done, err := auditStore(r, c, a.Team)
		if err != nil {
			return audit.Report{}, err
		}
		defer done()
		report, err := store.VerifyAudit(r, heads)
		return report, unread(err)
	}
	key, _, err := auditSettings(c)
	if err != nil {
		return audit.Report{}, err
	}
	var in io.Reader = os.Stdin
	if a.Source != "-" {
		f, err := os.Open(a.Source)
		if err != nil {
			return audit.Report{}, &usageError{[]string{fmt.Sprintf("%s cannot be read: %v", a.Source, cause(err))}}
		}
		defer f.Close()
		in = f
	}
	report, err := audit.VerifyFile(in, key, heads)
	return report, unread(err)
}

// unread tells what could not be read from what was found: status 2.
func unread(err error) error {
	if err == nil {
		return nil
	}
	return &usageError{[]string{"senhasegura-bot: " + err.Error()}}
}

func printReport(w io.Writer, r audit.Report) {
	fmt.Fprintf(w, "team %s: %s", r.Team, entries(r.Entries))
	if r.Entries > 0 {
		fmt.Fprintf(w, ", %d to %d, %s to %s", r.First.Seq, r.Last.Seq, when(r.First.At), when(r.Last.At))
	}
	if r.Unsealed > 0 {
		fmt.Fprintf(w, ", the last %d not sealed yet", r.Unsealed)
	}
	fmt.Fprintln(w)
	if r.After.Seq > 0 {
		fmt.Fprintf(w, "begins after entry %d\n", r.After.Seq)
	}
	fmt.Fprintf(w, "head %s\n", r.Head)
	for _, h := range r.Unchecked {
		fmt.Fprintf(w, "head %d is not among these entries and was not compared\n", h.Seq)
	}
	for _, f := range r.Faults {
		fmt.Fprintln(w, f)
	}
	switch n := len(r.Faults) + r.More; {
	case n == 0:
		fmt.Fprintln(w, "good")
	case r.Entries > 0 && n >= r.Entries:
		fmt.Fprintf(w, "%d faults: is AUDIT_KEY the bot's?\n", n)
	default:
		fmt.Fprintf(w, "faults: %d\n", n)
	}
}

func when(ms int64) string { return time.UnixMilli(ms).UTC().Format(time.RFC3339) }

func entries(n int) string {
	if n == 1 {
		return "1 entry"
	}
	return fmt.Sprintf("%d entries", n)
}

// auditSettings reads AUDIT_KEY, or what it is derived from, and REDIS_URL.
func auditSettings(c *console) (key []byte, redisURL string, err error) {
	r := settingsReader{env: variables(c.environ), readFile: os.ReadFile, given: map[string]bool{}, faulty: map[string]bool{}}
	for _, s := range settings() {
		switch s.Name {
		case "AUDIT_KEY", "SLACK_SIGNING_SECRET", "SLACK_APP_TOKEN", "REDIS_URL":
			s.Required = false
			r.setting(s)
		}
	}
	r.checkAuditKey()
	if !r.config.AuditKey.Set() && len(r.faults) == 0 {
		r.fault("AUDIT_KEY", "is required: the one that the bot runs with, or what it derives it from")
	}
	if len(r.faults) > 0 {
		usage := &usageError{}
		for _, f := range r.faults {
			usage.lines = append(usage.lines, f.String())
		}
		return nil, "", usage
	}
	if r.config.RedisURL.Set() {
		redisURL = r.config.RedisURL()
	}
	return []byte(r.config.AuditKey()), redisURL, nil
}

// auditStore opens the store of one workspace; done closes it.
func auditStore(ctx context.Context, c *console, team string) (*redisstore.Store, func(), error) {
	key, url, err := auditSettings(c)
	if err != nil {
		return nil, nil, err
	}
	if url == "" || url == memoryURL {
		return nil, nil, &usageError{[]string{"REDIS_URL is required: the Redis that the bot runs with"}}
	}
	client, err := redisstore.Open(url)
	if err != nil {
		return nil, nil, &usageError{[]string{"REDIS_URL: " + err.Error()}}
	}
	if team == "" {
		teams, err := redisstore.Teams(ctx, client)
		if err = oneTeam(teams, err); err != nil {
			client.Close()
			return nil, nil, err
		}
		team = teams[0]
	}
	return redisstore.New(redisstore.Config{Client: client, Team: team, AuditKey: key}), func() { client.Close() }, nil
}

func oneTeam(teams []string, err error) error {
	switch {
	case errors.Is(err, redisstore.ErrCluster):
		return &usageError{[]string{"--team is required with a Redis Cluster"}}
	case err != nil:
		return unread(fmt.Errorf("looking for the workspace: %w", err))
	case len(teams) == 0:
		return &usageError{[]string{"REDIS_URL: this Redis holds no audit"}}
	case len(teams) > 1:
		return &usageError{[]string{"--team is required: this Redis holds " + strings.Join(teams, ", ")}}
	}
	return nil
}

package main

import (
	"context"
	"log/slog"
	"time"

	"senhasegura-bot/approvals/redisstore"
)

// examineTime bounds how long Redis is asked about its settings: a dozen
// questions to each master.
const examineTime = 10 * time.Second

// sayDurability logs once what the settings of Redis can lose, as soon as it
// answers. The start does not wait for it. What is embedded was said already.
func (s *server) sayDurability(ctx context.Context) error {
	if s.config.RedisURL() == memoryURL {
		return nil
	}
	for first := true; ; first = false {
		asking, cancel := context.WithTimeout(ctx, examineTime)
		found, err := redisstore.Examine(asking, s.redis)
		cancel()
		if err == nil {
			logFindings(s.logger, found)
			return nil
		}
		if first && ctx.Err() == nil {
			s.logger.Warn("Redis cannot be asked yet what its settings can lose; asking again until it answers", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(askAgain):
		}
	}
}

// logFindings warns of what costs something, and tells what the rest relies on.
func logFindings(logger *slog.Logger, found []redisstore.Finding) {
	for _, f := range found {
		facts := []any{"setting", f.What, "means", f.Means}
		if f.Nodes != "" {
			facts = append(facts, "nodes", f.Nodes)
		}
		switch {
		case f.Severity != redisstore.OK:
			logger.Warn("how Redis is set", append(facts, "change", f.Change, "severity", string(f.Severity))...)
		case f.Means != "":
			logger.Info("how Redis is set", facts...)
		}
	}
}

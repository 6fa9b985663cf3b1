package main

import (
	"context"
	"log/slog"
	"time"
)

// A process that is told to stop stops in this order:
//
//  1. At once: no run begins here any more, /readyz says so, and what would
//     create or change something is refused (bot.Stop). Sockets close as soon as
//     what came by them is answered: Slack gives the rest to other processes.
//  2. Calls under way end within runGrace, which is longer than a call takes by
//     default, or are broken off; what is left of a run is given back, for the
//     next sweep of another process. Meanwhile HTTP answers.
//  3. HTTP closes, what followed answers ends, the audit is written, by answersBy
//     and a little.
//
// The orchestrator kills after 30 s. So does whoever stops it a second time, at
// once; nothing is lost by that which was not kept before.
const (
	runGrace   = 18 * time.Second
	answersBy  = 25 * time.Second
	closeGrace = 4 * time.Second
	// auditGrace is for the refusals that are not in the audit yet, and again for
	// the last seals.
	auditGrace = time.Second
	// stopLimit ends the process after a signal whatever hangs. Where a part failed
	// by itself, answersBy ends what can be waited for, and a signal ends the rest.
	stopLimit = 28 * time.Second
)

// ending has everybody know when ctx ends, and returns the context of what may
// still be done then.
func (s *server) ending(ctx context.Context) (context.Context, context.CancelFunc) {
	ending, cancel := context.WithCancel(context.WithoutCancel(ctx))
	undo := context.AfterFunc(ctx, func() {
		s.bot.Stop()
		s.web.stopping()
		s.logger.Info("stopping")
		time.AfterFunc(answersBy, cancel)
	})
	return ending, func() { undo(); cancel() }
}

// awaited returns when wait does, or ctx ends.
func awaited(ctx context.Context, wait func()) {
	ended := make(chan struct{})
	go func() { wait(); close(ended) }()
	select {
	case <-ended:
	case <-ctx.Done():
	}
}

// inTime returns what work does, or nil where that has not ended stopLimit after
// ctx: what is under way then is in Redis, for others to go on with.
func inTime(ctx context.Context, logger *slog.Logger, work func() error) error {
	ended := make(chan error, 1)
	go func() { ended <- work() }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	select {
	case err := <-ended:
		return err
	case <-time.After(stopLimit):
		logger.Error("stopping took too long; what was under way is left to others")
		return nil
	}
}

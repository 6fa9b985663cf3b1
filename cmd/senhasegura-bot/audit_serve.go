package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"senhasegura-bot/approvals/redisstore"
)

// Times of the audit. A pass seals what is new, within a second of it; the
// rest is looked at on every so many passes.
const (
	sealEvery  = 400 * time.Millisecond
	sealAtOnce = 1000
	// tellEvery is how often the audit is verified and its head told; claimFor
	// how long one process has for that before another tries.
	tellEvery = 24 * time.Hour
	claimFor  = time.Minute
	// claimLost is longer than claimFor could be held, by as many processes in
	// turn as Slack refuses.
	claimLost = 15 * time.Minute
)

// recording seals the audit and writes refusals to it, until the returned
// function is called: to the end of everything that still may write.
func (s *server) recording(ctx context.Context) (stop func()) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	var working sync.WaitGroup
	working.Go(func() { _ = s.notes.Run(ctx, auditGrace) }) // never fails
	working.Go(func() { s.sealAudit(ctx) })
	return func() {
		cancel()
		late, done := context.WithTimeout(context.WithoutCancel(ctx), 2*auditGrace)
		defer done()
		awaited(late, working.Wait)
		last, done := context.WithTimeout(context.WithoutCancel(ctx), auditGrace)
		defer done()
		if err := s.sealNew(last); err != nil {
			s.logger.Warn("the last entries of the audit are left for the next process to seal", "error", err)
		}
	}
}

// sealAudit seals until ctx ends; a fault is logged once until it has passed.
func (s *server) sealAudit(ctx context.Context) {
	tick := time.NewTicker(sealEvery)
	defer tick.Stop()
	failing := ""
	for pass := 0; ; pass++ {
		err := s.keepAudit(ctx, pass%10 == 0)
		switch {
		case ctx.Err() != nil:
			return
		case errors.Is(err, redisstore.ErrBent) && failing != err.Error():
			s.logger.Error("the audit in Redis is not what was written there", "error", err)
		case err != nil && failing == "":
			s.logger.Warn("the audit is not kept as it should be; trying again", "error", err)
		}
		failing = ""
		if err != nil {
			failing = err.Error()
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// claimed is the right to tell that this process asked for last, and since when
// it is refused.
type claimed struct {
	name string
	at   time.Time
}

// keepAudit seals what is new and, if look says so or the end of the chain is
// not what it should be, does what the rest of the audit needs.
func (s *server) keepAudit(ctx context.Context, look bool) error {
	err := s.sealNew(ctx)
	if bent := errors.Is(err, redisstore.ErrBent); look || bent {
		err = errors.Join(err, s.store.Tally(ctx, s.desk.Process), s.tellAudit(ctx, bent))
	}
	return err
}

func (s *server) sealNew(ctx context.Context) error {
	for {
		n, err := s.store.Seal(ctx, sealAtOnce)
		if err != nil || n < sealAtOnce {
			return err
		}
	}
}

// tellAudit verifies the audit once a day over all processes, at once if it is
// suspect, and posts its head to the policy's channel if there is a new one. An
// audit that does not verify is told instead.
func (s *server) tellAudit(ctx context.Context, suspect bool) error {
	channel := s.policy.Current().AuditChannel
	if channel == "" {
		return nil
	}
	told, err := s.store.Published(ctx)
	if err != nil {
		return err
	}
	now, err := s.store.Now(ctx)
	if err != nil || !suspect && told.Channel == channel && ofToday(told.At, now) {
		s.claimed = claimed{}
		return err
	}
	head, err := s.store.Head(ctx) // before it is verified: so far it was
	if !suspect && (err != nil || head.Seq == 0 && told.Seq == 0) {
		return err
	}
	claim := fmt.Sprintf("audit head:%s:%d:%d", channel, told.Seq, told.At.UnixMilli())
	if suspect {
		claim = "audit suspect:" + channel
	}
	if mine, err := s.claim(ctx, claim, now); err != nil || !mine {
		return err
	}
	report, err := s.store.VerifyAudit(ctx, nil)
	switch {
	case err != nil:
		return err
	case !report.Good():
		return s.tellBent(ctx, channel, report.Faults[0].String(), now)
	case suspect: // what is lost was told nobody yet
		return nil
	}
	return s.tellHead(ctx, told, redisstore.Published{Link: head, At: now, Channel: channel})
}

// claim gives one process the right to verify and tell, for claimFor. A right
// that this process is refused for longer than any could have held it is
// nobody's: who writes to Redis must not silence everybody with it.
func (s *server) claim(ctx context.Context, name string, now time.Time) (bool, error) {
	first, err := s.store.First(ctx, name, claimFor)
	switch {
	case err != nil:
		return false, err
	case first || s.claimed.name != name:
		s.claimed.name, s.claimed.at = name, now
		return first, nil
	case now.Sub(s.claimed.at) <= claimLost:
		return false, nil
	}
	s.claimed.at = now
	return true, nil
}

// ofToday reports whether something was told less than a day ago. A time ahead
// of us was not put there by us.
func ofToday(at, now time.Time) bool { return !at.After(now) && now.Sub(at) < tellEvery }

// tellHead posts the head unless it is the one that was told last, and takes
// note of when it was looked at.
func (s *server) tellHead(ctx context.Context, told, now redisstore.Published) error {
	if head := now.Head().String(); told.Channel != now.Channel || told.Head() != now.Head() {
		if err := s.bot.TellHead(ctx, now.Channel, head); err != nil {
			return fmt.Errorf("telling the audit's head: %w", err)
		}
		s.logger.Info("audit head told", "channel", now.Channel, "head", head)
	}
	return s.store.Publish(ctx, now)
}

// tellBent says once a day that, and where, the audit was tampered with.
func (s *server) tellBent(ctx context.Context, channel, where string, now time.Time) error {
	bent := fmt.Errorf("%w: %s", redisstore.ErrBent, where)
	at, err := s.store.Complained(ctx, channel)
	if err != nil || ofToday(at, now) {
		return errors.Join(bent, err)
	}
	if err := s.bot.TellBent(ctx, channel, where); err != nil {
		return errors.Join(bent, fmt.Errorf("telling that the audit does not verify: %w", err))
	}
	return errors.Join(bent, s.store.Complain(ctx, channel, now))
}

// trimAudit removes audit entries past their time, now and every hour; more
// often where they are not kept for long.
func (s *server) trimAudit(ctx context.Context) error {
	const atOnce = 10_000
	for {
		for more := true; more; {
			n, err := s.store.TrimAudit(ctx, s.config.AuditRetention, atOnce)
			if err != nil && ctx.Err() == nil {
				s.logger.Warn("the audit could not be trimmed", "error", err)
			}
			more = n == atOnce && err == nil
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(min(time.Hour, s.config.AuditRetention)):
		}
	}
}

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
	// tellEvery is how often the head is told; claimFor how long one process
	// has for telling it before another tries.
	tellEvery = 24 * time.Hour
	claimFor  = time.Minute
)

// recording seals the audit and writes refusals to it, until the returned
// function is called: to the end of everything that still may write.
func (s *server) recording(ctx context.Context) (stop func()) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	var writing, sealing sync.WaitGroup
	writing.Go(func() { _ = s.notes.Run(ctx, closeGrace) }) // never fails
	sealing.Go(func() { s.sealAudit(ctx) })
	return func() {
		cancel()
		writing.Wait()
		sealing.Wait()
		last, done := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
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
		err := s.sealNew(ctx)
		if pass%10 == 0 {
			err = errors.Join(err, s.store.Tally(ctx, s.desk.Process), s.tellHead(ctx))
		}
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

func (s *server) sealNew(ctx context.Context) error {
	for {
		n, err := s.store.Seal(ctx, sealAtOnce)
		if err != nil || n < sealAtOnce {
			return err
		}
	}
}

// tellHead posts the head to the policy's channel, once a day over all
// processes and only if there is a new one. An audit that does not verify is
// told instead.
func (s *server) tellHead(ctx context.Context) error {
	channel := s.policy.Current().AuditChannel
	if channel == "" {
		return nil
	}
	head, err := s.store.Head(ctx)
	if err != nil {
		return err
	}
	told, err := s.store.Published(ctx)
	if err != nil {
		return err
	}
	now, err := s.store.Now(ctx)
	if err != nil || head.Seq == 0 || told.Channel == channel && (told.Seq == head.Seq || now.Sub(told.At) < tellEvery) {
		return err
	}
	first, err := s.store.First(ctx, fmt.Sprintf("audit head:%s:%d", channel, told.At.UnixMilli()), claimFor)
	if err != nil || !first {
		return err
	}
	report, err := s.store.VerifyAudit(ctx, nil)
	if err != nil {
		return err
	}
	if !report.Good() {
		return s.tellBent(ctx, channel, report.Faults[0].String())
	}
	if err := s.bot.TellHead(ctx, channel, head.Head().String()); err != nil {
		return fmt.Errorf("telling the audit's head: %w", err)
	}
	s.logger.Info("audit head told", "channel", channel, "head", head.Head().String())
	return s.store.Publish(ctx, redisstore.Published{Link: head, At: now, Channel: channel})
}

// tellBent says once a day that, and where, the audit was tampered with.
func (s *server) tellBent(ctx context.Context, channel, where string) error {
	bent := fmt.Errorf("%w: %s", redisstore.ErrBent, where)
	first, err := s.store.First(ctx, "audit bent:"+channel, tellEvery)
	if err != nil || !first {
		return errors.Join(bent, err)
	}
	return errors.Join(bent, s.bot.TellBent(ctx, channel, where))
}

// trimAudit removes audit entries past their time, now and every hour.
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
		case <-time.After(time.Hour):
		}
	}
}

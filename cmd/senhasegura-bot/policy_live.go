package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"

	"senhasegura-bot/approvals"
)

// livePolicy is the policy in force. A reload puts a new one in its place only
// when that is good in every respect, so that there always is a policy.
type livePolicy struct {
	path    string
	groups  groupsByHandle
	logger  *slog.Logger
	reading sync.Mutex // one reload at a time
	current atomic.Pointer[approvals.Policy]
}

// groupsByHandle lists the workspace's user groups: handle without @ → id.
type groupsByHandle func(context.Context) (map[string]string, error)

// openLivePolicy puts a policy that was just read into force, once its handles
// are resolved. groups is asked only if the policy has handles. The error is
// a *PolicyFaults for handles that no group has.
func openLivePolicy(ctx context.Context, file *PolicyFile, groups groupsByHandle, logger *slog.Logger) (*livePolicy, error) {
	l := &livePolicy{path: file.Path, groups: groups, logger: logger}
	return l, l.adopt(ctx, file)
}

// Current returns the policy in force; never nil, never changed afterwards.
func (l *livePolicy) Current() *approvals.Policy { return l.current.Load() }

// Reload reads the file again. If anything is wrong with it the policy in
// force stays, each fault is logged with its line, and Reload returns false.
func (l *livePolicy) Reload(ctx context.Context) bool {
	l.reading.Lock()
	defer l.reading.Unlock()
	file, err := LoadPolicy(l.path)
	if err == nil {
		err = l.adopt(ctx, file)
	}
	if err != nil {
		l.refused(err)
		return false
	}
	for _, w := range file.Warnings {
		l.logger.Warn("policy warning", "at", w.line(l.path))
	}
	l.logger.Info("policy reloaded", "path", l.path, "rules", len(file.Policy.Rules))
	return true
}

func (l *livePolicy) refused(err error) {
	faults, ok := errors.AsType[*PolicyFaults](err)
	if !ok {
		l.logger.Error("policy not reloaded: the one in force stays", "error", err)
		return
	}
	for _, line := range faults.Lines() {
		l.logger.Error("policy fault", "at", line)
	}
	l.logger.Error("policy not reloaded: the one in force stays", "faults", len(faults.Faults))
}

func (l *livePolicy) adopt(ctx context.Context, file *PolicyFile) error {
	var known map[string]string
	if len(file.handles) > 0 {
		var err error
		if known, err = l.groups(ctx); err != nil {
			return fmt.Errorf("resolving the policy's handles: %w", err)
		}
	}
	faults := file.ResolveHandles(func(handle string) (string, bool) {
		id, ok := known[handle]
		return id, ok && id != ""
	})
	if len(faults) > 0 {
		return &PolicyFaults{Path: file.Path, Faults: faults}
	}
	l.current.Store(file.Policy)
	return nil
}

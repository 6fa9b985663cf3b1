package approvalstest

import (
	"context"
	"fmt"
	"sync"

	"senhasegura-bot/approvals"
)

// Failure is how a write fails.
type Failure int

// The failures of a store that is out of reach.
const (
	// Before: the write never arrived; ErrUnavailable.
	Before Failure = iota + 1
	// After: it was carried out and its answer lost; ErrUnconfirmed.
	After
)

// Flaky is a store that fails when told to. Only Submit and Commit do: they
// are the writes whose fate people are told.
type Flaky struct {
	approvals.Store

	mu    sync.Mutex
	queue []Failure
}

// Fail has the next writes fail so, one each, in this order.
func (f *Flaky) Fail(how ...Failure) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.queue = append(f.queue, how...)
}

// Submit fails as told, or passes on.
func (f *Flaky) Submit(ctx context.Context, s approvals.Submission) (r approvals.Request, err error) {
	err = f.write(func() error {
		r, err = f.Store.Submit(ctx, s)
		return err
	})
	if err != nil {
		return approvals.Request{}, err
	}
	return r, nil
}

// Commit fails as told, or passes on.
func (f *Flaky) Commit(ctx context.Context, c approvals.Change) error {
	return f.write(func() error { return f.Store.Commit(ctx, c) })
}

// write carries a write out or not. The store's own refusals are lost with the
// answer too: whoever gets ErrUnconfirmed knows nothing.
func (f *Flaky) write(do func() error) error {
	switch f.next() {
	case Before:
		return fmt.Errorf("%w: told to fail", approvals.ErrUnavailable)
	case After:
		_ = do() // lost, as told
		return fmt.Errorf("%w: told to fail", approvals.ErrUnconfirmed)
	}
	return do()
}

func (f *Flaky) next() Failure {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.queue) == 0 {
		return 0
	}
	how := f.queue[0]
	f.queue = f.queue[1:]
	return how
}

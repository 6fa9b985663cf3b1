package senhasegura

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
)

const (
	// listsMaxAge is how long what a list said counts as known.
	listsMaxAge = 60 * time.Second
	// listsEvery counts from one refresh's beginning to the next one's: a list that takes 29 of the 30 s it is
	// given is then known without a gap, and after a quick failure there is time for more tries.
	listsEvery = 30 * time.Second
	// listsPause is between two refreshes in any case.
	listsPause = time.Second
	// listsRetry follows a failed refresh.
	listsRetry = 10 * time.Second
)

// ListsConfig of Lists. Client is required.
type ListsConfig struct {
	Client *Client
	Logger *slog.Logger     // nil means none
	Now    func() time.Time // nil means time.Now
}

// Lists keeps the three lists of an appliance in memory and forgets what is older than 60 s. Nothing in a
// list proves absence: whether inactive items are listed is not documented. It is safe for concurrent use.
type Lists struct {
	log  *slog.Logger
	now  func() time.Time
	held []*held // of the configured modules

	refreshing chan struct{} // holds one token while nobody refreshes
	mu         sync.Mutex
	began      time.Time // of the last refresh that ended
	outcome    error     // of that refresh
}

// held is one list: how to read it, entry by entry, and its last state.
type held struct {
	kind string
	read func(context.Context, func(Entry)) error
	last atomic.Pointer[index]
}

// NewLists starts nothing; call Run, or Refresh.
func NewLists(c ListsConfig) *Lists {
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	l := &Lists{log: c.Logger, now: c.Now, refreshing: make(chan struct{}, 1)}
	if c.Client.Configured(PAMCore) {
		l.held = append(l.held, &held{kind: KindCredential, read: entries(c.Client.eachCredential, credentialEntry)})
	}
	if c.Client.Configured(MySafe) {
		l.held = append(l.held,
			&held{kind: KindPassword, read: entries(c.Client.eachPassword, passwordEntry)},
			&held{kind: KindSecret, read: entries(c.Client.eachSecret, secretEntry)})
	}
	return l
}

func entries[T any](list func(context.Context, func(T)) error, entry func(T) Entry) func(context.Context, func(Entry)) error {
	return func(ctx context.Context, each func(Entry)) error {
		return list(ctx, func(item T) { each(entry(item)) })
	}
}

// Run refreshes now and every 30 s until ctx ends, then returns its error. Failures are logged and tried
// again sooner.
func (l *Lists) Run(ctx context.Context) error {
	for {
		began := time.Now()
		err := l.Refresh(ctx)
		wait := max(listsPause, listsEvery-time.Since(began))
		if err != nil && ctx.Err() == nil {
			l.log.WarnContext(ctx, "refreshing the lists of senhasegura", "error", err)
			wait = listsRetry
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
		}
	}
}

// Refresh reads all lists in parallel. A list that cannot be read stays as it was and is part of the
// error; the others are taken. Callers who come while a refresh runs share the next one.
func (l *Lists) Refresh(ctx context.Context) error {
	asked := l.now()
	select {
	case l.refreshing <- struct{}{}:
		defer func() { <-l.refreshing }()
	case <-ctx.Done():
		return ctx.Err()
	}
	if err, done := l.doneSince(asked); done {
		return err
	}
	began := l.now()
	err := l.readAll(ctx, began)
	if ctx.Err() == nil { // what one caller broke off says nothing to the others
		l.mu.Lock()
		l.began, l.outcome = began, err
		l.mu.Unlock()
	}
	return err
}

func (l *Lists) doneSince(asked time.Time) (error, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.outcome, l.began.After(asked)
}

func (l *Lists) readAll(ctx context.Context, began time.Time) error {
	var group errgroup.Group
	faults := make([]error, len(l.held))
	for i, h := range l.held {
		group.Go(func() error {
			next := newIndexer(h.kind, h.last.Load())
			if err := h.read(ctx, next.add); err != nil {
				faults[i] = fmt.Errorf("reading the list of %ss: %w", h.kind, err)
				return nil
			}
			h.last.Store(next.done(began))
			return nil
		})
	}
	group.Wait()
	return errors.Join(faults...)
}

// Fresh reports whether every list that is configured is at most 60 s old.
func (l *Lists) Fresh() bool {
	for _, h := range l.held {
		if l.fresh(h) == nil {
			return false
		}
	}
	return true
}

// Age of the oldest list, counted from the moment it was asked for; ok is false if one was never read.
func (l *Lists) Age() (age time.Duration, ok bool) {
	for _, h := range l.held {
		x := h.last.Load()
		if x == nil {
			return 0, false
		}
		age = max(age, l.now().Sub(x.at))
	}
	return age, true
}

// fresh returns the list's state, or nil where it is too old to be called known.
func (l *Lists) fresh(h *held) *index {
	x := h.last.Load()
	if x == nil || l.now().Sub(x.at) > listsMaxAge {
		return nil
	}
	return x
}

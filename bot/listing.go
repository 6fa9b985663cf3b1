package bot

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/slack-go/slack"
	"golang.org/x/sync/errgroup"

	"senhasegura-bot/approvals"
)

// The pace of reading the workspace. users.list allows about 20 calls a minute
// (tier 2), at most 1000 people each: a workspace of 20,000 is one reading of
// 20 calls, which takes a minute at this pace, every four minutes. Up to about
// 100,000 people a reading is never older than AgeCounting.
const (
	listPage  = 1000
	listPace  = 3 * time.Second
	listEvery = 4 * time.Minute
	listRetry = 20 * time.Second
)

// Bounds of asking users.info (about 100 calls a minute, tier 4) to count.
const (
	// listFrom is how many people are asked about one by one, which is fresher
	// than the list; more are looked up in the list.
	listFrom = 20
	// askAtMost bounds how many of those whom the list does not know are asked
	// about, so that a cold list costs neither the answer nor the rate.
	askAtMost = 60
	// askLiveAtOnce is how many are asked about at the same time.
	askLiveAtOnce = 20
	// enough is how many full members show that a request has its approvers
	// (ten at most) although not everybody could be looked up.
	enough = 20
)

// listing is everybody in the workspace as users.list tells, read page by page
// in the background. Its zero value knows nobody.
type listing struct {
	mu    sync.Mutex
	known map[string]approvals.Account
	asked time.Time // when the reading that known came from began

	next   map[string]approvals.Account // the reading under way
	began  time.Time
	cursor string
	// stale are those forgotten while a page is under way: it may still tell
	// what was true before.
	stale map[string]bool
}

// find returns those of users whom a reading no older than maxAge knows, and
// the others; read is false if there is no such reading.
func (l *listing) find(users []string, maxAge time.Duration) (found []approvals.Account, others []string, read bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.known == nil || time.Since(l.asked) >= maxAge {
		return nil, users, false
	}
	for _, user := range users {
		if account, ok := l.known[user]; ok {
			found = append(found, account)
		} else {
			others = append(others, user)
		}
	}
	return found, others, true
}

// age is how old the list is; one that was never read is as old as can be.
func (l *listing) age() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return time.Since(l.asked)
}

func (l *listing) forget(user string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.known, user)
	delete(l.next, user)
	if l.stale != nil {
		l.stale[user] = true
	}
}

// page begins a page, of a new reading if none is under way or the one that is
// stopped too long ago to be worth going on with.
func (l *listing) page() (cursor string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.next == nil || time.Since(l.began) > approvals.AgeCounting {
		l.next, l.began, l.cursor = map[string]approvals.Account{}, time.Now(), ""
	}
	l.stale = map[string]bool{}
	return l.cursor
}

// add takes what a page told. With the last one the reading is what is known.
func (l *listing) add(accounts []approvals.Account, cursor string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, account := range accounts {
		if !l.stale[account.User] {
			l.next[account.User] = account
		}
	}
	l.cursor, l.stale = cursor, nil
	if cursor == "" {
		l.known, l.asked, l.next = l.next, l.began, nil
	}
}

// drop ends a reading that cannot go on.
func (l *listing) drop() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.next, l.stale = nil, nil
}

// Run keeps the list of the workspace fresh until ctx ends; a reading that
// fails is tried again and nothing waits for it.
func (p *People) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		if pause(ctx, listEvery-p.list.age()); ctx.Err() != nil {
			break
		}
		if err := p.Refresh(ctx, listPace); err != nil && ctx.Err() == nil {
			p.Logger.Warn("the workspace's people could not be listed; large groups are counted from some of them", "error", err)
			pause(ctx, listRetry)
		}
	}
	return nil
}

// Refresh reads the list of the workspace, or goes on with a reading that was
// interrupted, with pace after each page. While Slack limits the rate it
// waits as long as Slack says. Not for use by two goroutines at once.
func (p *People) Refresh(ctx context.Context, pace time.Duration) error {
	for {
		cursor := p.list.page()
		page, err := p.API.GetUsersPaginated(slack.GetUsersOptionLimit(listPage), slack.GetUsersOptionCursor(cursor)).Next(ctx)
		var limited *slack.RateLimitedError
		switch {
		case errors.As(err, &limited):
			if pause(ctx, max(limited.RetryAfter, time.Second)); ctx.Err() != nil {
				return fmt.Errorf("listing the workspace: %w", context.Cause(ctx))
			}
			continue
		case err != nil:
			if errors.As(err, new(slack.SlackErrorResponse)) { // such as invalid_cursor
				p.list.drop()
			}
			return fmt.Errorf("listing the workspace: %w", err)
		}
		accounts := make([]approvals.Account, len(page.Users))
		for i, u := range page.Users {
			accounts[i] = p.judge(u)
		}
		p.list.add(accounts, page.Cursor)
		pause(ctx, pace)
		if page.Cursor == "" {
			return nil
		}
	}
}

// pause waits, not beyond the end of ctx.
func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// Accounts implements approvals.Directory: a few people are asked about one by
// one, many are looked up in the list. While there is no list, some of them are
// asked about: fewer are then counted than there are, never more. If those do
// not show that there are enough, it fails.
func (p *People) Accounts(ctx context.Context, users []string, maxAge time.Duration) ([]approvals.Account, error) {
	var found []approvals.Account
	var missing []string
	for _, user := range users {
		if account, ok := p.accounts.fresh(user, p.age(maxAge)); ok {
			found = append(found, account)
		} else {
			missing = append(missing, user)
		}
	}
	leave := 0
	if len(missing) > listFrom {
		room := askAtMost
		listed, others, read := p.list.find(missing, p.age(maxAge))
		if !read {
			room = max(askAtMost-len(found), 0)
		}
		found, missing = append(found, listed...), others
		leave = max(len(missing)-room, 0)
	}
	asked, err := p.ask(ctx, missing[:len(missing)-leave], maxAge)
	if found = append(found, asked...); err == nil && leave > 0 && members(found) < enough {
		err = fmt.Errorf("%d of %d people could not be looked up yet", leave, len(users))
	}
	return found, err
}

// ask asks about each of a few people.
func (p *People) ask(ctx context.Context, users []string, maxAge time.Duration) ([]approvals.Account, error) {
	found := make([]approvals.Account, len(users))
	asking, ctx := errgroup.WithContext(ctx)
	asking.SetLimit(askLiveAtOnce)
	for i, user := range users {
		asking.Go(func() (err error) {
			found[i], err = p.Account(ctx, user, maxAge)
			return err
		})
	}
	return found, asking.Wait()
}

func members(accounts []approvals.Account) int {
	n := 0
	for _, a := range accounts {
		if a.Member {
			n++
		}
	}
	return n
}

package bot

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/slack-go/slack"

	"senhasegura-bot/approvals"
	"senhasegura-bot/bot/views"
)

// Bounds of telling approvers who are not in the channel.
const (
	inviteLimit = 10 // people, for one request
	// inviteTries is how often one person is tried to be told: an answer that
	// was lost, or a crash, may double the message, and no more than that.
	inviteTries  = 3
	inviteWithin = 4 * time.Second // below slackWithin: it comes after nothing else, and the right to draw is held
	inviteAgain  = 10 * time.Second
	inviteLater  = time.Minute // while it cannot be known who is to be told
	dmLives      = 24 * time.Hour
)

// Invitations remembers who was told of a card.
type Invitations interface {
	// Invited returns for each user the sum of what Invite added.
	Invited(ctx context.Context, id string, users []string) ([]int, error)
	// Invite adds n for a user.
	Invite(ctx context.Context, id, user string, n int) error
}

// invite tells one more of those who are waited for and are not in the channel
// where the card is, and returns when to go on (zero: everybody is told). One
// at a time, so that the card does not wait for them.
func (b *Bot) invite(ctx context.Context, card approvals.Card, r approvals.Request) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, inviteWithin)
	defer cancel()
	if card.Shrunk || r.State != approvals.Pending && !r.Glass.Unsigned() {
		return 0, nil
	}
	waitedFor := b.Desk.Outside
	if card.TS == "" { // nobody sees it in the channel
		waitedFor = b.Desk.Deciders
	}
	people, err := waitedFor(ctx, r, inviteLimit)
	if err != nil {
		return inviteLater, fmt.Errorf("asking who is not in the channel of %s: %w", r.ID, err)
	}
	users := make([]string, len(people))
	for i, who := range people {
		users[i] = who.User
	}
	tries, err := b.Invitations.Invited(ctx, r.ID, users)
	if err != nil {
		return inviteAgain, err
	}
	for i, user := range users {
		if tries[i] < inviteTries {
			return b.inviteOne(ctx, card, r, user)
		}
	}
	return 0, nil
}

// inviteOne sends one direct message. The attempt is on record before it is
// made.
func (b *Bot) inviteOne(ctx context.Context, card approvals.Card, r approvals.Request, user string) (time.Duration, error) {
	if err := b.Invitations.Invite(ctx, r.ID, user, 1); err != nil {
		return inviteAgain, err
	}
	err := b.sendInvitation(ctx, card, r, user)
	var limited *slack.RateLimitedError
	code := Definite(err)
	switch {
	case errors.As(err, &limited): // it was not sent, and does not count
		return max(limited.RetryAfter, time.Second), b.Invitations.Invite(ctx, r.ID, user, -1)
	case code != "":
		b.Logger.Warn("an approver cannot be told directly", "request", r.ID, "user", user, "error", code)
	case err != nil:
		return inviteAgain, fmt.Errorf("telling %s of %s: %w", user, r.ID, err)
	}
	return time.Millisecond, b.Invitations.Invite(ctx, r.ID, user, inviteTries)
}

func (b *Bot) sendInvitation(ctx context.Context, card approvals.Card, r approvals.Request, user string) error {
	dm, err := b.dm(ctx, user)
	if err != nil {
		return err
	}
	invitation := views.Invitation
	if r.Glass.On() {
		invitation = views.ReviewInvitation
	}
	_, _, err = b.API.PostMessageContext(ctx, dm, options(invitation(b.reader(ctx, user), r, b.link(ctx, card)))...)
	return err
}

package bot

import (
	"context"
	"strings"
	"sync"
	"time"

	"senhasegura-bot/approvals"
)

// A process that the system stopped, with its machine or alone, goes on with
// what had come in meanwhile: commands and clicks of which Slack has long told
// the person that they failed. Whoever was told so may have done it again, or
// may count on its not having happened. No clock of Slack tells how old a
// delivery is: theirs and ours may be minutes apart. So the process watches
// itself.

// Times of the pulse. Slack waits three seconds for an answer.
const (
	beatEvery = 200 * time.Millisecond
	// stoppedFor is how late a beat is that shows that the process was stopped.
	stoppedFor = 2 * time.Second
	// drains is how long what came in meanwhile may take to be read: a transport
	// asks the store for up to a second whether a delivery is new, and the store
	// may be as slow as the machine that just woke.
	drains = 2500 * time.Millisecond
)

// pulse tells whether the process has gone on without a stop. One that does not
// beat tells of none.
type pulse struct {
	mu   sync.Mutex
	last time.Time // beat; zero: it does not beat
	woke time.Time // the beat that came late
}

func (p *pulse) beat() {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	if !p.last.IsZero() && since(p.last) > stoppedFor {
		p.woke = now
	}
	p.last = now
}

func (p *pulse) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.last, p.woke = time.Time{}, time.Time{}
}

// slept reports whether what is being read now may have waited for a process
// that was stopped.
func (p *pulse) slept() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return !p.last.IsZero() && (since(p.last) > stoppedFor || !p.woke.IsZero() && time.Since(p.woke) < drains)
}

// since is how long ago t was, by whichever clock says more: the monotonic one
// stands still while a machine is suspended, the other may be set back.
func since(t time.Time) time.Duration {
	return max(time.Since(t), time.Now().Round(0).Sub(t.Round(0)))
}

// Beat watches whether the process is stopped, until ctx ends.
func (b *Bot) Beat(ctx context.Context) error {
	tick := time.NewTicker(beatEvery)
	defer tick.Stop()
	defer b.pulse.end()
	for {
		b.pulse.beat()
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// readLate is why nothing happened; id is of the request that a click or a form
// was about, empty for a command.
func readLate(id string) error { return &approvals.Refusal{Why: approvals.WhyReadLate, ID: id} }

// late answers a delivery that changes nothing, because it was read too late:
// Slack shows its answer no more, so the person is told apart.
func (b *Bot) late(r approvals.Refused, tell func(context.Context)) Reply {
	b.Logger.Warn("a delivery was read too late, after this process was stopped; it changed nothing", "user", r.User, "tried", r.Tried)
	b.refused(r)
	return Reply{Then: after(tell)}
}

func (b *Bot) lateCommand(t typed) Reply {
	return b.late(t.refused(readLate("")), func(ctx context.Context) {
		b.whisper(ctx, t.ChannelID, t.UserID, b.refusal(t.p, t.SlashCommand.Command, readLate("")))
	})
}

func (b *Bot) lateClick(c click) Reply {
	why := readLate(c.owner)
	return b.late(c.refused(why), func(ctx context.Context) {
		b.whisper(ctx, c.channel, c.user, b.refusal(c.p, "", why))
	})
}

// lateForm leaves the form open with what was typed, where Slack still waits.
func (b *Bot) lateForm(s submission) Reply {
	id, _, _ := strings.Cut(s.from.Value, ".")
	why := readLate(id)
	r := b.notice(s, why)
	r.Then = after(func(ctx context.Context) {
		b.whisper(ctx, b.whereSent(ctx, s), s.user, b.refusal(s.p, s.from.Command, why))
	})
	return r
}

// whereSent is the channel in which whoever sent a form can be told something:
// where the command was typed, or the button pressed.
func (b *Bot) whereSent(ctx context.Context, s submission) string {
	if s.from.Channel != "" || len(s.from.At) == 2 {
		return first(append([]string{s.from.Channel}, s.from.At...)...)
	}
	id, _, _ := strings.Cut(s.from.Value, ".")
	card, err := b.Store.Card(ctx, id)
	if err != nil {
		return ""
	}
	return card.Channel
}

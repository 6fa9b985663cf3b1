package redisstore

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"senhasegura-bot/approvals"
)

// cardFields are read in the order of lua/card_take.lua.
var cardFields = []string{"channel", "ts", "shown", "told", "again", "tries", "fence", "frozen", "reminded", "beside"}

// Card returns what is known of the request's card; never Resumed.
func (s *Store) Card(ctx context.Context, id string) (approvals.Card, error) {
	var known *redis.IntCmd
	var card *redis.SliceCmd
	_, err := s.client.Pipelined(ctx, func(p redis.Pipeliner) error {
		known = p.Exists(ctx, s.keys.request(id))
		card = p.HMGet(ctx, s.keys.card(id), cardFields...)
		return nil
	})
	if err != nil {
		return approvals.Card{}, fmt.Errorf("reading the card of %s: %w", id, s.fault(err))
	}
	if known.Val() == 0 {
		return approvals.Card{}, approvals.ErrNotFound
	}
	return readCard(card.Val()), nil
}

// retake is the pause before a right to draw whose answer was lost is asked for again.
const retake = 200 * time.Millisecond

// TakeCard gives the caller the right to draw the card for d. While it is not
// known whether it was given it asks again, for as long: else nobody could draw
// until it ends.
func (s *Store) TakeCard(ctx context.Context, id, holder string, d time.Duration) (approvals.Card, approvals.Request, time.Time, error) {
	c := s.cardCall(id)
	c.arg(id, holder, rand.Text(), d)
	c.argList(fields)
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	r, err := s.run(ctx, cardTakeScript, c)
	unsure := isUnconfirmed(err)
	for unsure && err != nil && ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-time.After(retake):
			r, err = s.run(ctx, cardTakeScript, c)
		}
	}
	switch {
	case err == nil:
		err = verdict(r)
	case unsure && !isUnconfirmed(err): // the first may have given it
		err = fmt.Errorf("%w: %v", approvals.ErrUnconfirmed, err)
	}
	if err != nil {
		return approvals.Card{}, approvals.Request{}, r.now, err
	}
	request, err := decode(r.list(0))
	card := readCard(r.list(1))
	card.Resumed = r.number(2) == 1
	card.Freeze = inForce(r.list(3))
	return card, request, r.now, err
}

// PutCard stores what a drawing came to and gives the right back.
func (s *Store) PutCard(ctx context.Context, id string, card approvals.Card, due time.Duration) error {
	again := 0
	if card.Again {
		again = 1
	}
	hold := 0
	if card.Hold {
		hold = 1
	}
	c := s.cardCall(id)
	c.arg(id, card.Fence, rand.Text(), card.Channel, card.TS, card.Shown, card.Told, card.Reminded, again, card.Tries, due, hold, card.Frozen)
	c.arg(besideOf(card))
	c.keyList(s.messages(card))
	r, err := s.run(ctx, cardPutScript, c)
	if err != nil {
		return err
	}
	return verdict(r)
}

// messages is the key by which the card's message is found, once it is posted.
func (s *Store) messages(card approvals.Card) []string {
	if card.TS == "" {
		return nil
	}
	return []string{s.keys.message(card.Channel, card.TS)}
}

// CardOf returns the id of the request whose card a message is, or was; empty
// when it is none.
func (s *Store) CardOf(ctx context.Context, channel, ts string) (string, error) {
	id, err := s.client.Get(ctx, s.keys.message(channel, ts)).Result()
	if errors.Is(err, redis.Nil) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("asking whose card a message is: %w", s.fault(err))
	}
	return id, nil
}

// Touched reports whether another request touched a target since this one's
// last run began, which run_again would call once more.
func (s *Store) Touched(ctx context.Context, r approvals.Request) (bool, error) {
	var names []string
	for _, t := range r.Targets {
		if t.Result == approvals.ResultUnknown || t.Result == approvals.ResultNotSent {
			names = append(names, s.keys.touched(t.Keys(r.Kind))...)
		}
	}
	if len(names) == 0 {
		return false, nil
	}
	values, err := s.client.MGet(ctx, names...).Result()
	if err != nil {
		return false, fmt.Errorf("asking what touched the targets of %s: %w", r.ID, s.fault(err))
	}
	for _, v := range values {
		text, _ := v.(string)
		at, by, _ := strings.Cut(text, " ")
		if by != "" && by != r.ID && integer(at) >= millis(r.Run.Began) {
			return true, nil
		}
	}
	return false, nil
}

func (s *Store) cardCall(id string) *call {
	c := &call{}
	c.key(s.keys.request(id), s.keys.card(id), s.keys.behind(), s.keys.freeze())
	return c
}

func readCard(values []any) approvals.Card {
	text := make([]string, len(cardFields))
	for i := range min(len(values), len(text)) {
		text[i], _ = values[i].(string)
	}
	card := approvals.Card{
		Channel: text[0], TS: text[1], Shown: int(integer(text[2])), Told: int(integer(text[3])),
		Again: text[4] == "1", Tries: int(integer(text[5])), Fence: integer(text[6]), Frozen: instant(integer(text[7])),
		Reminded: int(integer(text[8])),
	}
	var with beside
	_ = json.Unmarshal([]byte(text[9]), &with) // unreadable: as if there were none
	card.Pointer, card.Shrunk, card.Directs = with.Pointer, with.Shrunk, with.Directs
	return card
}

// beside are the messages that go with a card; opaque to the scripts.
type beside struct {
	Pointer approvals.Pointer  `json:"pointer,omitzero"`
	Shrunk  bool               `json:"shrunk,omitempty"`
	Directs []approvals.Direct `json:"directs,omitempty"`
}

func besideOf(card approvals.Card) string {
	b, _ := json.Marshal(beside{card.Pointer, card.Shrunk, card.Directs}) // only texts and flags: cannot fail
	return string(b)
}

package redisstore

import (
	"context"
	"crypto/rand"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"senhasegura-bot/approvals"
)

// cardFields are read in the order of lua/card_take.lua.
var cardFields = []string{"channel", "ts", "shown", "told", "again", "tries", "fence"}

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

// TakeCard gives the caller the right to draw the card for d.
func (s *Store) TakeCard(ctx context.Context, id, holder string, d time.Duration) (approvals.Card, approvals.Request, time.Time, error) {
	c := s.cardCall(id)
	c.arg(id, holder, rand.Text(), d)
	c.argList(fields)
	r, err := s.run(ctx, cardTakeScript, c)
	if err == nil {
		err = verdict(r)
	}
	if err != nil {
		return approvals.Card{}, approvals.Request{}, r.now, err
	}
	request, err := decode(r.list(0))
	card := readCard(r.list(1))
	card.Resumed = r.number(2) == 1
	return card, request, r.now, err
}

// PutCard stores what a drawing came to and gives the right back.
func (s *Store) PutCard(ctx context.Context, id string, card approvals.Card, due time.Duration) error {
	again := 0
	if card.Again {
		again = 1
	}
	c := s.cardCall(id)
	c.arg(id, card.Fence, rand.Text(), card.Channel, card.TS, card.Shown, card.Told, again, card.Tries, due)
	r, err := s.run(ctx, cardPutScript, c)
	if err != nil {
		return err
	}
	return verdict(r)
}

func (s *Store) cardCall(id string) *call {
	c := &call{}
	c.key(s.keys.request(id), s.keys.card(id), s.keys.behind())
	return c
}

func readCard(values []any) approvals.Card {
	text := make([]string, len(cardFields))
	for i := range min(len(values), len(text)) {
		text[i], _ = values[i].(string)
	}
	return approvals.Card{
		Channel: text[0], TS: text[1], Shown: int(integer(text[2])), Told: int(integer(text[3])),
		Again: text[4] == "1", Tries: int(integer(text[5])), Fence: integer(text[6]),
	}
}

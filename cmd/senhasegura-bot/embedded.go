package main

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"senhasegura-bot/approvals/redisstore"
)

// memoryURL is the REDIS_URL of the embedded Redis.
const memoryURL = "memory://"

// embeddedRedis is a Redis in this process, on loopback. Its keys live as long
// as they should because its clock runs by itself.
func embeddedRedis() (redis.UniversalClient, func(), error) {
	m := miniredis.NewMiniRedis()
	m.ClockTTL(true)
	if err := m.Start(); err != nil {
		return nil, nil, err
	}
	client, err := redisstore.Open("redis://" + m.Addr())
	if err != nil {
		m.Close()
		return nil, nil, err
	}
	return client, m.Close, nil
}

// redisLog takes what the Redis client writes of its own accord; the errors
// that matter come back from its calls as well.
type redisLog struct{ *slog.Logger }

// Printf implements the client's logger.
func (l redisLog) Printf(ctx context.Context, format string, v ...any) {
	l.DebugContext(ctx, "redis client", "said", fmt.Sprintf(format, v...))
}

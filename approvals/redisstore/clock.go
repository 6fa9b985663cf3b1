package redisstore

import (
	"sync"
	"time"
)

// clock estimates Redis's clock between two answers, from the process's
// monotonic clock alone: the process's idea of the date is never used.
//
// It is taken as if Redis had read its clock at the instant the answer
// arrived, so the estimate is behind by at most the time an answer travels,
// and never ahead. A bound made from it is therefore never later than meant.
// Every script's answer sets it anew. (Where somebody sets Redis's clock back,
// the bound made before the next answer is later by as much.)
type clock struct {
	mu    sync.Mutex
	redis time.Time
	local time.Time
}

func (c *clock) observe(now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.redis, c.local = now, time.Now()
}

// estimate returns false before the first answer.
func (c *clock) estimate() (time.Time, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.redis.Add(time.Since(c.local)), !c.local.IsZero()
}

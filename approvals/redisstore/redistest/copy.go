package redistest

import (
	"context"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// Copy is all that a server held at an instant.
type Copy struct {
	keys map[string]string
	ttl  map[string]time.Duration
}

// Copy takes a copy of all keys.
func (s *Server) Copy(t testing.TB) Copy {
	t.Helper()
	ctx, client := context.Background(), s.client(t)
	defer client.Close()
	c := Copy{keys: map[string]string{}, ttl: map[string]time.Duration{}}
	names, err := client.Keys(ctx, "*").Result()
	for _, name := range names {
		if err != nil {
			break
		}
		if c.keys[name], err = client.Dump(ctx, name).Result(); err == nil {
			c.ttl[name], err = client.PTTL(ctx, name).Result()
		}
	}
	if err != nil {
		t.Fatalf("copying what the server holds: %v", err)
	}
	return c
}

// GoBack has the server hold what it held when the copy was taken, and nothing
// else, from one instant to the next: as after a failover to a replica that was
// behind. also is done in the same step.
func (s *Server) GoBack(t testing.TB, to Copy, also ...func(redis.Pipeliner)) {
	t.Helper()
	client := s.client(t)
	defer client.Close()
	_, err := client.TxPipelined(context.Background(), func(p redis.Pipeliner) error {
		p.FlushDB(context.Background())
		for name, value := range to.keys {
			p.Restore(context.Background(), name, max(to.ttl[name], 0), value)
		}
		for _, do := range also {
			do(p)
		}
		return nil
	})
	if err != nil {
		t.Fatalf("putting an old copy back: %v", err)
	}
}

func (s *Server) client(t testing.TB) *redis.Client {
	t.Helper()
	options, err := redis.ParseURL(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	return redis.NewClient(options)
}

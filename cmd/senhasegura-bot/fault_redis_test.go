package main

import (
	"testing"
	"time"

	"senhasegura-bot/approvals/redisstore/redistest"
	"senhasegura-bot/bot/fakeslack"
)

func messageRef(channel, ts string) fakeslack.MessageRef {
	return fakeslack.MessageRef{Channel: channel, TS: ts}
}

// network puts a network that fails between the processes and a Redis.
func (s *setup) network(t *testing.T) *redistest.Proxy {
	s.redis = redistest.Start(t)
	p := redistest.NewProxy(t, s.redis.Addr)
	s.env["REDIS_URL"] = p.URL
	return p
}

// redisFaults is what happens to Redis, and between it and the processes.
func redisFaults() []fault {
	return []fault{
		{"Redis restarted", func(t *testing.T, s *setup) func(*crowd) {
			s.redis = redistest.Start(t, redistest.AOF("everysec")...)
			return func(*crowd) { s.redis.Quit(); s.redis.Resume(t) }
		}},
		{"Redis killed", func(t *testing.T, s *setup) func(*crowd) {
			s.redis = redistest.Start(t, redistest.AOF("always")...)
			return func(*crowd) { s.redis.Stop(); s.redis.Resume(t) }
		}},
		{"Redis away for 4 s", func(t *testing.T, s *setup) func(*crowd) {
			s.redis = redistest.Start(t, redistest.AOF("everysec")...)
			return func(*crowd) { s.redis.Quit(); lasts(4 * time.Second); s.redis.Resume(t) }
		}},
		{"Redis frozen for 3 s", func(t *testing.T, s *setup) func(*crowd) {
			s.redis = redistest.Start(t)
			return func(*crowd) { s.redis.Freeze(); lasts(3 * time.Second); s.redis.Thaw() }
		}},
		{"Redis full for 3 s", func(t *testing.T, s *setup) func(*crowd) {
			s.redis = redistest.Start(t, "--maxmemory-policy", "noeviction")
			return func(*crowd) {
				s.redis.Must(t, "CONFIG", "SET", "maxmemory", "1")
				lasts(3 * time.Second)
				s.redis.Must(t, "CONFIG", "SET", "maxmemory", "0")
			}
		}},
		{"Redis read-only for 3 s", func(t *testing.T, s *setup) func(*crowd) {
			s.redis = redistest.Start(t)
			return func(*crowd) {
				s.redis.Must(t, "REPLICAOF", "127.0.0.1", "1") // nobody is there, so nothing is copied over it
				lasts(3 * time.Second)
				s.redis.Must(t, "REPLICAOF", "NO", "ONE")
			}
		}},
		{"scripts flushed", func(t *testing.T, s *setup) func(*crowd) {
			s.redis = redistest.Start(t)
			return func(*crowd) {
				for range 100 {
					s.redis.Must(t, "SCRIPT", "FLUSH")
					lasts(20 * time.Millisecond)
				}
			}
		}},
		{"answers 300 ms late for 3 s", func(t *testing.T, s *setup) func(*crowd) {
			p := s.network(t)
			return func(*crowd) { p.Delay(300 * time.Millisecond); lasts(3 * time.Second); p.Delay(0) }
		}},
		{"connections cut", func(t *testing.T, s *setup) func(*crowd) {
			p := s.network(t)
			return func(*crowd) {
				for range 40 {
					p.Cut()
					lasts(50 * time.Millisecond)
				}
			}
		}},
		{"answers lost", func(t *testing.T, s *setup) func(*crowd) {
			p := s.network(t)
			return func(*crowd) {
				for range 20 {
					p.Lose(6)
					lasts(100 * time.Millisecond)
				}
				p.Lose(0)
			}
		}},
		{"network silent for 3 s", func(t *testing.T, s *setup) func(*crowd) {
			p := s.network(t)
			return func(*crowd) { p.Silence(true); lasts(3 * time.Second); p.Silence(false) }
		}},
		{"Sentinel failover", func(t *testing.T, s *setup) func(*crowd) {
			sentinel := redistest.StartSentinel(t, 30*time.Second)
			s.redis = &redistest.Server{URL: sentinel.URL}
			return func(*crowd) { sentinel.Failover(t) }
		}},
		{"Cluster failover", func(t *testing.T, s *setup) func(*crowd) {
			cluster := redistest.StartCluster(t, 10*time.Second)
			s.redis = &redistest.Server{URL: cluster.URL}
			return func(*crowd) { cluster.Failover(t, "senhasegura-bot:{T0FAKE}:audit") }
		}},
	}
}

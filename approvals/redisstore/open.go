package redisstore

import (
	"crypto/tls"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// Bounds of one exchange with Redis. Slack waits three seconds for an answer.
const (
	dialTimeout = 2 * time.Second
	ioTimeout   = 2 * time.Second
)

// Open makes a client for a REDIS_URL:
//
//	redis://[user:password@]host[:6379][/db]
//	rediss://…                                       TLS 1.2 or later
//	redis+sentinel://[user:password@]h1[:26379],h2…[/db]?master=name
//	redis+cluster://[user:password@]h1[:6379],h2…
//
// User and password are percent-encoded and meant for Redis itself; the
// sentinels are asked without. Nothing is dialled before the first command.
// Errors are one sentence and never show the URL, which may hold a password; nor
// do those of the client's commands, whatever the answer says back.
func Open(url string) (redis.UniversalClient, error) {
	a, err := parse(url)
	if err != nil {
		return nil, err
	}
	client, err := a.client()
	if err == nil && a.password != "" {
		client.AddHook(discreet{a.password})
	}
	return client, err
}

func (a address) client() (redis.UniversalClient, error) {
	switch a.scheme {
	case "redis", "rediss":
		return a.single()
	case "redis+sentinel":
		return a.sentinel()
	case "redis+cluster":
		return a.cluster()
	case "memory":
		return nil, errors.New("memory:// is the embedded Redis and cannot be dialled")
	}
	return nil, errors.New("the Redis URL must start with redis://, rediss://, redis+sentinel:// or redis+cluster://")
}

func (a address) single() (redis.UniversalClient, error) {
	if len(a.hosts) != 1 {
		return nil, fmt.Errorf("%s:// takes one host; use redis+cluster:// or redis+sentinel:// for several", a.scheme)
	}
	if err := a.allow(); err != nil {
		return nil, err
	}
	o := &redis.Options{
		Addr: a.hosts[0], Username: a.user, Password: a.password, DB: a.db,
		MaxRetries: -1, DialerRetries: 1, // the Store resends, see run
		DialTimeout: dialTimeout, ReadTimeout: ioTimeout, WriteTimeout: ioTimeout, PoolTimeout: ioTimeout,
		ContextTimeoutEnabled: true, MaintNotificationsConfig: quiet(),
	}
	if a.scheme == "rediss" {
		o.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12, ServerName: a.name(0)}
	}
	return redis.NewClient(o), nil
}

func (a address) sentinel() (redis.UniversalClient, error) {
	if err := a.allow("master"); err != nil {
		return nil, err
	}
	master := a.query.Get("master")
	if master == "" {
		return nil, errors.New("redis+sentinel:// needs the name of the master: …/0?master=name")
	}
	return redis.NewFailoverClient(&redis.FailoverOptions{
		MasterName: master, SentinelAddrs: a.hosts, Username: a.user, Password: a.password, DB: a.db,
		MaxRetries: -1, DialerRetries: 1,
		DialTimeout: dialTimeout, ReadTimeout: ioTimeout, WriteTimeout: ioTimeout, PoolTimeout: ioTimeout,
		ContextTimeoutEnabled: true,
	}), nil
}

func (a address) cluster() (redis.UniversalClient, error) {
	if err := a.allow(); err != nil {
		return nil, err
	}
	if a.db != 0 {
		return nil, errors.New("redis+cluster:// has only database 0")
	}
	return redis.NewClusterClient(&redis.ClusterOptions{
		Addrs: a.hosts, Username: a.user, Password: a.password, DialerRetries: 1,
		DialTimeout: dialTimeout, ReadTimeout: ioTimeout, WriteTimeout: ioTimeout, PoolTimeout: ioTimeout,
		ContextTimeoutEnabled: true, MaintNotificationsConfig: quiet(),
	}), nil
}

// quiet turns off a handshake that only managed services answer.
func quiet() *maintnotifications.Config {
	return &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
}

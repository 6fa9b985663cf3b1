package main

import (
	"cmp"
	"errors"
	"net"
	"net/url"
	"strconv"
	"strings"
)

// RedisMode is how Redis is reached.
type RedisMode string

// The schemes of REDIS_URL; rediss is RedisSingle over TLS.
const (
	RedisSingle   RedisMode = "redis"
	RedisSentinel RedisMode = "redis+sentinel"
	RedisCluster  RedisMode = "redis+cluster"
	RedisMemory   RedisMode = "memory"
)

// RedisAddress is what REDIS_URL says.
type RedisAddress struct {
	Mode     RedisMode
	Addrs    []string // host:port; one unless Sentinel or Cluster; none for memory
	TLS      bool
	User     string
	Password Secret // of Redis, not of the sentinels
	DB       int    // never with Cluster
	Master   string // Sentinel only
}

var (
	errRedisScheme = errors.New("must begin with redis://, rediss://, redis+sentinel://, redis+cluster:// or memory://")
	errRedisHosts  = errors.New("must name hosts as host:port, several of them (Sentinel, Cluster) with commas between")
	errRedisDB     = errors.New("must end with the host or with the number of a database, such as /0 (Cluster has none)")
	errRedisMaster = errors.New("must name the master for Sentinel: redis+sentinel://h1:26379,h2:26379/0?master=name")
	errRedisQuery  = errors.New("takes no options after ? (Sentinel: only master)")
	errRedisUser   = errors.New("must hold user and password as user:password@, with special characters percent-encoded")
)

// redisURL takes the URL apart itself: net/url refuses several hosts.
func redisURL(to *RedisAddress, v string) error {
	scheme, rest, found := strings.Cut(v, "://")
	a := RedisAddress{Mode: RedisMode(scheme)}
	switch {
	case !found:
		return errRedisScheme
	case v == "memory://":
		*to = a
		return nil
	case scheme == "rediss":
		a.Mode, a.TLS = RedisSingle, true
	case a.Mode != RedisSingle && a.Mode != RedisSentinel && a.Mode != RedisCluster:
		return errRedisScheme
	}
	rest, query, asked := strings.Cut(rest, "?")
	if err := a.options(query, asked); err != nil {
		return err
	}
	if at := strings.LastIndex(rest, "@"); at >= 0 {
		if err := a.user(rest[:at]); err != nil {
			return err
		}
		rest = rest[at+1:]
	}
	hosts, db, _ := strings.Cut(rest, "/")
	if err := cmp.Or(a.hosts(hosts), a.database(db)); err != nil {
		return err
	}
	*to = a
	return nil
}

func (a *RedisAddress) options(query string, asked bool) error {
	if a.Mode != RedisSentinel {
		if asked {
			return errRedisQuery
		}
		return nil
	}
	values, err := url.ParseQuery(query)
	if err != nil || len(values["master"]) != 1 || values.Get("master") == "" {
		return errRedisMaster
	}
	if len(values) > 1 {
		return errRedisQuery
	}
	a.Master = values.Get("master")
	return nil
}

func (a *RedisAddress) user(info string) error {
	name, password, _ := strings.Cut(info, ":")
	name, err := url.PathUnescape(name)
	plain, err2 := url.PathUnescape(password)
	if err != nil || err2 != nil || plain == "" || strings.Contains(info, "/") {
		return errRedisUser
	}
	a.User, a.Password = name, newSecret(plain)
	return nil
}

func (a *RedisAddress) hosts(list string) error {
	port := "6379"
	if a.Mode == RedisSentinel {
		port = "26379"
	}
	for one := range strings.SplitSeq(list, ",") {
		u, err := url.Parse("redis://" + one)
		if err != nil || u.Hostname() == "" || u.Host != one {
			return errRedisHosts
		}
		p := port
		if u.Port() != "" {
			p = u.Port()
		}
		if n, err := strconv.Atoi(p); err != nil || n < 1 || n > 65535 {
			return errRedisHosts
		}
		a.Addrs = append(a.Addrs, net.JoinHostPort(u.Hostname(), p))
	}
	if a.Mode == RedisSingle && len(a.Addrs) != 1 {
		return errRedisHosts
	}
	return nil
}

func (a *RedisAddress) database(db string) error {
	if db == "" {
		return nil
	}
	if a.Mode == RedisCluster || whole(&a.DB, db, 0, 9999) != nil {
		return errRedisDB
	}
	return nil
}

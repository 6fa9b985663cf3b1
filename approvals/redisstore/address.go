package redisstore

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// address is a Redis URL taken apart. net/url cannot read it: it refuses
// several hosts with ports, and its errors repeat what they refuse.
type address struct {
	scheme         string
	user, password string
	hosts          []string // host:port
	db             int
	query          url.Values
}

func parse(s string) (address, error) {
	scheme, rest, found := strings.Cut(s, "://")
	if !found {
		return address{}, errors.New("the Redis URL has no scheme: write redis://host:6379")
	}
	a := address{scheme: strings.ToLower(scheme)}
	if a.scheme == "memory" {
		return a, nil
	}
	rest, query, _ := strings.Cut(rest, "?")
	var err error
	if a.query, err = url.ParseQuery(query); err != nil {
		return a, errors.New("what follows the ? of the Redis URL cannot be read")
	}
	// The last @ ends the credentials, so that a password with an @ or a / that
	// nobody encoded is still not taken for a host, nor shown as one.
	if i := strings.LastIndex(rest, "@"); i >= 0 {
		if a.user, a.password, err = credentials(rest[:i]); err != nil {
			return a, err
		}
		rest = rest[i+1:]
	}
	hosts, db, _ := strings.Cut(rest, "/")
	if db != "" {
		if a.db, err = strconv.Atoi(db); err != nil || a.db < 0 {
			return a, errors.New("the path of the Redis URL must be the number of a database")
		}
	}
	a.hosts, err = hostports(hosts, a.port())
	return a, err
}

func credentials(s string) (user, password string, err error) {
	user, password, found := strings.Cut(s, ":")
	if !found {
		return "", "", errors.New("the Redis URL has a user without a password: write user:password@, or :password@")
	}
	user, err1 := url.PathUnescape(user)
	password, err2 := url.PathUnescape(password)
	if err1 != nil || err2 != nil {
		return "", "", errors.New("the user or password in the Redis URL is not percent-encoded: write % as %25")
	}
	return user, password, nil
}

func (a address) port() string {
	if a.scheme == "redis+sentinel" {
		return "26379"
	}
	return "6379"
}

func hostports(s, port string) ([]string, error) {
	var all []string
	for _, h := range strings.Split(s, ",") {
		host, p, err := net.SplitHostPort(h)
		if err != nil { // no port
			host, p = strings.Trim(h, "[]"), port
		}
		n, err := strconv.Atoi(p)
		switch {
		case host == "":
			return nil, errors.New("the Redis URL has an empty host")
		case err != nil || n < 1 || n > 65535, strings.ContainsAny(host, " \t[]"),
			strings.Contains(host, ":") && !strings.HasPrefix(h, "["): // IPv6 stands in brackets
			return nil, errors.New("the Redis URL has a host that is not host:port")
		}
		all = append(all, net.JoinHostPort(host, p))
	}
	return all, nil
}

func (a address) name(i int) string {
	host, _, _ := net.SplitHostPort(a.hosts[i])
	return host
}

// allow refuses parameters other than these: a misspelt one must not be ignored.
func (a address) allow(names ...string) error {
	for name := range a.query {
		if !slices.Contains(names, name) {
			return fmt.Errorf("the Redis URL has a parameter that %s:// does not know", a.scheme)
		}
	}
	return nil
}

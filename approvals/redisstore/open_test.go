package redisstore_test

import (
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"senhasegura-bot/approvals/redisstore"
)

func TestOpenSingle(t *testing.T) {
	for url, want := range map[string]redis.Options{
		"redis://h":                      {Addr: "h:6379"},
		"redis://h:1/3":                  {Addr: "h:1", DB: 3},
		"redis://:pw@h:1":                {Addr: "h:1", Password: "pw"},
		"redis://u:p%40%2F%25@[::1]:1/0": {Addr: "[::1]:1", Username: "u", Password: "p@/%"},
		"rediss://u:pw@h:1":              {Addr: "h:1", Username: "u", Password: "pw"},
	} {
		got := open(t, url).(*redis.Client).Options()
		if got.Addr != want.Addr || got.DB != want.DB || got.Username != want.Username || got.Password != want.Password {
			t.Errorf("%s: %s db %d as %q %q", url, got.Addr, got.DB, got.Username, got.Password)
		}
		if got.MaxRetries > 0 || !got.ContextTimeoutEnabled {
			t.Errorf("%s: the client resends, or ignores deadlines", url)
		}
		if tls := strings.HasPrefix(url, "rediss"); tls != (got.TLSConfig != nil) || tls && got.TLSConfig.ServerName != "h" {
			t.Errorf("%s: TLS is %+v", url, got.TLSConfig)
		}
	}
}

func TestOpenSeveral(t *testing.T) {
	cluster := open(t, "redis+cluster://u:pw@h1:1,h2").(*redis.ClusterClient).Options()
	if got := strings.Join(cluster.Addrs, " "); got != "h1:1 h2:6379" || cluster.Password != "pw" {
		t.Errorf("the cluster is %s", got)
	}
	sentinel := open(t, "redis+sentinel://:pw@h1,h2:2/4?master=m").(*redis.Client).Options()
	if sentinel.DB != 4 || sentinel.Password != "pw" {
		t.Errorf("behind the sentinels is database %d", sentinel.DB)
	}
}

func TestOpenRefuses(t *testing.T) {
	for url, want := range map[string]string{
		"":                                   "has no scheme",
		"h:6379":                             "has no scheme",
		"http://:hunter2@h":                  "must start with",
		"memory://":                          "embedded Redis",
		"redis://:hunter2@":                  "empty host",
		"redis://:hunter2@h:x":               "not host:port",
		"redis://:hunter2@h:70000":           "not host:port",
		"redis://:hunter2@h:1:2":             "not host:port",
		"redis://:hunter2@h/x":               "number of a database",
		"redis://:hunter2@h/-1":              "number of a database",
		"redis://hunter2@h":                  "user without a password",
		"redis://:%hunter2@h":                "percent-encoded",
		"redis://:hunter2@h1,h2":             "takes one host",
		"redis://:hunter2@h?hunter2=1":       "a parameter",
		"redis+sentinel://:hunter2@h":        "name of the master",
		"redis+sentinel://h?master=m&hunter": "a parameter",
		"redis+cluster://:hunter2@h/1":       "only database 0",
		"redis+cluster://:hunter2@h,":        "empty host",
		"redis://h?%hunter2":                 "cannot be read",
	} {
		_, err := redisstore.Open(url)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hunter") {
			t.Errorf("%s: got %v, want it to say %q and no password", url, err, want)
		}
	}
}

package redisstore

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/redis/go-redis/v9"
)

// Severity is how much a Finding costs.
type Severity string

const (
	OK      Severity = "ok"
	Warning Severity = "warning" // what was confirmed can be lost, or could not be judged
	Fault   Severity = "fault"   // a promise does not hold, or nothing is taken
)

// Finding is what one setting or state of Redis means for the requests in it.
type Finding struct {
	Severity Severity
	Subject  string // a closed set of words: version, role, loading, memory, persistence, disk, replication, cluster, visibility
	What     string // as Redis names it, such as "appendonly yes, appendfsync everysec"
	Means    string // what can be lost or refused; empty where that is nothing
	Change   string // what to do about it, such as "set appendfsync always"; empty where nothing needs to be done
	Nodes    string // of a cluster: the masters it is true of, where not all are alike
}

// Examine asks the master behind the client, or every master of a cluster, how
// it is set, and says what that means: what a crash or a failover loses of what
// was confirmed, and what is refused. It writes nothing. Where CONFIG is
// forbidden it goes by INFO and says what it could not see. It asks for settings
// by name, so that no password comes along.
func Examine(ctx context.Context, client redis.UniversalClient) ([]Finding, error) {
	cluster, ok := client.(*redis.ClusterClient)
	if !ok {
		n, err := look(ctx, client)
		if err != nil {
			return nil, err
		}
		return n.findings(), nil
	}
	var mu sync.Mutex
	masters := map[string][]Finding{}
	err := cluster.ForEachMaster(ctx, func(ctx context.Context, c *redis.Client) error {
		n, err := look(ctx, c)
		if err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		masters[c.Options().Addr] = n.findings()
		return nil
	})
	return alike(masters), err
}

// alike says once what is true of several masters.
func alike(masters map[string][]Finding) []Finding {
	nodes := map[Finding][]string{}
	for addr, findings := range masters {
		for _, f := range findings {
			nodes[f] = append(nodes[f], addr)
		}
	}
	var all []Finding
	for f, at := range nodes {
		if len(at) < len(masters) {
			slices.Sort(at)
			f.Nodes = strings.Join(at, ", ")
		}
		all = append(all, f)
	}
	slices.SortFunc(all, func(a, b Finding) int {
		return cmp.Or(order(a)-order(b), cmp.Compare(a.What, b.What), cmp.Compare(a.Nodes, b.Nodes))
	})
	return all
}

// node is what one server says of itself.
type node struct {
	info   map[string]string
	config map[string]string // nil: CONFIG is forbidden
	state  string            // cluster_state; empty outside a cluster
}

// asked are the settings that matter, by name: a pattern could match a password.
var asked = []string{"maxmemory-policy", "appendonly", "appendfsync", "no-appendfsync-on-rewrite", "save",
	"stop-writes-on-bgsave-error", "min-replicas-to-write", "min-replicas-max-lag"}

func look(ctx context.Context, c redis.Cmdable) (node, error) {
	text, err := c.Info(ctx).Result()
	if err != nil && !forbidden(err) {
		return node{}, fmt.Errorf("asking Redis how it is set: %w", err)
	}
	n := node{info: fieldsOf(text), config: map[string]string{}}
	for _, name := range asked {
		answer, err := c.ConfigGet(ctx, name).Result()
		if forbidden(err) {
			n.config = nil
			break
		}
		if err != nil {
			return node{}, fmt.Errorf("asking Redis how it is set: %w", err)
		}
		if value, known := answer[name]; known {
			n.config[name] = value
		}
	}
	if n.info["cluster_enabled"] == "1" {
		text, err := c.ClusterInfo(ctx).Result()
		if err != nil && !forbidden(err) {
			return node{}, fmt.Errorf("asking Redis how the cluster is: %w", err)
		}
		n.state = fieldsOf(text)["cluster_state"]
	}
	return n, nil
}

// forbidden reports whether Redis answers but does not let us ask: no
// permission, or a command that a managed service took away. Each service has its
// own word for that; what Redis says when it lets nobody ask, or not now, is known.
func forbidden(err error) bool {
	var reply redis.Error
	return errors.As(err, &reply) && !slices.ContainsFunc([]string{"NOAUTH", "WRONGPASS", "LOADING", "BUSY", "MASTERDOWN", "CLUSTERDOWN"},
		func(code string) bool { return redis.HasErrorPrefix(err, code) })
}

// fieldsOf reads the lines name:value of INFO.
func fieldsOf(text string) map[string]string {
	all := map[string]string{}
	for line := range strings.Lines(text) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), ":"); ok {
			all[name] = value
		}
	}
	return all
}

// setting is a setting as CONFIG says, or else as INFO does under another name.
func (n node) setting(name, inInfo string) (string, bool) {
	if value, ok := n.config[name]; ok {
		return value, true
	}
	value, ok := n.info[inInfo]
	return value, ok
}

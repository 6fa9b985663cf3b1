package redistest

import (
	"fmt"
	"net"
	"strings"
	"testing"
	"time"
)

// slots is how many a cluster has.
const slots = 16384

// Cluster is three masters and three replicas.
type Cluster struct {
	URL   string // redis+cluster://…
	Nodes []*Server
}

// StartCluster runs them until the test ends, and waits until all slots are
// served. A node that was silent for down is taken for dead. Settings are more
// arguments of all nodes.
func StartCluster(t testing.TB, down time.Duration, settings ...string) *Cluster {
	t.Helper()
	c := &Cluster{}
	var addrs []string
	for range 6 {
		_, bus, _ := net.SplitHostPort(FreeAddr(t))
		node := Start(t, append([]string{"--cluster-enabled", "yes", "--cluster-port", bus,
			"--cluster-node-timeout", fmt.Sprint(down.Milliseconds()), "--repl-diskless-sync-delay", "0"}, settings...)...)
		if c.Nodes = append(c.Nodes, node); len(addrs) < 3 {
			addrs = append(addrs, node.Addr)
			c.meet(t, node, bus)
			c.serve(t, len(addrs)-1)
			continue
		}
		c.meet(t, node, bus)
	}
	for i, node := range c.Nodes[3:] {
		c.follow(t, node, c.Nodes[i])
	}
	for _, node := range c.Nodes {
		await(t, "every node finds the cluster well", func() bool { return c.well(node) })
	}
	c.URL = "redis+cluster://" + strings.Join(addrs, ",")
	return c
}

// meet introduces a node to the first one.
func (c *Cluster) meet(t testing.TB, node *Server, bus string) {
	t.Helper()
	if node == c.Nodes[0] {
		return
	}
	host, port, _ := net.SplitHostPort(node.Addr)
	c.Nodes[0].Must(t, "CLUSTER", "MEET", host, port, bus)
}

// serve gives the i-th of three masters its slots.
func (c *Cluster) serve(t testing.TB, i int) {
	t.Helper()
	c.Nodes[i].Must(t, "CLUSTER", "ADDSLOTSRANGE", fmt.Sprint(slots*i/3), fmt.Sprint(slots*(i+1)/3-1))
}

// follow makes one node the replica of another, as soon as it has heard of it.
func (c *Cluster) follow(t testing.TB, replica, master *Server) {
	t.Helper()
	id := fmt.Sprint(master.Must(t, "CLUSTER", "MYID"))
	await(t, "a replica follows", func() bool {
		_, err := replica.Do("CLUSTER", "REPLICATE", id)
		return err == nil
	})
}

// well reports whether the node knows everybody and serves, or follows a master
// whose data it has.
func (c *Cluster) well(node *Server) bool {
	state, err := node.Do("CLUSTER", "INFO")
	if err != nil || field(state, "cluster_state") != "ok" || field(state, "cluster_known_nodes") != "6" || field(state, "cluster_slots_ok") != fmt.Sprint(slots) {
		return false
	}
	info, _ := node.Do("INFO", "replication")
	if field(info, "role") == "slave" {
		return field(info, "master_link_status") == "up"
	}
	return field(info, "connected_slaves") == "1"
}

// Master is the node that serves a key, Replica the one that follows it.
func (c *Cluster) Master(t testing.TB, key string) (master, replica *Server) {
	t.Helper()
	await(t, "somebody serves the key", func() bool {
		master, replica = c.serving(c.Nodes[0], key)
		return master != nil && replica != nil
	})
	return master, replica
}

// serving is who serves a key and who follows, as one node has it; nil while it
// does not know.
func (c *Cluster) serving(node *Server, key string) (master, replica *Server) {
	said, err := node.Do("CLUSTER", "KEYSLOT", key)
	slot, known := said.(int64)
	answer, slotsErr := node.Do("CLUSTER", "SLOTS")
	if err != nil || !known || slotsErr != nil {
		return nil, nil
	}
	ranges, _ := answer.([]any)
	for _, r := range ranges {
		if r := r.([]any); len(r) == 4 && r[0].(int64) <= slot && slot <= r[1].(int64) {
			return c.at(r[2]), c.at(r[3])
		}
	}
	return nil, nil
}

// at finds the node of an entry of CLUSTER SLOTS.
func (c *Cluster) at(entry any) *Server {
	where := entry.([]any)
	for _, node := range c.Nodes {
		if node.Addr == fmt.Sprintf("%s:%d", where[:2]...) {
			return node
		}
	}
	return nil
}

// Failover makes the replica of the key's master the master, without loss: the
// old one waits until the new one has everything.
func (c *Cluster) Failover(t testing.TB, key string) {
	t.Helper()
	old, next := c.Master(t, key)
	await(t, "the replica takes over", func() bool {
		if _, err := next.Do("CLUSTER", "FAILOVER"); err != nil {
			return false
		}
		return within(giveUp, func() bool { return role(next) == "master" })
	})
	await(t, "what was the master follows, and every node knows", func() bool {
		for _, node := range c.Nodes {
			if master, replica := c.serving(node, key); master != next || replica != old {
				return false
			}
		}
		return role(old) == "slave" && c.well(next) && c.well(old)
	})
}

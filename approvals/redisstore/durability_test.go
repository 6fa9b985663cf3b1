package redisstore_test

import (
	"net"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"senhasegura-bot/approvals/redisstore"
	"senhasegura-bot/approvals/redisstore/redistest"
)

// examined is what is found, as "severity subject What"; one line each.
func examined(t *testing.T, c redis.UniversalClient) ([]redisstore.Finding, string) {
	t.Helper()
	found, err := redisstore.Examine(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, f := range found {
		lines = append(lines, string(f.Severity)+" "+f.Subject+" "+said(f))
		nothingToSet := f.Subject == "loading" || f.Subject == "cluster"
		if f.Severity != redisstore.OK && (f.Means == "" || f.Change == "" && !nothingToSet) {
			t.Errorf("it does not say what it means and what to do: %+v", f)
		}
	}
	return found, strings.Join(lines, "\n")
}

// TestExamine sets a server anew for each case and reads what that means.
func TestExamine(t *testing.T) {
	server := redistest.NewMachine(t, "", "--masterauth", "hunter2")
	if err := open(t, server.URL).ConfigSet(t.Context(), "requirepass", "hunter2").Err(); err != nil {
		t.Fatal(err)
	}
	c := open(t, "redis://:hunter2@"+server.Addr)
	for _, step := range []struct {
		set  string // "name value", several with commas
		want string // the start of a finding
		says []string
	}{
		{"", "ok version Redis ", nil},
		{"", `fault persistence appendonly no, save ""`, []string{"restart of Redis loses everything", "set appendonly yes and appendfsync always"}},
		{"", "ok memory maxmemory-policy noeviction", nil},
		{"", "ok replication no replica", nil},
		{"save 3600 1 300 100", "warning persistence appendonly no, save 3600 1 300 100", []string{"since the last snapshot", "set appendonly yes"}},
		{"appendonly yes,appendfsync everysec", "warning persistence appendonly yes, appendfsync everysec", []string{"last second", "set appendfsync always"}},
		{"appendfsync no", "warning persistence appendonly yes, appendfsync no", []string{"half a minute", "set appendfsync always"}},
		{"appendfsync always", "ok persistence appendonly yes, appendfsync always", []string{"outlives a crash"}},
		{"no-appendfsync-on-rewrite yes", "warning persistence no-appendfsync-on-rewrite yes", []string{"set no-appendfsync-on-rewrite no"}},
		{"maxmemory-policy allkeys-lru", "warning memory maxmemory-policy allkeys-lru", []string{"nothing is removed while maxmemory is 0", "set maxmemory-policy noeviction"}},
		{"maxmemory 100mb", "fault memory maxmemory-policy allkeys-lru", []string{"removes requests, votes and locks", "set maxmemory-policy noeviction"}},
		{"maxmemory-policy volatile-ttl", "fault memory maxmemory-policy volatile-ttl", nil},
		{"maxmemory-policy noeviction", "ok memory maxmemory-policy noeviction", nil},
		{"min-replicas-to-write 1", "fault replication min-replicas-to-write 1, min-replicas-max-lag 10, 0 replicas", []string{"takes no writes"}},
	} {
		for _, setting := range strings.Split(step.set, ",") {
			if name, value, ok := strings.Cut(setting, " "); ok {
				if err := c.ConfigSet(t.Context(), name, value).Err(); err != nil {
					t.Fatal(err)
				}
			}
		}
		_, text := examined(t, c)
		line := lineOf(text, step.want)
		if line == "" {
			t.Errorf("after %q there is no %q in:\n%s", step.set, step.want, text)
		}
		for _, part := range step.says {
			if !strings.Contains(line, part) {
				t.Errorf("after %q it does not say %q: %s", step.set, part, line)
			}
		}
		if strings.Contains(text, "hunter") {
			t.Errorf("a password is shown:\n%s", text)
		}
	}
}

func lineOf(text, start string) string {
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, start) {
			return line
		}
	}
	return ""
}

// TestExamineWithoutConfig: where CONFIG is forbidden INFO says most of it, and
// what it does not say is said to be unseen.
func TestExamineWithoutConfig(t *testing.T) {
	server := redistest.NewMachine(t, "", append(everysec, "--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru")...)
	admin := open(t, server.URL)
	for user, may := range map[string][]string{"managed": {"+@all", "-config"}, "blind": {"+@all", "-config", "-info"}} {
		rules := append([]any{"ACL", "SETUSER", user, "on", ">hunter2", "~*"}, anys(may)...)
		if err := admin.Do(t.Context(), rules...).Err(); err != nil {
			t.Fatal(err)
		}
	}
	_, managed := examined(t, open(t, "redis://managed:hunter2@"+server.Addr))
	for _, want := range []string{"ok visibility CONFIG is forbidden", "ok version Redis ", "fault memory maxmemory-policy allkeys-lru",
		"warning persistence appendonly yes, appendfsync not to be seen"} {
		if lineOf(managed, want) == "" {
			t.Errorf("no %q in:\n%s", want, managed)
		}
	}
	if _, blind := examined(t, open(t, "redis://blind:hunter2@"+server.Addr)); !strings.HasPrefix(blind, "warning visibility INFO and CONFIG are forbidden") ||
		strings.Contains(blind, "\n") {
		t.Errorf("one who may ask nothing is told:\n%s", blind)
	}
	if _, err := redisstore.Examine(t.Context(), open(t, "redis://managed:wrong@"+server.Addr)); err == nil || strings.Contains(err.Error(), "hunter") {
		t.Errorf("with a wrong password: %v", err)
	}
	// A managed service takes the command away.
	gone := redistest.NewMachine(t, "", "--rename-command", "CONFIG", "")
	if _, text := examined(t, open(t, gone.URL)); lineOf(text, "warning persistence appendonly no, save not to be seen") == "" {
		t.Errorf("without the command:\n%s", text)
	}
}

func anys(all []string) []any {
	var out []any
	for _, s := range all {
		out = append(out, s)
	}
	return out
}

// TestExamineFailedSnapshot: Redis refuses writes after a snapshot that failed.
func TestExamineFailedSnapshot(t *testing.T) {
	server := redistest.NewMachine(t, "", "--save", "3600 1", "--enable-protected-configs", "yes")
	c, s := open(t, server.URL), store(t, server.Addr)
	dir := t.TempDir()
	if err := c.ConfigSet(t.Context(), "dir", dir).Err(); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(dir); err != nil {
		t.Fatal(err)
	}
	_ = c.BgSave(t.Context()).Err() // what became of it stands in INFO
	eventually(t, "writes are refused", func() bool { return s.Ping(t.Context()) != nil })
	if _, text := examined(t, c); lineOf(text, "fault disk rdb_last_bgsave_status err") == "" {
		t.Errorf("it does not say why writes are refused:\n%s", text)
	}
	if err := c.ConfigSet(t.Context(), "stop-writes-on-bgsave-error", "no").Err(); err != nil {
		t.Fatal(err)
	}
	if _, text := examined(t, c); lineOf(text, "warning disk rdb_last_bgsave_status err") == "" || s.Ping(t.Context()) != nil {
		t.Errorf("writes are taken again:\n%s", text)
	}
}

// TestExamineReplicas: what a failover loses hangs on what the master demands.
func TestExamineReplicas(t *testing.T) {
	master := redistest.NewMachine(t, "", always...)
	host, port, _ := net.SplitHostPort(master.Addr)
	replica := redistest.NewMachine(t, "", "--replicaof", host+" "+port)
	c, inReplica := open(t, master.URL), open(t, replica.URL)
	eventually(t, "the replica follows", func() bool {
		_, text := examined(t, c)
		return lineOf(text, "warning replication min-replicas-to-write 0, 1 replica: a failover loses whatever was confirmed") != ""
	})
	for name, value := range map[string]string{"min-replicas-to-write": "1", "min-replicas-max-lag": "3"} {
		if err := c.ConfigSet(t.Context(), name, value).Err(); err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, "it demands a replica", func() bool {
		_, text := examined(t, c)
		return strings.Contains(lineOf(text, "ok replication min-replicas-to-write 1, min-replicas-max-lag 3"), "no writes after 4 seconds")
	})
	if err := c.ConfigSet(t.Context(), "min-replicas-max-lag", "60").Err(); err != nil {
		t.Fatal(err)
	}
	if _, text := examined(t, c); lineOf(text, "warning replication min-replicas-to-write 1, min-replicas-max-lag 60") == "" {
		t.Errorf("a long lag is fine:\n%s", text)
	}
	if _, text := examined(t, inReplica); !strings.Contains(lineOf(text, "fault role role replica"), "takes no writes") {
		t.Errorf("the replica says:\n%s", text)
	}
	if err := store(t, replica.Addr).Ping(t.Context()); err == nil {
		t.Error("a replica takes writes")
	}
}

// TestExamineCluster: what is true of some masters only is said of those.
func TestExamineCluster(t *testing.T) {
	var nodes []*redistest.Machine
	for range 2 {
		_, port, _ := net.SplitHostPort(redistest.FreeAddr(t))
		nodes = append(nodes, redistest.NewMachine(t, "", append(always, "--cluster-enabled", "yes", "--cluster-port", port)...))
	}
	a, b := open(t, nodes[0].URL), open(t, nodes[1].URL)
	if _, text := examined(t, a); lineOf(text, "fault cluster cluster_state fail") == "" {
		t.Errorf("without slots:\n%s", text)
	}
	bus := strings.SplitN(strings.SplitN(b.ClusterNodes(t.Context()).Val(), "@", 2)[1], " ", 2)[0]
	_, port, _ := net.SplitHostPort(nodes[1].Addr)
	for _, err := range []error{
		a.Do(t.Context(), "CLUSTER", "ADDSLOTSRANGE", 0, 8191).Err(), b.Do(t.Context(), "CLUSTER", "ADDSLOTSRANGE", 8192, 16383).Err(),
		a.Do(t.Context(), "CLUSTER", "MEET", "127.0.0.1", port, bus).Err(), b.ConfigSet(t.Context(), "appendfsync", "everysec").Err(),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, "the cluster is whole", func() bool {
		return strings.Contains(a.ClusterInfo(t.Context()).Val(), "cluster_state:ok") && strings.Contains(b.ClusterInfo(t.Context()).Val(), "cluster_state:ok")
	})
	c := open(t, "redis+cluster://"+nodes[0].Addr)
	found, text := examined(t, c)
	if !strings.Contains(lineOf(text, "warning persistence"), nodes[1].Addr) || !strings.Contains(lineOf(text, "ok persistence"), nodes[0].Addr) {
		t.Errorf("it does not say which node is which:\n%s", text)
	}
	if i := slices.IndexFunc(found, func(f redisstore.Finding) bool { return f.Subject == "version" }); i != 0 || found[0].Nodes != "" {
		t.Errorf("what is true of all is not said first and once:\n%s", text)
	}
	if err := redisstore.New(redisstore.Config{Client: c, Team: "T"}).Ping(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestProbe: what is tried leaves nothing behind.
func TestProbe(t *testing.T) {
	server := redistest.NewMachine(t, "")
	c, s := open(t, server.URL), store(t, server.Addr)
	if err := s.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := c.DBSize(t.Context()).Val(); n != 0 {
		t.Errorf("%d keys are left", n)
	}
	if err := c.ConfigSet(t.Context(), "maxmemory", "1").Err(); err != nil {
		t.Fatal(err)
	}
	if err := s.Ping(t.Context()); err == nil {
		t.Error("a full server takes writes")
	}
}

// said is a finding as one line.
func said(f redisstore.Finding) string {
	s := f.What
	if f.Nodes != "" {
		s += " (" + f.Nodes + ")"
	}
	if f.Means != "" {
		s += ": " + f.Means
	}
	if f.Change != "" {
		s += "; " + f.Change
	}
	return s
}

// TestExamineABusyRedis: one that is busy with a script cannot be asked now; that
// is no setting of it.
func TestExamineABusyRedis(t *testing.T) {
	server := redistest.Start(t, "--lua-time-limit", "1")
	client := open(t, server.URL)
	ended := make(chan struct{})
	go func() { defer close(ended); _, _ = server.Do("EVAL", "while true do end", "0") }()
	eventually(t, "it is busy", func() bool { return redis.HasErrorPrefix(client.Ping(t.Context()).Err(), "BUSY") })
	if _, err := redisstore.Examine(t.Context(), client); !redis.HasErrorPrefix(err, "BUSY") {
		t.Errorf("examining it ended with %v", err)
	}
	server.Must(t, "SCRIPT", "KILL")
	<-ended
}

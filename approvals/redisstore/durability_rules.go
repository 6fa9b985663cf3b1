package redisstore

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// rule judges one subject; it finds nothing where there is nothing to say.
type rule struct {
	subject string
	judge   func(node) []Finding
}

// rules are in the order in which findings are listed.
func rules() []rule {
	return []rule{
		{"visibility", node.visibility}, {"version", node.version}, {"role", node.role}, {"cluster", node.cluster},
		{"loading", node.loading}, {"memory", node.memory}, {"persistence", node.persistence}, {"disk", node.disk}, {"replication", node.replication},
	}
}

func (n node) findings() []Finding {
	var all []Finding
	for _, r := range rules() {
		for _, f := range r.judge(n) {
			f.Subject = r.subject
			all = append(all, f)
		}
	}
	return all
}

func order(f Finding) int {
	return slices.IndexFunc(rules(), func(r rule) bool { return r.subject == f.Subject })
}

func one(f Finding) []Finding { return []Finding{f} }

func (n node) visibility() []Finding {
	switch {
	case len(n.info) == 0 && n.config == nil:
		return one(Finding{Severity: Warning, What: "INFO and CONFIG are forbidden",
			Means: "what a crash or a failover loses cannot be seen from here", Change: "allow the bot's user +info and +config|get"})
	case n.config == nil:
		return one(Finding{Severity: OK, What: "CONFIG is forbidden", Means: "what follows is what INFO says"})
	}
	return nil
}

func (n node) version() []Finding {
	version, ok := n.info["redis_version"]
	if !ok {
		return nil
	}
	name := "Redis " + version
	if v := n.info["valkey_version"]; v != "" {
		name = "Valkey " + v
	}
	first, _, _ := strings.Cut(version, ".")
	if major, err := strconv.Atoi(first); err != nil || major < 7 {
		return one(Finding{Severity: Fault, What: name, Means: "the bot needs Redis 7.0 or later", Change: "upgrade it"})
	}
	return one(Finding{Severity: OK, What: name})
}

func (n node) role() []Finding {
	if n.info["role"] != "slave" {
		return nil
	}
	return one(Finding{Severity: Fault, What: "role replica", Means: "it takes no writes, so nothing can be requested",
		Change: "set REDIS_URL to the master, or to the sentinels or the cluster that know it"})
}

func (n node) cluster() []Finding {
	if n.state == "" || n.state == "ok" {
		return nil
	}
	return one(Finding{Severity: Fault, What: "cluster_state " + n.state,
		Means: "some of the cluster's slots have no master that answers: it may refuse every request until they have"})
}

func (n node) loading() []Finding {
	if n.info["loading"] != "1" {
		return nil
	}
	return one(Finding{Severity: Warning, What: "loading", Means: "it still reads its data and takes nothing until it has"})
}

// memory is about keys that Redis removes by itself: a request, a vote, the
// lock of a target.
func (n node) memory() []Finding {
	policy, ok := n.setting("maxmemory-policy", "maxmemory_policy")
	if !ok {
		return nil
	}
	f := Finding{Severity: OK, What: "maxmemory-policy " + policy}
	switch {
	case policy == "noeviction":
	case n.info["maxmemory"] == "0":
		f.Severity, f.Means = Warning, "nothing is removed while maxmemory is 0; with a limit, requests, votes and locks would be"
	default:
		f.Severity, f.Means = Fault, "when memory is short it removes requests, votes and locks by itself"
	}
	if f.Severity != OK {
		f.Change = "set maxmemory-policy noeviction"
	}
	return append(one(f), n.room()...)
}

// room is about a Redis that is full, or soon will be: with noeviction it then
// refuses whatever makes it grow.
func (n node) room() []Finding {
	used, err := strconv.ParseFloat(n.info["used_memory"], 64)
	limit, err2 := strconv.ParseFloat(n.info["maxmemory"], 64)
	if err != nil || err2 != nil || limit == 0 || used < 0.9*limit {
		return nil
	}
	f := Finding{Severity: Warning, What: fmt.Sprintf("used_memory %.0f%% of maxmemory", 100*used/limit),
		Means: "once it is full it takes no new requests and no votes", Change: "raise maxmemory"}
	if used >= limit {
		f.Severity, f.What, f.Means = Fault, "used_memory beyond maxmemory", "it is full: it takes no new requests and no votes"
	}
	return one(f)
}

const safest = "set appendonly yes and appendfsync always"

func (n node) persistence() []Finding {
	on, ok := n.setting("appendonly", "aof_enabled")
	if !ok {
		return nil
	}
	if on == "yes" || on == "1" {
		return n.appendOnly()
	}
	save, seen := n.config["save"]
	f := Finding{Severity: Warning, What: "appendonly no, save " + save, Change: safest,
		Means: "a crash of Redis or of its machine loses everything since the last snapshot: requests, votes, the audit"}
	switch {
	case !seen:
		f.What = "appendonly no, save not to be seen"
		f.Means += "; without snapshots, everything"
	case save == "":
		f.Severity, f.What = Fault, `appendonly no, save ""`
		f.Means = "nothing is on disk: a restart of Redis loses everything, requests, votes, the audit, and empties its replicas with it"
	}
	return one(f)
}

// appendOnly judges when the append-only file reaches the disk. Under everysec
// Redis holds writes back, for up to two seconds, while the last fsync has not
// returned, and confirms them all the same (flushAppendOnlyFile in Redis's
// aof.c); so on a slow disk even a crash of the process loses them.
func (n node) appendOnly() []Finding {
	fsync, ok := n.config["appendfsync"]
	f := Finding{Severity: Warning, What: "appendonly yes, appendfsync " + fsync, Change: "set appendfsync always"}
	switch {
	case !ok:
		f.What = "appendonly yes, appendfsync not to be seen"
		f.Means = "unless it is always, a crash of its machine loses the last second or more of what was confirmed"
	case fsync == "always":
		f.Severity, f.Change = OK, ""
		f.Means = "what was confirmed outlives a crash of Redis and of its machine, as far as the disk keeps what it says it has written"
	case fsync == "everysec":
		f.Means = "a crash of its machine loses about the last second of what was confirmed, and more while its disk is slow; then a crash of Redis alone loses up to two seconds"
	default:
		f.Means = "a crash of its machine loses what its system had not written to disk by itself yet, commonly half a minute of what was confirmed"
	}
	all := one(f)
	if n.config["no-appendfsync-on-rewrite"] == "yes" && fsync != "no" {
		all = append(all, Finding{Severity: Warning, What: "no-appendfsync-on-rewrite yes", Change: "set no-appendfsync-on-rewrite no",
			Means: "while the file is written anew nothing is forced to disk: a crash of its machine then loses as much as with appendfsync no"})
	}
	return all
}

// disk is about writes that failed: Redis refuses work until they succeed.
func (n node) disk() []Finding {
	var all []Finding
	if n.info["aof_last_write_status"] == "err" {
		all = append(all, Finding{Severity: Fault, What: "aof_last_write_status err",
			Means: "it cannot write its append-only file and takes no writes until it can", Change: "look at its disk and its log"})
	}
	if n.info["rdb_last_bgsave_status"] == "err" {
		f := Finding{Severity: Fault, What: "rdb_last_bgsave_status err", Change: "look at its disk and its log",
			Means: "its last snapshot failed and it takes no writes until one succeeds"}
		if n.config["stop-writes-on-bgsave-error"] == "no" || n.config["save"] == "" && n.config != nil {
			f.Severity, f.Means = Warning, "its last snapshot failed"
		}
		all = append(all, f)
	}
	return all
}

// replication is about what a failover loses: a master confirms before its
// replicas have received.
func (n node) replication() []Finding {
	replicas, err := strconv.Atoi(n.info["connected_slaves"])
	if err != nil || n.info["role"] != "master" {
		return nil
	}
	least, hidden := strconv.Atoi(n.config["min-replicas-to-write"])
	good, demanded := n.info["min_slaves_good_slaves"] // there only while both settings are above zero
	enough, _ := strconv.Atoi(good)
	switch {
	case demanded && (enough == 0 || hidden == nil && enough < least):
		return one(Finding{Severity: Fault, What: n.demand() + ", " + count(enough), Change: "bring the missing replicas back",
			Means: "it hears fewer replicas than it demands and takes no writes"})
	case demanded:
		return one(n.demanding())
	case replicas == 0:
		return one(Finding{Severity: OK, What: "no replica", Means: "if its disk is lost, everything is"})
	}
	return one(Finding{Severity: Warning, What: "min-replicas-to-write 0, " + count(replicas),
		Means:  "a failover loses whatever was confirmed and had not reached the replica yet; while the link to it stalls, that is everything",
		Change: "set min-replicas-to-write 1 and min-replicas-max-lag 3, with two replicas or more"})
}

// longLag is beyond Redis's own default, in seconds.
const longLag = 10

// demanding judges a master that stops when its replicas are silent. Lag is the
// time since a replica last said something, in whole seconds, looked at once a
// second; what it has received does not count.
func (n node) demanding() Finding {
	f := Finding{Severity: OK, What: n.demand()}
	lag, err := strconv.Atoi(n.config["min-replicas-max-lag"])
	if err != nil {
		f.Means = "once its replicas are silent a failover loses what was confirmed within min-replicas-max-lag, which cannot be seen from here"
		return f
	}
	f.Means = fmt.Sprintf("once its replicas are silent it takes no writes after %d seconds or so, and a failover loses what was confirmed in those; a replica that is heard counts, however little it has received", lag+1)
	if lag > longLag {
		f.Severity, f.Change = Warning, "set min-replicas-max-lag 3"
	}
	return f
}

func (n node) demand() string {
	least, lag := n.config["min-replicas-to-write"], n.config["min-replicas-max-lag"]
	if least == "" {
		return "min-replicas-to-write above 0"
	}
	return "min-replicas-to-write " + least + ", min-replicas-max-lag " + lag
}

func count(replicas int) string {
	if replicas == 1 {
		return "1 replica"
	}
	return fmt.Sprint(replicas, " replicas")
}

package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"senhasegura-bot/approvals/redisstore"
)

// kept is the audit as Redis holds it, for somebody who may write there.
type kept struct {
	entries, links []redis.XMessage
	seq            int64
	checkpoint     map[string]any
}

const auditBase = "senhasegura-bot:{T0FAKE}:audit"

func readKept(t *testing.T, c redis.UniversalClient) kept {
	t.Helper()
	ctx := context.Background()
	entries, err1 := c.XRange(ctx, auditBase, "-", "+").Result()
	links, err2 := c.XRange(ctx, auditBase+":chain", "-", "+").Result()
	seq, err3 := c.Get(ctx, auditBase+":seq").Int64()
	if err1 != nil || err2 != nil || err3 != nil {
		t.Fatal(err1, err2, err3)
	}
	return kept{entries: entries, links: links, seq: seq}
}

// write puts k in the place of what is there.
func (k kept) write(t *testing.T, c redis.UniversalClient) {
	t.Helper()
	ctx := context.Background()
	c.Del(ctx, auditBase, auditBase+":chain", auditBase+":seq", auditBase+":checkpoint", auditBase+":published")
	for name, list := range map[string][]redis.XMessage{auditBase: k.entries, auditBase + ":chain": k.links} {
		for _, m := range list {
			if err := c.XAdd(ctx, &redis.XAddArgs{Stream: name, ID: m.ID, Values: m.Values}).Err(); err != nil {
				t.Fatalf("writing %s %s: %v", name, m.ID, err)
			}
		}
	}
	if k.seq > 0 {
		c.Set(ctx, auditBase+":seq", k.seq, 0)
	}
	if k.checkpoint != nil {
		c.HSet(ctx, auditBase+":checkpoint", k.checkpoint)
	}
}

// copyOf is a copy that may be bent.
func (k kept) copyOf() kept {
	for _, list := range []*[]redis.XMessage{&k.entries, &k.links} {
		*list = slices.Clone(*list)
		for i, m := range *list {
			values := map[string]any{}
			for name, v := range m.Values {
				values[name] = v
			}
			(*list)[i].Values = values
		}
	}
	return k
}

func (k *kept) entry(seq int) map[string]any { return k.entries[seq-1].Values }
func (k *kept) link(seq int) map[string]any  { return k.links[seq-1].Values }

func (k *kept) replace(seq int, field, old, new string) {
	k.entry(seq)[field] = strings.Replace(k.entry(seq)[field].(string), old, new, 1)
}

func (k *kept) swap(a, b int, fields ...string) {
	for _, f := range fields {
		k.entry(a)[f], k.entry(b)[f] = k.entry(b)[f], k.entry(a)[f]
	}
}

func (k *kept) remove(from, to int, links bool) {
	k.entries = slices.Delete(k.entries, from-1, to)
	if links {
		k.links = slices.Delete(k.links, from-1, to)
	}
}

// renumber gives entries and links the numbers of their places.
func (k *kept) renumber() {
	for _, list := range [][]redis.XMessage{k.entries, k.links} {
		for i := range list {
			list[i].ID = fmt.Sprintf("%d-0", i+1)
		}
	}
	k.seq = int64(len(k.entries))
}

// add appends a copy of an entry under the next number.
func (k *kept) add(of int, field, value string) {
	m := kept{entries: []redis.XMessage{k.entries[of-1]}}.copyOf().entries[0]
	k.seq++
	m.ID = fmt.Sprintf("%d-0", k.seq)
	if field != "" {
		m.Values[field] = value
	}
	k.entries = append(k.entries, m)
}

func digit(s any) string { // the same text with another last hexadecimal digit
	text := s.(string)
	return text[:len(text)-1] + map[bool]string{true: "0", false: "1"}[text[len(text)-1] == '1']
}

// tampering is one way to bend the audit and the first entry at which it shows.
type tampering struct {
	name string
	bend func(k *kept)
	at   int
}

// tamperings are ways to bend an audit of n entries in Redis. m is in the middle.
func tamperings(n, m int) []tampering {
	var all []tampering
	add := func(at int, name string, bend func(*kept)) { all = append(all, tampering{name, bend, at}) }
	for _, at := range []int{1, m, n} {
		add(at, "a name in the entry", func(k *kept) { k.replace(at, "entry", ana, dora) })
		add(at, "a space in the entry", func(k *kept) { k.replace(at, "entry", ":", ": ") })
		add(at, "a key twice in the entry", func(k *kept) { k.replace(at, "entry", "{", `{"event":"expire",`) })
		add(at, "an empty entry", func(k *kept) { k.entry(at)["entry"] = "" })
		add(at, "the time", func(k *kept) { k.replace(at, "at", "1", "2") })
		add(at, "the time in other digits", func(k *kept) { k.entry(at)["at"] = "0" + k.entry(at)["at"].(string) })
		add(at, "the HMAC", func(k *kept) { k.entry(at)["mac"] = "A" + k.entry(at)["mac"].(string)[1:] + "A" })
		add(at, "no HMAC", func(k *kept) { k.entry(at)["mac"] = "" })
		add(at, "a further field", func(k *kept) { k.entry(at)["note"] = "was here" })
		add(at, "the hash of the link", func(k *kept) { k.link(at)["hash"] = digit(k.link(at)["hash"]) })
		add(at, "the seal of the link", func(k *kept) { k.link(at)["seal"] = k.link(at%n + 1)["seal"] })
		add(at, "an entry removed", func(k *kept) { k.remove(at, at, false) })
		add(at, "an entry removed with its link", func(k *kept) { k.remove(at, at, true) })
		add(at, "a link removed", func(k *kept) { k.links = slices.Delete(k.links, at-1, at) })
	}
	whole := []string{"at", "entry", "mac"}
	add(m, "neighbours swapped", func(k *kept) { k.swap(m, m+1, whole...) })
	add(2, "distant entries swapped", func(k *kept) { k.swap(2, n-1, whole...) })
	add(m, "only their words swapped", func(k *kept) { k.swap(m, m+1, "entry", "mac") })
	add(m, "only their times swapped", func(k *kept) { k.entry(m)["at"], k.entry(m + 1)["at"] = "1", "2" })
	add(m, "swapped with their links", func(k *kept) {
		k.swap(m, m+1, whole...)
		k.links[m-1], k.links[m] = k.links[m], k.links[m-1]
		k.renumber()
	})
	add(1, "all entries in reverse", func(k *kept) { slices.Reverse(k.entries); k.renumber() })
	add(1, "all in reverse, no chain", func(k *kept) { slices.Reverse(k.entries); k.links = nil; k.renumber() })
	add(m, "one entry over another", func(k *kept) { k.entries[m-1].Values = k.entries[0].Values })
	add(m, "removed and renumbered", func(k *kept) { k.remove(m, m, false); k.links = k.links[:n-1]; k.renumber() })
	add(m, "removed with its link and renumbered", func(k *kept) { k.remove(m, m, true); k.renumber() })
	add(1, "the front cut", func(k *kept) { k.remove(1, 3, true) })
	add(1, "the front cut and renumbered", func(k *kept) { k.remove(1, 3, true); k.renumber() })
	add(3, "the front cut behind a link as checkpoint", func(k *kept) {
		k.checkpoint = map[string]any{"seq": 3, "hash": k.link(3)["hash"], "seal": k.link(3)["seal"]}
		k.remove(1, 3, true)
	})
	add(1, "a checkpoint before everything is there", func(k *kept) {
		k.checkpoint = map[string]any{"seq": 0, "hash": digit(k.link(3)["hash"]), "seal": ""}
	})
	add(m, "a stretch cut out", func(k *kept) { k.remove(m, m+2, true) })
	add(n-2, "the tail cut", func(k *kept) { k.remove(n-2, n, true) })
	add(n-2, "the tail cut and the count set back", func(k *kept) { k.remove(n-2, n, true); k.seq = int64(n - 3) })
	add(n-2, "the tail of the chain cut", func(k *kept) { k.links = k.links[:n-3] })
	add(n-2, "the tail written anew from old entries", func(k *kept) {
		k.remove(n-2, n, true)
		k.seq = int64(n - 3)
		for i := range 3 {
			k.add(i+1, "", "")
		}
	})
	add(1, "everything removed", func(k *kept) { *k = kept{} })
	add(n+1, "the count raised", func(k *kept) { k.seq++ })
	add(n, "the count set back", func(k *kept) { k.seq = int64(n - 1) })
	add(n+1, "a forged entry at the end", func(k *kept) { k.add(n, "entry", `{"event":"vote"}`) })
	add(n+1, "a forged entry without HMAC", func(k *kept) { k.add(n, "mac", "") })
	add(n+1, "an old entry again at the end", func(k *kept) { k.add(m, "", "") })
	add(m, "an entry between two", func(k *kept) {
		between := k.entries[m]
		between.ID = fmt.Sprintf("%d-1", m)
		k.entries = slices.Insert(k.entries, m, between)
	})
	add(n+1, "an entry far ahead", func(k *kept) { k.add(n, "", ""); k.seq += 100; k.entries[n].ID = fmt.Sprintf("%d-0", k.seq) })
	add(m, "two links swapped", func(k *kept) { k.links[m-1].Values, k.links[m].Values = k.link(m+1), k.link(m) })
	add(m, "a link of another number", func(k *kept) { k.links[m-1].Values = k.link(1) })
	add(n+1, "a link ahead of the entries", func(k *kept) {
		ahead := redis.XMessage{ID: fmt.Sprintf("%d-0", n+1), Values: k.link(n)}
		k.links = append(k.links, ahead)
	})
	return all
}

// TestTamperingWithRedis: with full write access to Redis and no key, nothing
// that was sealed and told outside is changed unseen.
func TestTamperingWithRedis(t *testing.T) {
	t.Parallel()
	w, client := auditedWorld(t)
	good := readKept(t, client)
	n := len(good.entries)
	head := fmt.Sprintf("%d:%s", n, good.links[n-1].Values["hash"])
	list := tamperings(n, n/2)
	if len(list) < 50 {
		t.Errorf("only %d kinds of tampering", len(list))
	}
	for _, c := range list {
		bent := good.copyOf()
		c.bend(&bent)
		bent.write(t, client)
		out, status := w.tool("audit", "verify", "redis", "--team", "T0FAKE", "--head", head)
		if status != exitFailed || firstFault(out) != c.at {
			t.Errorf("%s: status %d, found at entry %d, want 1 and %d\n%s", c.name, status, firstFault(out), c.at, out)
		}
	}
	good.write(t, client)
	if out, status := w.tool("audit", "verify", "redis", "--head", head); status != exitGood {
		t.Errorf("as it was: status %d\n%s", status, out)
	}
}

// auditedWorld is a stopped world with a sealed audit of some twenty entries.
func auditedWorld(t *testing.T) (*world, redis.UniversalClient) {
	t.Helper()
	w := newWorld(t, setup{stays: true})
	p := w.start()
	for _, typed := range []string{"deactivate 5 leaked", "activate 5 all clear", "release 94 job is done"} {
		card := w.asks(ana, typed)
		w.clicks(ana, card, "approve")
		w.whispered(ana, "somebody else must decide it")
		w.clicks(bruno, card, "approve")
		w.becomes(card, "done")
	}
	p.stop()
	client, err := redisstore.Open(w.redis.URL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	contains(t, w.verifies(), "18 entries", "good")
	return w, client
}

// firstFault is the entry of the first finding; 0: none.
func firstFault(out string) int {
	for line := range strings.Lines(out) {
		if rest, is := strings.CutPrefix(line, "entry "); is {
			number, _, _ := strings.Cut(rest, ":")
			n, _ := strconv.Atoi(number)
			return n
		}
	}
	return 0
}

package redisstore

import (
	"strings"

	"senhasegura-bot/approvals"
)

// keys names every key of one workspace; doc.go has the table. All of them
// carry the same hash tag, so that Redis Cluster keeps them on one node.
type keys struct{ base string }

func newKeys(prefix, team string) keys { return keys{base: prefix + ":{" + team + "}:"} }

func (k keys) request(id string) string          { return k.base + "request:" + id }
func (k keys) card(id string) string             { return k.base + "card:" + id }
func (k keys) message(channel, ts string) string { return k.base + "message:" + channel + ":" + ts }

// messages are the keys of a card's messages, as lua/card_put.lua lists them.
func (k keys) messages(lines string) []string {
	var all []string
	for line := range strings.Lines(lines) {
		all = append(all, k.base+"message:"+strings.TrimSuffix(line, "\n"))
	}
	return all
}

func (k keys) seen(key string) string         { return k.base + "seen:" + key }
func (k keys) submitted(key string) string    { return k.base + "submitted:" + key }
func (k keys) minute(person string) string    { return k.base + "minute:" + person }
func (k keys) undecided(person string) string { return k.base + "undecided:" + person }

// unreviewed are kept by person and by account: what is known of the person may
// change until somebody signs.
func (k keys) unreviewed(who approvals.Person) []string {
	return append([]string{k.base + "unreviewed:" + who.Key}, k.unreviewedOf(who.User)...)
}

func (k keys) unreviewedOf(accounts ...string) []string {
	var all []string
	for _, user := range accounts {
		all = append(all, k.base+"unreviewed:account:"+user)
	}
	return all
}

func (k keys) pending() string  { return k.base + "pending" }
func (k keys) runnable() string { return k.base + "runnable" }
func (k keys) behind() string   { return k.base + "behind" }
func (k keys) ended() string    { return k.base + "ended" }
func (k keys) calls() string    { return k.base + "calls" }
func (k keys) audit() string    { return k.base + "audit" }
func (k keys) seq() string      { return k.base + "audit:seq" }
func (k keys) freeze() string   { return k.base + "freeze" }
func (k keys) probe() string    { return k.base + "probe" }

func (k keys) chain() string                { return k.base + "audit:chain" }
func (k keys) checkpoint() string           { return k.base + "audit:checkpoint" }
func (k keys) published() string            { return k.base + "audit:published" }
func (k keys) more() string                 { return k.base + "audit:more" }
func (k keys) refused(person string) string { return k.base + "refused:" + person }
func (k keys) noted(op string) string       { return k.base + "noted:" + op }

// open, lock and touched map target keys to the keys that hold them.

func (k keys) open(v approvals.Verb, targets []string) []string {
	return k.each("open:"+string(v)+"/", targets)
}
func (k keys) lock(targets []string) []string    { return k.each("lock:", targets) }
func (k keys) touched(targets []string) []string { return k.each("touched:", targets) }

func (k keys) each(kind string, names []string) []string {
	all := make([]string, len(names))
	for i, name := range names {
		all[i] = k.base + kind + name
	}
	return all
}

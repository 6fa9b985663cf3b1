package redisstore

import (
	"embed"
	"time"

	"github.com/redis/go-redis/v9"
)

//go:embed lua/*.lua
var sources embed.FS

// The scripts, each documented in the header of its file.
var (
	nowScript       = script("now")
	loadScript      = script("load")
	submitScript    = script("submit")
	commitScript    = script("commit")
	renewScript     = script("renew")
	unleaseScript   = script("unlease")
	dueScript       = script("due")
	cardTakeScript  = script("card_take")
	cardPutScript   = script("card_put")
	trimScript      = script("trim")
	trimAuditScript = script("trim_audit")
	sealScript      = script("seal")
	noteScript      = script("note")
	tallyScript     = script("tally")
	forgetScript    = script("forget")
	inviteScript    = script("invite")
	freezeScript    = script("freeze")
	probeScript     = script("probe")
)

func script(name string) *redis.Script {
	text := ""
	for _, file := range []string{"prelude", name} {
		b, err := sources.ReadFile("lua/" + file + ".lua")
		if err != nil {
			panic(err) // the file is embedded: a misspelt name fails every test
		}
		text += string(b) + "\n"
	}
	return redis.NewScript(text)
}

// call collects the KEYS and ARGV of a script in the order in which the script
// reads them (lua/prelude.lua).
type call struct {
	keys []string
	args []any
}

func (c *call) key(keys ...string) { c.keys = append(c.keys, keys...) }

func (c *call) arg(values ...any) {
	for _, v := range values {
		switch v := v.(type) {
		case time.Time:
			c.args = append(c.args, millis(v))
		case time.Duration:
			c.args = append(c.args, v.Milliseconds())
		default:
			c.args = append(c.args, v)
		}
	}
}

func (c *call) keyList(keys []string) {
	c.arg(len(keys))
	c.key(keys...)
}

func (c *call) argList(values []string) {
	c.arg(len(values))
	for _, v := range values {
		c.arg(v)
	}
}

// reply is what a script returned: a verdict, Redis's clock, and the rest.
type reply struct {
	verdict string
	now     time.Time
	rest    []any
}

func (r reply) text(i int) string {
	if i >= len(r.rest) {
		return ""
	}
	s, _ := r.rest[i].(string)
	return s
}

func (r reply) number(i int) int64 {
	if i >= len(r.rest) {
		return 0
	}
	n, _ := r.rest[i].(int64)
	return n
}

func (r reply) list(i int) []any {
	if i >= len(r.rest) {
		return nil
	}
	l, _ := r.rest[i].([]any)
	return l
}

func (r reply) texts(i int) []string {
	var all []string
	for _, v := range r.list(i) {
		if s, ok := v.(string); ok {
			all = append(all, s)
		}
	}
	return all
}

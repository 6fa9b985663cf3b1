// Package redisstore keeps requests in Redis (7.0 or later): approvals.Store
// over go-redis.
//
//	client, err := redisstore.Open("redis://127.0.0.1:6379/0")
//	…
//	store := redisstore.New(redisstore.Config{Client: client, Team: "T024BE7LD"})
//	desk := approvals.NewDesk(approvals.Config{Store: store, …})
//
// # The model
//
// What may follow what is decided in Go (approvals.Request.Apply); Redis
// compares and sets. A request is a hash whose field record holds the whole
// request as JSON, which no script reads. Beside it stand the few raw fields
// that scripts decide by. One script makes one change: the request, its places
// in the indexes and the audit entry, or nothing. Scripts read, then decide,
// then write, because Redis runs them alone but undoes nothing.
//
// # Keys
//
// All keys of a workspace start with senhasegura-bot:{team}: and so live on
// one node of a cluster.
//
//	request:<id>            hash    record, version, state, op:<version> (what made that version),
//	                                created, expires, requester, requester_user, needed, glass (written once),
//	                                notices, lease_holder, lease_fence, lease_until
//	card:<id>               hash    channel, ts, shown, told, reminded, again, tries, frozen, beside, messages, invited:<U>; holder, fence, lease_until,
//	                                token (of the last take or put), resumed, not_before
//	message:<channel>:<ts>  string  the request whose card the message is, or was  the request's, 400 days at most
//	seen:<key>              string  a delivery of Slack that was taken             as First says
//	submitted:<key>         string  the id that an idempotency key led to          1 day
//	open:<verb>/<target>    string  the open request that holds the target         lifetime + 1 day
//	lock:<target>           string  the request that is calling the target         run deadline + 30 s
//	touched:<target>        string  "<ms> <id>": who called it last                2 hours
//	pending                 zset    undecided requests by the time they expire
//	runnable                zset    approved and running requests by the end of their lease
//	behind                  zset    requests whose card must be drawn, by when
//	ended                   zset    requests that ended or are unknown, by when
//	freeze                  hash    on (1 or 0), record, at, op (what made it so); read by commit
//	calls                   zset    <id>/<target index>: calls under way, by their end
//	minute:<person>         zset    requests made in the last minute               1 minute
//	undecided:<person>      set     a person's undecided requests                   the longest lifetime + 1 day
//	unreviewed:<person>     string  a person's break-glass that nobody signed
//	unreviewed:account:<U>  string  the same by account
//	audit                   stream  id <seq>-0; at, entry, mac
//	audit:seq               string  the last sequence number
//	audit:chain             stream  id <seq>-0; hash, seal of the entry of that number
//	audit:checkpoint        hash    seq, hash, seal of what stands before the oldest entry
//	audit:published         hash    seq, hash, seal, at, channel, mac: the head that was told last;
//	                                bent:<channel>: "<ms> <mac>": when it was told that the audit is bent
//	audit:more              hash    a person's refusals that are counted: "<due ms> <count> <person>"
//	refused:<user>          string  a person's refusals in the last minute          1 minute
//	noted:<op>              string  a refusal that was written                     1 minute
//	probe                   string  written and removed in one step, to try whether writes are taken
//
// A key without a lifetime is an index, a request that has not ended, or what
// goes with one (its card, unreviewed): Trim deletes these when the request has
// ended and its time is over. Only audit… and freeze stay for ever.
//
// Instants are Unix milliseconds of Redis's own clock. A <target> is
// approvals.Target.Keys; a <person> approvals.Person.Key.
//
// # Verdicts
//
// A script answers {verdict, now, …}; error replies are faults only.
//
//	now         ok
//	probe       ok
//	load        ok, missing
//	submit      ok, again (stored before), late, used (id), frozen, unreviewed, taken, limit
//	commit      ok, same (written before), missing, stale, late, four_eyes, frozen, taken, touched, busy
//	renew       ok, missing, lost
//	unlease     ok, missing, lost
//	forget      ok
//	invite      ok, missing
//	freeze      ok (also written before), idle
//	due         ok
//	card_take   ok, missing, held
//	card_put    ok, missing, lost
//	trim        ok
//	trim_audit  ok
//	seal        ok, stale
//	note        ok (also written before), counted
//	tally       ok, stale
//
// # Why it is so
//
//   - Created and expires are fields of their own because they are Redis's
//     clock at the birth of the request, which the record's writer cannot know.
//     They overlay the record on each load, so digests stay the same.
//   - The lease is beside the version: renewing it is no change for people, and
//     must not make their clicks stale.
//   - Each version remembers the op that made it, so that a commit whose answer
//     was lost is recognised even after others have committed since.
//   - Sequence numbers are the stream's ids, so that a missing entry shows. They
//     also tell each process whether Redis went back: it must hold the newest
//     entry that this process wrote or saw (newest.go).
//   - A record that went back is closed one version above what was shown, however
//     far that is (EventRewound): the only change that skips versions. Its targets
//     stay locked for as long as a call may be under way that Redis forgot.
//   - The store resends a script itself when a connection breaks, and Open turns
//     off the client's own resending: after "sent, no answer; again: refused"
//     only who saw both attempts can say that something may have been written. A
//     cluster's client resends by itself whatever it is told, so over a cluster
//     a network fault is always ErrUnconfirmed, never ErrUnavailable.
//   - A right to draw a card that was given and never heard of would leave the
//     card undrawn until it ends, so TakeCard asks on until it knows.
//   - Ping writes: a Redis that is full, or was made a replica, answers reads.
//   - The window of a submission becomes an instant of Redis's clock by an
//     estimate that is never ahead of it (clock.go): "too late, nothing was
//     requested" is then true.
//
// # What Redis can lose
//
// A script's answer says that Redis has what it wrote, not that a disk or a
// replica has. How much of that a crash or a failover takes back is Redis's
// settings; Examine reads them and says it, and the tests of durability measure
// it. What a failover or a crash took back is gone without a trace: no
// promise here reaches further than the Redis under it.
//
// # What it does not do
//
// It knows no rule of the domain but four eyes. It does not protect the record
// from whoever can write to Redis: seals do (approvals.Sealer). It needs a
// Redis that evicts nothing (maxmemory-policy noeviction) and answers from its
// master; Examine says where that is not so.
package redisstore

// Package audit makes a record that nobody can bend unseen: keys, the chain,
// its verification, and exports. It reads and writes no store; redisstore does.
//
//	keys := audit.NewKeys([]byte(auditKey), "T024BE7LD")
//	mac := keys.Sign(entry)                  // before the entry is appended
//	link := keys.Next(keys.Genesis(), r)     // within a second of it
//	report, err := audit.VerifyFile(f, []byte(auditKey), nil)
//
// # The model
//
// An entry is JSON (approvals.Entry). Before the store appends it, it gets an
// HMAC over the JSON and a fresh nonce; the store adds a sequence number and
// its own time. A little later each entry is sealed into a chain:
//
//	hash(n) = SHA-256(hash(n-1), seq, at, entry, mac)
//
// and every link carries an HMAC over its number and hash. What lies before
// the oldest entry that is kept is a checkpoint: the last link that was
// trimmed, under an HMAC with a purpose of its own, so that no link can be
// passed off as one. The chain's head is told to people outside now and then.
//
// # What is found
//
// With full write access to the store and without the key:
//
//	altered entry, time or HMAC    by the HMAC, or by the link of that number
//	removed entry or link          by the gap in the numbers
//	inserted entry                 by its HMAC, its nonce, or its number
//	entries that changed places    by the links of both
//	cut front                      by the checkpoint
//	cut tail                       by the store's counter; and, where that was set
//	                               back too, by any head that was told outside
//
// # Why it is so
//
//   - Every link is sealed, not only the head: otherwise whoever rewrites the
//     chain from one entry on is found, but not where.
//   - The chain is made off the hot path: a decision must not wait for the one
//     before it, and the numbers are only known after the store's script.
//   - A nonce in each HMAC makes two entries of the same words different, so
//     that a copy is found.
//   - Verification goes on after a fault, from what the next link says, so that
//     one change is one finding at its own place.
//
// # What it does not do
//
// Until an entry is sealed, up to a second, its number and time are not bound
// to it: who can write to the store in that second can swap the newest entries
// or, setting the counter back, remove them. It does not hide anything, and it
// does not keep who holds the key from writing what they like.
package audit

package approvals

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"time"
)

// Sealer makes and checks the seals of votes. Whoever can write to the store
// but has no key cannot approve: the runner counts only votes whose seal holds
// for exactly what the card showed.
type Sealer struct {
	key []byte
}

// NewSealer derives the key for votes from the audit key; other uses of the
// audit key derive theirs with another label.
func NewSealer(auditKey []byte) Sealer {
	mac := hmac.New(sha256.New, auditKey)
	mac.Write([]byte("senhasegura-bot vote seal v1"))
	return Sealer{key: mac.Sum(nil)}
}

// shown is what a card shows and an approver therefore approves. Its JSON is
// what is sealed, so a field added here makes open requests ask again.
type shown struct {
	Team, ID  string
	Requester string
	Verb      Verb
	Kind      Kind
	Targets   [][4]string // ref, id, name, label
	Reason    string
	Rule      Rule
	Expires   int64 // Unix milliseconds
}

// Digest is the SHA-256 of what the request's card shows.
func (r Request) Digest() [sha256.Size]byte {
	s := shown{Team: r.Team, ID: r.ID, Requester: r.Requester.Key, Verb: r.Verb, Kind: r.Kind,
		Reason: r.Reason, Rule: r.Rule, Expires: r.Expires.UnixMilli()}
	for _, t := range r.Targets {
		s.Targets = append(s.Targets, [4]string{t.Ref, t.ID, t.Name, t.Label})
	}
	b, err := json.Marshal(s)
	if err != nil {
		panic(fmt.Sprintf("a request that cannot be encoded: %v", err)) // only plain fields: cannot happen
	}
	return sha256.Sum256(b)
}

// Seal binds a vote of the person to the request as it is shown, at an instant
// of millisecond precision.
func (s Sealer) Seal(r Request, who Person, at time.Time) string {
	mac := hmac.New(sha256.New, s.key)
	digest := r.Digest()
	fmt.Fprintf(mac, "%x|%q|%q|%d", digest, who.Key, who.User, at.UnixMilli())
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// Approvals counts the distinct people, other than the requester, whose votes
// on the request carry a seal that holds.
func (s Sealer) Approvals(r Request) int {
	people := map[string]bool{}
	for _, v := range r.Votes {
		want := s.Seal(r, v.Person, v.At)
		if hmac.Equal([]byte(want), []byte(v.Seal)) && v.Person.Key != r.Requester.Key && v.Person.User != r.Requester.User {
			people[v.Person.Key] = true
		}
	}
	return len(people)
}

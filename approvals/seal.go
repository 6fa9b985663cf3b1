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
	return s.sign(r, "vote", who, at)
}

// SealAgain binds a press of run_again to the request and the run it starts.
func (s Sealer) SealAgain(r Request, number int, who Person, at time.Time) string {
	return s.sign(r, fmt.Sprintf("run %d", number), who, at)
}

func (s Sealer) sign(r Request, purpose string, who Person, at time.Time) string {
	mac := hmac.New(sha256.New, s.key)
	fmt.Fprintf(mac, "%s|%x|%q|%q|%d", purpose, r.Digest(), who.Key, who.User, at.UnixMilli())
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// Check reports whether people, and not merely the store, allow a call of this
// request at now: as many sealed votes of distinct people, none the
// requester's, as the stored rule demands, the last of them recent enough for
// this run, and a sealed press for a run after the first. limit bounds a run.
func (s Sealer) Check(r Request, now time.Time, limit time.Duration) error {
	people, last := map[string]bool{}, time.Time{}
	for _, v := range r.Votes {
		if !hmac.Equal([]byte(s.Seal(r, v.Person, v.At)), []byte(v.Seal)) || v.Person.Key == r.Requester.Key || v.Person.User == r.Requester.User {
			return ErrSeal
		}
		people[v.Person.Key], last = true, later(last, v.At)
	}
	switch {
	case len(people) < r.Needed():
		return ErrSeal
	case r.Run.Number == 1 && now.After(last.Add(StartWithin+limit)):
		return ErrSeal
	case r.Run.Number > 1 && !s.sealedAgain(r, now, limit):
		return ErrSeal
	}
	return nil
}

func (s Sealer) sealedAgain(r Request, now time.Time, limit time.Duration) bool {
	want := s.SealAgain(r, r.Run.Number, r.Run.By, r.Run.Began)
	return hmac.Equal([]byte(want), []byte(r.Run.Seal)) && r.Run.By.Key != r.Requester.Key &&
		!now.After(r.Run.Began.Add(limit))
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

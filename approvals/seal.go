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

// asked is what somebody asked for, as the card shows it. Its JSON is what is
// sealed, so a field added here makes open requests ask again, unless it is left
// out where they have none.
type asked struct {
	Team, ID, Nonce string
	Requester, User string
	Channel         string
	Verb            Verb
	Kind            Kind
	Targets         []sealedTarget
	Reason          string
	Rule            Rule
	Glass           *sealedGlass `json:",omitempty"`
}

// sealedGlass is what makes a request a break-glass.
type sealedGlass struct {
	At        int64 // Unix milliseconds
	Within    time.Duration
	Reviewers [][]Approver
}

// sealedTarget is what a card shows of a target.
type sealedTarget struct {
	Ref, ID, Name, Label string
	Rotates              bool
	Unnamed              Unnamed `json:",omitempty"`
	ReadOnly             bool    `json:",omitempty"`
	RotationUnknown      bool    `json:",omitempty"`
}

func (r Request) asked() asked {
	a := asked{Team: r.Team, ID: r.ID, Nonce: r.Nonce, Requester: r.Requester.Key, User: r.Requester.User, Channel: r.Channel,
		Verb: r.Verb, Kind: r.Kind, Reason: r.Reason, Rule: r.Rule}
	if g := r.Glass; g.On() {
		a.Glass = &sealedGlass{g.At.UnixMilli(), g.Within, g.Reviewers}
	}
	for _, t := range r.Targets {
		a.Targets = append(a.Targets, sealedTarget{t.Ref, t.ID, t.Name, t.Label, t.Rotates, t.Unnamed, t.ReadOnly, t.RotationUnknown})
	}
	return a
}

// Digest is the SHA-256 of what the request's card shows.
func (r Request) Digest() [sha256.Size]byte {
	b, err := json.Marshal(struct {
		asked
		Expires int64 // Unix milliseconds; the store's, so not known when it was asked
	}{r.asked(), r.Expires.UnixMilli()})
	if err != nil {
		panic(fmt.Sprintf("a request that cannot be encoded: %v", err)) // only plain fields: cannot happen
	}
	return sha256.Sum256(b)
}

// SealAsked binds the request to the person who asks for it.
func (s Sealer) SealAsked(r Request) string {
	b, err := json.Marshal(r.asked())
	if err != nil {
		panic(fmt.Sprintf("a request that cannot be encoded: %v", err))
	}
	mac := hmac.New(sha256.New, s.key)
	mac.Write([]byte("ask|"))
	mac.Write(b)
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// Asked reports whether the requester on record asked for exactly this.
func (s Sealer) Asked(r Request) bool { return hmac.Equal([]byte(s.SealAsked(r)), []byte(r.Seal)) }

// Seal binds a vote of the person to the request as it is shown, at an instant
// of millisecond precision.
func (s Sealer) Seal(r Request, who Person, at time.Time) string {
	return s.sign(r, "vote", who, at)
}

// SealLast seals the deciding vote: it also covers the votes it was counted
// with, so that none that was taken back can be put beside it.
func (s Sealer) SealLast(r Request, who Person, at time.Time) string {
	purpose := "last vote"
	for _, v := range r.Votes {
		purpose += " " + v.Seal
	}
	return s.sign(r, purpose, who, at)
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
// requester's, as the stored rule demands, or a sealed break-glass; recent
// enough for this run, and a sealed press for a run after the first. limit
// bounds a run.
func (s Sealer) Check(r Request, now time.Time, limit time.Duration) error {
	if !s.Asked(r) {
		return ErrSeal
	}
	allowed, ok := r.Glass.At, r.Glass.On() && len(r.Votes) == 0
	if !r.Glass.On() {
		allowed, ok = s.voted(r)
	}
	switch {
	case !ok, r.Run.Number < 1:
		return ErrSeal
	case r.Run.Number == 1 && now.After(allowed.Add(StartWithin+limit)):
		return ErrSeal
	case r.Run.Number > 1 && !s.sealedAgain(r, now, limit):
		return ErrSeal
	}
	return nil
}

// voted reports whether every vote on record is sealed and there are enough of
// them, and when the last was cast.
func (s Sealer) voted(r Request) (time.Time, bool) {
	if len(r.Votes) == 0 {
		return time.Time{}, false
	}
	people := map[string]bool{}
	before := r
	before.Votes = r.Votes[:len(r.Votes)-1]
	for i, v := range r.Votes {
		want := s.Seal(r, v.Person, v.At)
		if i == len(before.Votes) {
			want = s.SealLast(before, v.Person, v.At)
		}
		if !hmac.Equal([]byte(want), []byte(v.Seal)) || v.Person.Key == r.Requester.Key || v.Person.User == r.Requester.User {
			return time.Time{}, false
		}
		people[v.Person.Key] = true
	}
	return r.Votes[len(r.Votes)-1].At, len(people) >= r.Needed()
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

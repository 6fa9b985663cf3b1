package audit

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
)

// Record is an entry as a store keeps it.
type Record struct {
	Seq   int64
	At    int64  // Unix milliseconds, the store's clock
	Entry string // JSON, exactly as it was signed; empty: only the link is left
	MAC   string
	Link  Link // zero: not sealed
	// Odd says what is wrong with the form it is kept in; empty: nothing.
	Odd string
}

// Link binds an entry to all entries before it.
type Link struct {
	Seq  int64
	Hash string // SHA-256, in hexadecimal
	Seal string // HMAC over Seq and Hash
}

// Head is a link without its seal, as people are told it.
type Head struct {
	Seq  int64
	Hash string
}

// String is the head as audit verify takes it: 1234:9f86d0…
func (h Head) String() string { return fmt.Sprintf("%d:%s", h.Seq, h.Hash) }

// ParseHead reads what String wrote.
func ParseHead(s string) (Head, error) {
	number, hash, _ := strings.Cut(s, ":")
	seq, err := strconv.ParseInt(number, 10, 64)
	raw, hexErr := hex.DecodeString(hash)
	if err != nil || seq < 1 || hexErr != nil || len(raw) != sha256.Size {
		return Head{}, fmt.Errorf("%q is no head: write the number, a colon and the 64 characters of the hash", s)
	}
	return Head{seq, strings.ToLower(hash)}, nil
}

// Head is the link without its seal.
func (l Link) Head() Head { return Head{l.Seq, l.Hash} }

// Genesis is what the first entry is chained to.
func (k Keys) Genesis() Link {
	sum := sha256.Sum256([]byte("senhasegura-bot audit chain v1 " + k.team))
	return Link{Hash: hex.EncodeToString(sum[:])}
}

// Next is the link of r when it follows prev.
func (k Keys) Next(prev Link, r Record) Link {
	l := Link{Seq: r.Seq, Hash: follow(prev.Hash, r)}
	l.Seal = k.seal("link", l.parts()...)
	return l
}

func follow(hash string, r Record) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s|%d|%d|%d|%s|%s", hash, r.Seq, r.At, len(r.Entry), r.Entry, r.MAC))
	return hex.EncodeToString(sum[:])
}

func (l Link) parts() []string { return []string{strconv.FormatInt(l.Seq, 10), l.Hash} }

// Sealed reports whether the link was made with this key.
func (k Keys) Sealed(l Link) bool { return k.sealed(l.Seal, "link", l.parts()...) }

// Checkpoint makes a link of this key the place where the audit begins, after
// everything up to it was verified and trimmed.
func (k Keys) Checkpoint(l Link) Link {
	l.Seal = k.seal("checkpoint", l.parts()...)
	return l
}

// Begins reports whether an audit may begin after the link: it is a
// checkpoint, or the beginning of all.
func (k Keys) Begins(l Link) bool {
	return l == k.Genesis() || k.sealed(l.Seal, "checkpoint", l.parts()...)
}

package audit

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
)

// nonceSize is the bytes at the start of an entry's HMAC that make it unlike
// that of any other entry.
const nonceSize = 12

// Keys makes and checks everything that is sealed in the audit of one team.
type Keys struct {
	key  []byte
	team string
}

// NewKeys derives the audit's key from the audit key; the seals of votes have
// another label.
func NewKeys(auditKey []byte, team string) Keys {
	mac := hmac.New(sha256.New, auditKey)
	mac.Write([]byte("senhasegura-bot audit chain v1"))
	return Keys{key: mac.Sum(nil), team: team}
}

// Sign returns the HMAC of an entry's JSON, under a nonce that it begins with.
func (k Keys) Sign(entry string) string {
	nonce := make([]byte, nonceSize)
	rand.Read(nonce)
	return base64.RawURLEncoding.EncodeToString(append(nonce, k.entry(nonce, entry)...))
}

// Told returns the HMAC of a note that something was told, so that nobody without
// the key can say that it was.
func (k Keys) Told(what ...string) string {
	return k.seal("told", what...)
}

// WasTold reports whether mac was made by Told for exactly that.
func (k Keys) WasTold(mac string, what ...string) bool { return k.sealed(mac, "told", what...) }

func (k Keys) entry(nonce []byte, entry string) []byte {
	return k.mac("entry", hex.EncodeToString(nonce), entry)
}

// signed reports whether mac was made by Sign for the entry, and its nonce.
func (k Keys) signed(entry, mac string) (nonce [nonceSize]byte, ok bool) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(mac)
	if err != nil || len(b) != nonceSize+sha256.Size {
		return nonce, false
	}
	copy(nonce[:], b)
	return nonce, hmac.Equal(b[nonceSize:], k.entry(nonce[:], entry))
}

// mac is the HMAC for one purpose. The length of each part keeps two lists of
// parts from reading the same.
func (k Keys) mac(purpose string, parts ...string) []byte {
	h := hmac.New(sha256.New, k.key)
	fmt.Fprintf(h, "%s|%d|%s", purpose, len(k.team), k.team)
	for _, p := range parts {
		fmt.Fprintf(h, "|%d|%s", len(p), p)
	}
	return h.Sum(nil)
}

func (k Keys) seal(purpose string, parts ...string) string {
	return base64.RawURLEncoding.EncodeToString(k.mac(purpose, parts...))
}

func (k Keys) sealed(seal, purpose string, parts ...string) bool {
	return hmac.Equal([]byte(seal), []byte(k.seal(purpose, parts...)))
}

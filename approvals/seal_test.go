package approvals

import (
	"encoding/hex"
	"encoding/json"
	"testing"
)

// sealedBefore is a request as it was stored before targets told why they have
// no name, and that they may not be edited; the seals are those made then.
const (
	sealedBefore = `{"id":"R-7K3M9X","nonce":"bm9uY2U","key":"k","team":"T1","version":3,"state":"pending",
	"requester":{"key":"T1:UANA","user":"UANA"},"channel":"C1","verb":"release","kind":"credential",
	"targets":[{"ref":"94","id":"94","name":"oracle@erp01","label":"oracle@erp01 · id 94","rotates":true},{"ref":"999"}],
	"reason":"stuck","rule":{"name":"","approvals":1},"eligible":2,
	"created":"2026-03-09T12:00:00Z","expires":"2026-03-09T12:30:00Z"}`
	digestBefore = "45e103e89633c47367f18049920034fff6a6407863ea5f520b07beb4aa349877"
	sealBefore   = "o0mFXKQk1CXgzp3a2Doiqp1FWAiYr7V5WqcYLzppOr4"
)

func TestWhatWasSealedBeforeStillHolds(t *testing.T) {
	var r Request
	if err := json.Unmarshal([]byte(sealedBefore), &r); err != nil {
		t.Fatal(err)
	}
	if digest := r.Digest(); hex.EncodeToString(digest[:]) != digestBefore {
		t.Errorf("votes that were cast before are lost: the digest is %x", digest)
	}
	if seal := NewSealer([]byte("an audit key of more than 32 characters")).SealAsked(r); seal != sealBefore {
		t.Errorf("a request that was made before is not its requester's: %s", seal)
	}
}

package redisstore

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"senhasegura-bot/approvals"
)

// fields are what a request is read from: the record, opaque to the scripts,
// and what only the scripts know. Created and Expires are Redis's clock at the
// birth of the request, which Go could not know when it wrote the record; the
// lease changes without a new version.
var fields = []string{"record", "created", "expires", "lease_holder", "lease_fence", "lease_until"}

func encode(r approvals.Request) (string, error) {
	b, err := json.Marshal(r)
	if err != nil {
		return "", fmt.Errorf("encoding request %s: %w", r.ID, err)
	}
	return string(b), nil
}

// decode reads a request from the values of fields.
func decode(values []any) (approvals.Request, error) {
	if len(values) != len(fields) {
		return approvals.Request{}, fmt.Errorf("decoding a request: %d fields", len(values))
	}
	text := make([]string, len(values))
	for i, v := range values {
		text[i], _ = v.(string)
	}
	var r approvals.Request
	if err := json.Unmarshal([]byte(text[0]), &r); err != nil {
		return approvals.Request{}, fmt.Errorf("decoding a request: %w", err)
	}
	r.Created, r.Expires = instant(integer(text[1])), instant(integer(text[2]))
	r.Lease = approvals.Lease{Holder: text[3], Fence: integer(text[4]), Until: instant(integer(text[5]))}
	return r, nil
}

// instant is the time of Unix milliseconds; 0 is the zero time.
func instant(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// millis is the inverse of instant.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// integer reads what a script wrote as a number; absent is 0.
func integer(s string) int64 {
	n, _ := strconv.ParseInt(s, 10, 64)
	return n
}

package senhasegura

import (
	"bytes"
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// envelope is what can be read of an answer's body. The manuals print it with keys missing, doubled in
// Portuguese, as strings or numbers; nothing here depends on one form.
type envelope struct {
	readable bool   // holds a `response` that says itself whether it failed
	failed   bool   // any flag, status or code says so
	status   int    // the status the envelope claims, 0 without
	code     int    // senhasegura's number, 0 without
	text     string // senhasegura's wording
}

// fields of a JSON object. Lookups ignore case only where the exact key is missing: one manual page has
// "Message" where the others have "mensagem" (3.33, "PUT | Enable credential").
type fields map[string]json.RawMessage

func (f fields) get(key string) json.RawMessage {
	if raw, ok := f[key]; ok {
		return raw
	}
	var same []string
	for k := range f {
		if strings.EqualFold(k, key) {
			same = append(same, k)
		}
	}
	if len(same) == 0 {
		return nil
	}
	return f[slices.Min(same)]
}

func (f fields) object(key string) fields {
	var inner fields
	if json.Unmarshal(f.get(key), &inner) != nil {
		return nil
	}
	return inner
}

// byteOrderMark is what some programs on Windows put before a body.
const byteOrderMark = "\ufeff"

// decodeEnvelope reads a body. A body that is no JSON object gives the zero envelope, unless it is just
// one of the texts the manuals list.
func decodeEnvelope(body []byte) envelope {
	var top fields
	if json.Unmarshal(bytes.TrimPrefix(body, []byte(byteOrderMark)), &top) == nil {
		return envelopeOf(top)
	}
	if text := strings.Trim(strings.TrimSpace(string(body)), `"`); isGatewayText(text) {
		return envelope{failed: true, text: text}
	}
	return envelope{}
}

func envelopeOf(top fields) envelope {
	response, exception := top.object("response"), top.object("exception")
	e := envelope{text: firstText(
		response.get("message"), response.get("mensagem"), exception.get("message"),
		top.get("message"), top.get("error_description"), top.get("error"))}
	lead, colon := leadingCode(e.text)
	e.code = numberOf(exception.get("code"))
	if e.code < 1000 && lead != 0 {
		e.code = lead
	}
	e.status = numberOf(response.get("status"))
	error1, known1 := flagOf(response.get("error"))
	error2, known2 := flagOf(response.get("erro"))
	e.readable = known1 || known2 || e.status != 0
	e.failed = error1 || error2 || e.status >= 400 || colon || numberOf(exception.get("code")) != 0
	if !e.failed {
		e.code = 0 // a number in the wording of a success is no code
	}
	return e
}

// without is the envelope without secrets in its wording, before anything is cut off: who is in between may
// hand back what it was sent.
func (e envelope) without(secrets []string) envelope {
	e.text = hide(e.text, secrets)
	return e
}

func firstText(candidates ...json.RawMessage) string {
	for _, raw := range candidates {
		var s string
		if json.Unmarshal(raw, &s) == nil && strings.TrimSpace(s) != "" {
			return s
		}
	}
	return ""
}

// numberPrefix: "1007: Credential not found", "1017:Key inactive", "1006 User does not have access".
var numberPrefix = regexp.MustCompile(`^\s*(1\d{3})(:|\s)`)

// leadingCode reads the number a message begins with. With a colon the message is a failure by itself.
func leadingCode(text string) (code int, colon bool) {
	m := numberPrefix.FindStringSubmatch(text)
	if m == nil {
		return 0, false
	}
	code, _ = strconv.Atoi(m[1])
	return code, m[2] == ":"
}

// flagOf reads true, 1, "1", "true" and their opposites; known is false for anything else.
func flagOf(raw json.RawMessage) (value, known bool) {
	switch strings.ToLower(unquote(raw)) {
	case "true", "1":
		return true, true
	case "false", "0":
		return false, true
	}
	return false, false
}

// numberOf reads a non-negative number or a string of one; anything else is 0.
func numberOf(raw json.RawMessage) int {
	n, err := strconv.ParseUint(unquote(raw), 10, 31)
	if err != nil {
		return 0
	}
	return int(n)
}

// unquote gives a JSON string, number or bool as text, "" for anything else.
func unquote(raw json.RawMessage) string {
	if last := len(raw) - 1; last > 0 && raw[0] == '"' && raw[last] == '"' && !bytes.ContainsRune(raw, '\\') && utf8.Valid(raw) {
		return strings.TrimSpace(string(raw[1:last])) // most strings of a long list
	}
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return strings.TrimSpace(s)
	}
	if len(raw) == 0 || raw[0] == '{' || raw[0] == '[' {
		return ""
	}
	return string(raw)
}

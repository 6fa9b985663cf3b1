package senhasegura

import (
	"bytes"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"
)

// FuzzList: whatever an appliance answers to a request for a list, it is all of a list or an error, and what
// is taken from it is harmless and found again.
func FuzzList(f *testing.F) {
	for _, s := range []string{
		`{"code":200,"response":{"status":200,"error":false},"credentials":[{"id":"5","username":"root","hostname":"db01","automatic_change":"0"}]}`,
		`{"response":{"error":false},"password_on_list":[{"identifier":10,"name":"Produção","username":"a@b","tags":["x"],"can_write":false}]}`,
		`{"passwords_on_list":[],"response":{"erro":0}}`, `{"api_secret_on_list":[{"identifier":"10","name":"billing-api","can_view":1}]}`,
		"\ufeff" + `{"credentials":null}`, `{"credentials":[7,"x",{},[],null,{"id":1e3},{"id":"9","username":"a\u0000\n\u202eb","id":"8"}]}`,
		`{"credentials":{"0":{"id":"5"}}}`, `{"credentials":[],"credentials":[]}`, `{"credentials":[]}{}`, `{"credentials":[`, `<html>`, ``,
		`{"response":{"status":400,"error":true,"message":"1039: Without PAM Configuration Access permission"}}`,
		`{"credentials":[{"id":"5","username":"· id 6","hostname":"a@b@c","device_model":"` + strings.Repeat("ã", 300) + `"}]}`,
	} {
		f.Add([]byte(s), uint(len(s)/2))
	}
	f.Fuzz(func(t *testing.T, body []byte, cut uint) {
		fuzzList(t, KindCredential, body, cut, credentialKeys, credentialOf, credentialEntry)
		fuzzList(t, KindPassword, body, cut, passwordKeys, passwordOf, passwordEntry)
		fuzzList(t, KindSecret, body, cut, secretKeys, secretOf, secretEntry)
	})
}

func fuzzList[L, T any](t *testing.T, kind string, body []byte, cut uint, keys []string, of func(*L) (T, bool), entryOf func(T) Entry) {
	read := func(body []byte) ([]Entry, error) {
		var found []Entry
		_, err := streamList(bytes.NewReader(body), keys, of, func(item T) { found = append(found, entryOf(item)) })
		return found, err
	}
	found, err := read(body)
	if again, err2 := read(body); !slices.Equal(found, again) || (err == nil) != (err2 == nil) {
		t.Fatalf("once %v, %v, then %v, %v", found, err, again, err2)
	}
	for _, e := range found {
		checkEntry(t, kind, e)
	}
	if err != nil {
		return
	}
	whole := bytes.TrimRight(body, " \t\r\n")
	for _, n := range []int{len(whole) - 1, int(cut % uint(len(whole)))} {
		if _, err := read(whole[:n]); err == nil {
			t.Errorf("a list is read from the first %d of %d bytes", n, len(whole))
		}
	}
	checkIndex(t, kind, found)
}

func checkEntry(t *testing.T, kind string, e Entry) {
	t.Helper()
	if e.Kind != kind || !idForm.MatchString(e.ID) {
		t.Errorf("got %+v", e)
	}
	for _, s := range []string{e.Username, e.Hostname, e.Address, e.Type, e.Model, e.DeviceType, e.Vendor, e.Name} {
		if utf8.RuneCountInString(s) > fieldRunes || !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl) {
			t.Errorf("field %q", s)
		}
	}
}

// checkIndex: every entry is given back as it was, and found by its id, its name and what it is called.
func checkIndex(t *testing.T, kind string, entries []Entry) {
	t.Helper()
	next := newIndexer(kind, nil)
	for _, e := range entries {
		next.add(e)
	}
	x := next.done(time.Now())
	for i, e := range entries {
		if got := x.entry(i); got != e {
			t.Errorf("added %+v, got %+v", e, got)
		}
		if found := x.lookup(e.ID); len(found) < mostSame && !slices.Contains(found, e) {
			t.Errorf("%+v is not found by its id", e)
		}
		if found := x.lookup(e.Target()); e.Target() != "" && len(found) < mostSame && !slices.Contains(found, e) {
			t.Errorf("%+v is not found by its name", e)
		}
		if whole := string(x.appendTitle(nil, i)); whole != fold(e.title()) {
			t.Errorf("%+v has the title %q", e, whole)
		}
	}
}

// FuzzRetryAfter: whatever a header says, the wait is between none and a day.
func FuzzRetryAfter(f *testing.F) {
	f.Add("7", "")
	f.Add("-3", "x")
	f.Add("99999999999999999999", "")
	f.Add("Mon, 02 Jan 2012 03:04:17 GMT", "Mon, 02 Jan 2012 03:04:07 GMT")
	f.Fuzz(func(t *testing.T, value, date string) {
		wait := retryAfter(http.Header{"Retry-After": {value}, "Date": {date}})
		if wait < 0 || wait > maxRetryAfter*time.Second {
			t.Errorf("%q at %q: %v", value, date, wait)
		}
	})
}

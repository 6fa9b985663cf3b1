package senhasegura_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"senhasegura-bot/senhasegura"
)

const someEntry = `{"id":"5","username":"root","hostname":"db01"}`

// endless answers with before and then part again and again, with # for a number, until the client goes away.
func endless(before, part string, sent *atomic.Int64) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		_, err := io.WriteString(w, before)
		for n := 1; err == nil; n++ {
			var more int
			more, err = io.WriteString(w, strings.ReplaceAll(part, "#", fmt.Sprint(n)))
			sent.Add(int64(more))
		}
	}
}

func TestListsThatNeverEnd(t *testing.T) {
	for name, c := range map[string]struct{ before, part, says string }{
		"entries":            {`{"credentials":[{"id":"1"}`, `,{"id":"#"}`, "more than 200000 entries"},
		"one entry":          {`{"credentials":[{"id":"1","x":[1`, `,1`, "too large"},
		"one string":         {`{"credentials":[{"id":"1","username":"`, `x`, "too large"},
		"spaces":             {`{"credentials":[`, strings.Repeat(" ", 1024), "too large"},
		"spaces before":      {``, strings.Repeat(" ", 1024), "too large"},
		"spaces behind":      {`{"credentials":[]}`, strings.Repeat("\n", 1024), "too large"},
		"keys beside":        {`{"credentials":[],"x":1`, `,"x#":{"a":"` + strings.Repeat("y", 512) + `"}`, "too large"},
		"one key again":      {`{"x":1`, `,"x":"` + strings.Repeat("y", 512) + `"`, "too large"},
		"one value beside":   {`{"x":[1`, `,1`, "too large"},
		"brackets":           {`{"credentials":[`, `[`, "cannot be read"},
		"brackets in a line": {`{"credentials":[{"id":"5","x":`, `{"a":`, "cannot be read"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var sent atomic.Int64
			found, err := rawClient(t, endless(c.before, c.part, &sent), nil).ListCredentials(t.Context())
			if e := mustFail(t, err, senhasegura.KindLost); found != nil || !strings.Contains(e.Error(), c.says) {
				t.Errorf("got %d entries, %v", len(found), err)
			}
			if sent.Load() > 16<<20 { // of which some is still on its way
				t.Errorf("given up only after %d bytes", sent.Load())
			}
		})
	}
}

func TestListBodiesThatAreNoList(t *testing.T) {
	for name, body := range map[string]string{
		"twice":                `{"credentials":[` + someEntry + `],"credentials":[` + someEntry + `]}`,
		"null and a list":      `{"credentials":null,"credentials":[` + someEntry + `]}`,
		"a string":             `{"credentials":"` + someEntry[1:3] + `}`,
		"a number":             `{"credentials":5}`,
		"an object":            `{"credentials":{"5":` + someEntry + `}}`,
		"the list alone":       `[` + someEntry + `]`,
		"other letters":        `{"Credentials":[` + someEntry + `]}`,
		"bytes behind":         `{"credentials":[` + someEntry + `]}` + "\x00",
		"text behind":          `{"credentials":[` + someEntry + `]} ok`,
		"a comma too many":     `{"credentials":[` + someEntry + `,]}`,
		"no comma":             `{"credentials":[` + someEntry + someEntry + `]}`,
		"no bracket":           `{"credentials":[` + someEntry + `}`,
		"two byte order marks": "\ufeff\ufeff" + `{"credentials":[]}`,
	} {
		found, err := rawClient(t, answerWith(200, body), nil).ListCredentials(t.Context())
		if mustFail(t, err, senhasegura.KindLost); found != nil {
			t.Errorf("%s: got %v", name, found)
		}
	}
	both := `{"password_on_list":[{"identifier":1}],"passwords_on_list":[{"identifier":1}]}`
	if _, err := rawClient(t, answerWith(200, both), nil).ListPasswords(t.Context()); err == nil {
		t.Error("two lists of passwords are taken for one")
	}
}

func TestIDsOfListEntries(t *testing.T) {
	for form, want := range map[string]string{
		`"5"`: "5", `5`: "5", `" 5 "`: "5", `999999999999999999`: "999999999999999999", `"\u0035"`: "5",
		`9999999999999999999`: "", `1e3`: "", `5.0`: "", `-5`: "", `0`: "", `"05"`: "", `""`: "", `null`: "", `true`: "", `["5"]`: "", `{"id":5}`: "", `"5\n6"`: "", `"٥"`: "",
	} {
		body := `{"credentials":[{"id":` + form + `},{"username":"nobody"},{"id":"7"}]}`
		found, err := rawClient(t, answerWith(200, body), nil).ListCredentials(t.Context())
		var ids []string
		for _, c := range found {
			ids = append(ids, c.ID)
		}
		if got := strings.TrimSuffix(strings.Join(ids, " "), "7"); err != nil || strings.TrimSpace(got) != want {
			t.Errorf("%s: got %q, %v", form, ids, err)
		}
	}
}

func TestListBehindAByteOrderMark(t *testing.T) {
	found, err := rawClient(t, answerWith(200, "\ufeff"+`{"credentials":[`+someEntry+`]}`+"\r\n"), nil).ListCredentials(t.Context())
	if err != nil || !slices.Equal(found, []senhasegura.Credential{{ID: "5", Username: "root", Hostname: "db01", ChangeUnknown: true}}) {
		t.Errorf("got %v, %v", found, err)
	}
}

// The client asks for no compression, and unpacks nothing: a small answer stays a small answer.
func TestCompressedListsAreNotUnpacked(t *testing.T) {
	var bomb bytes.Buffer
	z := gzip.NewWriter(&bomb)
	io.WriteString(z, `{"credentials":[`+someEntry+`],"x":"`+strings.Repeat("x", 8<<20)+`"}`)
	z.Close()
	client := rawClient(t, func(w http.ResponseWriter, r *http.Request) {
		if asked := r.Header.Get("Accept-Encoding"); asked != "" {
			t.Errorf("asked for %q", asked)
		}
		w.Header().Set("Content-Encoding", "gzip")
		w.Write(bomb.Bytes())
	}, nil)
	found, err := client.ListCredentials(t.Context())
	if e := mustFail(t, err, senhasegura.KindLost); found != nil || !strings.Contains(e.Error(), "cannot be read") {
		t.Errorf("got %v, %v", found, err)
	}
}

// What was read stays until a list has been read to its end, and the error says that it was not.
func TestAListThatBreaksOffIsNotTaken(t *testing.T) {
	whole := `{"response":{"error":false},"credentials":[` + someEntry + `,{"id":"6","username":"oracle","hostname":"db02"}]}`
	half := whole[:strings.Index(whole, `,{"id":"6"`)]
	for name, breaking := range map[string]http.HandlerFunc{
		"in the middle": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", fmt.Sprint(len(whole)))
			io.WriteString(w, half)
		},
		"before its last byte": answerWith(200, whole[:len(whole)-1]),
		"where it looks whole": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", fmt.Sprint(len(whole)))
			io.WriteString(w, half+`]}`)
		},
		"byte by byte, too slowly": func(w http.ResponseWriter, r *http.Request) {
			io.WriteString(w, half)
			for tick := time.Tick(10 * time.Millisecond); r.Context().Err() == nil; <-tick {
				io.WriteString(w, " ")
				http.NewResponseController(w).Flush()
			}
		},
		"into a refusal": answerWith(200, half+`],"response":{"status":400,"error":true,"message":"1039: Without PAM Configuration Access permission"}}`),
		"empty":          answerWith(200, ``),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var breaks atomic.Bool
			client := rawClient(t, func(w http.ResponseWriter, r *http.Request) {
				if breaks.Load() {
					breaking(w, r)
					return
				}
				io.WriteString(w, whole)
			}, func(c *senhasegura.Config) {
				c.MySafe = senhasegura.Credentials{}
				if strings.HasPrefix(name, "byte by byte") {
					c.ListTimeout = 3 * time.Second
				}
			})
			lists := senhasegura.NewLists(senhasegura.ListsConfig{Client: client})
			if err := lists.Refresh(t.Context()); err != nil {
				t.Fatal(err)
			}
			breaks.Store(true)
			err := lists.Refresh(t.Context())
			if err == nil || !strings.HasPrefix(err.Error(), "reading the list of credentials: ") {
				t.Errorf("got %v", err)
			}
			if got := ids(lists.Find("db", 9)); got != "c5 c6" {
				t.Errorf("after %v the lists hold %q", err, got)
			}
		})
	}
}

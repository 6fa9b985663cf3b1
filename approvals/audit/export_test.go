package audit

import (
	"encoding/csv"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"senhasegura-bot/approvals"
)

// written is an entry as somebody's words make it.
func written(words string) Record {
	e := approvals.Entry{Request: "R-7K3M9X", Event: approvals.EventSubmit, State: approvals.Pending, Team: "T1", Reason: words, Rule: words,
		By: approvals.Person{User: "UANA", Name: words}, Targets: []string{words}, Answer: approvals.Answer{Message: words}}
	b, err := json.Marshal(e)
	if err != nil {
		panic(err)
	}
	return Record{Seq: 7, At: time.Date(2026, 1, 2, 3, 4, 5, 6e6, time.UTC).UnixMilli(), Entry: string(b), Link: Link{Seq: 7, Hash: "0a"}}
}

func export(t testing.TB, f Format, words string) string {
	t.Helper()
	var out strings.Builder
	k := NewKeys([]byte("key"), "T1")
	if n, err := k.Export(&out, Selection{Format: f}, k.Genesis(), each(written(words))); err != nil || n != 1 {
		t.Fatalf("%d exported, %v", n, err)
	}
	return out.String()
}

func each(records ...Record) func(func(Record, error) bool) {
	return func(yield func(Record, error) bool) {
		for _, r := range records {
			if !yield(r, nil) {
				return
			}
		}
	}
}

var hostile = []string{"", "plain", "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r\n=1", " =1", `"=1`, `a,=1`, "a;=1", "a|\t=1", "＝1", "\u200b=1",
	`x" ,"=1`, "'=1", "a=b", `a\=b`, `a|b\`, "line\nact=approve", "\u2028cs1=x", "\x00", "\xff=1", "CEF:0|a|b|c|d|e|9|act=x"}

// begins finds a cell, or a part that a spreadsheet might take for one, that
// begins with the sign of a formula.
var begins = regexp.MustCompile(`(^|[,;|\t\r\n])[\s"']*?[=+\-@＝＋－＠]`)

func FuzzCSV(f *testing.F) {
	for _, s := range hostile {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, words string) {
		rows, err := csv.NewReader(strings.NewReader(export(t, CSV, words))).ReadAll()
		if err != nil || len(rows) != 2 || !slices.Equal(rows[0], columns) {
			t.Fatalf("%d rows, %v", len(rows), err)
		}
		for _, cell := range rows[1] {
			quoted := regexp.MustCompile(`'[=+\-@＝＋－＠]`).ReplaceAllString(cell, "x")
			if begins.MatchString(quoted) {
				t.Errorf("a cell computes: %q", cell)
			}
		}
	})
}

// event takes a line of CEF apart as its specification says.
func event(t *testing.T, line string) (header []string, fields map[string]string) {
	t.Helper()
	for range 7 {
		part, rest := "", line
		for i := 0; ; i++ {
			if i >= len(line) {
				t.Fatalf("a header that ends early: %q", line)
			}
			if line[i] == '\\' {
				i++
				part += line[i : i+1]
			} else if line[i] == '|' {
				rest = line[i+1:]
				break
			} else {
				part += line[i : i+1]
			}
		}
		header, line = append(header, part), rest
	}
	fields = map[string]string{}
	names := regexp.MustCompile(`(^| )([A-Za-z0-9]+)=`)
	plain := strings.NewReplacer(`\\`, "\x00\x00", `\=`, "\x00\x01").Replace(line)
	at := names.FindAllStringSubmatchIndex(plain, -1)
	for i, m := range at {
		end := len(plain)
		if i+1 < len(at) {
			end = at[i+1][0]
		}
		name := plain[m[4]:m[5]]
		if _, twice := fields[name]; twice {
			t.Errorf("%s is there twice: %q", name, line)
		}
		fields[name] = strings.NewReplacer("\x00\x00", `\`, "\x00\x01", "=").Replace(plain[m[1]:end])
	}
	return header, fields
}

func FuzzCEF(f *testing.F) {
	for _, s := range hostile {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, words string) {
		out := export(t, CEF, words)
		if strings.Count(out, "\n") != 1 || strings.ContainsAny(out[:len(out)-1], "\r\u0085\u2028") {
			t.Fatalf("not one line: %q", out)
		}
		header, fields := event(t, strings.TrimSuffix(out, "\n"))
		if header[0] != "CEF:0" || header[4] != "submit" || fields["act"] != "submit" || fields["externalId"] != "7" || fields["cs1"] != "R-7K3M9X" {
			t.Errorf("%q was read as %q %q", out, header, fields)
		}
		var e approvals.Entry
		if json.Unmarshal([]byte(written(words).Entry), &e) != nil || fields["reason"] != printable(e.Reason) {
			t.Errorf("the reason %q came back as %q", e.Reason, fields["reason"])
		}
	})
}

func TestExportSelectsAStretch(t *testing.T) {
	k := NewKeys([]byte("key"), "T1")
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	var records []Record
	last := k.Genesis()
	for i := range 10 {
		r := Record{Seq: int64(i + 1), At: at.Add(time.Duration(i) * time.Hour).UnixMilli(), Entry: `{"event":"vote"}`}
		r.MAC = k.Sign(r.Entry)
		last = k.Next(last, r)
		r.Link = last
		records = append(records, r)
	}
	records[9].Link = Link{} // too new
	for _, c := range []struct {
		since, until       int // hours; -1: none
		first, last, count int64
	}{{-1, -1, 1, 9, 9}, {0, 10, 1, 9, 9}, {3, -1, 4, 9, 6}, {-1, 3, 1, 3, 3}, {3, 5, 4, 5, 2}, {5, 5, 0, 0, 0}, {20, -1, 0, 0, 0}} {
		s := Selection{Format: JSONL}
		if c.since >= 0 {
			s.Since = at.Add(time.Duration(c.since) * time.Hour)
		}
		if c.until >= 0 {
			s.Until = at.Add(time.Duration(c.until) * time.Hour)
		}
		var out strings.Builder
		if n, err := k.Export(&out, s, k.Genesis(), each(records...)); err != nil || int64(n) != c.count {
			t.Errorf("%+v: %d exported, %v", c, n, err)
		}
		report, err := VerifyFile(strings.NewReader(out.String()), []byte("key"), nil)
		if err != nil || !report.Good() || report.First.Seq != c.first || report.Last.Seq != c.last {
			t.Errorf("%+v: %d to %d, %v, %v", c, report.First.Seq, report.Last.Seq, report.Faults, err)
		}
	}
}

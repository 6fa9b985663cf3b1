package audit

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"time"
)

// An exported file is lines of JSON: a header, an entry on each line, and a
// footer whose HMAC says where the file ends.

// form names the format in the header.
const form = "senhasegura-bot audit 1"

// stamp is how instants are written: RFC 3339 in UTC with milliseconds.
const stamp = "2006-01-02T15:04:05.000Z"

type header struct {
	Form  string `json:"form"`
	Team  string `json:"team"`
	After point  `json:"after"` // the link before the first entry
}

type point struct {
	Seq  int64  `json:"seq"`
	Hash string `json:"hash"`
}

type line struct {
	Seq   int64           `json:"seq"`
	At    string          `json:"at"`
	Entry json.RawMessage `json:"entry"`
	MAC   string          `json:"mac"`
	Hash  string          `json:"hash"`
	Seal  string          `json:"seal"`
}

type footer struct {
	End     point  `json:"end"` // the link of the last entry
	Entries int    `json:"entries"`
	Seal    string `json:"seal"`
}

func (k Keys) footer(after, end Link, entries int) footer {
	f := footer{End: point{end.Seq, end.Hash}, Entries: entries}
	f.Seal = k.seal("export", strconv.FormatInt(after.Seq, 10), after.Hash, strconv.FormatInt(end.Seq, 10), end.Hash, strconv.Itoa(entries))
	return f
}

// jsonl writes the form that VerifyFile reads.
type jsonl struct {
	out     *json.Encoder
	keys    Keys
	after   Link
	end     Link
	entries int
}

func (j *jsonl) begin(after Link) error {
	j.after, j.end = after, after
	return j.out.Encode(header{form, j.keys.team, point{after.Seq, after.Hash}})
}

func (j *jsonl) record(r Record) error {
	j.end, j.entries = r.Link, j.entries+1
	return j.out.Encode(lineOf(r))
}

func (j *jsonl) finish() error { return j.out.Encode(j.keys.footer(j.after, j.end, j.entries)) }

func lineOf(r Record) line {
	entry := json.RawMessage(r.Entry)
	if !json.Valid(entry) { // only what somebody tampered with: still one line
		entry, _ = json.Marshal(r.Entry)
	}
	return line{r.Seq, time.UnixMilli(r.At).UTC().Format(stamp), entry, r.MAC, r.Link.Hash, r.Link.Seal}
}

// errForm: a file that is no export at all.
var errForm = errors.New("not an export of the audit: its first line is no header (export with --format jsonl)")

// VerifyFile checks an exported file. heads were told outside; those that the
// file does not reach are no fault of it. Its error is that of reading.
func VerifyFile(r io.Reader, auditKey []byte, heads []Head) (Report, error) {
	f := &file{lines: bufio.NewReader(r)}
	first, err := f.line()
	if err != nil && !errors.Is(err, io.EOF) {
		return Report{}, err
	}
	var h header
	if !exact(first, &h) || h.Form != form {
		return Report{}, errForm
	}
	after := Link{Seq: h.After.Seq, Hash: h.After.Hash}
	keys := NewKeys(auditKey, h.Team)
	report, err := keys.Verify(Claim{After: after, Sealed: math.MaxInt64, Heads: heads, Part: true}, f.records)
	if err != nil {
		return report, err
	}
	f.close(keys, &report)
	return report, nil
}

// file reads an exported file line by line.
type file struct {
	lines  *bufio.Reader
	number int
	last   Record
	footer *footer
	odd    string // what is wrong with the line at which reading stopped
}

func (f *file) line() ([]byte, error) {
	f.number++
	return f.lines.ReadBytes('\n')
}

// records yields the entries up to the footer or to the first line that is
// neither.
func (f *file) records(yield func(Record, error) bool) {
	for {
		text, err := f.line()
		if errors.Is(err, io.EOF) && len(text) == 0 {
			return
		} else if err != nil && !errors.Is(err, io.EOF) {
			yield(Record{}, fmt.Errorf("reading line %d: %w", f.number, err))
			return
		}
		if end := new(footer); exact(text, end) {
			f.footer = end
			if rest, _ := f.line(); len(rest) > 0 {
				f.odd = fmt.Sprintf("line %d follows the end of the file", f.number)
			}
			return
		}
		r, ok := parse(text)
		if !ok {
			f.odd = fmt.Sprintf("line %d is not what was exported", f.number)
			return
		}
		if f.last = r; !yield(r, nil) {
			return
		}
	}
}

func parse(text []byte) (Record, bool) {
	var l line
	if !exact(text, &l) {
		return Record{}, false
	}
	at, err := time.Parse(stamp, l.At)
	return Record{Seq: l.Seq, At: at.UnixMilli(), Entry: string(l.Entry), MAC: l.MAC, Link: Link{l.Seq, l.Hash, l.Seal}}, err == nil
}

// exact reads a line that is byte for byte what v would be written as: JSON
// can say one thing in many ways, and only one of them was exported.
func exact(text []byte, v any) bool {
	if json.Unmarshal(text, v) != nil {
		return false
	}
	var again bytes.Buffer
	return json.NewEncoder(&again).Encode(v) == nil && bytes.Equal(again.Bytes(), text)
}

// close holds the file against its footer.
func (f *file) close(keys Keys, report *Report) {
	v := verifier{report: *report}
	next := max(f.last.Seq, report.After.Seq) + 1
	switch {
	case f.odd != "":
		v.fault(next, "%s", f.odd)
	case f.footer == nil:
		v.fault(next, "the tail is cut: the file has no end")
	case *f.footer != keys.footer(report.After, Link{Seq: f.footer.End.Seq, Hash: f.footer.End.Hash}, f.footer.Entries):
		v.fault(next, "the end of the file was not made by the bot")
	case f.footer.End != point(report.Head) || f.footer.Entries != report.Entries:
		v.fault(next, "the file should end with entry %d", f.footer.End.Seq)
	}
	*report = v.report
}

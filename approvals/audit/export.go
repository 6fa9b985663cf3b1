package audit

import (
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"time"

	"senhasegura-bot/approvals"
)

// Format is how an export is written.
type Format string

// The formats. Only jsonl can be verified: the others are for reading.
const (
	JSONL Format = "jsonl"
	CSV   Format = "csv"
	CEF   Format = "cef"
)

// Selection is what to export: sealed entries from Since on and before Until,
// by the store's clock; zero is no bound.
type Selection struct {
	Format       Format
	Since, Until time.Time
}

// exporter writes one format.
type exporter interface {
	begin(after Link) error
	record(Record) error
	finish() error
}

// Export writes the sealed records that are selected, in one stretch, and
// returns how many. after is the link before the first record.
func (k Keys) Export(w io.Writer, s Selection, after Link, records iter.Seq2[Record, error]) (int, error) {
	out, err := k.exporter(w, s.Format)
	if err != nil {
		return 0, err
	}
	n := 0
	for r, err := range records {
		switch {
		case err != nil:
			return n, err
		case r.Link == Link{} || r.Entry == "":
			continue // too new; or tampered with, which verify says
		case n == 0 && r.At < s.Since.UnixMilli() && !s.Since.IsZero():
			after = r.Link
			continue
		case !s.Until.IsZero() && r.At >= s.Until.UnixMilli():
			return n, finish(out, n, after)
		}
		if n == 0 {
			if err := out.begin(after); err != nil {
				return n, err
			}
		}
		if err := out.record(r); err != nil {
			return n, err
		}
		n++
	}
	return n, finish(out, n, after)
}

func finish(out exporter, n int, after Link) error {
	if n == 0 {
		if err := out.begin(after); err != nil {
			return err
		}
	}
	return out.finish()
}

func (k Keys) exporter(w io.Writer, f Format) (exporter, error) {
	switch f {
	case JSONL:
		return &jsonl{out: json.NewEncoder(w), keys: k}, nil
	case CSV:
		return &sheet{w: w}, nil
	case CEF:
		return events{w}, nil
	}
	return nil, fmt.Errorf("unknown format %q: jsonl, csv or cef", f)
}

// logged is a record as the domain knows it; what cannot be read stays empty.
func logged(r Record) approvals.Logged {
	l := approvals.Logged{Seq: r.Seq, At: time.UnixMilli(r.At).UTC()}
	_ = json.Unmarshal([]byte(r.Entry), &l.Entry) // an entry that is none is a finding of Verify
	return l
}

package redisstore

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"

	"senhasegura-bot/approvals/audit"
)

// page is how many entries are read at once.
const page = 1000

// record reads an entry as it is kept, whatever it is.
func record(m redis.XMessage) audit.Record {
	seq, part, _ := strings.Cut(m.ID, "-")
	r := audit.Record{Seq: integer(seq)}
	at, _ := m.Values["at"].(string)
	r.At = integer(at)
	r.Entry, _ = m.Values["entry"].(string)
	r.MAC, _ = m.Values["mac"].(string)
	switch {
	case part != "0":
		r.Odd = "inserted: the bot writes one entry for each number"
	case len(m.Values) != 3, r.Entry == "", at != strconv.FormatInt(r.At, 10):
		r.Odd = "not of the form in which the bot writes"
	}
	if r.Entry == "" {
		r.Entry = "null" // it is an entry, and says nothing
	}
	return r
}

func link(m redis.XMessage) audit.Link {
	seq, _, _ := strings.Cut(m.ID, "-")
	l := audit.Link{Seq: integer(seq)}
	l.Hash, _ = m.Values["hash"].(string)
	l.Seal, _ = m.Values["seal"].(string)
	return l
}

// records yields entries and their links after a number, in order, links only
// up to the number sealed: later ones may be made while this reads. A link
// without its entry is a record of its own.
func (s *Store) records(ctx context.Context, after, sealed int64) iter.Seq2[audit.Record, error] {
	return func(yield func(audit.Record, error) bool) {
		from := fmt.Sprintf("(%d-0", after)
		for more := true; more; {
			entries, err := s.client.XRangeN(ctx, s.keys.audit(), from, "+", page).Result()
			if err != nil {
				yield(audit.Record{}, s.reading("entries", err))
				return
			}
			end := "+"
			if more = len(entries) == page; more {
				end = entries[page-1].ID
			}
			links, err := s.client.XRange(ctx, s.keys.chain(), from, end).Result()
			if err != nil {
				yield(audit.Record{}, s.reading("chain", err))
				return
			}
			for _, r := range merge(entries, links, sealed) {
				if !yield(r, nil) {
					return
				}
			}
			from = "(" + end
		}
	}
}

// merge puts links to their entries.
func merge(entries, links []redis.XMessage, sealed int64) []audit.Record {
	byID := map[string]audit.Link{}
	for _, m := range links {
		if l := link(m); l.Seq <= sealed {
			byID[m.ID] = l
		}
	}
	var all []audit.Record
	for _, m := range entries {
		r := record(m)
		r.Link = byID[m.ID]
		delete(byID, m.ID)
		all = append(all, r)
	}
	for _, l := range byID {
		all = append(all, audit.Record{Seq: l.Seq, Link: l})
	}
	slices.SortStableFunc(all, func(a, b audit.Record) int { return int(min(max(a.Seq-b.Seq, -1), 1)) })
	return all
}

// VerifyAudit checks the audit against itself, against how many entries were
// written, and against heads that were told outside: those given, and the one
// on record in Redis.
func (s *Store) VerifyAudit(ctx context.Context, heads []audit.Head) (audit.Report, error) {
	if s.seals == nil {
		return audit.Report{}, errNoKey
	}
	for {
		begin, err := s.beginning(ctx)
		if err != nil {
			return audit.Report{}, err
		}
		report, err := s.verifyFrom(ctx, begin, heads)
		if err != nil || report.Good() {
			return report, err
		}
		if now, err := s.beginning(ctx); err != nil || now == begin {
			return report, err
		} // trimmed while we read: look again
	}
}

func (s *Store) verifyFrom(ctx context.Context, begin audit.Link, heads []audit.Head) (audit.Report, error) {
	claim := audit.Claim{After: begin, Heads: slices.Clone(heads)}
	told, err := s.Published(ctx)
	if err != nil {
		return audit.Report{}, err
	}
	if s.seals.Sealed(told.Link) {
		claim.Heads = append(claim.Heads, told.Head())
	}
	if claim.Written, err = s.client.Get(ctx, s.keys.seq()).Int64(); err != nil && err != redis.Nil {
		return audit.Report{}, s.reading("count", err)
	}
	last, err := s.client.XRevRangeN(ctx, s.keys.chain(), "+", "-", 1).Result()
	if err != nil {
		return audit.Report{}, s.reading("chain", err)
	}
	claim.Sealed = begin.Seq
	if len(last) > 0 {
		claim.Sealed = link(last[0]).Seq
	}
	report, err := s.seals.Verify(claim, s.records(ctx, begin.Seq, claim.Sealed))
	if err != nil {
		return report, err
	}
	return report, s.fringe(ctx, begin, &report)
}

// fringe looks at what lies outside the records: before the first, and the
// count after the last.
func (s *Store) fringe(ctx context.Context, begin audit.Link, report *audit.Report) error {
	if !s.seals.Begins(begin) {
		report.Add(audit.Fault{Seq: begin.Seq, What: "the front is cut: the checkpoint was not made by the bot"})
	}
	for _, key := range []string{s.keys.audit(), s.keys.chain()} {
		found, err := s.client.XRangeN(ctx, key, "-", fmt.Sprintf("%d-0", begin.Seq), 1).Result()
		if err != nil {
			return s.reading("front", err)
		}
		for _, m := range found {
			report.Add(audit.Fault{Seq: record(m).Seq, What: "it stands before the checkpoint"})
		}
	}
	written, err := s.client.Get(ctx, s.keys.seq()).Int64()
	if err != nil && err != redis.Nil {
		return s.reading("count", err)
	}
	if last := report.Last.Seq; written < last {
		report.Add(audit.Fault{Seq: written + 1, What: fmt.Sprintf("the count of entries was set back: it says %d", written)})
	}
	return nil
}

// ExportAudit writes the sealed entries that are selected and returns how many.
func (s *Store) ExportAudit(ctx context.Context, w io.Writer, sel audit.Selection) (int, error) {
	if s.seals == nil {
		return 0, errNoKey
	}
	begin, err := s.beginning(ctx)
	if err != nil {
		return 0, err
	}
	last, err := s.lastLink(ctx)
	if err != nil {
		return 0, err
	}
	return s.seals.Export(w, sel, begin, s.records(ctx, begin.Seq, last.Seq))
}

// ErrCluster: the nodes of a cluster cannot be searched for workspaces.
var ErrCluster = errors.New("a cluster cannot be searched")

// Teams lists the workspaces that have an audit here. It looks at every key,
// so it is for commands that people type. ErrCluster.
func Teams(ctx context.Context, client redis.UniversalClient) ([]string, error) {
	if _, cluster := client.(*redis.ClusterClient); cluster {
		return nil, ErrCluster
	}
	const begin, end = "senhasegura-bot:{", "}:audit:seq"
	var teams []string
	keys := client.Scan(ctx, 0, begin+"*"+end, page).Iterator()
	for keys.Next(ctx) {
		team := strings.TrimSuffix(strings.TrimPrefix(keys.Val(), begin), end)
		if !slices.Contains(teams, team) {
			teams = append(teams, team)
		}
	}
	return teams, keys.Err()
}

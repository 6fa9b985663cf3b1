package audit

import (
	"fmt"
	"iter"
	"slices"
)

// maxFaults bounds what a report lists; the rest is counted.
const maxFaults = 200

// Claim is what an audit is held against.
type Claim struct {
	// After is the link before the first record. The caller answers for it.
	After Link
	// Sealed is the last number that must have a link.
	Sealed int64
	// Written is how many entries the store has counted; 0: it does not say.
	Written int64
	// Heads were told outside.
	Heads []Head
	// Part says that the records need not reach the heads.
	Part bool
}

// Fault is one thing that is wrong, and where.
type Fault struct {
	Seq  int64
	What string
}

func (f Fault) String() string { return fmt.Sprintf("entry %d: %s", f.Seq, f.What) }

// Report is what verification found.
type Report struct {
	Team        string
	Entries     int
	First, Last Record // zero without entries
	After       Link
	Head        Head // the last link that holds
	Unsealed    int  // entries too new to be sealed
	Faults      []Fault
	More        int    // faults beyond those listed
	Unchecked   []Head // heads of what was trimmed
}

// Good reports whether nothing was found.
func (r Report) Good() bool { return len(r.Faults) == 0 }

// verifier walks over records in the order in which the store gives them.
type verifier struct {
	keys   Keys
	claim  Claim
	seq    int64
	hash   string // of the record before; empty: not known, after a fault
	nonces map[[nonceSize]byte]int64
	report Report
}

// Verify checks records against each other and against the claim. Its error is
// that of reading the records.
func (k Keys) Verify(c Claim, records iter.Seq2[Record, error]) (Report, error) {
	v := verifier{keys: k, claim: c, seq: c.After.Seq, hash: c.After.Hash, nonces: map[[nonceSize]byte]int64{},
		report: Report{Team: k.team, After: c.After, Head: c.After.Head()}}
	for _, h := range c.Heads {
		switch {
		case h.Seq < c.After.Seq:
			v.report.Unchecked = append(v.report.Unchecked, h)
		case h.Seq == c.After.Seq && h.Hash != c.After.Hash:
			v.fault(h.Seq, "not what the head says that was told outside")
		}
	}
	for r, err := range records {
		if err != nil {
			return v.report, err
		}
		v.record(r)
	}
	v.end()
	return v.report, nil
}

// Add notes the first thing that is wrong with an entry.
func (r *Report) Add(f Fault) {
	switch n := len(r.Faults); {
	case n > 0 && r.Faults[n-1].Seq == f.Seq:
	case n == maxFaults:
		r.More++
	default:
		r.Faults = append(r.Faults, f)
	}
}

func (v *verifier) fault(seq int64, format string, args ...any) {
	v.report.Add(Fault{seq, fmt.Sprintf(format, args...)})
}

func (v *verifier) record(r Record) {
	if r.Seq <= v.seq {
		v.fault(r.Seq, "inserted: it stands after entry %d", v.seq)
		return
	}
	if r.Seq > v.seq+1 {
		v.fault(v.seq+1, "missing: the next one is entry %d", r.Seq)
		v.hash = ""
	}
	v.seq = r.Seq
	if r.Entry == "" {
		v.fault(r.Seq, "missing: only its link is left")
	} else {
		v.entry(r)
	}
	v.link(r)
}

// entry checks what a record says by itself.
func (v *verifier) entry(r Record) {
	if v.report.Entries++; v.report.Entries == 1 {
		v.report.First = r
	}
	v.report.Last = r
	nonce, ok := v.keys.signed(r.Entry, r.MAC)
	earlier, twice := v.nonces[nonce]
	switch {
	case r.Odd != "":
		v.fault(r.Seq, "%s", r.Odd)
	case !ok && r.MAC == "":
		v.fault(r.Seq, "not written by the bot: it has no HMAC")
	case !ok:
		v.fault(r.Seq, "altered, or not written by the bot: its HMAC does not hold")
	case twice:
		v.fault(r.Seq, "a copy of entry %d", earlier)
	default:
		v.nonces[nonce] = r.Seq
	}
}

// link checks where a record stands.
func (v *verifier) link(r Record) {
	if r.Seq > v.claim.Sealed {
		v.report.Unsealed++
		if slices.ContainsFunc(v.claim.Heads, func(h Head) bool { return h.Seq >= r.Seq }) {
			v.fault(r.Seq, "its link in the chain is missing, and a head that was told outside has it")
		}
		return
	}
	want := ""
	if v.hash != "" && r.Entry != "" {
		want = follow(v.hash, r)
	}
	switch {
	case r.Link == Link{}:
		v.fault(r.Seq, "its link in the chain is missing")
		v.hash = want
		return
	case r.Link.Seq != r.Seq, !v.keys.Sealed(r.Link):
		v.fault(r.Seq, "its link in the chain was not made by the bot")
		v.hash = want
		return
	case want != "" && want != r.Link.Hash:
		v.fault(r.Seq, "altered or moved: it is not what was sealed under this number")
	}
	v.hash, v.report.Head = r.Link.Hash, r.Link.Head()
	if slices.ContainsFunc(v.claim.Heads, func(h Head) bool { return h.Seq == r.Seq && h.Hash != r.Link.Hash }) {
		v.fault(r.Seq, "not what the head says that was told outside")
	}
}

// end asks whether there should be more.
func (v *verifier) end() {
	for _, h := range v.claim.Heads {
		switch {
		case h.Seq <= v.seq:
		case v.claim.Part:
			v.report.Unchecked = append(v.report.Unchecked, h)
		default:
			v.fault(v.seq+1, "the tail is cut: the head %d was told outside", h.Seq)
		}
	}
	if v.claim.Written > v.seq {
		v.fault(v.seq+1, "the tail is cut: %d entries were written", v.claim.Written)
	}
}

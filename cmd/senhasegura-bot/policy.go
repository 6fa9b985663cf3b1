package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"senhasegura-bot/approvals"
)

// maxPolicy is the largest policy file that is read, in bytes: some two
// thousand rules.
const maxPolicy = 256 << 10

// PolicyFile is a policy that was read without a fault, with what the file
// knows beyond it.
type PolicyFile struct {
	Path     string
	Policy   *approvals.Policy
	Warnings []Fault // what holds, but is perhaps not meant
	handles  []handleAt
}

// handleAt is one use of a user group's handle.
type handleAt struct {
	at     position
	handle string // without the @
}

// position is a place in the file; both count from 1, columns in code points.
// The zero position is the file as a whole.
type position struct{ Line, Col int }

// Fault is one thing that is wrong in a policy file.
type Fault struct {
	position
	Message string
}

// PolicyFaults is every fault of one file, in the order of the file. Its text
// has one line for each.
type PolicyFaults struct {
	Path   string
	Faults []Fault
}

func (p *PolicyFaults) Error() string {
	return strings.Join(p.Lines(), "\n")
}

// Lines are the faults as compilers print them: path:line:column: message.
func (p *PolicyFaults) Lines() []string {
	lines := make([]string, len(p.Faults))
	for i, f := range p.Faults {
		lines[i] = f.line(p.Path)
	}
	return lines
}

func (f Fault) line(path string) string {
	if f.Line == 0 {
		return fmt.Sprintf("%s: %s", path, f.Message)
	}
	return fmt.Sprintf("%s:%d:%d: %s", path, f.Line, f.Col, f.Message)
}

// LoadPolicy reads and checks the policy at path. Its error is a *PolicyFaults
// with all faults. Handles of user groups are still to be resolved.
func LoadPolicy(path string) (*PolicyFile, error) {
	src, err := readPolicy(path)
	if err != nil {
		return nil, &PolicyFaults{Path: path, Faults: []Fault{{Message: err.Error()}}}
	}
	return parsePolicy(path, src)
}

// readPolicy reads no more than the limit, whatever the path names.
func readPolicy(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("cannot be read: %w", cause(err))
	}
	defer f.Close()
	src, err := io.ReadAll(io.LimitReader(f, maxPolicy+1))
	if err != nil {
		return nil, fmt.Errorf("cannot be read: %w", cause(err))
	}
	if len(src) > maxPolicy {
		return nil, fmt.Errorf("larger than %d KiB", maxPolicy>>10)
	}
	return src, nil
}

// cause is a file's error without the path, which the message names already.
func cause(err error) error {
	if pe, ok := errors.AsType[*fs.PathError](err); ok {
		return pe.Err
	}
	return err
}

// parsePolicy reads a policy from src; path only heads the faults.
func parsePolicy(path string, src []byte) (*PolicyFile, error) {
	r := policyReader{what: "policy"}
	src = bytes.TrimPrefix(src, []byte("\ufeff"))
	r.characters(src)
	var p *approvals.Policy
	if len(r.faults) == 0 { // what is no text is no YAML either
		p = r.policy(src)
	}
	if len(r.faults) > 0 {
		return nil, &PolicyFaults{Path: path, Faults: sorted(r.faults)}
	}
	return &PolicyFile{Path: path, Policy: p, Warnings: sorted(r.warnings), handles: r.handles}, nil
}

// characters refuses what editors hide: bytes that are no UTF-8, control
// characters, text that reads in another order than it is stored, and tabs,
// which the YAML reader drops from the middle of words.
func (r *policyReader) characters(src []byte) {
	at := position{Line: 1, Col: 1}
	for len(src) > 0 {
		c, size := utf8.DecodeRune(src)
		switch {
		case c == utf8.RuneError && size == 1:
			r.fault(at, "not UTF-8")
			return
		case c == '\t':
			r.fault(at, "a tab: indent and separate with spaces")
		case c != '\n' && c != '\r' && hidden(c):
			r.fault(at, "a hidden character (%U)", c)
		}
		src, at.Col = src[size:], at.Col+1
		if c == '\n' {
			at = position{Line: at.Line + 1, Col: 1}
		}
	}
}

// hidden reports control and formatting characters (bidi marks, zero width).
func hidden(c rune) bool {
	return unicode.IsControl(c) || unicode.In(c, unicode.Cf, unicode.Zl, unicode.Zp)
}

// sorted puts faults in the order of the file, each once.
func sorted(faults []Fault) []Fault {
	slices.SortFunc(faults, func(a, b Fault) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Col, b.Col), strings.Compare(a.Message, b.Message))
	})
	return slices.Compact(faults)
}

// ResolveHandles turns every handle of the policy into the id of its user
// group, and keeps the handle beside it. lookup answers for a handle without
// its @. A handle it does not know is a fault; with faults, the policy must
// not be used.
func (f *PolicyFile) ResolveHandles(lookup func(handle string) (group string, ok bool)) []Fault {
	var faults []Fault
	for _, h := range f.handles {
		if _, ok := lookup(h.handle); !ok {
			faults = append(faults, Fault{h.at, fmt.Sprintf("no user group has the handle %q", "@"+h.handle)})
		}
	}
	for i := range f.Policy.Rules {
		resolve(f.Policy.Rules[i].Approvers, lookup)
	}
	resolve(f.Policy.Defaults.Approvers, lookup)
	resolve([][]approvals.Approver{f.Policy.Requesters, f.Policy.Freezers}, lookup)
	if bg := f.Policy.BreakGlass; bg != nil {
		resolve([][]approvals.Approver{bg.People, bg.Reviewers}, lookup)
	}
	return sorted(faults)
}

func resolve(lists [][]approvals.Approver, lookup func(string) (string, bool)) {
	for _, list := range lists {
		for i, a := range list {
			if a.Handle != "" {
				list[i].Group, _ = lookup(a.Handle)
			}
			resolve([][]approvals.Approver{a.In}, lookup)
		}
	}
}

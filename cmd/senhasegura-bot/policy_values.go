package main

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"
)

// key is a key of the file, where it stands, and what it belongs to.
type key struct {
	name string
	at   position
	of   string
}

// fields are the keys that a mapping may have, and what reads their values.
type fields map[string]func(key, ast.Node)

// mapping reads a mapping with the given keys and returns the keys that are
// there; nil if it is no mapping at all.
func (r *policyReader) mapping(n ast.Node, what string, known fields) map[string]position {
	pairs, ok := pairsOf(n)
	if !ok {
		r.fault(where(n), "%s must be a mapping (key: value), not %s", what, describe(n))
		return nil
	}
	seen := map[string]position{}
	for _, pair := range pairs {
		name, ok := r.keyName(pair.Key)
		if !ok {
			continue
		}
		at := where(pair.Key)
		if first, twice := seen[name]; twice {
			r.fault(at, "repeated key %q: it stands on line %d already", name, first.Line)
			continue
		}
		read, ok := known[name]
		if !ok {
			r.fault(at, "unknown key %q: %s", name, suggest(name, slices.Sorted(maps.Keys(known))))
			continue
		}
		seen[name] = at
		r.value(key{name, at, what}, pair.Value, read)
	}
	return seen
}

func (r *policyReader) value(k key, v ast.Node, read func(key, ast.Node)) {
	v = r.plain(v)
	switch v.(type) {
	case nil:
	case *ast.NullNode:
		r.fault(k.at, "key %q has no value", k.name)
	default:
		read(k, v)
	}
}

// keyName is a key's text; only plain words and quoted ones are keys.
func (r *policyReader) keyName(n ast.MapKeyNode) (string, bool) {
	switch k := n.(type) {
	case *ast.StringNode:
		return k.Value, true
	case *ast.MergeKeyNode:
		r.fault(where(n), "a merge key (<<): write the keys out")
	case *ast.AnchorNode:
		r.plain(k)
	default:
		r.fault(where(n), "a key must be a plain word")
	}
	return "", false
}

// plain refuses what makes a value differ from what is written there, and
// returns the value behind it for the sake of its other faults; nil if none.
func (r *policyReader) plain(n ast.Node) ast.Node {
	switch n := n.(type) {
	case *ast.AnchorNode:
		r.fault(where(n), "an anchor (&): write the value out where it is used")
		return r.plain(n.Value)
	case *ast.TagNode:
		r.fault(where(n), "a tag (!): values have the type they are written in")
		return r.plain(n.Value)
	case *ast.AliasNode:
		r.fault(where(n), "an alias (*): write the value out, or in quotes if a glob is meant")
		return nil
	}
	return n
}

// mayBeEmpty marks lists that mean the same empty and absent.
const mayBeEmpty = true

func (r *policyReader) list(k key, n ast.Node, empty bool) []ast.Node {
	seq, ok := n.(*ast.SequenceNode)
	if !ok {
		r.fault(where(n), "%q must be a list ([a, b]), not %s", k.name, describe(n))
		return nil
	}
	if len(seq.Values) == 0 && !empty {
		r.fault(where(n), "%q is empty: name at least one, or leave the key out", k.name)
	}
	var values []ast.Node
	for _, v := range seq.Values {
		switch v = r.plain(v); v.(type) {
		case nil:
		case *ast.NullNode:
			r.fault(where(v), "an entry of %q has no value", k.name)
		default:
			values = append(values, v)
		}
	}
	return values
}

// text reads a text of one line.
func (r *policyReader) text(k key, n ast.Node) (string, bool) {
	s, ok := n.(*ast.StringNode)
	if !ok {
		r.fault(where(n), "%q must be text, not %s", k.name, describe(n))
		return "", false
	}
	return s.Value, r.visible(k, n, s.Value)
}

func (r *policyReader) visible(k key, n ast.Node, text string) bool {
	switch {
	case text == "":
		r.fault(where(n), "%q holds an empty text", k.name)
	case strings.ContainsFunc(text, hidden):
		r.fault(where(n), "%q holds a hidden character or a line break", k.name)
	case text != strings.TrimSpace(text):
		r.fault(where(n), "%q holds a text with a space at its end", k.name)
	default:
		return true
	}
	return false
}

// maxName is how long a rule's name may be, in code points: it stands on cards.
const maxName = 80

func (r *policyReader) name(k key, n ast.Node, to *string) {
	s, ok := r.text(k, n)
	if ok && utf8.RuneCountInString(s) > maxName {
		r.fault(where(n), "a rule's name has at most %d characters", maxName)
	}
	*to = s
}

func (r *policyReader) choice(k key, n ast.Node, to *string, allowed ...string) {
	s, ok := r.text(k, n)
	if !ok {
		return
	}
	if !slices.Contains(allowed, s) {
		r.fault(where(n), "unknown %s %q: %s", k.name, s, suggest(s, allowed))
		return
	}
	*to = s
}

// words reads a list of words out of a fixed set, each once. k.name is their
// plural.
func words[W ~string](r *policyReader, k key, n ast.Node, allowed ...W) []W {
	var names []string
	for _, a := range allowed {
		names = append(names, string(a))
	}
	var read []W
	for _, v := range r.list(k, n, !mayBeEmpty) {
		word := ""
		r.choice(key{strings.TrimSuffix(k.name, "s"), k.at, k.of}, v, &word, names...)
		if word != "" && once(r, v, W(word), read) {
			read = append(read, W(word))
		}
	}
	return read
}

// once refuses what is in the list already.
func once[S ~string](r *policyReader, n ast.Node, s S, list []S) bool {
	if slices.Contains(list, s) {
		r.fault(where(n), "%q is listed twice", s)
		return false
	}
	return true
}

func (r *policyReader) flag(k key, n ast.Node, to *bool) {
	b, ok := n.(*ast.BoolNode)
	if !ok {
		r.fault(where(n), "%q must be true or false, not %s", k.name, describe(n))
		return
	}
	*to = b.Value
}

var decimal = regexp.MustCompile(`^(0|[1-9][0-9]*)$`)

func (r *policyReader) whole(k key, n ast.Node, to *int, least, most int) {
	_, number := n.(*ast.IntegerNode)
	i, err := strconv.Atoi(n.GetToken().Value)
	if !number || !decimal.MatchString(n.GetToken().Value) || err != nil || i < least || i > most {
		r.fault(where(n), "%q must be a whole number from %d to %d, not %s", k.name, least, most, describe(n))
		return
	}
	*to = i
}

func (r *policyReader) duration(k key, n ast.Node, to *time.Duration, least, most time.Duration) {
	if i, bare := n.(*ast.IntegerNode); bare && decimal.MatchString(i.Token.Value) {
		r.fault(where(n), "%q has no unit: %[2]ss, %[2]sm, %[2]sh or %[2]sd", k.name, i.Token.Value)
		return
	}
	s, text := n.(*ast.StringNode)
	if text {
		if d, ok := parseDuration(s.Value); ok && least <= d && d <= most {
			*to = d
			return
		}
	}
	r.fault(where(n), "%q must be a duration from %s to %s, such as 30m, not %s",
		k.name, formatDuration(least), formatDuration(most), describe(n))
}

// describe names a value in the words of the file.
func describe(n ast.Node) string {
	switch n := n.(type) {
	case *ast.StringNode:
		return strconv.Quote(n.Value)
	case *ast.LiteralNode:
		return "a block of text"
	case *ast.SequenceNode:
		return "a list"
	case *ast.MappingNode, *ast.MappingValueNode:
		return "a mapping"
	}
	return n.GetToken().Value
}

// pairsOf lists the pairs of a mapping.
func pairsOf(n ast.Node) ([]*ast.MappingValueNode, bool) {
	switch m := n.(type) {
	case *ast.MappingNode:
		return m.Values, true
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{m}, true
	}
	return nil, false
}

// where a node begins. The tree places a block mapping at its first colon;
// people look for its first key.
func where(n ast.Node) position {
	if pairs, ok := pairsOf(n); ok && len(pairs) > 0 && n.GetToken().Value != "{" {
		n = pairs[0].Key
	}
	at := n.GetToken().Position
	return position{at.Line, at.Column}
}

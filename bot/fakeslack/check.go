package fakeslack

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// checker walks blocks and collects what Slack would refuse, each with a JSON
// pointer. A rule judges one value, a shape one kind of object.
type checker struct {
	modal    bool
	problems []string
	blockIDs map[string]bool
	actions  map[string]bool
	inputs   int // input blocks
	runes    int // sum of all texts
}

type rule func(c *checker, at string, v any)

type shape struct {
	need  []string
	props map[string]rule
	extra func(c *checker, at string, o map[string]any)
}

// maxMessageRunes is where the undocumented limit on a message's blocks was
// seen to lie (msg_blocks_too_long).
const maxMessageRunes = 13200

// checkMessageBlocks judges the blocks of a message.
func checkMessageBlocks(list []any) (problems []string, tooLong bool) {
	c := &checker{blockIDs: map[string]bool{}, actions: map[string]bool{}}
	items(1, 50, blockRule)(c, "/blocks", list)
	return c.problems, c.runes > maxMessageRunes
}

// checkModal judges a view of type modal.
func checkModal(view map[string]any) []string {
	c := &checker{modal: true, blockIDs: map[string]bool{}, actions: map[string]bool{}}
	c.judge("/view", view, modalShape)
	if c.inputs > 0 && view["submit"] == nil {
		c.fail("/view", "submit is required when an input block is within blocks")
	}
	return c.problems
}

func (c *checker) fail(at, format string, a ...any) {
	c.problems = append(c.problems, fmt.Sprintf(format, a...)+" [json-pointer:"+at+"]")
}

// judge holds one object against its shape: all that is needed, nothing else.
func (c *checker) judge(at string, o map[string]any, s shape) {
	for _, name := range s.need {
		if _, ok := o[name]; !ok {
			c.fail(at, "missing required field: %s", name)
		}
	}
	names := make([]string, 0, len(o))
	for name := range o {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		check, ok := s.props[name]
		switch {
		case name == "type":
		case !ok:
			c.fail(at+"/"+name, "invalid additional property: %s", name)
		default:
			check(c, at+"/"+name, o[name])
		}
	}
	if s.extra != nil {
		s.extra(c, at, o)
	}
}

// object applies the shape that is looked up when it is needed, because
// shapes hold each other.
func object(find func() shape) rule {
	return func(c *checker, at string, v any) {
		o, ok := v.(map[string]any)
		if !ok {
			c.fail(at, "must be an object")
			return
		}
		c.judge(at, o, find())
	}
}

// among picks the shape by the object's type, from those allowed here.
func among(find func() map[string]shape, allowed ...string) rule {
	return func(c *checker, at string, v any) {
		o, _ := v.(map[string]any)
		kind, _ := o["type"].(string)
		s, known := find()[kind]
		if !known || (len(allowed) > 0 && !slices.Contains(allowed, kind)) {
			c.fail(at, "unsupported type: %q", kind)
			return
		}
		c.judge(at, o, s)
	}
}

func items(least, most int, each rule) rule {
	return func(c *checker, at string, v any) {
		list, ok := v.([]any)
		switch {
		case !ok:
			c.fail(at, "must be an array")
			return
		case len(list) < least:
			c.fail(at, "no less than %d items allowed", least)
		case len(list) > most:
			c.fail(at, "no more than %d items allowed", most)
		}
		for i, item := range list {
			each(c, fmt.Sprintf("%s/%d", at, i), item)
		}
	}
}

// chars is a string of least to most characters.
func chars(least, most int) rule {
	return func(c *checker, at string, v any) {
		s, ok := v.(string)
		n := utf8.RuneCountInString(s)
		switch {
		case !ok:
			c.fail(at, "must be a string")
		case n < least:
			c.fail(at, "must be more than %d characters", least-1)
		case n > most:
			c.fail(at, "must be less than %d characters", most+1)
		}
		if problem := badRune(s); problem != "" {
			c.fail(at, "%s", problem)
		}
	}
}

// badRune names what no text may hold: bytes that are not UTF-8 and control
// characters other than tab and line ends.
func badRune(s string) string {
	if !utf8.ValidString(s) {
		return "must be valid UTF-8"
	}
	i := strings.IndexFunc(s, func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\r' && r != '\t' })
	if i < 0 {
		return ""
	}
	r, _ := utf8.DecodeRuneInString(s[i:])
	return fmt.Sprintf("must not hold the control character %U", r)
}

func oneOf(words ...string) rule {
	return func(c *checker, at string, v any) {
		if s, _ := v.(string); !slices.Contains(words, s) {
			c.fail(at, "must be one of %s", strings.Join(words, ", "))
		}
	}
}

func boolean(c *checker, at string, v any) {
	if _, ok := v.(bool); !ok {
		c.fail(at, "must be a boolean")
	}
}

func number(least, most float64) rule {
	return func(c *checker, at string, v any) {
		if n, ok := v.(float64); !ok || n != float64(int64(n)) || n < least || n > most {
			c.fail(at, "must be an integer from %.0f to %.0f", least, most)
		}
	}
}

// address is a URL of at most 3000 characters; Slack refuses empty ones.
func address(c *checker, at string, v any) {
	chars(1, 3000)(c, at, v)
	if s, _ := v.(string); !strings.Contains(s, ":") {
		c.fail(at, "must be a valid URL")
	}
}

// textOf is a text object of one of the kinds, 1 to most characters.
func textOf(most int, kinds ...string) rule {
	return func(c *checker, at string, v any) {
		o, _ := v.(map[string]any)
		kind, _ := o["type"].(string)
		if !slices.Contains(kinds, kind) {
			c.fail(at, "must be a text object of type %s", strings.Join(kinds, " or "))
			return
		}
		props := map[string]rule{"text": chars(1, most), "emoji": boolean}
		if kind == "mrkdwn" {
			props = map[string]rule{"text": chars(1, most), "verbatim": boolean}
		}
		c.judge(at, o, shape{need: []string{"text"}, props: props})
		text, _ := o["text"].(string)
		c.runes += utf8.RuneCountInString(text)
	}
}

func plain(most int) rule   { return textOf(most, "plain_text") }
func anyText(most int) rule { return textOf(most, "plain_text", "mrkdwn") }

// unique is an id no other of its sort has.
func unique(seen func(*checker) map[string]bool, what string) rule {
	return func(c *checker, at string, v any) {
		chars(1, 255)(c, at, v)
		id, _ := v.(string)
		if seen(c)[id] {
			c.fail(at, "%s %q is already used: must be unique", what, id)
		}
		seen(c)[id] = true
	}
}

package senhasegura

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"slices"
)

// streamList reads {"response":{…}, "<key>":[…]} without holding more than one entry as text, and calls each
// for every entry with a usable id. An array with anything wrong in it, and one that is there twice, is an error.
func streamList[L, T any](body io.Reader, keys []string, entry func(*L) (T, bool), each func(T)) (envelope, error) {
	s, err := newStream(body)
	if err != nil {
		return envelope{}, err
	}
	seen, beside := false, fields{}
	err = s.object(func(key string) error {
		if !slices.Contains(keys, key) {
			return s.keep(beside, key)
		}
		if seen {
			return errTwoLists
		}
		seen = true
		var line, blank L
		return s.array(func() error {
			line = blank
			if err := s.decode(&line); err != nil {
				return err
			}
			if item, ok := entry(&line); ok {
				each(item)
			}
			return nil
		})
	})
	if err == nil && !seen {
		err = errNoList
	}
	return envelopeOf(beside), err
}

// stream walks one JSON object with a long array in it.
type stream struct {
	dec       *json.Decoder
	allowance *allowance
	kept      int // bytes of what stands beside the array
}

// newStream leaves out a byte order mark, as decodeEnvelope does.
func newStream(body io.Reader) (*stream, error) {
	limited := &allowance{r: body, total: listBytes, value: entryBytes}
	buffered := bufio.NewReader(limited)
	if first, err := buffered.Peek(len(byteOrderMark)); err == nil && string(first) == byteOrderMark {
		buffered.Discard(len(byteOrderMark))
	} else if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	return &stream{dec: json.NewDecoder(buffered), allowance: limited}, nil
}

// object calls each for every key; each must read the value. Anything but one whole object is an error.
func (s *stream) object(each func(key string) error) error {
	if err := s.expect(json.Delim('{')); err != nil {
		return err
	}
	for s.dec.More() {
		key, err := s.token()
		if err != nil {
			return err
		}
		if err := each(key.(string)); err != nil { // the decoder gives only strings here
			return err
		}
	}
	if err := s.expect(json.Delim('}')); err != nil {
		return err
	}
	return s.end()
}

// array calls each for every element; each must read it. null is an empty array.
func (s *stream) array(each func() error) error {
	open, err := s.token()
	if err != nil || open == nil {
		return err
	}
	if open != json.Delim('[') {
		return errNoList
	}
	for n := 0; s.dec.More(); n++ {
		if n == listEntries {
			return errListTooLong
		}
		if err := each(); err != nil {
			return err
		}
	}
	return s.expect(json.Delim(']'))
}

// decode reads the next value. One of another type than wanted is read over.
func (s *stream) decode(into any) error {
	s.allowance.renew()
	err := s.dec.Decode(into)
	if _, other := errors.AsType[*json.UnmarshalTypeError](err); other {
		return nil
	}
	return err
}

// keep reads a value beside the array. All of them together are bounded like the answer to a write.
func (s *stream) keep(beside fields, key string) error {
	var raw json.RawMessage
	if err := s.decode(&raw); err != nil {
		return err
	}
	if s.kept += len(key) + len(raw); s.kept > writeLimit {
		return errTooLarge
	}
	beside[key] = raw
	return nil
}

func (s *stream) token() (json.Token, error) {
	s.allowance.renew()
	return s.dec.Token()
}

func (s *stream) expect(want json.Delim) error {
	got, err := s.token()
	if err == nil && got != want {
		return errUnreadable
	}
	return err
}

// end makes sure that nothing follows: a second answer glued to the first is not an answer.
func (s *stream) end() error {
	_, err := s.token()
	if errors.Is(err, io.EOF) {
		return nil
	}
	if err == nil {
		return errUnreadable
	}
	return err
}

// allowance bounds a body as a whole, and what a single value may make the decoder buffer.
type allowance struct {
	r     io.Reader
	total int
	value int
}

func (a *allowance) renew() { a.value = entryBytes }

func (a *allowance) Read(p []byte) (int, error) {
	left := min(a.total, a.value)
	if left <= 0 {
		return 0, errTooLarge
	}
	n, err := a.r.Read(p[:min(len(p), left)])
	a.total -= n
	a.value -= n
	return n, err
}

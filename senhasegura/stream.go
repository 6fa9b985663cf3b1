package senhasegura

import (
	"encoding/json"
	"errors"
	"io"
)

// stream walks one JSON object with long arrays in it.
type stream struct {
	dec       *json.Decoder
	allowance *allowance
}

// object calls each for every key; each must read the value. Anything but one whole object is an error.
func (s *stream) object(each func(key string) error) error {
	if err := s.expect(json.Delim('{')); err != nil {
		return err
	}
	for s.dec.More() {
		s.allowance.renew()
		key, err := s.dec.Token()
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

// array calls each for every element. null is an empty array.
func (s *stream) array(each func(json.RawMessage) error) error {
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
		raw, err := s.value()
		if err != nil {
			return err
		}
		if err := each(raw); err != nil {
			return err
		}
	}
	return s.expect(json.Delim(']'))
}

func (s *stream) value() (raw json.RawMessage, err error) {
	s.allowance.renew()
	err = s.dec.Decode(&raw)
	return raw, err
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

package main

import "log/slog"

const redacted = "[redacted]"

// Secret is a value that must not be shown. It is a function, so that nothing
// that prints or encodes a struct can come across the value: whoever needs it
// calls it. The nil Secret is not set.
type Secret func() string

func newSecret(value string) Secret { return func() string { return value } }

// Value is the value; empty if it is not set.
func (s Secret) Value() string {
	if s == nil {
		return ""
	}
	return s()
}

// Set reports whether there is a value.
func (s Secret) Set() bool { return s != nil }

func (s Secret) String() string { return redacted }

// GoString is what %#v prints.
func (s Secret) GoString() string { return redacted }

// LogValue is what slog writes.
func (s Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText is what encoders write, JSON's among them.
func (s Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// MarshalJSON also covers the nil Secret.
func (s Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + redacted + `"`), nil }

package main

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"senhasegura-bot/approvals/redisstore"
)

// The readers of single values. Their errors complete a sentence that begins
// with the setting's name, say what would be right, and quote the value only
// where it cannot hold a secret.

func token(to *Secret, v, prefix string) error {
	if prefix != "" && (!strings.HasPrefix(v, prefix) || v == prefix) {
		return fmt.Errorf("must begin with %s", prefix)
	}
	if strings.ContainsFunc(v, func(c rune) bool { return unicode.IsSpace(c) || unicode.IsControl(c) }) {
		return errors.New("must not hold spaces or line breaks")
	}
	*to = newSecret(v)
	return nil
}

// minAuditKey is in characters, below which there is a warning: 32 of them,
// even hexadecimal, hold 128 bits.
const minAuditKey = 32

func auditKey(to *Secret, v string) error {
	*to = newSecret(v)
	return nil
}

func word(to *string, v string) error {
	if strings.ContainsFunc(v, func(c rune) bool { return unicode.IsSpace(c) || unicode.IsControl(c) }) {
		return errors.New("must not hold spaces or line breaks")
	}
	*to = v
	return nil
}

func oneOf(to *string, v string, allowed ...string) error {
	if !slices.Contains(allowed, v) {
		return fmt.Errorf("must be %s, not %q", strings.Join(allowed, " or "), v)
	}
	*to = v
	return nil
}

func span(to *time.Duration, v string, least, most time.Duration) error {
	d, ok := parseDuration(v)
	if !ok { // 1500ms, 2.5s
		var err error
		d, err = time.ParseDuration(v)
		ok = err == nil
	}
	if !ok || d < least || d > most {
		return fmt.Errorf("must be a duration from %s to %s, such as %s, not %q",
			formatDuration(least), formatDuration(most), formatDuration(most), v)
	}
	*to = d
	return nil
}

func whole(to *int, v string, least, most int) error {
	n, err := strconv.Atoi(v)
	if !decimal.MatchString(v) || err != nil || n < least || n > most {
		return fmt.Errorf("must be a whole number from %d to %d, not %q", least, most, v)
	}
	*to = n
	return nil
}

func address(to *string, v string) error {
	host, port, err := net.SplitHostPort(v)
	if n, bad := strconv.Atoi(port); err != nil || bad != nil || n < 0 || n > 65535 || strings.ContainsFunc(host, unicode.IsSpace) {
		return fmt.Errorf("must be host:port, such as :8080 or 127.0.0.1:8080, not %q", v)
	}
	*to = v
	return nil
}

func urlPath(to *string, v string) error {
	u, err := url.Parse(v)
	if err != nil || !strings.HasPrefix(v, "/") || u.Host != "" || u.Path != v || strings.ContainsAny(v, `?#\ `) || strings.Contains(v, "..") {
		return fmt.Errorf("must be a path that begins with /, such as /iso/oauth2/token, not %q", v)
	}
	*to = v
	return nil
}

// webURL reads a URL that secrets are sent to: nobody on the way may listen.
// It is not quoted in errors, as it may hold a password where none belongs.
func webURL(v string) (*url.URL, error) {
	u, err := url.Parse(v)
	switch {
	case err != nil || u.Hostname() == "" || u.Opaque != "":
		return nil, errors.New("must be a URL, such as https://host")
	case u.Scheme != "https" && u.Scheme != "http":
		return nil, errors.New("must begin with https://")
	case u.Scheme == "http" && !loopback(u.Hostname()):
		return nil, errors.New("must begin with https://; http:// only leads to loopback (127.0.0.1, ::1, localhost)")
	case u.Port() != "" && whole(new(int), u.Port(), 1, 65535) != nil:
		return nil, errors.New("must have a port from 1 to 65535")
	case u.User != nil:
		return nil, errors.New("must not hold a user or password")
	case strings.Contains(v, "?"):
		return nil, errors.New("must not hold a query (?…)")
	case strings.Contains(v, "#"):
		return nil, errors.New("must not hold a fragment (#…)")
	}
	return u, nil
}

func loopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || err == nil && ip.Unmap().IsLoopback()
}

func slackURL(to *string, v string) error {
	u, err := webURL(v)
	if err != nil {
		return err
	}
	*to = (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: strings.TrimRight(u.Path, "/") + "/"}).String()
	return nil
}

func applianceURL(to **url.URL, v string) error {
	u, err := webURL(v)
	if err != nil {
		return err
	}
	if strings.Trim(u.Path, "/") != "" {
		return errors.New("must end after the host: the path is made of SENHASEGURA_API_PREFIX")
	}
	*to = &url.URL{Scheme: u.Scheme, Host: u.Host}
	return nil
}

// redisURL lets the store judge the URL, whose form only it knows: opening
// dials nothing yet, and its errors never quote what may be a password.
func redisURL(to *Secret, v string) error {
	if v != "memory://" {
		client, err := redisstore.Open(v)
		if err != nil {
			return fmt.Errorf("cannot be used: %w", err)
		}
		client.Close()
	}
	*to = newSecret(v)
	return nil
}

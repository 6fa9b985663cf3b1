package senhasegura

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Module is one of senhasegura's two APIs. The same error number means different things in each.
type Module string

// The two modules.
const (
	PAMCore Module = "PAM Core"
	MySafe  Module = "MySafe"
)

// MySafe answers under /api whatever the prefix of PAM Core is (manuals 3.32 and 3.33).
const mySafePrefix = "/api"

const (
	defaultCallTimeout = 15 * time.Second
	defaultListTimeout = 30 * time.Second
	defaultCalls       = 4
)

// Credentials are the OAuth 2.0 client of one module. Zero means: not configured.
type Credentials struct {
	ID     string
	Secret func() string // asked at each token request, so that it can be changed while running
}

func (c Credentials) zero() bool { return c.ID == "" && c.Secret == nil }

// Config of a Client. URL and at least one module are required.
type Config struct {
	URL         *url.URL      // appliance; scheme and host only; https, http only to loopback
	Prefix      string        // of PAM Core: "/api" (3.33 and later; zero means this) or "/iso" (3.32)
	TokenPath   string        // of PAM Core; zero means Prefix + "/oauth2/token"
	PAM         Credentials   // A2A authorization
	MySafe      Credentials   // access key
	Tenant      string        // sent with token requests; mandatory when the URL is an IP address [manual]
	TLS         *tls.Config   // nil means system roots; TLS 1.2 at least in any case
	CallTimeout time.Duration // one call, tokens and repetition included; zero means 15 s
	ListTimeout time.Duration // one list; zero means 30 s
	Calls       int           // how many calls Admit gives leave for at once; zero means 4
	Logger      *slog.Logger  // nil means none
	Heard       func(Head)    // told of every HTTP answer, from several goroutines; nil means nobody
}

// Client calls one appliance. It is safe for concurrent use.
type Client struct {
	base        string
	address     string      // host and port of base
	tls         *tls.Config // nil over http
	prefix      string
	callTimeout time.Duration
	listTimeout time.Duration
	api         *http.Client
	tokens      map[Module]*tokens // without the modules that are not configured
	breaker     *breaker
	log         *slog.Logger
}

// New checks the configuration, all faults at once. It starts nothing and sends nothing.
func New(c Config) (*Client, error) {
	c = c.withDefaults()
	if err := c.validate(); err != nil {
		return nil, err
	}
	transport := newTransport(c.TLS, max(c.CallTimeout, c.ListTimeout))
	sending := http.RoundTripper(transport)
	if c.Heard != nil {
		sending = listener{transport, c.Heard}
	}
	client := &Client{
		base:        strings.TrimSuffix(c.URL.String(), "/"),
		address:     addressOf(c.URL),
		prefix:      c.Prefix,
		callTimeout: c.CallTimeout,
		listTimeout: c.ListTimeout,
		api:         newHTTPClient(sending, 0), // each call's context ends it
		tokens:      map[Module]*tokens{},
		breaker:     &breaker{log: c.Logger, most: c.Calls, told: map[Module]time.Time{}},
		log:         c.Logger,
	}
	if c.URL.Scheme == "https" {
		client.tls = c.TLS
	}
	asking := newHTTPClient(sending, c.CallTimeout)
	if !c.PAM.zero() {
		client.tokens[PAMCore] = newTokens(asking, client.base+c.TokenPath, c.PAM, c.Tenant)
	}
	if !c.MySafe.zero() {
		client.tokens[MySafe] = newTokens(asking, client.base+mySafePrefix+"/oauth2/token", c.MySafe, c.Tenant)
	}
	return client, nil
}

// Configured reports whether calls to the module can be made.
func (c *Client) Configured(m Module) bool { return c.tokens[m] != nil }

func (c Config) withDefaults() Config {
	if c.Prefix == "" {
		c.Prefix = "/api"
	}
	if c.TokenPath == "" {
		c.TokenPath = c.Prefix + "/oauth2/token"
	}
	if c.CallTimeout == 0 {
		c.CallTimeout = defaultCallTimeout
	}
	if c.ListTimeout == 0 {
		c.ListTimeout = defaultListTimeout
	}
	if c.Calls == 0 {
		c.Calls = defaultCalls
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.TLS == nil {
		c.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	c.TLS = c.TLS.Clone()
	c.TLS.MinVersion = max(c.TLS.MinVersion, tls.VersionTLS12)
	return c
}

func (c Config) validate() error {
	faults := []error{checkURL(c.URL), c.PAM.check(PAMCore), c.MySafe.check(MySafe)}
	if c.Prefix != "/api" && c.Prefix != "/iso" {
		faults = append(faults, errors.New("the prefix must be /api or /iso"))
	}
	if !tokenPathForm(c.TokenPath) {
		faults = append(faults, errors.New("the token path must be a plain path such as /iso/oauth2/token"))
	}
	if c.PAM.zero() && c.MySafe.zero() {
		faults = append(faults, errors.New("neither PAM Core nor MySafe has a client id and secret"))
	}
	if c.CallTimeout < 0 || c.ListTimeout < 0 {
		faults = append(faults, errors.New("a timeout must not be negative"))
	}
	if c.TLS.InsecureSkipVerify {
		faults = append(faults, errors.New("TLS checks must not be switched off; name the CA instead"))
	}
	return errors.Join(faults...)
}

func (c Credentials) check(m Module) error {
	if !c.zero() && (c.ID == "" || c.Secret == nil) {
		return fmt.Errorf("%s has only one of client id and secret", m)
	}
	return nil
}

func tokenPathForm(path string) bool {
	return strings.HasPrefix(path, "/") && !strings.HasPrefix(path, "//") &&
		!strings.ContainsAny(path, "?#%\\ ") && !strings.Contains(path, "..")
}

func checkURL(u *url.URL) error {
	switch {
	case u == nil:
		return errors.New("the URL is missing; write it as https://host or https://host:port")
	case u.Scheme != "https" && u.Scheme != "http", u.Hostname() == "", u.Opaque != "":
		return errors.New("the URL must begin with https:// and name a host, as in https://host or https://host:port")
	case u.User != nil:
		return errors.New("the URL must not hold a user name or password")
	case u.Path != "" && u.Path != "/":
		return errors.New("the URL must not hold a path; the API prefix is a setting of its own")
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return errors.New("the URL must not hold parameters or a fragment")
	case u.Scheme == "http" && !loopback(u.Hostname()):
		return errors.New("the URL must begin with https://; http is accepted only to this machine itself (loopback)")
	}
	return nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}

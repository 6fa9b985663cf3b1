package senhasegura

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

const (
	dialTimeout = 5 * time.Second
	tlsTimeout  = 5 * time.Second
)

// conn counts the bytes of requests (above TLS) and can be shut for good, so that the client knows by
// itself whether anything of a request was written.
type conn struct {
	net.Conn
	down    atomic.Bool
	writing sync.Mutex
	written int64 // under writing
}

func (c *conn) Write(p []byte) (int, error) {
	c.writing.Lock()
	defer c.writing.Unlock()
	if c.down.Load() {
		return 0, net.ErrClosed
	}
	n, err := c.Conn.Write(p)
	c.written += int64(n)
	return n, err
}

// shut lets no further byte out and returns how many were written since the connection was made.
func (c *conn) shut() int64 {
	c.down.Store(true)
	c.Conn.Close() // ends a write that is under way
	return c.count()
}

func (c *conn) count() int64 {
	c.writing.Lock()
	defer c.writing.Unlock()
	return c.written
}

// newTransport is not http.DefaultTransport: one protocol, no proxy, wrapped connections, each for one request.
func newTransport(config *tls.Config, headerTimeout time.Duration) *http.Transport {
	var protocols http.Protocols
	protocols.SetHTTP1(true)
	return &http.Transport{
		Protocols:             &protocols,
		TLSNextProto:          map[string]func(string, *tls.Conn) http.RoundTripper{},
		DialContext:           dialPlain,
		DialTLSContext:        dialTLS(config),
		ResponseHeaderTimeout: headerTimeout,
		DisableKeepAlives:     true, // what comes over a connection answers its one request: see doc.go
		DisableCompression:    true, // limits on bodies are limits on what was sent
	}
}

func dialPlain(ctx context.Context, network, address string) (net.Conn, error) {
	dialer := net.Dialer{Timeout: dialTimeout}
	raw, err := dialer.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return &conn{Conn: raw}, nil
}

func dialTLS(config *tls.Config) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		plain, err := dialPlain(ctx, network, address)
		if err != nil {
			return nil, err
		}
		secure, err := handshake(ctx, plain, config, address)
		if err != nil {
			plain.Close()
			return nil, err
		}
		return &conn{Conn: secure}, nil
	}
}

// handshake does TLS over a connection that dialPlain made.
func handshake(ctx context.Context, plain net.Conn, config *tls.Config, address string) (*tls.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, tlsTimeout)
	defer cancel()
	secure := tls.Client(plain.(*conn).Conn, configFor(config, address))
	return secure, secure.HandshakeContext(ctx)
}

func configFor(config *tls.Config, address string) *tls.Config {
	config = config.Clone()
	if config.ServerName == "" {
		config.ServerName, _, _ = net.SplitHostPort(address)
	}
	config.NextProtos = []string{"http/1.1"}
	return config
}

// redirected is the error of any 3xx.
type redirected struct{ status int }

func (r *redirected) Error() string {
	return fmt.Sprintf("the answer is a redirect (HTTP %d), which is never followed", r.status)
}

// noRedirect turns every 3xx into an error below http.Client, which otherwise looks at Location first and
// fails on one it cannot parse. Both the API and the token endpoint are asked through it.
type noRedirect struct{ next http.RoundTripper }

func (n noRedirect) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := n.next.RoundTrip(r)
	switch {
	case err != nil:
		return nil, err
	case resp.StatusCode < 200: // 101: its body is the bare connection, which no context ends
		resp.Body.Close()
		return nil, errUnreadable
	case resp.StatusCode >= 300 && resp.StatusCode <= 399:
		resp.Body.Close()
		return nil, &redirected{resp.StatusCode}
	}
	return resp, nil
}

// newHTTPClient adds CheckRedirect as a second lock on the same door.
func newHTTPClient(t http.RoundTripper, timeout time.Duration) *http.Client {
	return &http.Client{
		Transport:     noRedirect{t},
		Timeout:       timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

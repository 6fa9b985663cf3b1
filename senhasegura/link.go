package senhasegura

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/url"
	"time"
)

// refusalTime is how long Connect waits for the refusal of a client certificate: in TLS 1.3 it comes after
// the handshake.
const refusalTime = time.Second

// Link is what a connection to the appliance shows before anything is asked.
type Link struct {
	Address   string               // IP address and port that took the connection; empty: none did
	TLS       *tls.ConnectionState // nil over http, and where the handshake failed
	CertAsked bool                 // the appliance asked for a client certificate
	CertSent  bool                 // and was sent the configured one, which is of an authority it named
}

// Connect opens one connection as the calls do, and closes it; no request is made. What is known by then
// comes with the error too, which is that of the network or of crypto/tls as it is: it holds names,
// addresses and certificates, and no secret. It takes 11 s at most.
func (c *Client) Connect(ctx context.Context) (Link, error) {
	plain, err := dialPlain(ctx, "tcp", c.address)
	if err != nil {
		return Link{}, err
	}
	defer plain.Close()
	l := Link{Address: plain.RemoteAddr().String()}
	if c.tls == nil {
		return l, nil
	}
	secure, err := handshake(ctx, plain, noting(&l, c.tls), c.address)
	if err != nil {
		return l, err
	}
	if l.CertAsked {
		err = refusal(secure)
	}
	if err == nil {
		state := secure.ConnectionState()
		l.TLS = &state
	}
	return l, err
}

// noting is config that notes whether it was asked for its certificate, and chooses as crypto/tls does.
func noting(l *Link, config *tls.Config) *tls.Config {
	config = config.Clone()
	config.GetClientCertificate = func(asked *tls.CertificateRequestInfo) (*tls.Certificate, error) {
		l.CertAsked = true
		for i := range config.Certificates {
			if asked.SupportsCertificate(&config.Certificates[i]) == nil {
				l.CertSent = true
				return &config.Certificates[i], nil
			}
		}
		return new(tls.Certificate), nil
	}
	return config
}

// refusal waits a moment for the alert of an appliance that does not take the client certificate. One that
// takes it says nothing before it is asked something.
func refusal(secure *tls.Conn) error {
	secure.SetReadDeadline(time.Now().Add(refusalTime))
	_, err := secure.Read(make([]byte, 1))
	if silence, ok := errors.AsType[net.Error](err); ok && silence.Timeout() {
		return nil
	}
	return err
}

// addressOf is the host and port of a URL.
func addressOf(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return net.JoinHostPort(u.Hostname(), port)
}

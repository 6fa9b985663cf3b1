package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"

	"senhasegura-bot/senhasegura"
)

// link checks that senhasegura can be reached and trusted; false: there is no
// more to ask.
func (x *examination) link(ctx context.Context, a *asker) bool {
	url := x.config.SenhaseguraURL
	l, err := a.Connect(ctx)
	if l.Address == "" {
		means, change := unreached(err, url.Hostname())
		x.fault("senhasegura_url", "SENHASEGURA_URL "+url.String(), means, change)
		return false
	}
	x.ok("senhasegura_url", fmt.Sprintf("senhasegura takes connections: %s, at %s", url.Host, l.Address))
	if err != nil {
		what, means, change := x.untrusted(l, err)
		x.fault("senhasegura_tls", what, means, change)
		return false
	}
	if l.TLS == nil {
		x.warn("senhasegura_tls", "SENHASEGURA_URL begins with http://",
			"nothing on the way is encrypted, neither secrets nor tokens; that is for trying things out on one machine", "set it to an address with https://")
		return true
	}
	x.certificates(*l.TLS)
	if l.CertAsked && !l.CertSent && !x.hasClientCert() {
		x.ok("senhasegura_client_cert", "senhasegura asks for a client certificate, and takes connections without one")
	}
	return true
}

// unreached says why no connection was made.
func unreached(err error, host string) (means, change string) {
	name, _ := errors.AsType[*net.DNSError](err)
	silence, _ := errors.AsType[net.Error](err)
	const noProxy = "; the bot takes no proxy towards senhasegura"
	switch {
	case name != nil && name.IsNotFound:
		return "the name " + host + " is not known here", "correct the name, or make it known to the DNS that this machine asks"
	case name != nil:
		return "the DNS does not say where " + host + " is: " + name.Err, "see to the DNS that this machine asks"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "nothing takes connections there", "correct host and port, or see whether senhasegura runs and its firewall lets this machine in"
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return "there is no way there from here", "see to the routes, the VPN and the firewall of this machine" + noProxy
	case silence != nil && silence.Timeout():
		return "nobody answers within 5 s", "correct host and port, or have the firewalls on the way let this machine through" + noProxy
	}
	return err.Error(), "check the way there from here"
}

// untrusted says why a connection that was made cannot be used.
func (x *examination) untrusted(l senhasegura.Link, err error) (what, means, change string) {
	plain, notTLS := errors.AsType[tls.RecordHeaderError](err)
	unverified, _ := errors.AsType[*tls.CertificateVerificationError](err)
	silence, _ := errors.AsType[net.Error](err)
	host := x.config.SenhaseguraURL.Host
	switch {
	case notTLS && string(plain.RecordHeader[:]) == "HTTP/":
		return host + " speaks HTTP without TLS", "nothing is sent to it", "correct the port in SENHASEGURA_URL"
	case notTLS:
		return host + " does not speak TLS", "nothing is sent to it", "correct host and port in SENHASEGURA_URL"
	case unverified != nil:
		return x.unverified(unverified)
	case strings.Contains(err.Error(), "protocol version"):
		return host + " speaks only TLS before 1.2", "nothing is sent to it", "allow TLS 1.2 or 1.3 there"
	case l.CertAsked:
		return x.certRefused(l, err)
	case silence != nil && silence.Timeout():
		return host + " does not finish the TLS handshake within 5 s", "no call can be made", "see whether it is senhasegura that answers there, and what stands in between"
	case errors.Is(err, io.EOF), errors.Is(err, syscall.ECONNRESET):
		return host + " ends the connection during the TLS handshake", "no call can be made", "see whether it is senhasegura that answers there, and whether a firewall in between ends connections"
	}
	return "no TLS with " + host, err.Error(), "see to the TLS settings there"
}

// certRefused: the appliance wanted a client certificate and ended the
// connection.
func (x *examination) certRefused(l senhasegura.Link, err error) (what, means, change string) {
	reason := err.Error()
	if alert, ok := errors.AsType[*net.OpError](err); ok {
		reason = alert.Err.Error()
	}
	switch {
	case l.CertSent:
		return "senhasegura refuses the client certificate", reason, "set SENHASEGURA_CLIENT_CERT_FILE and SENHASEGURA_CLIENT_KEY_FILE to one that it takes, or allow this one there"
	case x.hasClientCert():
		return "senhasegura asks for a client certificate of another authority", "the one configured was not sent: " + reason,
			"set SENHASEGURA_CLIENT_CERT_FILE and SENHASEGURA_CLIENT_KEY_FILE to one of an authority that senhasegura names"
	}
	return "senhasegura demands a client certificate", reason, "set SENHASEGURA_CLIENT_CERT_FILE and SENHASEGURA_CLIENT_KEY_FILE"
}

// unverified says what is wrong with the certificate that was shown.
func (x *examination) unverified(err *tls.CertificateVerificationError) (what, means, change string) {
	host := x.config.SenhaseguraURL.Hostname()
	shown := err.UnverifiedCertificates[0]
	other, _ := errors.AsType[x509.HostnameError](err.Err)
	invalid, _ := errors.AsType[x509.CertificateInvalidError](err.Err)
	_, unknown := errors.AsType[x509.UnknownAuthorityError](err.Err)
	for _, c := range err.UnverifiedCertificates { // some servers send one that ended long ago and is not needed
		if outOfTime(c) && strings.Contains(err.Error(), "expired or is not yet valid") {
			return x.expired("senhasegura", c)
		}
	}
	switch {
	case other.Certificate != nil:
		return "the certificate of senhasegura is not for " + host, namesOf(shown),
			"write a name of the certificate in SENHASEGURA_URL, or give senhasegura a certificate for " + host
	case unknown:
		return x.unknownAuthority(shown, err)
	case invalid.Cert != nil:
		return "the certificate of senhasegura cannot be used", err.Err.Error(), "give senhasegura another one"
	}
	return "the certificate of senhasegura cannot be used", err.Err.Error(), "give senhasegura another one, or correct SENHASEGURA_CA_FILE"
}

func (x *examination) unknownAuthority(shown *x509.Certificate, err *tls.CertificateVerificationError) (what, means, change string) {
	what = "the certificate of senhasegura is of an authority that is not known here"
	self := string(shown.RawIssuer) == string(shown.RawSubject)
	means = "it was issued by " + nameOf(shown.Issuer, nil)
	change = "set SENHASEGURA_CA_FILE to the certificate of that authority (PEM)"
	if self {
		means = nameOf(shown.Subject, shown) + " signed it itself"
		change = "set SENHASEGURA_CA_FILE to that certificate (PEM)"
	}
	if x.config.caFile != "" {
		change = "the file that SENHASEGURA_CA_FILE names lacks it: add it there (PEM)"
	}
	if self { // nothing stands between it and itself
		return what, means, change
	}
	if len(err.UnverifiedCertificates) == 1 {
		change += ", or have senhasegura send the certificates between the two as well"
	}
	if _, hint, found := strings.Cut(err.Err.Error(), "(possibly because of "); found {
		means += "; one that bears its name does not fit: " + strings.TrimSuffix(hint, ")")
	}
	return what, means, change
}

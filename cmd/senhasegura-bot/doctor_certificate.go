package main

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"slices"
	"strings"
	"time"
)

// renewIn is how long before its end a certificate should be renewed.
const renewIn = 30 * 24 * time.Hour

// certificates checks for how long the certificates that were trusted will be.
func (x *examination) certificates(state tls.ConnectionState) {
	leaf := state.PeerCertificates[0]
	x.ok("senhasegura_tls", fmt.Sprintf("senhasegura speaks %s, with a certificate of %s, issued by %s, valid until %s",
		tls.VersionName(state.Version), nameOf(leaf.Subject, leaf), nameOf(leaf.Issuer, nil), utc(leaf.NotAfter)))
	first := endsFirst(state.VerifiedChains)
	switch {
	case first.Equal(leaf) && soon(leaf):
		x.warn("senhasegura_tls", "the certificate of senhasegura ends on "+utc(leaf.NotAfter), "every call fails after that", "renew it in senhasegura")
	case soon(first):
		x.warn("senhasegura_tls", "the authority "+nameOf(first.Subject, first)+" ends on "+utc(first.NotAfter), "senhasegura's certificate is not trusted after that",
			"have senhasegura use one of a newer authority, and add that to the file of SENHASEGURA_CA_FILE where it is set")
	case !first.Equal(leaf):
		x.ok("senhasegura_tls", "of its authorities "+nameOf(first.Subject, first)+" ends first, on "+utc(first.NotAfter))
	}
}

// endsFirst is the certificate by which the trust ends. Any one of the chains is
// enough, and a chain lasts as long as the first of its certificates to end.
func endsFirst(chains [][]*x509.Certificate) *x509.Certificate {
	end := func(a, b *x509.Certificate) int { return a.NotAfter.Compare(b.NotAfter) }
	var ends []*x509.Certificate
	for _, chain := range chains {
		ends = append(ends, slices.MinFunc(chain, end))
	}
	return slices.MaxFunc(ends, end)
}

// clientCertificate checks the one that the bot shows to senhasegura.
func (x *examination) clientCertificate() {
	if !x.hasClientCert() {
		return
	}
	const name = "senhasegura_client_cert"
	own := x.config.SenhaseguraTLS.Certificates[0].Leaf
	switch {
	case outOfTime(own):
		_, means, change := x.expired("the client", own)
		x.fault(name, "the certificate of SENHASEGURA_CLIENT_CERT_FILE cannot be used", means, change)
	case soon(own):
		x.warn(name, "the certificate of SENHASEGURA_CLIENT_CERT_FILE ends on "+utc(own.NotAfter), "senhasegura refuses it after that", "renew it, with its key")
	default:
		x.ok(name, "the certificate of SENHASEGURA_CLIENT_CERT_FILE, "+nameOf(own.Subject, own)+", is valid until "+utc(own.NotAfter))
	}
}

func (x *examination) hasClientCert() bool { return len(x.config.SenhaseguraTLS.Certificates) > 0 }

func outOfTime(c *x509.Certificate) bool {
	now := time.Now()
	return now.After(c.NotAfter) || now.Before(c.NotBefore)
}

func soon(c *x509.Certificate) bool { return time.Until(c.NotAfter) <= renewIn }

// expired tells of a certificate out of its time, whoever's it is.
func (x *examination) expired(whose string, c *x509.Certificate) (what, means, change string) {
	name, now := nameOf(c.Subject, c), time.Now()
	means = fmt.Sprintf("%s ended on %s", name, utc(c.NotAfter))
	change = "renew it"
	if now.Before(c.NotBefore) {
		means = fmt.Sprintf("%s is valid only from %s on", name, utc(c.NotBefore))
		change = "use one that is valid already"
	}
	return "the certificate of " + whose + " cannot be used", means, change + "; or, if it is not " + utc(now) + ", set this machine's clock"
}

// utc is a date with the time, in UTC as certificates have it.
func utc(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }

// nameOf is a certificate's name for people: the common name, or a host name of
// c, or all there is.
func nameOf(n pkix.Name, c *x509.Certificate) string {
	name := n.CommonName
	if name == "" && c != nil && len(c.DNSNames) > 0 {
		name = c.DNSNames[0]
	}
	return short(cmp.Or(name, n.String(), "a certificate without a name"))
}

// namesOf are the hosts that a certificate is for.
func namesOf(c *x509.Certificate) string {
	names := slices.Clone(c.DNSNames)
	for _, ip := range c.IPAddresses {
		names = append(names, ip.String())
	}
	if len(names) == 0 {
		return "it names no host (its common name, " + nameOf(c.Subject, c) + ", does not count)"
	}
	const most = 5
	more := ""
	if len(names) > most {
		more = fmt.Sprintf(" and %d more", len(names)-most)
		names = names[:most]
	}
	return "it is for " + short(strings.Join(names, ", ")) + more
}

// short bounds what a certificate says.
func short(s string) string {
	r := []rune(s)
	if len(r) > 200 {
		return string(r[:200]) + "…"
	}
	return s
}

package main

import (
	"crypto/hkdf"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"unicode/utf8"
)

// The checks of settings against each other. They stay silent about a setting
// that has a fault of its own.

func (r *settingsReader) checkSlack() {
	if !r.given["SLACK_SIGNING_SECRET"] && !r.given["SLACK_APP_TOKEN"] {
		r.fault("SLACK_SIGNING_SECRET", "is required without SLACK_APP_TOKEN: it verifies that requests come from Slack")
	}
}

func (r *settingsReader) checkClients() {
	pairs := [][2]string{{"SENHASEGURA_CLIENT_ID", "SENHASEGURA_CLIENT_SECRET"}, {"MYSAFE_CLIENT_ID", "MYSAFE_CLIENT_SECRET"}}
	none := true
	for _, pair := range pairs {
		id, secret := r.given[pair[0]], r.given[pair[1]]
		switch {
		case id && !secret:
			r.fault(pair[1], "is missing: %s is only half of a pair", pair[0])
		case secret && !id:
			r.fault(pair[0], "is missing: %s is only half of a pair", pair[1])
		}
		none = none && !id && !secret
	}
	if none {
		r.fault("SENHASEGURA_CLIENT_ID", "is required, with SENHASEGURA_CLIENT_SECRET, unless MYSAFE_CLIENT_ID and MYSAFE_CLIENT_SECRET are given: the bot has no access to senhasegura")
	}
	if r.config.TokenPath == "" {
		r.config.TokenPath = r.config.APIPrefix + "/oauth2/token"
	}
}

func (r *settingsReader) checkTLS() {
	c := &r.config
	c.SenhaseguraTLS = &tls.Config{MinVersion: tls.VersionTLS12}
	if pem, ok := r.pem("SENHASEGURA_CA_FILE", c.caFile); ok {
		c.SenhaseguraTLS.RootCAs = x509.NewCertPool()
		if !c.SenhaseguraTLS.RootCAs.AppendCertsFromPEM(pem) {
			r.fault("SENHASEGURA_CA_FILE", "must name a file with certificates in PEM: %s holds none", c.caFile)
		}
	}
	cert, haveCert := r.pem("SENHASEGURA_CLIENT_CERT_FILE", c.certFile)
	key, haveKey := r.pem("SENHASEGURA_CLIENT_KEY_FILE", c.keyFile)
	switch {
	case r.given["SENHASEGURA_CLIENT_CERT_FILE"] && !r.given["SENHASEGURA_CLIENT_KEY_FILE"]:
		r.fault("SENHASEGURA_CLIENT_KEY_FILE", "is missing: the client certificate needs its key")
	case r.given["SENHASEGURA_CLIENT_KEY_FILE"] && !r.given["SENHASEGURA_CLIENT_CERT_FILE"]:
		r.fault("SENHASEGURA_CLIENT_CERT_FILE", "is missing: the client key needs its certificate")
	case haveCert && haveKey:
		pair, err := tls.X509KeyPair(cert, key)
		if err != nil { // its text may quote the key's file: say our own
			r.fault("SENHASEGURA_CLIENT_CERT_FILE", "and SENHASEGURA_CLIENT_KEY_FILE must name a certificate and its key in PEM: these do not belong together")
			return
		}
		c.SenhaseguraTLS.Certificates = []tls.Certificate{pair}
	}
}

func (r *settingsReader) pem(name, path string) ([]byte, bool) {
	if path == "" {
		return nil, false
	}
	b, err := r.readFile(path)
	if err != nil {
		r.fault(name, "cannot be read (%s): %v", path, cause(err))
	}
	return b, err == nil
}

func (r *settingsReader) checkTimes() {
	c := r.config
	if !r.faulty["CALL_TIMEOUT"] && !r.faulty["RUN_DEADLINE"] && c.CallTimeout >= c.RunDeadline {
		r.fault("CALL_TIMEOUT", "(%s) must be less than RUN_DEADLINE (%s)", formatDuration(c.CallTimeout), formatDuration(c.RunDeadline))
	}
	if !r.faulty["RETENTION"] && !r.faulty["AUDIT_RETENTION"] && c.AuditRetention < c.Retention {
		r.fault("AUDIT_RETENTION", "(%s) must not be shorter than RETENTION (%s)", formatDuration(c.AuditRetention), formatDuration(c.Retention))
	}
}

// checkAuditKey derives the key where none is given. The label keeps it apart
// from every other use of the secret it comes from.
func (r *settingsReader) checkAuditKey() {
	c := &r.config
	from, source := c.SlackSigningSecret, "SLACK_SIGNING_SECRET"
	if !from.Set() {
		from, source = c.SlackAppToken, "SLACK_APP_TOKEN"
	}
	if c.AuditKey.Set() && utf8.RuneCountInString(c.AuditKey()) < minAuditKey {
		r.warn("AUDIT_KEY", "is short and may be guessed by who can read Redis: use at least %d characters, such as the output of: openssl rand -hex 32", minAuditKey)
	}
	if c.AuditKey.Set() || r.faulty["AUDIT_KEY"] || !from.Set() {
		return
	}
	key, err := hkdf.Key(sha256.New, []byte(from()), nil, "senhasegura-bot audit key v1", sha256.Size)
	if err != nil {
		r.fault("AUDIT_KEY", "cannot be derived from %s: set it", source)
		return
	}
	c.AuditKey = newSecret(string(key))
	r.warn("AUDIT_KEY", "is not set and derived from %s: once that is rotated, votes on open requests no longer count and older audit entries no longer verify", source)
}

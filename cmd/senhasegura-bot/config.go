package main

import (
	"crypto/tls"
	"log/slog"
	"net/url"
	"time"

	"senhasegura-bot/senhasegura"
)

// Config is what the process runs with: every setting, read and checked.
type Config struct {
	SlackBotToken      Secret
	SlackSigningSecret Secret // unset in a process that only uses the socket
	SlackAppToken      Secret // set: Socket Mode instead of HTTP
	SlackAPIURL        string // ends with a slash

	RedisURL Secret // may hold a password; redisstore.Open takes it unless it is memory://

	SenhaseguraURL *url.URL    // scheme and host only
	APIPrefix      string      // /api or /iso
	TokenPath      string      // begins with a slash; PAM Core's
	PAM            ClientPair  // zero: no PAM Core
	MySafe         ClientPair  // zero: no MySafe
	Tenant         string      // may be empty
	SenhaseguraTLS *tls.Config // TLS 1.2 at least; system roots unless a CA is given

	PolicyFile  string
	ListenAddr  string
	MetricsAddr string // empty: the same as ListenAddr

	AuditKey Secret // always there; 32 bytes when derived

	RunDeadline, CallTimeout, Lease, IdentityCache time.Duration
	Retention, AuditRetention                      time.Duration
	Concurrency                                    int // calls to one senhasegura at a time

	// Warnings are for the log, before anything starts.
	Warnings []SettingFault

	caFile, certFile, keyFile string

	around around // no setting: see there
}

// ClientPair is what one API of senhasegura authorizes the bot by.
type ClientPair struct {
	ID     string
	Secret Secret
}

// Set reports whether the pair is there.
func (p ClientPair) Set() bool { return p.ID != "" && p.Secret.Set() }

// Senhasegura is the part of the settings that senhasegura.New takes.
func (c Config) Senhasegura(logger *slog.Logger) senhasegura.Config {
	return senhasegura.Config{
		URL: c.SenhaseguraURL, Prefix: c.APIPrefix, TokenPath: c.TokenPath, Tenant: c.Tenant, TLS: c.SenhaseguraTLS,
		PAM:         senhasegura.Credentials{ID: c.PAM.ID, Secret: c.PAM.Secret},
		MySafe:      senhasegura.Credentials{ID: c.MySafe.ID, Secret: c.MySafe.Secret},
		CallTimeout: c.CallTimeout, Calls: c.Concurrency, Logger: logger,
	}
}

// SocketMode reports whether Slack is listened to over its socket.
func (c Config) SocketMode() bool { return c.SlackAppToken.Set() }

// SettingFault is what is wrong with one setting. It never holds the value of
// a secret.
type SettingFault struct{ Setting, Message string }

func (f SettingFault) String() string { return f.Setting + " " + f.Message }

// Load reads all settings: flags before the environment (as os.Environ returns
// it), both before the defaults. With faults, the Config must not be used.
func Load(environ []string, readFile func(string) ([]byte, error), flags Flags) (Config, []SettingFault) {
	r := settingsReader{env: variables(environ), readFile: readFile, flags: flags.values(), given: map[string]bool{}, faulty: map[string]bool{}}
	for _, s := range settings() {
		r.setting(s)
	}
	r.checkSlack()
	r.checkClients()
	r.checkTLS()
	r.checkTimes()
	r.checkAuditKey()
	r.checkNames()
	return r.config, r.faults
}

package main

import "time"

// setting is one row of the table of settings: what README prints and what
// Load reads are the same.
type setting struct {
	Name    string // in the environment
	Meaning string
	Default string // read when nothing is given; empty: see Absent
	Absent  string // what holds without a value, in words, where there is no Default
	// Secret settings have no flag, are also read from the file that NAME_FILE
	// names, and are never shown.
	Secret   bool
	Flag     string // without dashes; empty: none
	Required bool
	// read stores a value that is not empty. Its error completes a sentence
	// that begins with the setting's name.
	read func(c *Config, value string) error
}

// InUse is what holds when the setting is not given.
func (s setting) InUse() string {
	if s.Default != "" {
		return s.Default
	}
	return s.Absent
}

// settings lists every setting, in the order of the README.
func settings() []setting {
	list := append(slackSettings(), redisSetting)
	list = append(list, senhaseguraSettings()...)
	return append(list, processSettings()...)
}

func slackSettings() []setting {
	return []setting{
		{Name: "SLACK_BOT_TOKEN", Meaning: "bot token, `xoxb-…`", Absent: "required", Required: true, Secret: true,
			read: func(c *Config, v string) error { return token(&c.SlackBotToken, v, "xoxb-") }},
		{Name: "SLACK_SIGNING_SECRET", Meaning: "verifies HTTP requests", Absent: "required without `SLACK_APP_TOKEN`", Secret: true,
			read: func(c *Config, v string) error { return token(&c.SlackSigningSecret, v, "") }},
		{Name: "SLACK_APP_TOKEN", Meaning: "app-level token, `xapp-…`: Socket Mode instead of HTTP", Absent: "–", Secret: true,
			read: func(c *Config, v string) error { return token(&c.SlackAppToken, v, "xapp-") }},
		{Name: "SLACK_API_URL", Flag: "slack-api-url", Meaning: "Web API base", Default: "https://slack.com/api/",
			read: func(c *Config, v string) error { return slackURL(&c.SlackAPIURL, v) }},
	}
}

// A URL of Redis may hold a password, so it is kept like a secret; one without
// may also be given as a flag.
var redisSetting = setting{Name: "REDIS_URL", Flag: "redis-url", Absent: "required", Required: true, Secret: true,
	Meaning: "`redis://`, `rediss://`; Sentinel `redis+sentinel://h1:p,h2:p/db?master=name`; Cluster `redis+cluster://h1:p,h2:p`; `memory://` (embedded, lost at exit)",
	read:    func(c *Config, v string) error { return redisURL(&c.RedisURL, v) }}

func senhaseguraSettings() []setting {
	return []setting{
		{Name: "SENHASEGURA_URL", Flag: "senhasegura-url", Meaning: "appliance base URL; https, http only to loopback", Absent: "required", Required: true,
			read: func(c *Config, v string) error { return applianceURL(&c.SenhaseguraURL, v) }},
		{Name: "SENHASEGURA_API_PREFIX", Flag: "senhasegura-api-prefix", Meaning: "`/api` (3.33 and later) or `/iso` (3.32 and earlier)", Default: "/api",
			read: func(c *Config, v string) error { return oneOf(&c.APIPrefix, v, "/api", "/iso") }},
		{Name: "SENHASEGURA_TOKEN_PATH", Flag: "senhasegura-token-path", Meaning: "token endpoint for PAM Core (MySafe's is always `/api/oauth2/token`)", Absent: "`{prefix}/oauth2/token`",
			read: func(c *Config, v string) error { return urlPath(&c.TokenPath, v) }},
		{Name: "SENHASEGURA_CLIENT_ID", Flag: "senhasegura-client-id", Meaning: "A2A authorization for PAM Core", Absent: "one of the two pairs",
			read: func(c *Config, v string) error { return word(&c.PAM.ID, v) }},
		{Name: "SENHASEGURA_CLIENT_SECRET", Meaning: "its secret", Absent: "with the id", Secret: true,
			read: func(c *Config, v string) error { return token(&c.PAM.Secret, v, "") }},
		{Name: "MYSAFE_CLIENT_ID", Flag: "mysafe-client-id", Meaning: "access key of MySafe", Absent: "one of the two pairs",
			read: func(c *Config, v string) error { return word(&c.MySafe.ID, v) }},
		{Name: "MYSAFE_CLIENT_SECRET", Meaning: "its secret", Absent: "with the id", Secret: true,
			read: func(c *Config, v string) error { return token(&c.MySafe.Secret, v, "") }},
		{Name: "SENHASEGURA_TENANT", Flag: "senhasegura-tenant", Meaning: "sent with the token request", Absent: "–",
			read: func(c *Config, v string) error { return word(&c.Tenant, v) }},
		{Name: "SENHASEGURA_CA_FILE", Flag: "senhasegura-ca-file", Meaning: "certificates (PEM) that senhasegura's must be signed by", Absent: "system roots",
			read: func(c *Config, v string) error { c.caFile = v; return nil }},
		{Name: "SENHASEGURA_CLIENT_CERT_FILE", Flag: "senhasegura-client-cert-file", Meaning: "client certificate (PEM)", Absent: "–",
			read: func(c *Config, v string) error { c.certFile = v; return nil }},
		{Name: "SENHASEGURA_CLIENT_KEY_FILE", Flag: "senhasegura-client-key-file", Meaning: "its key (PEM)", Absent: "–",
			read: func(c *Config, v string) error { c.keyFile = v; return nil }},
	}
}

func processSettings() []setting {
	const day = 24 * time.Hour
	return []setting{
		{Name: "POLICY_FILE", Flag: "policy-file", Meaning: "the policy", Default: "policy.yml",
			read: func(c *Config, v string) error { c.PolicyFile = v; return nil }},
		{Name: "LISTEN_ADDR", Flag: "listen-addr", Meaning: "host:port for HTTP", Default: ":8080",
			read: func(c *Config, v string) error { return address(&c.ListenAddr, v) }},
		{Name: "METRICS_ADDR", Flag: "metrics-addr", Meaning: "host:port for metrics, apart", Absent: "same",
			read: func(c *Config, v string) error { return address(&c.MetricsAddr, v) }},
		{Name: "AUDIT_KEY", Meaning: "seals votes and audit; 32 characters or more", Absent: "derived from the signing secret or app token, with a warning", Secret: true,
			read: func(c *Config, v string) error { return auditKey(&c.AuditKey, v) }},
		{Name: "RUN_DEADLINE", Flag: "run-deadline", Meaning: "how long a run may take, 1s–10m", Default: "2m",
			read: func(c *Config, v string) error { return span(&c.RunDeadline, v, time.Second, 10*time.Minute) }},
		{Name: "CALL_TIMEOUT", Flag: "call-timeout", Meaning: "how long one call may take, 100ms–60s; less than the run deadline", Default: "15s",
			read: func(c *Config, v string) error { return span(&c.CallTimeout, v, 100*time.Millisecond, time.Minute) }},
		{Name: "LEASE", Flag: "lease", Meaning: "how long a dead process keeps a run, 500ms–60s", Default: "10s",
			read: func(c *Config, v string) error { return span(&c.Lease, v, 500*time.Millisecond, time.Minute) }},
		{Name: "IDENTITY_CACHE", Flag: "identity-cache", Meaning: "how old a fact about the person who acts may be; may only be lowered", Default: "60s",
			read: func(c *Config, v string) error { return span(&c.IdentityCache, v, 0, time.Minute) }},
		{Name: "SENHASEGURA_CONCURRENCY", Flag: "senhasegura-concurrency", Meaning: "calls under way over all processes, 1–32", Default: "4",
			read: func(c *Config, v string) error { return whole(&c.Concurrency, v, 1, 32) }},
		{Name: "RETENTION", Flag: "retention", Meaning: "how long ended requests are kept, from 1m", Default: "90d",
			read: func(c *Config, v string) error { return span(&c.Retention, v, time.Minute, 3650*day) }},
		{Name: "AUDIT_RETENTION", Flag: "audit-retention", Meaning: "how long the audit is kept; not shorter than RETENTION", Default: "400d",
			read: func(c *Config, v string) error { return span(&c.AuditRetention, v, time.Minute, 3650*day) }},
	}
}

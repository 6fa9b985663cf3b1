package main

import "reflect"

// Flags are the settings that may stand on the command line, for kong; empty
// is not given. What each means comes from the table by flagVars.
type Flags struct {
	SlackAPIURL               string `name:"slack-api-url" help:"${SLACK_API_URL}" placeholder:"URL"`
	RedisURL                  string `name:"redis-url" help:"${REDIS_URL}" placeholder:"URL"`
	SenhaseguraURL            string `name:"senhasegura-url" help:"${SENHASEGURA_URL}" placeholder:"URL"`
	SenhaseguraAPIPrefix      string `name:"senhasegura-api-prefix" help:"${SENHASEGURA_API_PREFIX}" placeholder:"PATH"`
	SenhaseguraTokenPath      string `name:"senhasegura-token-path" help:"${SENHASEGURA_TOKEN_PATH}" placeholder:"PATH"`
	SenhaseguraClientID       string `name:"senhasegura-client-id" help:"${SENHASEGURA_CLIENT_ID}" placeholder:"ID"`
	MySafeClientID            string `name:"mysafe-client-id" help:"${MYSAFE_CLIENT_ID}" placeholder:"ID"`
	SenhaseguraTenant         string `name:"senhasegura-tenant" help:"${SENHASEGURA_TENANT}" placeholder:"NAME"`
	SenhaseguraCAFile         string `name:"senhasegura-ca-file" help:"${SENHASEGURA_CA_FILE}" placeholder:"FILE"`
	SenhaseguraClientCertFile string `name:"senhasegura-client-cert-file" help:"${SENHASEGURA_CLIENT_CERT_FILE}" placeholder:"FILE"`
	SenhaseguraClientKeyFile  string `name:"senhasegura-client-key-file" help:"${SENHASEGURA_CLIENT_KEY_FILE}" placeholder:"FILE"`
	PolicyFile                string `name:"policy-file" help:"${POLICY_FILE}" placeholder:"FILE"`
	ListenAddr                string `name:"listen-addr" help:"${LISTEN_ADDR}" placeholder:"HOST:PORT"`
	MetricsAddr               string `name:"metrics-addr" help:"${METRICS_ADDR}" placeholder:"HOST:PORT"`
	RunDeadline               string `name:"run-deadline" help:"${RUN_DEADLINE}" placeholder:"DURATION"`
	CallTimeout               string `name:"call-timeout" help:"${CALL_TIMEOUT}" placeholder:"DURATION"`
	Lease                     string `name:"lease" help:"${LEASE}" placeholder:"DURATION"`
	IdentityCache             string `name:"identity-cache" help:"${IDENTITY_CACHE}" placeholder:"DURATION"`
	SenhaseguraConcurrency    string `name:"senhasegura-concurrency" help:"${SENHASEGURA_CONCURRENCY}" placeholder:"N"`
	Retention                 string `name:"retention" help:"${RETENTION}" placeholder:"DURATION"`
	AuditRetention            string `name:"audit-retention" help:"${AUDIT_RETENTION}" placeholder:"DURATION"`
}

// values are the flags that were given, by their names.
func (f Flags) values() map[string]string {
	given := map[string]string{}
	v := reflect.ValueOf(f)
	for i := range v.NumField() {
		if value := v.Field(i).String(); value != "" {
			given[v.Type().Field(i).Tag.Get("name")] = value
		}
	}
	return given
}

// flagVars are the variables of Flags' help texts (kong.Vars).
func flagVars() map[string]string {
	vars := map[string]string{}
	for _, s := range settings() {
		vars[s.Name] = s.Meaning + " (" + s.Name + ")"
		if s.InUse() != "–" {
			vars[s.Name] = s.Meaning + " (" + s.Name + "; " + s.InUse() + ")"
		}
	}
	return vars
}

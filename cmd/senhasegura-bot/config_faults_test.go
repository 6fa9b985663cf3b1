package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func faultStrings(faults []SettingFault) []string {
	var lines []string
	for _, f := range faults {
		lines = append(lines, f.String())
	}
	return lines
}

type faultCase struct {
	name    string
	changes []string
	want    []string
}

func checkFaults(t *testing.T, f files, flags Flags, cases []faultCase) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, faults := Load(with(c.changes...), f.read, flags)
			got := faultStrings(faults)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if strings.Contains(strings.Join(got, "\n"), "hush") {
				t.Error("a secret is printed")
			}
		})
	}
}

func TestFaultsOfSecrets(t *testing.T) {
	f := files{"/empty": "\n", "/spaces": "xoxb-hush 1\n", "/bot": botToken}
	checkFaults(t, f, Flags{}, []faultCase{
		{"no bot token", []string{"SLACK_BOT_TOKEN"}, []string{"SLACK_BOT_TOKEN is required: bot token, `xoxb-…`"}},
		{"user token", []string{"SLACK_BOT_TOKEN=xoxp-hush"}, []string{"SLACK_BOT_TOKEN must begin with xoxb-"}},
		{"prefix alone", []string{"SLACK_BOT_TOKEN=xoxb-"}, []string{"SLACK_BOT_TOKEN must begin with xoxb-"}},
		{"bot token as app token", []string{"SLACK_APP_TOKEN=xoxb-hush"}, []string{"SLACK_APP_TOKEN must begin with xapp-"}},
		{"space in a token", []string{"SLACK_BOT_TOKEN=xoxb-hush 1"}, []string{"SLACK_BOT_TOKEN must not hold spaces or line breaks"}},
		{"neither HTTP nor socket", []string{"SLACK_SIGNING_SECRET"}, []string{"SLACK_SIGNING_SECRET is required without SLACK_APP_TOKEN: it verifies that requests come from Slack"}},
		{"socket alone", []string{"SLACK_SIGNING_SECRET", "SLACK_APP_TOKEN=" + appToken}, nil},
		{"empty", []string{"SLACK_SIGNING_SECRET="}, []string{"SLACK_SIGNING_SECRET is required without SLACK_APP_TOKEN: it verifies that requests come from Slack"}},
		{"value and file", []string{"SLACK_BOT_TOKEN_FILE=/bot"}, []string{"SLACK_BOT_TOKEN is given twice: unset SLACK_BOT_TOKEN or SLACK_BOT_TOKEN_FILE"}},
		{"file is not there", []string{"SLACK_BOT_TOKEN", "SLACK_BOT_TOKEN_FILE=/none"}, []string{"SLACK_BOT_TOKEN cannot be read from SLACK_BOT_TOKEN_FILE (/none): file does not exist"}},
		{"file is empty", []string{"SLACK_BOT_TOKEN", "SLACK_BOT_TOKEN_FILE=/empty"}, []string{"SLACK_BOT_TOKEN is empty: the file that SLACK_BOT_TOKEN_FILE names (/empty) holds nothing"}},
		{"file with spaces", []string{"SLACK_BOT_TOKEN", "SLACK_BOT_TOKEN_FILE=/spaces"}, []string{"SLACK_BOT_TOKEN must not hold spaces or line breaks"}},
		{"no pair", []string{"SENHASEGURA_CLIENT_ID", "SENHASEGURA_CLIENT_SECRET"}, []string{"SENHASEGURA_CLIENT_ID is required, with SENHASEGURA_CLIENT_SECRET, unless MYSAFE_CLIENT_ID and MYSAFE_CLIENT_SECRET are given: the bot has no access to senhasegura"}},
		{"half a pair", []string{"SENHASEGURA_CLIENT_SECRET"}, []string{"SENHASEGURA_CLIENT_SECRET is missing: SENHASEGURA_CLIENT_ID is only half of a pair"}},
		{"half of the second pair", []string{"MYSAFE_CLIENT_SECRET=hush"}, []string{"MYSAFE_CLIENT_ID is missing: MYSAFE_CLIENT_SECRET is only half of a pair"}},
		{"the second pair is enough", []string{"SENHASEGURA_CLIENT_ID", "SENHASEGURA_CLIENT_SECRET", "MYSAFE_CLIENT_ID=a", "MYSAFE_CLIENT_SECRET=hush"}, nil},
	})
}

func TestFaultsOfURLs(t *testing.T) {
	pam := func(v, want string) faultCase {
		return faultCase{v, []string{"SENHASEGURA_URL=" + v}, []string{"SENHASEGURA_URL " + want}}
	}
	const loop = "must begin with https://; http:// only leads to loopback (127.0.0.1, ::1, localhost)"
	checkFaults(t, nil, Flags{}, []faultCase{
		{"none", []string{"SENHASEGURA_URL"}, []string{"SENHASEGURA_URL is required: appliance base URL; https, http only to loopback"}},
		pam("http://pam.example", loop),
		pam("http://127.0.0.1.example", loop),
		pam("ftp://pam.example", "must begin with https://"),
		pam("pam.example", "must be a URL, such as https://host"),
		pam("https://", "must be a URL, such as https://host"),
		pam("https://[::1", "must be a URL, such as https://host"),
		pam("https://pam.example:70000", "must have a port from 1 to 65535"),
		pam("https://u:hush@pam.example", "must not hold a user or password"),
		pam("https://pam.example?hush=1", "must not hold a query (?…)"),
		pam("https://pam.example?", "must not hold a query (?…)"),
		pam("https://pam.example#hush", "must not hold a fragment (#…)"),
		pam("https://pam.example/iso", "must end after the host: the path is made of SENHASEGURA_API_PREFIX"),
		{"good ones", []string{"SENHASEGURA_URL=http://[::1]:9/", "SLACK_API_URL=http://localhost:1/x"}, nil},
		{"Slack without https", []string{"SLACK_API_URL=http://slack.example/api/"}, []string{"SLACK_API_URL " + loop}},
		{"prefix", []string{"SENHASEGURA_API_PREFIX=api"}, []string{`SENHASEGURA_API_PREFIX must be /api or /iso, not "api"`}},
		{"token path", []string{"SENHASEGURA_TOKEN_PATH=oauth"}, []string{`SENHASEGURA_TOKEN_PATH must be a path that begins with /, such as /iso/oauth2/token, not "oauth"`}},
		{"token path elsewhere", []string{"SENHASEGURA_TOKEN_PATH=//evil/x"}, []string{`SENHASEGURA_TOKEN_PATH must be a path that begins with /, such as /iso/oauth2/token, not "//evil/x"`}},
		{"token path with a query", []string{"SENHASEGURA_TOKEN_PATH=/x?y"}, []string{`SENHASEGURA_TOKEN_PATH must be a path that begins with /, such as /iso/oauth2/token, not "/x?y"`}},
		{"tenant", []string{"SENHASEGURA_TENANT=a b"}, []string{"SENHASEGURA_TENANT must not hold spaces or line breaks"}},
		{"listen", []string{"LISTEN_ADDR=8080"}, []string{`LISTEN_ADDR must be host:port, such as :8080 or 127.0.0.1:8080, not "8080"`}},
		{"metrics", []string{"METRICS_ADDR=:http"}, []string{`METRICS_ADDR must be host:port, such as :8080 or 127.0.0.1:8080, not ":http"`}},
	})
}

func TestURLsAreNormalised(t *testing.T) {
	c := mustLoad(t, with("SLACK_API_URL=https://slack.example/api", "SENHASEGURA_URL=https://pam.example:8443/"), nil, Flags{})
	if c.SlackAPIURL != "https://slack.example/api/" || c.SenhaseguraURL.String() != "https://pam.example:8443" {
		t.Errorf("got %s and %s", c.SlackAPIURL, c.SenhaseguraURL)
	}
}

func TestFaultsOfTimesAndNumbers(t *testing.T) {
	span := func(name, v, least, most string) faultCase {
		return faultCase{name + " " + v, []string{name + "=" + v}, []string{
			name + " must be a duration from " + least + " to " + most + ", such as " + most + `, not "` + v + `"`}}
	}
	checkFaults(t, nil, Flags{}, []faultCase{
		span("RUN_DEADLINE", "999ms", "1s", "10m"), span("RUN_DEADLINE", "11m", "1s", "10m"), span("RUN_DEADLINE", "120", "1s", "10m"),
		span("CALL_TIMEOUT", "0s", "100ms", "1m"), span("CALL_TIMEOUT", "61s", "100ms", "1m"),
		span("LEASE", "0.4s", "500ms", "1m"), span("LEASE", "-5s", "500ms", "1m"),
		span("IDENTITY_CACHE", "61s", "0s", "1m"), span("RETENTION", "59s", "1m", "3650d"), span("AUDIT_RETENTION", "ever", "1m", "3650d"),
		{"no cache at all", []string{"IDENTITY_CACHE=0s"}, nil},
		{"days", []string{"RETENTION=1d12h", "AUDIT_RETENTION=36h"}, nil},
		{"audit shorter", []string{"RETENTION=2d", "AUDIT_RETENTION=1d"}, []string{"AUDIT_RETENTION (1d) must not be shorter than RETENTION (2d)"}},
		{"call as long as the run", []string{"RUN_DEADLINE=15s"}, []string{"CALL_TIMEOUT (15s) must be less than RUN_DEADLINE (15s)"}},
		{"no calls", []string{"SENHASEGURA_CONCURRENCY=0"}, []string{`SENHASEGURA_CONCURRENCY must be a whole number from 1 to 32, not "0"`}},
		{"too many calls", []string{"SENHASEGURA_CONCURRENCY=33"}, []string{`SENHASEGURA_CONCURRENCY must be a whole number from 1 to 32, not "33"`}},
		{"calls in words", []string{"SENHASEGURA_CONCURRENCY=+4"}, []string{`SENHASEGURA_CONCURRENCY must be a whole number from 1 to 32, not "+4"`}},
	})
}

func TestPasswordInTheRedisFlagIsAFault(t *testing.T) {
	checkFaults(t, nil, Flags{RedisURL: "redis://:hush@h"}, []faultCase{{"flag", nil, []string{
		"REDIS_URL with a password must not be a flag, which others can read: use the environment or REDIS_URL_FILE"}}})
}

func TestAllFaultsOfTheSettingsTogether(t *testing.T) {
	_, faults := Load([]string{"RUN_DEADLINE=1", "SLACK_APP_TOKEN=hush"}, files{}.read, Flags{ListenAddr: "x"})
	var got []string
	for _, f := range faults {
		got = append(got, f.Setting)
	}
	want := []string{"LISTEN_ADDR", "REDIS_URL", "RUN_DEADLINE", "SENHASEGURA_CLIENT_ID", "SENHASEGURA_URL", "SLACK_APP_TOKEN", "SLACK_BOT_TOKEN"}
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

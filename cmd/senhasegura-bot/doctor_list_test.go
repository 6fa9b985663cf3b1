package main

import (
	"testing"

	"senhasegura-bot/senhasegura/senhaseguratest"
)

// TestDoctorListFaults: why a list cannot be read, and what to change.
func TestDoctorListFaults(t *testing.T) {
	t.Parallel()
	const list, safe = "senhasegura_list", "mysafe_list"
	credentials, passwords := "*/pam/credential", "*/mysafe/password"
	allow := "resource PAM Core with permission to read and write and its list of credentials"
	for _, c := range []struct {
		name  string
		fault senhaseguratest.Fault
		want  finding
	}{
		{"not authorized", senhaseguratest.Fault{Path: credentials, Kind: senhaseguratest.NotAuthorized},
			expect(faulty, list, "the list of credentials cannot be read", "HTTP 500, “You are not authorized to access this resource.”", allow, "A2A", "mixed up")},
		{"no permission", senhaseguratest.Fault{Path: credentials, Kind: senhaseguratest.Refusal, Code: 1039, Message: "Without PAM Configuration Access permission"},
			expect(faulty, list, "HTTP 400, “1039: Without PAM Configuration Access permission”", allow)},
		{"an address that is not allowed", senhaseguratest.Fault{Path: credentials, Kind: senhaseguratest.Status, Status: 403, Body: "Forbidden for 10.1.2.3"},
			expect(faulty, list, "HTTP 403, “Forbidden for 10.1.2.3”", "allow this machine's IP address")},
		{"a token that is refused", senhaseguratest.Fault{Path: credentials, Kind: senhaseguratest.TokenRejected},
			expect(faulty, list, "the token just issued is refused", "mixed up")},
		{"a redirect", senhaseguratest.Fault{Path: passwords, Kind: senhaseguratest.Redirect, Location: "https://pam2.example/login?next=hush"},
			expect(faulty, safe, "it redirects to https://pam2.example (HTTP 302), which is never followed", "set SENHASEGURA_URL=https://pam2.example\n")},
		{"half of it", senhaseguratest.Fault{Path: credentials, Kind: senhaseguratest.Truncated},
			expect(faulty, list, "HTTP 200, unexpected EOF")},
		{"trouble", senhaseguratest.Fault{Path: credentials, Kind: senhaseguratest.Upstream},
			expect(faulty, list, "HTTP 504, “The upstream server is timing out”", "in trouble")},
		{"too often", senhaseguratest.Fault{Path: credentials, Kind: senhaseguratest.RateLimited}, expect(faulty, list, "HTTP 429", "try again later")},
		{"a page for passwords", senhaseguratest.Fault{Path: passwords, Kind: senhaseguratest.HTML, Status: 403},
			expect(faulty, safe, "the list of passwords cannot be read", "a page comes instead of data: HTTP 403", "correct SENHASEGURA_URL")},
		{"no access to passwords", senhaseguratest.Fault{Path: passwords, Kind: senhaseguratest.NotAuthorized},
			expect(faulty, safe, "the list of passwords cannot be read", "access key in MySafe")},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWard(t, nil, nil)
			w.appliance.Inject(c.fault)
			finds(t, w.examined(), c.want)
		})
	}
	empty := newWard(t, func(c *senhaseguratest.Config) { c.Data = senhaseguratest.Data{} }, nil)
	finds(t, empty.examined(), expect(warned, list, "the list of credentials is empty", "link some to the bot's authorization under A2A"),
		expect(warned, safe, "the list of passwords is empty"), expect(warned, safe, "the list of API secrets is empty"))
	locked := newWard(t, func(c *senhaseguratest.Config) { c.Data.Secrets = c.Data.Secrets[2:] }, nil)
	finds(t, locked.examined(), expect(warned, "mysafe_write", "no API secret in the list may be edited by the access key", "edit permission"))
	silent := newWard(t, nil, nil)
	silent.appliance.Inject(senhaseguratest.Fault{Path: credentials, Kind: senhaseguratest.Status, Status: 200,
		Body: `{"response":{"error":false},"credentials":[{"id":"5","automatic_change":"1"},{"id":"6"},{"id":"7","automatic_change":"0"}]}`})
	finds(t, silent.examined(), expect(fine, "senhasegura_release", "automatic change is on for 1 of 3 credentials: releasing custody rotates"),
		expect(fine, "senhasegura_release", "the list does not tell whether automatic change is on for 1 of 3 credentials", "may rotate"))
}

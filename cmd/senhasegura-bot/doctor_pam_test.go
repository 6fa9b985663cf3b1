package main

import (
	"net/http"
	"testing"

	"senhasegura-bot/senhasegura/senhaseguratest"
)

// TestDoctorPrefixes: the advice is the settings that would be right.
func TestDoctorPrefixes(t *testing.T) {
	t.Parallel()
	only := func(prefix string) func(*senhaseguratest.Config) {
		return func(c *senhaseguratest.Config) { c.Prefixes = []string{prefix} }
	}
	const safe = "mysafe_token" // is under /api always
	for _, c := range []struct {
		name   string
		change func(*senhaseguratest.Config)
		around func(http.Handler) http.Handler
		env    []string
		want   []finding
	}{
		{"/iso, as set", only("/iso"), nil, []string{"SENHASEGURA_API_PREFIX=/iso"},
			[]finding{expect(fine, "senhasegura_prefix", "SENHASEGURA_API_PREFIX=/iso answers; /api does not")}},
		{"/api, as set", only("/api"), nil, nil,
			[]finding{expect(fine, "senhasegura_prefix", "SENHASEGURA_API_PREFIX=/api answers; /iso does not")}},
		{"/iso instead of /api, tokens under both", only("/iso"), nil, nil,
			[]finding{expect(faulty, "senhasegura_prefix", "/api does not answer, and /iso does", "HTTP 404, “Resource sub not found”; set SENHASEGURA_API_PREFIX=/iso\n"),
				expect(fine, "senhasegura_list", "12 credentials")}},
		{"/iso instead of /api, tokens not", only("/iso"), without("/iso/oauth2"), nil,
			[]finding{expect(faulty, "senhasegura_prefix", "; set SENHASEGURA_API_PREFIX=/iso and SENHASEGURA_TOKEN_PATH=/api/oauth2/token")}},
		{"/iso instead of /api, nothing else", nil, without("/api"), nil,
			[]finding{expect(faulty, "senhasegura_token", "no token at /api/oauth2/token", "it does at /iso/oauth2/token; set SENHASEGURA_API_PREFIX=/iso\n"),
				expect(faulty, "senhasegura_prefix", "/api does not answer, and /iso does", "; set SENHASEGURA_API_PREFIX=/iso\n"),
				expect(faulty, safe, "HTTP 404", "correct SENHASEGURA_URL")}},
		{"/api instead of /iso, nothing else", nil, without("/iso"), []string{"SENHASEGURA_API_PREFIX=/iso"},
			[]finding{expect(faulty, "senhasegura_token", "it does at /api/oauth2/token; set SENHASEGURA_API_PREFIX=/api\n"),
				expect(faulty, "senhasegura_prefix", "; set SENHASEGURA_API_PREFIX=/api\n")}},
		{"tokens under the other prefix", nil, without("/iso/oauth2"), []string{"SENHASEGURA_API_PREFIX=/iso"},
			[]finding{expect(faulty, "senhasegura_token", "no token at /iso/oauth2/token", "it does at /api/oauth2/token; set SENHASEGURA_TOKEN_PATH=/api/oauth2/token")}},
		{"a token path of nobody's", nil, nil, []string{"SENHASEGURA_TOKEN_PATH=/api/oauth/token"},
			[]finding{expect(faulty, "senhasegura_token", "no token at /api/oauth/token", "set SENHASEGURA_TOKEN_PATH=/api/oauth2/token")}},
		{"tokens, and no list anywhere", only("/none"), nil, nil,
			[]finding{expect(faulty, "senhasegura_prefix", "neither /api nor /iso answers", "HTTP 404", "correct SENHASEGURA_URL, SENHASEGURA_API_PREFIX")}},
		{"tokens that no list takes", func(c *senhaseguratest.Config) {
			c.TokenRefusal, c.PAM, c.MySafe = http.StatusNotFound, senhaseguratest.Client{}, senhaseguratest.Client{ID: "pam", Secret: hushPAM}
		}, nil, []string{"MYSAFE_CLIENT_ID", "MYSAFE_CLIENT_SECRET"},
			[]finding{expect(faulty, "senhasegura_prefix", "neither /api nor /iso answers", "“No route matched with those values”", "a token that is not accepted is answered so, too")}},
		{"nothing anywhere", nil, without("/"), nil,
			[]finding{expect(faulty, "senhasegura_token", "HTTP 404", "correct SENHASEGURA_URL, SENHASEGURA_API_PREFIX or SENHASEGURA_TOKEN_PATH"), expect(faulty, safe, "HTTP 404")}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			finds(t, newWard(t, c.change, c.around).examined(c.env...), c.want...)
		})
	}
}

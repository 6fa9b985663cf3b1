package senhasegura

import (
	"encoding/json"
	"html"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// secretsOf are what an answer must not hand back, in the forms in which servers write what they were sent:
// the token, or the secret that a token was asked with.
func secretsOf(r *http.Request) []string {
	if token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		return forms(token)
	}
	if r.GetBody == nil {
		return nil
	}
	body, err := r.GetBody()
	if err != nil {
		return nil
	}
	defer body.Close()
	form, _ := io.ReadAll(body)
	values, _ := url.ParseQuery(string(form))
	return forms(values.Get("client_secret"))
}

func forms(secret string) []string {
	if secret == "" {
		return nil
	}
	quoted, _ := json.Marshal(secret)
	json := strings.Trim(string(quoted), `"`)
	return []string{secret, url.QueryEscape(secret), html.EscapeString(secret), json, strings.ReplaceAll(json, "/", `\/`)} // the last: PHP
}

func hide(text string, secrets []string) string {
	for _, s := range secrets {
		text = strings.ReplaceAll(text, s, "…")
	}
	return text
}

// withoutHalf takes the beginning of a secret off the end of a text that was cut there.
func withoutHalf(text string, secrets []string) string {
	most := 0
	for _, s := range secrets {
		for n := min(len(s), len(text)); n > most; n-- {
			if strings.HasSuffix(text, s[:n]) {
				most = n
			}
		}
	}
	return text[:len(text)-most]
}

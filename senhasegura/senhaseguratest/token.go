package senhaseguratest

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

// grant is one issued token.
type grant struct {
	client string
	until  time.Time
}

func (a *Appliance) bearer(r *http.Request) string {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	a.mu.Lock()
	defer a.mu.Unlock()
	g, known := a.tokens[token]
	if !ok || !known || !a.config.Now().Before(g.until) {
		return ""
	}
	return g.client
}

func (a *Appliance) clientOf(id string) string {
	switch {
	case id == "":
		return ""
	case id == a.config.PAM.ID:
		return PAMCore
	case id == a.config.MySafe.ID:
		return MySafe
	}
	return ""
}

// issue answers a token request. MySafe's endpoint is /api always; PAM Core's is under each prefix.
func (a *Appliance) issue(q request) reply {
	if q.method != http.MethodPost { // the pages of 3.32 print GET, every working client posts [inferred]
		return a.fail(http.StatusNotFound, 0, "Resource sub not found")
	}
	form := q.http.PostForm
	secret := map[string]string{PAMCore: a.config.PAM.Secret, MySafe: a.config.MySafe.Secret}[q.client]
	switch {
	case form.Get("grant_type") != "client_credentials",
		q.client == "" || secret == "" || form.Get("client_secret") != secret,
		q.client == MySafe && q.prefix != "/api",
		a.config.Tenant != "" && form.Get("tenant") != a.config.Tenant:
		return failedAuthentication()
	}
	a.serial++
	token := fmt.Sprintf("token-%d-of-%s", a.serial, strings.ReplaceAll(q.client, " ", "-"))
	a.tokens[token] = grant{q.client, a.config.Now().Add(a.config.TokenLife)}
	var life any = int(a.config.TokenLife / time.Second)
	if a.config.Irregular {
		life = fmt.Sprint(life)
	}
	return reply{status: http.StatusOK, class: "token", body: map[string]any{
		"token_type": "Bearer", "expires_in": life, "access_token": token}}
}

// failedAuthentication [inferred from the server library it resembles].
func failedAuthentication() reply {
	return reply{status: http.StatusUnauthorized, class: "oauth", body: map[string]any{
		"error": "invalid_client", "message": "Client authentication failed"}}
}

func (a *Appliance) refuseToken() reply {
	if a.config.TokenRefusal == http.StatusNotFound {
		return gatewayReply(http.StatusNotFound, "No route matched with those values")
	}
	return gatewayReply(a.config.TokenRefusal, "Unauthorized")
}

// gatewayReply is how the gateway before the server answers [inferred: Kong].
func gatewayReply(status int, text string) reply {
	return reply{status: status, class: "gateway", body: map[string]any{"message": text}}
}

// lapse makes a token invalid after a time.
func (a *Appliance) lapse(token string, after time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if g, known := a.tokens[token]; known {
		a.tokens[token] = grant{g.client, a.config.Now().Add(after)}
	}
}

// RevokeTokens makes every token issued so far invalid.
func (a *Appliance) RevokeTokens() {
	a.mu.Lock()
	defer a.mu.Unlock()
	clear(a.tokens)
}

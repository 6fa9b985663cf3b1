package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"senhasegura-bot/senhasegura"
)

// mySafeTokenPath is not a setting: MySafe is under /api always.
const mySafeTokenPath = "/api/oauth2/token"

// granted: a token was issued; what is left to say is how long it lives.
func (x *examination) granted(s side, g senhasegura.Grant) {
	what := fmt.Sprintf("%s issues a token", s.module)
	switch {
	case g.Life <= 0:
		x.warn(s.token, what+", and does not say how long it lives", "each is used until it is refused", "see to the life of tokens with "+s.where)
	case g.Life < time.Minute:
		x.warn(s.token, what+fmt.Sprintf(", for %s only", formatDuration(g.Life)), "nearly every call asks for one of its own", "see to the life of tokens with "+s.where)
	case g.Life > 24*time.Hour:
		x.warn(s.token, what+", for "+formatDuration(g.Life), "whoever gets hold of it can use it for that long", "see to the life of tokens with "+s.where)
	default:
		x.ok(s.token, what+", for "+formatDuration(g.Life))
	}
}

// tokenFault says why no token was issued at a path.
func (x *examination) tokenFault(s side, path string, end answered) {
	what := fmt.Sprintf("%s issues no token at %s", s.module, path)
	means, change := x.whyNoToken(s, end)
	x.fault(s.token, what, means, change)
}

func (x *examination) whyNoToken(s side, end answered) (means, change string) {
	means = said(end, x.tokenTime())
	url, settings := x.config.SenhaseguraURL, "correct "+s.settings()
	if s.module == senhasegura.PAMCore {
		settings += ", or SENHASEGURA_TOKEN_PATH"
	}
	switch key := keyOf(end.fault); {
	case elsewhere(end):
		return means, x.whereElse(end, s)
	case key == "gateway.invalid_signature":
		return means, "the application is probably set to OAuth 1.0: set it to OAuth 2.0, for " + s.where
	case (key == "gateway.client_authentication" || end.fault.Status == http.StatusUnauthorized) && x.config.Tenant == "" && net.ParseIP(url.Hostname()) != nil:
		return means, "senhasegura demands the tenant when it is called by its IP address: set SENHASEGURA_TENANT, or write its name in SENHASEGURA_URL; else " + settings
	case key == "gateway.client_authentication" || end.fault.Status == http.StatusUnauthorized:
		if x.config.Tenant != "" {
			settings += ", or SENHASEGURA_TENANT"
		}
		return means, settings
	case end.fault.Kind == senhasegura.KindRateLimited:
		return means, "try again later"
	case end.fault.Kind == senhasegura.KindAuth:
		return means, settings + "; or allow this machine's IP address for " + s.where + ", and see that it has not expired"
	}
	return means, x.inTheWay(end)
}

// tokenTime is how long a token is waited for: no longer than serve would.
func (x *examination) tokenTime() time.Duration { return min(askTime, x.config.CallTimeout) }

// said is what came of a request, in senhasegura's words where there are any.
func said(end answered, within time.Duration) string {
	fault := end.fault
	status := fmt.Sprintf("HTTP %d", fault.Status)
	switch {
	case errors.Is(fault, context.DeadlineExceeded):
		return fmt.Sprintf("no whole answer within %s", formatDuration(within))
	case errors.Is(fault, context.Canceled):
		return "the check was broken off before the answer"
	case fault.Kind == senhasegura.KindRedirect && end.head.Location != "":
		return fmt.Sprintf("it redirects to %s (%s), which is never followed", end.head.Location, status)
	case fault.Kind == senhasegura.KindRedirect:
		return fmt.Sprintf("it redirects (%s), which is never followed", status)
	case end.head.Page() && end.head.Begin != "":
		return fmt.Sprintf("a page comes instead of data: HTTP %d, “%s”", end.head.Status, end.head.Begin)
	case end.head.Page():
		return fmt.Sprintf("a page comes instead of data: HTTP %d", end.head.Status)
	case fault.Message != "":
		return fmt.Sprintf("%s, “%s”", status, fault.Message)
	case fault.Status != 0 && end.head.Begin != "":
		return fmt.Sprintf("%s, “%s”", status, end.head.Begin)
	case fault.Status == 0 && end.head.Status != 0:
		return fmt.Sprintf("HTTP %d, of type %s, and no token in it that can be used", end.head.Status, cmp.Or(end.head.Type, "unknown"))
	case fault.Status != 0 && fault.Err != nil:
		return fmt.Sprintf("%s, %v", status, fault.Err)
	case fault.Status != 0:
		return status
	}
	return strings.TrimPrefix(fmt.Sprint(fault.Err), "fetching a token: ")
}

// keyOf is the key of what senhasegura said, where the manuals know it.
func keyOf(fault *senhasegura.Error) string {
	known, _ := fault.Explain()
	return known.Key
}

// elsewhere reports whether the answer looks as if the API were not at this
// address or path.
func elsewhere(end answered) bool {
	if end.fault == nil {
		return false
	}
	return end.fault.Kind == senhasegura.KindRedirect || end.head.Page() ||
		end.fault.Status == http.StatusNotFound || end.fault.Status == http.StatusMethodNotAllowed
}

// whereElse says which setting leads to the wrong place.
func (x *examination) whereElse(end answered, s side) string {
	to := end.head.Location
	switch {
	case end.fault.Kind == senhasegura.KindRedirect && x.otherHost(to):
		if strings.HasPrefix(to, "https://") {
			return "if that is senhasegura, set SENHASEGURA_URL=" + to
		}
		return "if that is senhasegura, set SENHASEGURA_URL to its address with https://"
	case end.head.Page() && end.fault.Status == http.StatusForbidden:
		return "let this machine's IP address through where that page comes from; or, if that is not senhasegura's, correct SENHASEGURA_URL"
	case end.head.Page() && end.fault.Status >= 500:
		return "see to the proxy or load balancer that answers, and whether senhasegura runs behind it"
	case end.head.Page():
		return "correct SENHASEGURA_URL: a proxy, a web server or a login page answers there"
	case keyOf(end.fault) == "gateway.no_route" && s.module == senhasegura.PAMCore && end.fault.Op != senhasegura.OpToken: // [inferred]
		return "correct SENHASEGURA_URL or SENHASEGURA_API_PREFIX, or see whether " + s.where + " is valid: a token that is not accepted is answered so, too"
	case s.module == senhasegura.MySafe:
		return "correct SENHASEGURA_URL; MySafe needs senhasegura 3.33 or later" // [inferred]
	}
	return "correct SENHASEGURA_URL, SENHASEGURA_API_PREFIX or SENHASEGURA_TOKEN_PATH"
}

// otherHost reports whether a redirect leads away from senhasegura: to another
// scheme of the same host it only shows that a proxy in between ends TLS.
func (x *examination) otherHost(to string) bool {
	u, err := url.Parse(to)
	if err != nil || u.Host == "" {
		return false
	}
	own := x.config.SenhaseguraURL
	return !strings.EqualFold(u.Hostname(), own.Hostname()) || u.Scheme == own.Scheme && cmp.Or(u.Port(), "443") != cmp.Or(own.Port(), "443")
}

// inTheWay is for answers, or none, that no setting of the module explains.
func (x *examination) inTheWay(end answered) string {
	switch {
	case strings.Contains(fmt.Sprint(end.fault.Err), "remote error: tls"):
		return "see the client certificate: SENHASEGURA_CLIENT_CERT_FILE and SENHASEGURA_CLIENT_KEY_FILE"
	case end.fault.Status >= 500:
		return "senhasegura, or what stands before it, is in trouble: see there, and try again"
	case end.head.Status != 0:
		return "check that SENHASEGURA_URL leads to senhasegura's API"
	}
	return "see whether senhasegura is busy or something on the way ends connections, and try again"
}

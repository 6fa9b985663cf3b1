package main

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"senhasegura-bot/senhasegura"
)

// pamCore checks the authorization for PAM Core: where it gets its token, under
// which prefix the list is, and what is in it.
func (x *examination) pamCore(ctx context.Context, a *asker) {
	if !a.Configured(senhasegura.PAMCore) {
		x.absent(pamSide)
		return
	}
	configured, path := x.config.TokenPath, x.config.TokenPath
	grant, end := a.askToken(ctx, senhasegura.PAMCore, path)
	if elsewhere(end) {
		path = x.issuedAt(ctx)
	}
	if end.fault != nil && path == configured {
		x.tokenFault(pamSide, path, end)
		return
	}
	here := x.credentialsUnder(ctx, x.config.APIPrefix, path, listTime)
	there := x.credentialsUnder(ctx, otherPrefix(x.config.APIPrefix), path, askTime)
	right, list := x.config.APIPrefix, here
	if elsewhere(here.answered) && there.answers() {
		right, list = otherPrefix(right), there
	}
	change := x.settingsFor(right, x.nearer(ctx, right, path))
	if path == configured {
		x.granted(pamSide, grant)
	} else {
		x.fault(pamSide.token, "PAM Core issues no token at "+configured, said(end, x.tokenTime())+"; it does at "+path, change)
	}
	x.prefixes(here, there, change)
	if elsewhere(list.answered) { // said with the prefixes
		return
	}
	if x.listed(pamSide, list) {
		x.kinds(list)
	}
}

// issuedAt is where else PAM Core issues tokens; where it does not, the
// configured path.
func (x *examination) issuedAt(ctx context.Context) string {
	for _, prefix := range []string{x.config.APIPrefix, otherPrefix(x.config.APIPrefix)} {
		if path := defaultTokenPath(prefix); path != x.config.TokenPath && x.issues(ctx, path) {
			return path
		}
	}
	return x.config.TokenPath
}

// issues reports whether PAM Core issues tokens at a path.
func (x *examination) issues(ctx context.Context, path string) bool {
	a, err := x.asker(x.config.APIPrefix, path)
	if err != nil {
		return false
	}
	_, end := a.askToken(ctx, senhasegura.PAMCore, path)
	return end.fault == nil
}

// nearer is the token path under a prefix that is not configured, if tokens are
// issued there too: one setting is less to change than two.
func (x *examination) nearer(ctx context.Context, prefix, path string) string {
	if near := defaultTokenPath(prefix); prefix != x.config.APIPrefix && near != path && x.issues(ctx, near) {
		return near
	}
	return path
}

// credentialsUnder reads the list under a prefix, with a token from a path.
func (x *examination) credentialsUnder(ctx context.Context, prefix, path string, within time.Duration) inventory {
	a, err := x.asker(prefix, path)
	if err != nil {
		return inventory{answered: answered{fault: &senhasegura.Error{Kind: senhasegura.KindNotSent, Err: err}}}
	}
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	return a.credentials(ctx, prefix)
}

// answers reports whether senhasegura itself answered: with the list, with some
// of it, or with a refusal of its own.
func (s inventory) answers() bool {
	return s.fault == nil || !elsewhere(s.answered) && (s.head.Status == http.StatusOK || s.fault.Kind == senhasegura.KindRefused)
}

func otherPrefix(prefix string) string {
	if prefix == "/iso" {
		return "/api"
	}
	return "/iso"
}

func defaultTokenPath(prefix string) string { return prefix + "/oauth2/token" }

// settingsFor says which settings lead to a prefix and a token path; empty where
// these do.
func (x *examination) settingsFor(prefix, path string) string {
	var set []string
	derived := x.config.TokenPath == defaultTokenPath(x.config.APIPrefix)
	becomes := x.config.TokenPath
	if prefix != x.config.APIPrefix {
		set = append(set, "SENHASEGURA_API_PREFIX="+prefix)
		if derived {
			becomes = defaultTokenPath(prefix)
		}
	}
	if becomes != path {
		set = append(set, "SENHASEGURA_TOKEN_PATH="+path)
	}
	if len(set) == 0 {
		return ""
	}
	return "set " + strings.Join(set, " and ")
}

// prefixes says which of the two leads to the list.
func (x *examination) prefixes(here, there inventory, change string) {
	const name = "senhasegura_prefix"
	this, other := x.config.APIPrefix, otherPrefix(x.config.APIPrefix)
	switch {
	case here.answers() && there.answers():
		x.ok(name, fmt.Sprintf("SENHASEGURA_API_PREFIX=%s answers; %s does, too", this, other))
	case here.answers():
		x.ok(name, fmt.Sprintf("SENHASEGURA_API_PREFIX=%s answers; %s does not", this, other))
	case elsewhere(here.answered) && there.answers():
		x.fault(name, fmt.Sprintf("SENHASEGURA_API_PREFIX=%s does not answer, and %s does", this, other), said(here.answered, listTime), change)
	case elsewhere(here.answered):
		x.fault(name, fmt.Sprintf("neither %s nor %s answers", this, other), said(here.answered, listTime), x.whereElse(here.answered, pamSide))
	}
}

// kinds says what is special about entries of the list of credentials.
func (x *examination) kinds(l inventory) {
	all := count(l.total, l.noun)
	if l.sshKeys > 0 {
		x.ok("senhasegura_list", fmt.Sprintf("%s among %s: calls on SSH keys are probably refused (1010)", count(l.sshKeys, "SSH key"), all)) // [inferred]
	}
	if l.rotate > 0 {
		x.ok("senhasegura_release", fmt.Sprintf("automatic change is on for %d of %s: releasing custody rotates the password there", l.rotate, all))
	}
	if l.unknown > 0 {
		x.ok("senhasegura_release", fmt.Sprintf("the list does not tell whether automatic change is on for %d of %s: releasing custody may rotate the password there", l.unknown, all))
	}
	if l.rotate+l.unknown == 0 {
		x.ok("senhasegura_release", fmt.Sprintf("automatic change is on for none of %s: releasing custody rotates no password", all))
	}
}

// limits are what no look at senhasegura shows, and what people should know
// before two of them are woken for it.
func (x *examination) limits() {
	if !x.config.PAM.Set() {
		return
	}
	x.ok("senhasegura_release", "custody can be released where it was taken through the API by this bot's authorization; custody that a person took in the web interface stays (1018)")
	x.ok("senhasegura_write", "whether the authorization may write shows only at the first call: without permission it is refused (1039), and nothing is changed")
}

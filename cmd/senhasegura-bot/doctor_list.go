package main

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"senhasegura-bot/approvals/redisstore"
	"senhasegura-bot/commands"
	"senhasegura-bot/senhasegura"
)

const (
	passwordsPath = "/api/mysafe/password"
	secretsPath   = "/api/mysafe/secretapi"

	// listTime is the time that serve gives a list: see senhasegura.Config.
	listTime = 30 * time.Second
	// slowList is from when on a list may be too old before it is read again.
	slowList = 15 * time.Second
)

func credentialsPath(prefix string) string { return prefix + "/pam/credential" }

// inventory is what one list came to.
type inventory struct {
	noun  string // of one entry
	total int
	// sshKeys, and whether releasing custody rotates the password, are of
	// credentials; locked, what the access key may not edit, is of the others.
	sshKeys, rotate, unknown, locked int
	took                             time.Duration
	answered
}

func (a *asker) credentials(ctx context.Context, prefix string) inventory {
	return take(ctx, a, "credential", credentialsPath(prefix), a.ListCredentials, func(s *inventory, c senhasegura.Credential) {
		s.sshKeys += one(commands.IsKey(c.Type))
		s.rotate += one(c.AutomaticChange)
		s.unknown += one(c.ChangeUnknown)
	})
}

func (a *asker) passwords(ctx context.Context) inventory {
	return take(ctx, a, "password", passwordsPath, a.ListPasswords, func(s *inventory, p senhasegura.Password) { s.locked += one(p.ReadOnly) })
}

func (a *asker) secrets(ctx context.Context) inventory {
	return take(ctx, a, "API secret", secretsPath, a.ListSecrets, func(s *inventory, p senhasegura.Secret) { s.locked += one(p.ReadOnly) })
}

// take reads a list and counts what is in it.
func take[T any](ctx context.Context, a *asker, noun, path string, list func(context.Context) ([]T, error), note func(*inventory, T)) inventory {
	began := time.Now()
	all, err := list(ctx)
	s := inventory{noun: noun, total: len(all), took: time.Since(began), answered: a.ended(err, path)}
	for _, item := range all {
		note(&s, item)
	}
	return s
}

func one(is bool) int {
	if is {
		return 1
	}
	return 0
}

// listed says how many entries there are; false: none, or no list.
func (x *examination) listed(s side, l inventory) bool {
	if l.fault != nil {
		means, change := x.whyNoList(s, l)
		x.fault(s.list, fmt.Sprintf("the list of %ss cannot be read", l.noun), means, change)
		return false
	}
	took := "read in " + l.took.Round(time.Millisecond).String()
	switch {
	case l.total == 0:
		x.warn(s.list, fmt.Sprintf("the list of %ss is empty", l.noun), "there is nothing that the bot could switch", "link some to "+s.where)
	case l.took > slowList:
		x.warn(s.list, fmt.Sprintf("%s in the list, %s", count(l.total, l.noun), took),
			"a list must come within 30 s, and names that are older than 60 s are not shown", "link only what the bot shall switch to "+s.where)
	default:
		x.ok(s.list, fmt.Sprintf("%s in the list, %s", count(l.total, l.noun), took))
	}
	return l.total > 0
}

func (x *examination) whyNoList(s side, l inventory) (means, change string) {
	means = said(l.answered, listTime)
	allow := "give it to " + s.where + ", and allow this machine's IP address there"
	if s.module == senhasegura.PAMCore {
		allow = "give " + s.where + " the resource PAM Core with permission to read and write and its list of credentials, and allow this machine's IP address there"
	}
	mixedUp := "; or see whether " + pamSide.settings() + " were mixed up with " + mySafeSide.settings()
	switch {
	case l.fault.Kind == senhasegura.KindAuth:
		return "the token just issued is refused: " + means, allow + mixedUp
	case l.fault.Kind == senhasegura.KindRefused && keyOf(l.fault) == "gateway.not_authorized":
		return means, allow + mixedUp
	case elsewhere(l.answered):
		return means, x.whereElse(l.answered, s)
	case l.fault.Kind == senhasegura.KindRefused, l.fault.Status == http.StatusForbidden:
		return means, allow
	case l.fault.Kind == senhasegura.KindRateLimited:
		return means, "try again later"
	}
	return means, x.inTheWay(l.answered)
}

// mySafeList checks one list of MySafe, and how much of it may be edited.
func (x *examination) mySafeList(l inventory) {
	if !x.listed(mySafeSide, l) {
		return
	}
	const means, change = "switching them is refused (1006)", "the owner shares them with edit permission"
	switch l.locked {
	case 0:
	case l.total:
		x.warn("mysafe_write", fmt.Sprintf("no %s in the list may be edited by the access key", l.noun), means, change)
	default:
		x.found(check{redisstore.OK, "mysafe_write", fmt.Sprintf("%d of %s may not be edited by the access key", l.locked, count(l.total, l.noun)), means, change})
	}
}

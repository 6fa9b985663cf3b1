package main

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"sync"
	"time"

	"senhasegura-bot/approvals/redisstore"
	"senhasegura-bot/senhasegura"
)

// askTime bounds a token request, and the list under the prefix that is not
// configured; a list that serve relies on has the time that serve gives it.
const askTime = 8 * time.Second

// senhasegura checks the way to senhasegura and what the bot's two clients may
// see there. It asks for tokens and lists, as serve does, and for nothing else:
// no write, and no item by its id.
func (x *examination) senhasegura(ctx context.Context) {
	defer x.limits()
	x.clientCertificate()
	a, err := x.asker(x.config.APIPrefix, x.config.TokenPath)
	if err != nil {
		x.fault("senhasegura_url", "the settings of senhasegura", err.Error(), "correct them")
		return
	}
	if !x.link(ctx, a) {
		return
	}
	pam, mySafe := x.apart(), x.apart()
	var both sync.WaitGroup
	both.Go(func() { pam.pamCore(ctx, a) })
	both.Go(func() { mySafe.mySafe(ctx) })
	both.Wait()
	x.join(pam, mySafe)
	x.applianceClock = quicker(a.clock(), x.applianceClock)
}

// asker is a client of senhasegura and what it heard.
type asker struct {
	*senhasegura.Client
	mu    sync.Mutex
	heads map[string]senhasegura.Head // by path
}

// asker is a client as serve makes it, under a prefix and with a token path.
func (x *examination) asker(prefix, tokenPath string) (*asker, error) {
	a := &asker{heads: map[string]senhasegura.Head{}}
	c := x.config.Senhasegura(slog.New(slog.DiscardHandler))
	c.Prefix, c.TokenPath = prefix, tokenPath
	c.Heard = func(h senhasegura.Head) {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.heads[h.Path] = h
	}
	var err error
	a.Client, err = senhasegura.New(c)
	return a, err
}

// clock is what the quickest answer says of senhasegura's clock.
func (a *asker) clock() reading {
	a.mu.Lock()
	defer a.mu.Unlock()
	var best reading
	for h := range maps.Values(a.heads) {
		best = quicker(best, readClock(h.Date, h.Asked, h.Answered))
	}
	return best
}

// answered is how a request ended: the client's error, nil where all is well,
// and the head of what was answered, zero where nothing was.
type answered struct {
	fault *senhasegura.Error
	head  senhasegura.Head
}

func (a *asker) ended(err error, path string) answered {
	fault, _ := errors.AsType[*senhasegura.Error](err)
	a.mu.Lock()
	defer a.mu.Unlock()
	return answered{fault, a.heads[path]}
}

// askToken asks for a token of a module, whose endpoint is at the path.
func (a *asker) askToken(ctx context.Context, m senhasegura.Module, path string) (senhasegura.Grant, answered) {
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	grant, err := a.AskToken(ctx, m)
	return grant, a.ended(err, path)
}

// side is one of senhasegura's two modules, in the words of the settings.
type side struct {
	module      senhasegura.Module
	token, list string // names of the checks
	id, secret  string // settings
	lost        string // what is impossible without it
	where       string // who may what is set there
}

func (s side) settings() string { return s.id + " and " + s.secret }

var (
	pamSide = side{senhasegura.PAMCore, "senhasegura_token", "senhasegura_list", "SENHASEGURA_CLIENT_ID", "SENHASEGURA_CLIENT_SECRET",
		"credentials cannot be switched, nor custody released", "the bot's authorization under A2A in senhasegura"}
	mySafeSide = side{senhasegura.MySafe, "mysafe_token", "mysafe_list", "MYSAFE_CLIENT_ID", "MYSAFE_CLIENT_SECRET",
		"passwords and API secrets cannot be switched", "the bot's access key in MySafe"}
)

// absent tells that there is one module less to look at, which is no fault.
func (x *examination) absent(s side) {
	x.found(check{redisstore.OK, s.token, string(s.module) + " is not configured", s.lost, "where that is wanted, set " + s.settings()})
}

// mySafe checks the access key, and what it may see and edit. It has an asker of
// its own: what was heard is known by its path, and PAM Core may ask for tokens
// at the same one.
func (x *examination) mySafe(ctx context.Context) {
	if !x.config.MySafe.Set() {
		x.absent(mySafeSide)
		return
	}
	a, err := x.asker(x.config.APIPrefix, x.config.TokenPath)
	if err != nil { // said already: with these settings there was one before
		return
	}
	defer func() { x.applianceClock = a.clock() }()
	grant, end := a.askToken(ctx, senhasegura.MySafe, mySafeTokenPath)
	if end.fault != nil {
		x.tokenFault(mySafeSide, mySafeTokenPath, end)
		return
	}
	x.granted(mySafeSide, grant)
	var passwords, secrets inventory
	var both sync.WaitGroup
	both.Go(func() { passwords = a.passwords(ctx) })
	both.Go(func() { secrets = a.secrets(ctx) })
	both.Wait()
	x.mySafeList(passwords)
	x.mySafeList(secrets)
}

package commands

import (
	"context"
	"errors"
	"log/slog"

	"senhasegura-bot/approvals"
	"senhasegura-bot/senhasegura"
)

// CallerConfig is what a Caller needs; every field is required.
type CallerConfig struct {
	Client *senhasegura.Client
	Lists  Lists
	Logger *slog.Logger
}

// Caller makes the privileged calls for the desk.
type Caller struct {
	client *senhasegura.Client
	lists  Lists
	log    *slog.Logger
}

var _ approvals.Caller = (*Caller)(nil)

// NewCaller sends nothing.
func NewCaller(c CallerConfig) *Caller {
	return &Caller{client: c.Client, lists: c.Lists, log: c.Logger}
}

// Faults of a call that have no entry in senhasegura's catalogue.
const (
	faultRedirect      = "call.redirect"
	faultAuth          = "call.auth"
	faultNotConfigured = "call.not_configured"
	faultNotSent       = "call.not_sent"
	faultLost          = "call.lost"
)

// faultRateLimited is the catalogue's name of a 429.
const faultRateLimited = "gateway.rate_limited"

// Configured reports whether the bot has access to the module of this kind.
func (c *Caller) Configured(k approvals.Kind) bool { return c.client.Configured(moduleOf(k)) }

func moduleOf(k approvals.Kind) senhasegura.Module {
	if k == approvals.Credential {
		return senhasegura.PAMCore
	}
	return senhasegura.MySafe
}

// Admit gives leave for one call, or nil while none may be made. PAM Core and
// MySafe are one appliance, and rest apart after a 429.
func (c *Caller) Admit(k approvals.Kind) approvals.Permit {
	if permit := c.client.Admit(moduleOf(k)); permit != nil {
		return admitted{c, permit}
	}
	return nil
}

// admitted is leave for one call.
type admitted struct {
	*Caller
	permit *senhasegura.Permit
}

// Return gives it back unused.
func (c admitted) Return() { c.permit.Return() }

// Call makes one of the seven calls of product.md §1. The gate is asked right
// before the first byte is written, and before any repetition.
func (c admitted) Call(ctx context.Context, v approvals.Verb, k approvals.Kind, ref string, gate func(context.Context) error) approvals.Answer {
	call := c.operation(v, k)
	if call == nil {
		return approvals.Answer{Kind: approvals.AnswerRefused, Fault: faultNotConfigured}
	}
	said, err := call(senhasegura.WithGate(ctx, gate), ref)
	c.permit.Done(err)
	if err != nil {
		a := failed(moduleOf(k), err)
		// The answer keeps what people are told; the cause, which is for the
		// person who runs the bot, ends here.
		c.log.WarnContext(ctx, "a call to senhasegura failed", "verb", v, "kind", k, "answer", a.Kind, "error", err)
		return a
	}
	kind := approvals.AnswerDone
	if said.Already {
		kind = approvals.AnswerAlready
	}
	return approvals.Answer{Kind: kind, Module: string(moduleOf(k)), Status: said.Status, Message: said.Message}
}

// Changed reports whether the list now shows another thing than the card does.
func (c *Caller) Changed(k approvals.Kind, t approvals.Target) bool { return changed(c.lists, k, t) }

func (c *Caller) operation(v approvals.Verb, k approvals.Kind) func(context.Context, string) (senhasegura.Answer, error) {
	return map[Operation]func(context.Context, string) (senhasegura.Answer, error){
		{approvals.Activate, approvals.Credential}:   c.client.ActivateCredential,
		{approvals.Deactivate, approvals.Credential}: c.client.DeactivateCredential,
		{approvals.Release, approvals.Credential}:    c.client.ReleaseCustody,
		{approvals.Activate, approvals.Password}:     c.client.ActivatePassword,
		{approvals.Deactivate, approvals.Password}:   c.client.DeactivatePassword,
		{approvals.Activate, approvals.Secret}:       c.client.ActivateSecret,
		{approvals.Deactivate, approvals.Secret}:     c.client.DeactivateSecret,
	}[Operation{v, k}]
}

// failed turns the client's error into an answer. An error of any other type
// says nothing about what happened, so the answer counts as lost.
func failed(m senhasegura.Module, err error) approvals.Answer {
	e, ok := errors.AsType[*senhasegura.Error](err)
	if !ok {
		return approvals.Answer{Kind: approvals.AnswerLost, Module: string(m), Fault: faultLost}
	}
	a := approvals.Answer{Module: string(e.Module), Code: e.Code, Status: e.Status, Message: e.Message}
	a.Kind, a.Fault = kindOf(e.Kind)
	if a.Kind == approvals.AnswerWait {
		a.After = e.RetryAfter
	}
	if known, ok := e.Explain(); ok {
		a.Fault = known.Key
	}
	return a
}

// kindOf is what each kind of error allows to be concluded, and the name of
// its explanation where senhasegura gave none.
func kindOf(k senhasegura.Kind) (approvals.AnswerKind, string) {
	switch k {
	case senhasegura.KindRefused:
		return approvals.AnswerRefused, ""
	case senhasegura.KindAuth:
		return approvals.AnswerRefused, faultAuth
	case senhasegura.KindRedirect:
		return approvals.AnswerRefused, faultRedirect
	case senhasegura.KindNotConfigured:
		return approvals.AnswerRefused, faultNotConfigured
	case senhasegura.KindRateLimited:
		return approvals.AnswerWait, faultRateLimited
	case senhasegura.KindNotSent:
		return approvals.AnswerNotSent, faultNotSent
	}
	return approvals.AnswerLost, faultLost
}

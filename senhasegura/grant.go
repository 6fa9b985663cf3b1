package senhasegura

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

var errNotConfigured = errors.New("no client id and secret for this module")

// Grant is what the token endpoint said of a token, without the token.
type Grant struct {
	Life time.Duration // as told; where it is not more than zero, the token is used until it is refused
}

// AskToken asks the token endpoint of a module for a token and lets it go. Calls ask for their own, so this
// is for who examines an installation. Its error is an *Error of OpToken; a call that needs a token fails
// with the same one.
func (c *Client) AskToken(ctx context.Context, m Module) (Grant, error) {
	o := op{module: m, name: OpToken, method: http.MethodPost}
	source := c.tokens[m]
	if source == nil {
		return Grant{}, newError(o, Error{Kind: KindNotConfigured, Err: errNotConfigured})
	}
	began := time.Now()
	token, err := source.fetch.ask(ctx)
	if err != nil {
		return Grant{}, c.note(ctx, began, o, tokenError(o, err))
	}
	return Grant{Life: lifeOf(token.Extra("expires_in"))}, nil
}

// lifeOf reads expires_in as the endpoint wrote it: a number of seconds, or a string of one.
func lifeOf(told any) time.Duration {
	seconds, err := strconv.ParseFloat(fmt.Sprint(told), 64)
	if err != nil {
		return 0
	}
	const most = 1 << 31 // what the calls go by, too
	return time.Duration(max(-most, min(most, seconds))) * time.Second
}

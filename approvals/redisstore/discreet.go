package redisstore

import (
	"context"
	"strings"

	"github.com/redis/go-redis/v9"
)

// discreet is a hook that takes the password out of the errors of commands: what
// answers is not always a Redis that knows AUTH, and may say back what it was told.
type discreet struct{ password string }

func (d discreet) DialHook(next redis.DialHook) redis.DialHook { return next }

func (d discreet) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		err := d.hide(next(ctx, cmd))
		cmd.SetErr(d.hide(cmd.Err()))
		return err
	}
}

func (d discreet) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		err := d.hide(next(ctx, cmds))
		for _, cmd := range cmds {
			cmd.SetErr(d.hide(cmd.Err()))
		}
		return err
	}
}

func (d discreet) hide(err error) error {
	if err == nil || !strings.Contains(err.Error(), d.password) {
		return err
	}
	return hidden{err, strings.ReplaceAll(err.Error(), d.password, "[redacted]")}
}

// hidden is an error in other words. It stays what it is to whoever asks with
// errors.Is or errors.As.
type hidden struct {
	error
	text string
}

func (h hidden) Error() string { return h.text }
func (h hidden) Unwrap() error { return h.error }

package main

import (
	"errors"
	"io"
	"log/slog"
	"strings"

	"senhasegura-bot/approvals/redisstore"
)

// withoutSecrets takes every secret of the settings out of a text: what answers
// to a bot may say back what it was told, and errors carry that on.
func (c Config) withoutSecrets(text string) string {
	redisPassword := newSecret(redisstore.Password(c.RedisURL.Value()))
	for _, s := range []Secret{c.SlackBotToken, c.SlackSigningSecret, c.SlackAppToken, c.PAM.Secret, c.MySafe.Secret, c.AuditKey, redisPassword} {
		if s.Value() != "" {
			text = strings.ReplaceAll(text, s(), redacted)
		}
	}
	return text
}

// logger writes JSON lines without secrets.
func (c Config) logger(w io.Writer) *slog.Logger {
	return slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		switch v := a.Value.Any().(type) {
		case string:
			a.Value = slog.StringValue(c.withoutSecrets(v))
		case error:
			a.Value = slog.StringValue(c.withoutSecrets(v.Error()))
		}
		return a
	}}))
}

// hides returns err as it is, or only its text where that holds a secret.
func (c Config) hides(err error) error {
	if err == nil {
		return nil
	}
	if said := err.Error(); c.withoutSecrets(said) != said {
		return errors.New(c.withoutSecrets(said))
	}
	return err
}

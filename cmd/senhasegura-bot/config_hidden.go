package main

import (
	"cmp"
	"io"
	"log/slog"
	"slices"
	"strings"
)

// hiding takes every secret of the settings out of a text: what answers the bot
// may say back what it was told, and errors carry that on. The password in
// REDIS_URL is redisstore's to hide.
func (c Config) hiding() *strings.Replacer {
	var secrets []string
	for _, s := range []Secret{c.SlackBotToken, c.SlackSigningSecret, c.SlackAppToken, c.PAM.Secret, c.MySafe.Secret, c.AuditKey} {
		if s.Value() != "" {
			secrets = append(secrets, s())
		}
	}
	// Of two that begin alike the longer goes first, or its end would stay.
	slices.SortFunc(secrets, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	var pairs []string
	for _, s := range secrets {
		pairs = append(pairs, s, redacted)
	}
	return strings.NewReplacer(pairs...)
}

// logger writes JSON lines without secrets.
func (c Config) logger(w io.Writer) *slog.Logger {
	hiding := c.hiding()
	return slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		switch v := a.Value.Any().(type) {
		case string:
			a.Value = slog.StringValue(hiding.Replace(v))
		case error:
			a.Value = slog.StringValue(hiding.Replace(v.Error()))
		}
		return a
	}}))
}

package views

import (
	"testing"

	"senhasegura-bot/bot/messages"
)

func TestInvitationsReadAsWritten(t *testing.T) {
	inLanguages(t, func(t *testing.T, lang string) {
		p := messages.For(lang)
		all := map[string]Message{
			"with a link": Invitation(p, sane(), permalink), "without": Invitation(p, sane(), ""),
			"of many targets": Invitation(p, worst("release", "credential", 20), permalink),
		}
		golden(t, "invitations."+lang, all)
		for name, m := range all {
			if len([]rune(m.Text)) > 3000 {
				t.Errorf("%s: a section holds 3000 characters, not %d", name, len([]rune(m.Text)))
			}
		}
	})
}

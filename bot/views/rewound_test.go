package views

import (
	"strings"
	"testing"

	"senhasegura-bot/approvals"
	"senhasegura-bot/bot/messages"
)

// TestASetBackCardOffersOnlyThePersonsWord: whatever its context says, and from
// whatever state the record went back.
func TestASetBackCardOffersOnlyThePersonsWord(t *testing.T) {
	inLanguages(t, func(t *testing.T, lang string) {
		p := messages.For(lang)
		for name, r := range map[string]approvals.Request{"pending": sane(), "approved": approved(sane()), "running": ran(sane(), approvals.Running, calling),
			"unknown": ran(sane(), approvals.Unknown, gone), "expired": decided(approvals.Expired, approvals.Decision{})} {
			var all []string
			for _, b := range of(setBack(r), Context{Printer: p, RunAgain: true}).buttons() {
				all = append(all, string(readable(t, b)))
			}
			if len(all) != 1 || !strings.Contains(all[0], ActionResolve) {
				t.Errorf("%s, set back, has %v", name, all)
			}
			m := Card(setBack(r), Context{Printer: p})
			if m.Metadata.EventPayload["version"] != r.Version+3 || m.Metadata.EventPayload["state"] != "unknown" {
				t.Errorf("%s, set back, carries %v", name, m.Metadata.EventPayload)
			}
		}
		m := Lost(p, "R-7K3M9X", 4)
		if text := string(readable(t, m.Blocks)); strings.Contains(text, `"actions"`) || m.Metadata.EventPayload["version"] != 5 {
			t.Errorf("a lost card has %s, %v", text, m.Metadata.EventPayload)
		}
	})
}

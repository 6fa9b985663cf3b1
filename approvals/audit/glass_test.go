package audit

import (
	"encoding/csv"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"senhasegura-bot/approvals"
)

// TestABreakGlassStandsOut: a SIEM can find what ran before anybody approved it,
// and a spreadsheet filter it, from its first entry to the last.
func TestABreakGlassStandsOut(t *testing.T) {
	for event, loud := range map[approvals.EventKind]string{
		approvals.EventGlass: "|9|", approvals.EventOverdue: "|9|", approvals.EventMark: "|3|", approvals.EventReview: "|3|",
	} {
		e, err := json.Marshal(approvals.Entry{Request: "R-7K3M9X", Event: event, State: approvals.Running, Team: "T1", Glass: true})
		if err != nil {
			t.Fatal(err)
		}
		k := NewKeys([]byte("key"), "T1")
		out := map[Format]string{}
		for _, f := range []Format{CSV, CEF} {
			var b strings.Builder
			if _, err := k.Export(&b, Selection{Format: f}, k.Genesis(), each(Record{Seq: 7, Entry: string(e), Link: Link{Seq: 7, Hash: "0a"}})); err != nil {
				t.Fatal(err)
			}
			out[f] = b.String()
		}
		if !strings.Contains(out[CEF], " cat=break_glass ") || !strings.Contains(out[CEF], loud) {
			t.Errorf("%s: CEF says %s", event, out[CEF])
		}
		rows, err := csv.NewReader(strings.NewReader(out[CSV])).ReadAll()
		if err != nil || len(rows) != 2 || rows[1][slices.Index(columns, "break_glass")] != "yes" {
			t.Errorf("%s: CSV says %v, %v", event, rows, err)
		}
	}
}

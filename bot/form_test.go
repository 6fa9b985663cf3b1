package bot

import (
	"encoding/json"
	"testing"

	"senhasegura-bot/bot/views"
)

// TestAFormSentAgainIsOneRequest as long as everything in it is the same, what
// was picked in its search too.
func TestAFormSentAgainIsOneRequest(t *testing.T) {
	key := func(state string) string {
		s := submission{view: "V1", user: "U1", from: carried{Channel: "C1"}}
		if err := json.Unmarshal([]byte(state), &s.values); err != nil {
			t.Fatal(err)
		}
		return s.key()
	}
	typed := `"targets":{"targets":{"value":"5"}}`
	one := key(`{` + typed + `,"` + views.FieldLookup + `":{"lookup":{"selected_options":[{"value":"credential:6"}]}}}`)
	if again := key(`{"lookup":{"lookup":{"selected_options":[{"value":"credential:6"}]}},` + typed + `}`); again != one {
		t.Error("the same form is another request")
	}
	for _, other := range []string{`{` + typed + `}`, `{` + typed + `,"lookup":{"lookup":{"selected_options":[{"value":"credential:7"}]}}}`} {
		if key(other) == one {
			t.Errorf("%s is the same request", other)
		}
	}
}

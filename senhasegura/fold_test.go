package senhasegura

import "testing"

func TestFold(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"": "", "DB01-Prod": "db01-prod", "PRODUÇÃO": "producao", "Produc\u0327a\u0303o": "producao", "São João 1º": "sao joao 1o",
		"Straße": "strasse", "ŁÓDŹ": "lodz", "Ωμέγα": "ωμέγα", "日本": "日本", "a · b • c": "a · b · c", "x\ny": "x\ny",
	} {
		if got := fold(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

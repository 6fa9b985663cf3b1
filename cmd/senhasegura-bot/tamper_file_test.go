package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestTamperingWithAFile: an exported file is what was exported, or the first
// entry that is not is named.
func TestTamperingWithAFile(t *testing.T) {
	t.Parallel()
	w, _ := auditedWorld(t)
	export, _ := w.tool("audit", "export")
	good := strings.SplitAfter(strings.TrimSuffix(export, "\n"), "\n")
	good[len(good)-1] += "\n"
	n, m := len(good)-2, 9
	day, _ := w.tool("audit", "export", "--until", "2020-01-01") // an empty one
	emptyEnd := strings.SplitAfter(day, "\n")[1]
	file := filepath.Join(t.TempDir(), "audit.jsonl")
	replace := func(i int, old, new string) func([]string) []string {
		return func(l []string) []string { l[i] = strings.Replace(l[i], old, new, 1); return l }
	}
	for _, c := range []struct {
		name string
		at   int
		bend func([]string) []string
	}{
		{"a name", m, replace(m, ana, dora)}, {"the first", 1, replace(1, ana, dora)}, {"the last", n, replace(n, ana, dora)},
		{"the time", m, replace(m, "Z\"", "0Z\"")}, {"a year", m, replace(m, `"at":"2`, `"at":"3`)},
		{"a number", m - 1, replace(m, `"seq":9`, `"seq":8`)}, {"a number ahead", m, replace(m, `"seq":9`, `"seq":19`)},
		{"a key in capitals", m, replace(m, `"seq"`, `"SEQ"`)}, {"a space", m, replace(m, ":", ": ")},
		{"a further key", m, replace(m, "{", `{"note":"x",`)}, {"a key twice", m, replace(m, "{", `{"seq":8,`)},
		{"the HMAC", m, replace(m, `"mac":"`, `"mac":"A`)}, {"the hash", m, replace(m, `"hash":"`, `"hash":"0`)},
		{"the seal", m, replace(m, `"seal":"`, `"seal":"A`)}, {"a line break of another system", m, replace(m, "\n", "\r\n")},
		{"no JSON", m, replace(m, "{", "[")},
		{"a line removed", m, func(l []string) []string { return slices.Delete(l, m, m+1) }},
		{"the first line removed", 1, func(l []string) []string { return slices.Delete(l, 1, 2) }},
		{"the last line removed", n, func(l []string) []string { return slices.Delete(l, n, n+1) }},
		{"the tail removed", m, func(l []string) []string { return l[:m] }},
		{"cut in a line", m, func(l []string) []string { return append(l[:m], l[m][:40]) }},
		{"no end", n + 1, func(l []string) []string { return l[:n+1] }},
		{"the end of another export", n + 1, func(l []string) []string { l[n+1] = emptyEnd; return l }},
		{"the tail removed, the end of another export", m, func(l []string) []string { return append(l[:m], emptyEnd) }},
		{"something after the end", n + 1, func(l []string) []string { return append(l, l[m]) }},
		{"twice", n + 1, func(l []string) []string { return append(l, l...) }},
		{"a line twice", m, func(l []string) []string { return slices.Insert(l, m, l[m]) }},
		{"two lines swapped", m, func(l []string) []string { l[m], l[m+1] = l[m+1], l[m]; return l }},
		{"an empty line", m, func(l []string) []string { return slices.Insert(l, m, "\n") }},
		{"where it begins", 1, replace(0, `"hash":"`, `"hash":"0`)}, {"after which it begins", 1, replace(0, `"seq":0`, `"seq":3`)},
		{"the team", 1, replace(0, "T0FAKE", "T0OTHER")},
		{"how many there are", n + 1, replace(n+1, `"entries":18`, `"entries":17`)},
	} {
		text := strings.Join(c.bend(slices.Clone(good)), "")
		if text == export {
			t.Errorf("%s: nothing was bent", c.name)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		out, status := w.tool("audit", "verify", file)
		if found := firstFault(out); status != exitFailed || found != c.at {
			t.Errorf("%s: status %d, found at entry %d, want 1 and %d\n%s", c.name, status, found, c.at, out)
		}
	}
}

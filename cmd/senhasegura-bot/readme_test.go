package main

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func readme(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// fenced are the README's code blocks of one language, without their fences.
func fenced(t *testing.T, language string) []string {
	t.Helper()
	var blocks []string
	var inside *strings.Builder
	open := ""
	for line := range strings.Lines(readme(t)) {
		fence, is := strings.CutPrefix(strings.TrimRight(line, "\n"), "```")
		switch {
		case is && inside == nil:
			inside, open = &strings.Builder{}, fence
		case is:
			if open == language {
				blocks = append(blocks, inside.String())
			}
			inside = nil
		case inside != nil:
			inside.WriteString(line)
		}
	}
	return blocks
}

// section is the README from a heading to the next of its level.
func section(t *testing.T, heading string) string {
	t.Helper()
	_, rest, found := strings.Cut(readme(t), "\n## "+heading+"\n")
	if !found {
		t.Fatalf("README.md has no section %q", heading)
	}
	text, _, _ := strings.Cut(rest, "\n## ")
	return text
}

// firstColumn are the words in backticks that begin the rows of a table.
func firstColumn(text string) []string {
	var all []string
	for _, row := range regexp.MustCompile("(?m)^\\| `([^`]+)`").FindAllStringSubmatch(text, -1) {
		all = append(all, row[1])
	}
	return all
}

// TestREADMECommands: the two commands for whoever comes by. Both are run
// elsewhere: the sandbox by TestREADMESession, the tests by .ci/run.
func TestREADMECommands(t *testing.T) {
	want := "go run ./cmd/senhasegura-bot sandbox\ngo test ./...\n"
	if got := fenced(t, "sh")[0]; got != want {
		t.Errorf("the first commands are\n%s\nwant\n%s", got, want)
	}
}

// TestREADMESettings: the table is the one that is read.
func TestREADMESettings(t *testing.T) {
	want := "| setting | secret | meaning | without it |\n|---|---|---|---|\n"
	for _, s := range settings() {
		secret, without := "", s.Absent
		if s.Secret {
			secret = "yes"
		}
		if s.Default != "" {
			without = "`" + s.Default + "`"
		}
		want += fmt.Sprintf("| `%s` | %s | %s | %s |\n", s.Name, secret, s.Meaning, without)
		if flag := strings.ReplaceAll(strings.ToLower(s.Name), "_", "-"); s.Flag != "" && s.Flag != flag {
			t.Errorf("%s has the flag --%s, which nobody would guess: want --%s", s.Name, s.Flag, flag)
		}
	}
	_, rest, _ := strings.Cut(section(t, "Settings"), "<!-- settings -->\n")
	got, _, _ := strings.Cut(rest, "<!-- /settings -->")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the table of settings should be\n%s\n%s", want, diff)
	}
}

// TestREADMEEnvironment: the least that runs is enough, and warns of nothing.
func TestREADMEEnvironment(t *testing.T) {
	config, faults := Load(strings.Fields(fenced(t, "sh")[1]), os.ReadFile, Flags{})
	if len(faults) > 0 || len(config.Warnings) > 0 {
		t.Errorf("the README's settings have faults %v and warnings %v", faults, config.Warnings)
	}
}

// TestREADMEPolicy: the example is good, and its slips are reported as shown.
func TestREADMEPolicy(t *testing.T) {
	example, shown := fenced(t, "yaml")[0], fenced(t, "")
	t.Chdir(t.TempDir())
	if got, want := checked(t, example), "policy.yml: good, 4 rules and the defaults\n"; got != want {
		t.Errorf("policy check says %q, want %q", got, want)
	}
	slips := strings.NewReplacer("expires: 30m ", "expires: 30 ", "    approvals: 2", "    aprovals: 2").Replace(example)
	if got := checked(t, slips); got != shown[len(shown)-1] {
		t.Errorf("policy check says\n%s\nthe README shows\n%s", got, shown[len(shown)-1])
	}
}

func checked(t *testing.T, policy string) string {
	t.Helper()
	if err := os.WriteFile("policy.yml", []byte(policy), 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	runPolicyCheck(&out, "policy.yml")
	return out.String()
}

// TestREADMERoutes: the bot listens where the table says.
func TestREADMERoutes(t *testing.T) {
	mux, is := (&server{}).routes(true).(*http.ServeMux)
	if !is {
		t.Fatal("the routes are no ServeMux: this test must ask them in another way")
	}
	var served []string
	for _, route := range firstColumn(section(t, "HTTP routes")) {
		method, path, _ := strings.Cut(route, " ")
		if method == http.MethodPost { // TestManifestURLs asks those
			served = append(served, path)
			continue
		}
		if _, pattern := mux.Handler(httptest.NewRequest(method, path, nil)); pattern != route {
			t.Errorf("%s is served as %q", route, pattern)
		}
	}
	if want := []string{"/slack/commands", "/slack/interactivity", "/slack/events"}; !cmp.Equal(served, want) {
		t.Errorf("the README names %v, want %v", served, want)
	}
}

// TestREADMELayout: every room is in the table, and nothing else is.
func TestREADMELayout(t *testing.T) {
	named := map[string]bool{}
	for _, room := range firstColumn(section(t, "Layout")) {
		named[room] = true
	}
	for _, p := range listPackages(t) {
		room := strings.TrimPrefix(p.ImportPath, module+"/")
		if !named[room] {
			t.Errorf("%s is not in the README's layout", room)
		}
		delete(named, room)
	}
	for room := range named {
		t.Errorf("the README's layout names %s, which is no package", room)
	}
}

// TestREADMELinks: what it links to in this repository is there.
func TestREADMELinks(t *testing.T) {
	for _, link := range regexp.MustCompile(`\]\(([^)#:]+)\)`).FindAllStringSubmatch(readme(t), -1) {
		if _, err := os.Stat(filepath.Join("../..", link[1])); err != nil {
			t.Errorf("README.md links to %s: %v", link[1], err)
		}
	}
}

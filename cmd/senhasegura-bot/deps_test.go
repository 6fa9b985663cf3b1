package main

import (
	"encoding/json"
	"errors"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "senhasegura-bot"

// room is what one package's own code may import directly, besides the
// standard library, and why no more.
type room struct {
	ours      []string // packages of this module
	libraries []string // import paths, or with /… everything below
	why       string
}

// rooms is every package of the module. Imports point down only.
func rooms() map[string]room {
	const slackGo, errgroup = "github.com/slack-go/slack", "golang.org/x/sync/errgroup"
	return map[string]room{
		"approvals": {why: "who may decide and what may follow what is readable, and testable, without knowing Slack, Redis or senhasegura: standard library only"},
		"approvals/approvalstest": {ours: []string{"approvals"}, libraries: []string{"github.com/google/go-cmp/…", "pgregory.net/rapid"},
			why: "the suites hold for every store, so they know none"},
		"approvals/audit": {ours: []string{"approvals"},
			why: "a record is verified far from Slack and Redis: what was written is all there is to know"},
		"approvals/redisstore": {ours: []string{"approvals", "approvals/audit"}, libraries: []string{"github.com/redis/go-redis/v9/…"},
			why: "a store keeps what the domain decided; it knows nobody who asks"},
		"approvals/redisstore/redistest": {why: "it starts a server; what is said to it is the tests' business"},
		"senhasegura": {libraries: []string{"golang.org/x/oauth2/…", errgroup, "golang.org/x/sync/singleflight"},
			why: "a client that could be a module of its own: it imports nothing of ours"},
		"senhasegura/senhaseguratest": {why: "a stand-in that shares no type with the client does not share its mistakes"},
		"commands": {ours: []string{"approvals", "senhasegura"}, libraries: []string{"golang.org/x/text/unicode/norm"},
			why: "what people may ask is the same from any chat: no Slack types"},
		"bot/messages": {libraries: []string{"github.com/goccy/go-yaml", "github.com/nicksnyder/go-i18n/v2/…", "golang.org/x/text/language"},
			why: "sentences know neither what they are about nor how they are shown"},
		"bot/views": {ours: []string{"approvals", "bot/messages", "commands"}, libraries: []string{slackGo},
			why: "views are functions of data and language: they send nothing and know no transport"},
		"bot": {ours: []string{"approvals", "bot/messages", "bot/views", "commands"}, libraries: []string{slackGo, errgroup, "golang.org/x/sync/singleflight"},
			why: "it knows neither go-redis nor the PAM's client: requests are the desk's, calls are made by commands"},
		"bot/webhook": {ours: []string{"bot"}, libraries: []string{slackGo},
			why: "a transport verifies and hands on: it decides nothing, so it knows nothing else"},
		"bot/socket": {ours: []string{"bot"}, libraries: []string{slackGo, errgroup, "github.com/gorilla/websocket"},
			why: "a transport verifies and hands on: it decides nothing, so it knows nothing else"},
		"bot/fakeslack": {libraries: []string{"github.com/gorilla/websocket"},
			why: "a stand-in made from Slack's documentation alone does not share the mistakes of our code or of slack-go"},
	}
}

// goPackage is what go list says of a package.
type goPackage struct {
	ImportPath                         string
	Imports, TestImports, XTestImports []string
}

func listPackages(t *testing.T) []goPackage {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports,TestImports,XTestImports", "./...")
	cmd.Dir = filepath.Join("..", "..")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []goPackage
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p goPackage
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

// TestImportsPointDown holds every package to its room. The wiring
// (cmd/senhasegura-bot) alone may import everything.
func TestImportsPointDown(t *testing.T) {
	known := rooms()
	for _, p := range listPackages(t) {
		name := strings.TrimPrefix(p.ImportPath, module+"/")
		if name == "cmd/senhasegura-bot" {
			continue
		}
		r, ok := known[name]
		if !ok {
			t.Errorf("%s is a new package: say in rooms what it may import, and why no more", name)
		}
		delete(known, name)
		for _, imported := range p.Imports {
			if !r.allows(imported) {
				t.Errorf("%s imports %s: %s", name, imported, r.why)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(known)) {
		t.Errorf("%s is in rooms and no package", name)
	}
}

func (r room) allows(imported string) bool {
	if ours, is := strings.CutPrefix(imported, module+"/"); is {
		return slices.Contains(r.ours, ours)
	}
	first, _, _ := strings.Cut(imported, "/")
	return !strings.Contains(first, ".") || // the standard library
		slices.ContainsFunc(r.libraries, func(l string) bool {
			below, tree := strings.CutSuffix(l, "/…")
			return imported == below || tree && strings.HasPrefix(imported, below+"/")
		})
}

// TestTestsOfStandaloneRooms: what must not know the rest does not know it in
// its tests either, or they would prove less than they say.
func TestTestsOfStandaloneRooms(t *testing.T) {
	may := map[string][]string{
		"approvals":                   {"approvals"},
		"senhasegura":                 {"senhasegura", "senhasegura/senhaseguratest"},
		"senhasegura/senhaseguratest": {"senhasegura/senhaseguratest"},
		"bot/fakeslack":               {"bot/fakeslack"},
	}
	for _, p := range listPackages(t) {
		allowed, held := may[strings.TrimPrefix(p.ImportPath, module+"/")]
		for _, imported := range slices.Concat(p.TestImports, p.XTestImports) {
			if ours, is := strings.CutPrefix(imported, module+"/"); held && is && !slices.Contains(allowed, ours) {
				t.Errorf("a test of %s imports %s", p.ImportPath, imported)
			}
		}
	}
}

// TestTopLevel: who opens the repository sees the rooms and nothing else.
func TestTopLevel(t *testing.T) {
	allowed := []string{"Dockerfile", "README.md", "approvals", "bot", "cmd", "commands", "go.mod", "go.sum", "manifest.yml", "senhasegura"}
	var found []string
	for _, name := range topLevel(t) {
		if !strings.HasPrefix(name, ".") && !slices.Contains(found, name) {
			found = append(found, name)
		}
	}
	slices.Sort(found)
	if !slices.Equal(found, allowed) {
		t.Errorf("the top level holds %v, want exactly %v", found, allowed)
	}
}

// topLevel is what git tracks, or would on the next add; without git, what is
// there.
func topLevel(t *testing.T) []string {
	t.Helper()
	root := filepath.Join("..", "..")
	cmd := exec.Command("git", "ls-files", "--cached", "--others", "--exclude-standard")
	cmd.Dir = root
	var names []string
	if out, err := cmd.Output(); err == nil {
		for line := range strings.Lines(string(out)) {
			first, _, _ := strings.Cut(strings.TrimSpace(line), "/")
			names = append(names, first)
		}
		return names
	}
	entries, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

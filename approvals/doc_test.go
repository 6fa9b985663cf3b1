package approvals

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestThePromisesNameTestsThatExist reads the table in doc.go: every line below
// a promise names a package and tests of it, with subtests after a slash (a star
// is any). A promise without a test is none.
func TestThePromisesNameTestsThatExist(t *testing.T) {
	doc, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	promise := regexp.MustCompile(`(?m)^//\t(\S.*)\n((?://\t\t.*\n)+)`)
	found := promise.FindAllStringSubmatch(string(doc), -1)
	if len(found) < 15 {
		t.Fatalf("doc.go makes %d promises that name a test", len(found))
	}
	tests := map[string]testsOf{}
	for _, p := range found {
		for line := range strings.Lines(p[2]) {
			dir, names, _ := strings.Cut(strings.TrimSpace(strings.TrimPrefix(line, "//")), " ")
			if _, read := tests[dir]; !read {
				tests[dir] = readTests(t, dir)
			}
			for name := range strings.SplitSeq(names, ", ") {
				if !tests[dir].have(name) {
					t.Errorf("%q is held by %s of %s, which does not exist", p[1], name, dir)
				}
			}
		}
	}
}

// testsOf is what a package's tests are called; subtests are any text they, or
// the suites they play, write out.
type testsOf struct{ names, texts []string }

func (o testsOf) have(name string) bool {
	parts := strings.Split(name, "/")
	for _, sub := range parts[1:] {
		if sub != "*" && !slices.Contains(o.texts, sub) {
			return false
		}
	}
	return slices.Contains(o.names, parts[0])
}

func readTests(t *testing.T, dir string) testsOf {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", dir, "*_test.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%s has no tests: %v", dir, err)
	}
	if dir == "approvals/redisstore" { // it plays the suites
		suites, _ := filepath.Glob(filepath.Join("approvalstest", "*.go"))
		files = append(files, suites...)
	}
	var o testsOf
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				if strings.HasSuffix(name, "_test.go") && n.Recv == nil && strings.HasPrefix(n.Name.Name, "Test") {
					o.names = append(o.names, n.Name.Name)
				}
			case *ast.BasicLit:
				if text, err := strconv.Unquote(n.Value); n.Kind == token.STRING && err == nil {
					o.texts = append(o.texts, strings.ReplaceAll(text, " ", "_"))
				}
			}
			return true
		})
	}
	return o
}

package senhasegura

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"slices"
	"strings"
	"testing"
)

// The package may cause a GET in one function only, and that function gets its paths from the three list
// constants: a GET with an id returns clear passwords and takes custody.
func TestGetIsUsedForTheThreeListsOnly(t *testing.T) {
	gets, requests, callers := map[string]int{}, map[string]int{}, map[string]string{}
	eachFunction(t, func(name string, body ast.Node) {
		ast.Inspect(body, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.BasicLit:
				if n.Kind == token.STRING && slices.Contains([]string{`"GET"`, `"HEAD"`}, strings.ToUpper(n.Value)) {
					gets[name]++
				}
			case *ast.SelectorExpr:
				switch n.Sel.Name {
				case "MethodGet", "MethodHead", "MethodOptions", "Get", "Head", "PostForm":
					if x, ok := n.X.(*ast.Ident); ok && (x.Name == "http" || x.Name == "api") {
						gets[name]++
					}
				case "NewRequest", "NewRequestWithContext":
					requests[name]++
				}
			case *ast.CallExpr:
				if f, ok := n.Fun.(*ast.Ident); ok && f.Name == "readList" {
					callers[name] = listNamed(body)
				}
			}
			return true
		})
	})
	if len(gets) != 1 || gets["readList"] != 1 {
		t.Errorf("GET appears in %v, want readList once", gets)
	}
	if len(requests) != 1 || requests["send"] != 1 {
		t.Errorf("requests are made in %v, want send only", requests)
	}
	want := map[string]string{"eachCredential": "credentialList", "eachPassword": "passwordList", "eachSecret": "secretList"}
	if len(callers) != len(want) {
		t.Errorf("readList is called by %v", callers)
	}
	for name, list := range want {
		if callers[name] != list {
			t.Errorf("%s reads %q, want %s", name, callers[name], list)
		}
	}
	if credentialList != "/pam/credential" || passwordList != "/mysafe/password" || secretList != "/mysafe/secretapi" {
		t.Error("a list's path has changed")
	}
}

// An empty method is a GET to net/http.
func TestNoWriteHasAnEmptyMethod(t *testing.T) {
	eachFunction(t, func(name string, body ast.Node) {
		ast.Inspect(body, func(n ast.Node) bool {
			lit, ok := n.(*ast.CompositeLit)
			if !ok {
				return true
			}
			if id, ok := lit.Type.(*ast.Ident); !ok || id.Name != "op" || slices.Contains([]string{"eachCredential", "eachPassword", "eachSecret"}, name) {
				return true
			}
			if !slices.ContainsFunc(lit.Elts, func(e ast.Expr) bool {
				kv, ok := e.(*ast.KeyValueExpr)
				return ok && kv.Key.(*ast.Ident).Name == "method"
			}) {
				t.Errorf("%s makes an op without a method", name)
			}
			return true
		})
	})
}

// listNamed returns the one list constant a function uses.
func listNamed(body ast.Node) (list string) {
	ast.Inspect(body, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && strings.HasSuffix(id.Name, "List") && id.Name != "readList" {
			list += id.Name
		}
		return true
	})
	return list
}

func eachFunction(t *testing.T, visit func(name string, body ast.Node)) {
	t.Helper()
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), e.Name(), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Body != nil {
				visit(f.Name.Name, f.Body)
			} else if !ok {
				visit("a declaration in "+e.Name(), d)
			}
		}
	}
}

package main

import (
	"go/ast"
	"go/parser"
	gotoken "go/token"
	"maps"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/slack-go/slack"
)

// webMethod is a method of Slack's Web API, and the scopes that it needs of a
// bot token (docs.slack.dev/reference/methods/<name>).
type webMethod struct {
	name   string
	scopes []string
}

// webMethods are the methods behind slack-go's functions that the code calls.
func webMethods() map[string]webMethod {
	return map[string]webMethod{
		"AuthTestContext":               {"auth.test", nil},
		"GetConversationInfoContext":    {"conversations.info", []string{"channels:read", "groups:read"}},
		"GetPermalinkContext":           {"chat.getPermalink", nil},
		"GetUserGroupMembersContext":    {"usergroups.users.list", []string{"usergroups:read"}},
		"GetUserGroupsContext":          {"usergroups.list", []string{"usergroups:read"}},
		"GetUserInfoContext":            {"users.info", []string{"users:read"}},
		"GetUsersPaginated":             {"users.list", []string{"users:read"}},
		"GetUsersInConversationContext": {"conversations.members", []string{"channels:read", "groups:read"}},
		"OpenConversationContext":       {"conversations.open", []string{"im:write"}},
		"OpenViewContext":               {"views.open", nil},
		"PostEphemeralContext":          {"chat.postEphemeral", []string{"chat:write"}},
		"PostMessageContext":            {"chat.postMessage", []string{"chat:write"}},
		"StartSocketModeContext":        {"apps.connections.open", nil}, // by the app token
		"UpdateMessageContext":          {"chat.update", []string{"chat:write"}},
	}
}

// TestManifestScopes: the bot asks for what its calls need and nothing more.
func TestManifestScopes(t *testing.T) {
	m, _ := readManifest(t)
	called, known := slackCalls(t), webMethods()
	needed := map[string]bool{"commands": true} // for the slash command
	for _, function := range called {
		method, ok := known[function]
		if !ok {
			t.Errorf("%s is called: say in webMethods which scopes it needs", function)
		}
		for _, scope := range method.scopes {
			needed[scope] = true
		}
	}
	for function := range known {
		if !slices.Contains(called, function) {
			t.Errorf("%s is no longer called: its scopes may be needless", function)
		}
	}
	asked := slices.Sorted(slices.Values(m.OAuthConfig.Scopes.Bot))
	if want := slices.Sorted(maps.Keys(needed)); !slices.Equal(asked, want) {
		t.Errorf("the manifest asks for %v, the calls need %v", asked, want)
	}
	if n := len(m.OAuthConfig.Scopes.User); n > 0 {
		t.Errorf("%d user scopes, want none", n)
	}
}

// slackCalls are the functions of slack-go's client that our code calls.
func slackCalls(t *testing.T) []string {
	t.Helper()
	client, calls := reflect.TypeFor[*slack.Client](), map[string]bool{}
	for _, dir := range []string{".", "../../bot", "../../bot/webhook", "../../bot/socket"} {
		files, _ := filepath.Glob(filepath.Join(dir, "*.go"))
		if len(files) == 0 {
			t.Fatalf("no Go files in %s", dir)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			parsed, err := parser.ParseFile(gotoken.NewFileSet(), file, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(parsed, func(n ast.Node) bool {
				if s, ok := n.(*ast.SelectorExpr); ok && lastWord(s.X) == "api" {
					if _, is := client.MethodByName(s.Sel.Name); is {
						calls[s.Sel.Name] = true
					}
				}
				return true
			})
		}
	}
	return slices.Sorted(maps.Keys(calls))
}

// lastWord is the last name of an expression (api, b.API, p.api), in small letters.
func lastWord(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return strings.ToLower(e.Name)
	case *ast.SelectorExpr:
		return strings.ToLower(e.Sel.Name)
	}
	return ""
}

package fakeslack

import (
	"encoding/json"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// maxBody bounds what callers may send.
const maxBody = 1 << 20

// args are the arguments of one call, structured ones as JSON text.
type args map[string]string

func (a args) flag(name string) bool { return a[name] == "true" || a[name] == "1" }

// answer is the body of a call that went well, without "ok".
type answer = map[string]any

// refusal is an answer with ok false.
type refusal struct {
	code     string
	messages []string // which part is wrong, for people
	needed   string   // the missing scope
}

func (r *refusal) Error() string { return r.code }

func refuse(code string, messages ...string) error { return &refusal{code: code, messages: messages} }

// method is one Web API method. It runs with w.mu held.
type method struct {
	run   func(args) (answer, error)
	scope string
	app   bool // wants the app-level token
	json  bool // reads JSON bodies too; the reading methods of Slack do not
}

func (w *Workspace) methodTable() map[string]method {
	return map[string]method{
		"auth.test":             {run: w.authTest, json: true},
		"apps.connections.open": {run: w.connectionsOpen, app: true, json: true},
		"users.info":            {run: w.usersInfo, scope: "users:read"},
		"users.list":            {run: w.usersList, scope: "users:read"},
		"usergroups.list":       {run: w.groupsList, scope: "usergroups:read"},
		"usergroups.users.list": {run: w.groupUsers, scope: "usergroups:read"},
		"conversations.info":    {run: w.conversationInfo, scope: "channels:read"},
		"conversations.members": {run: w.conversationMembers, scope: "channels:read"},
		"conversations.open":    {run: w.conversationOpen, scope: "im:write", json: true},
		"chat.postMessage":      {run: w.postMessage, scope: "chat:write", json: true},
		"chat.postEphemeral":    {run: w.postEphemeral, scope: "chat:write", json: true},
		"chat.update":           {run: w.updateMessage, scope: "chat:write", json: true},
		"chat.delete":           {run: w.deleteMessage, scope: "chat:write", json: true},
		"chat.getPermalink":     {run: w.permalink},
		"views.open":            {run: w.viewsOpen, json: true},
		"views.push":            {run: w.viewsPush, json: true},
		"views.update":          {run: w.viewsUpdate, json: true},
	}
}

// Handler serves the Web API under /api/, the sockets, the response URLs, and
// the page for people at /.
func (w *Workspace) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/api/{method}", w.serveAPI)
	mux.HandleFunc("GET /link/", w.serveSocket)
	mux.HandleFunc("POST /response/{id}", w.serveResponseURL)
	mux.Handle("/", w.page())
	return mux
}

func (w *Workspace) serveAPI(rw http.ResponseWriter, r *http.Request) {
	call := Call{Method: r.PathValue("method"), At: w.cfg.Now()}
	a, token, err := w.readArgs(r)
	call.Args = a
	if err != nil {
		call.Status, call.Error = http.StatusOK, err.Error()
		w.record(call)
		writeJSON(rw, http.StatusOK, map[string]any{"ok": false, "error": err.Error()})
		return
	}
	fault := w.takeFault(call)
	if w.hit(rw, r, fault, call, false) {
		return
	}
	var body answer
	w.act(call, fault, func(c *Call) {
		body = w.dispatch(call.Method, a, token, r)
		c.Status = http.StatusOK
		c.Error, _ = body["error"].(string)
	})
	if w.hit(rw, r, fault, call, true) {
		return
	}
	if w.cfg.Scopes != nil {
		rw.Header().Set("X-OAuth-Scopes", strings.Join(w.cfg.Scopes, ","))
	}
	writeJSON(rw, http.StatusOK, body)
}

// dispatch runs a method. w.mu is held.
func (w *Workspace) dispatch(name string, a args, token string, r *http.Request) answer {
	m, ok := w.methods[name]
	if !ok {
		return answer{"ok": false, "error": "unknown_method", "req_method": name}
	}
	if err := w.permit(m, token); err != nil {
		return refused(err, w.cfg.Scopes)
	}
	if w.url == "" {
		w.url = "http://" + r.Host
	}
	body, err := m.run(a)
	if err != nil {
		return refused(err, w.cfg.Scopes)
	}
	out := answer{"ok": true}
	maps.Copy(out, body)
	return out
}

// permit checks token and scope.
func (w *Workspace) permit(m method, token string) error {
	want, other := w.cfg.BotToken, w.cfg.AppToken
	if m.app {
		want, other = other, want
	}
	switch {
	case token == "":
		return refuse("not_authed")
	case token == other:
		return refuse("not_allowed_token_type")
	case token != want:
		return refuse("invalid_auth")
	case m.scope != "" && w.cfg.Scopes != nil && !slices.Contains(w.cfg.Scopes, m.scope):
		return &refusal{code: "missing_scope", needed: m.scope}
	}
	return nil
}

func refused(err error, scopes []string) answer {
	r, ok := err.(*refusal)
	if !ok {
		return answer{"ok": false, "error": "fatal_error"}
	}
	out := answer{"ok": false, "error": r.code}
	if r.needed != "" {
		out["needed"], out["provided"] = r.needed, strings.Join(scopes, ",")
	}
	if len(r.messages) > 0 {
		marked := make([]string, len(r.messages))
		for i, m := range r.messages {
			marked[i] = "[ERROR] " + m
		}
		out["errors"], out["response_metadata"] = r.messages, answer{"messages": marked}
	}
	return out
}

// readArgs reads query, form or JSON. The token comes back apart from the
// arguments, so that no journal holds it.
func (w *Workspace) readArgs(r *http.Request) (args, string, error) {
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, maxBody))
	if err != nil {
		return nil, "", refuse("request_timeout")
	}
	a := args{}
	take := func(v url.Values) {
		for name := range v {
			a[name] = v.Get(name)
		}
	}
	take(r.URL.Query())
	switch kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind {
	case "application/json":
		if w.methods[r.PathValue("method")].json && a.addJSON(body) != nil {
			return a, "", refuse("invalid_json")
		}
	default:
		form, err := url.ParseQuery(string(body))
		if err != nil {
			return a, "", refuse("invalid_form_data")
		}
		take(form)
	}
	token := a["token"]
	delete(a, "token")
	if bearer, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		token = bearer
	}
	return a, token, nil
}

func (a args) addJSON(body []byte) error {
	if len(body) == 0 { // as slack-go sends apps.connections.open
		return nil
	}
	var values map[string]json.RawMessage
	if err := json.Unmarshal(body, &values); err != nil {
		return err
	}
	for name, raw := range values {
		var text string
		switch {
		case string(raw) == "null":
		case json.Unmarshal(raw, &text) == nil:
			a[name] = text
		default:
			a[name] = string(raw)
		}
	}
	delete(a, "token") // Slack reads no token from a JSON body
	return nil
}

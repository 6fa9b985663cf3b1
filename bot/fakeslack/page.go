package fakeslack

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

//go:embed ui
var pageFiles embed.FS

// pageHeader must come with every POST of the page: a foreign site cannot set
// it without asking first, and is never allowed to.
const pageHeader = "X-Fakeslack"

// contentPolicy lets the page load nothing but itself.
const contentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// page serves the page for people and its API.
func (w *Workspace) page() http.Handler {
	files, err := fs.Sub(pageFiles, "ui")
	if err != nil {
		panic(err) // the directory is compiled in
	}
	mux := http.NewServeMux()
	mux.Handle("GET /{$}", http.FileServerFS(files))
	mux.Handle("GET /ui/static/", http.StripPrefix("/ui/static/", http.FileServerFS(files)))
	mux.HandleFunc("GET /archives/{channel}/{message}", permalinkPage)
	mux.HandleFunc("GET /ui/state", w.pageState)
	mux.HandleFunc("GET /ui/events", w.pageEvents)
	mux.HandleFunc("POST /ui/say", action(w.pageSay))
	mux.HandleFunc("POST /ui/click", action(w.pageClick))
	mux.HandleFunc("POST /ui/submit", action(w.pageSubmit))
	mux.HandleFunc("POST /ui/options", action(w.pageOptions))
	mux.HandleFunc("POST /ui/close", action(w.pageClose))
	return guard(mux)
}

// guard answers loopback names only, against DNS rebinding, and takes POSTs
// only from the page itself.
func guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		rw.Header().Set("Content-Security-Policy", contentPolicy)
		rw.Header().Set("X-Content-Type-Options", "nosniff")
		rw.Header().Set("Referrer-Policy", "no-referrer")
		rw.Header().Set("Cache-Control", "no-store")
		if !loopback(r.Host) {
			http.Error(rw, "this page answers on loopback names only", http.StatusForbidden)
			return
		}
		if r.Method == http.MethodPost && !fromPage(r) {
			http.Error(rw, "this comes from another page", http.StatusForbidden)
			return
		}
		next.ServeHTTP(rw, r)
	})
}

func loopback(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.Trim(host, "[]")
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}

func fromPage(r *http.Request) bool {
	if r.Header.Get(pageHeader) == "" {
		return false
	}
	origin := r.Header.Get("Origin")
	if origin == "" {
		return true
	}
	u, err := url.Parse(origin)
	return err == nil && u.Host == r.Host
}

// permalinkPage leads a permalink to the message on the page.
func permalinkPage(rw http.ResponseWriter, r *http.Request) {
	query := url.Values{"channel": {r.PathValue("channel")}, "message": {r.PathValue("message")}}
	http.Redirect(rw, r, "/?"+query.Encode(), http.StatusSeeOther)
}

// pageEvents tells the page that something changed, as server-sent events.
func (w *Workspace) pageEvents(rw http.ResponseWriter, r *http.Request) {
	rw.Header().Set("Content-Type", "text/event-stream")
	out := http.NewResponseController(rw)
	alive := time.NewTicker(15 * time.Second)
	defer alive.Stop()
	for {
		w.mu.Lock()
		changed, revision := w.changed, w.revision
		w.mu.Unlock()
		if _, err := fmt.Fprintf(rw, "data: %d\n\n", revision); err != nil || out.Flush() != nil {
			return
		}
		select {
		case <-changed:
		case <-alive.C:
		case <-r.Context().Done():
			return
		case <-w.done:
			return
		}
	}
}

// deed is what the page sends when a person does something.
type deed struct {
	Person  string            `json:"person"`
	Channel string            `json:"channel"`
	Thread  string            `json:"thread"`
	Text    string            `json:"text"`
	TS      string            `json:"ts"`
	Action  string            `json:"action_id"`
	Index   int               `json:"index"`
	Option  string            `json:"option"`
	View    string            `json:"view_id"`
	Values  map[string]string `json:"values"`
}

// action reads a deed and answers {"error": …, "errors": {…}}, empty when all
// went well.
func action(do func(deed) (any, error)) http.HandlerFunc {
	return func(rw http.ResponseWriter, r *http.Request) {
		var d deed
		if err := json.NewDecoder(http.MaxBytesReader(rw, r.Body, maxBody)).Decode(&d); err != nil {
			writeJSON(rw, http.StatusBadRequest, map[string]any{"error": "unreadable request"})
			return
		}
		out, err := do(d)
		if err != nil {
			writeJSON(rw, http.StatusOK, map[string]any{"error": err.Error()})
			return
		}
		if out == nil {
			out = map[string]any{}
		}
		writeJSON(rw, http.StatusOK, out)
	}
}

// pageSay sends a command, or posts what the person wrote.
func (w *Workspace) pageSay(d deed) (any, error) {
	if err := w.pageMember(d); err != nil {
		return nil, err
	}
	if !strings.HasPrefix(d.Text, "/") {
		w.Say(d.Person, d.Channel, d.Thread, d.Text)
		return nil, nil
	}
	command, text, _ := strings.Cut(d.Text, " ")
	_, err := w.Command(d.Person, d.Channel, command, strings.TrimSpace(text))
	if errors.Is(err, ErrTimeout) || errors.Is(err, ErrDispatch) {
		return nil, nil // the person was shown Slack's message
	}
	return nil, err
}

// pageMember holds the page to what a person could do in Slack.
func (w *Workspace) pageMember(d deed) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	u, c := w.users[d.Person], w.channels[d.Channel]
	switch {
	case u == nil || c == nil:
		return errors.New("no such person or channel")
	case u.Deleted:
		return errors.New("this account is deactivated")
	case strings.TrimSpace(d.Text) == "":
		return errors.New("nothing was typed")
	case !w.sees(u, c):
		return errors.New("this person cannot see the channel")
	}
	return nil
}

// pageClick presses a button of a message, or of the modal that is open.
func (w *Workspace) pageClick(d deed) (any, error) {
	if d.View != "" {
		_, err := w.ClickView(d.Person, View{ID: d.View}, d.Action)
		return nil, err
	}
	_, err := w.Press(Press{
		User: d.Person, Message: MessageRef{d.Channel, d.TS}, ActionID: d.Action, Index: d.Index, Option: d.Option,
	})
	return nil, err
}

func (w *Workspace) pageSubmit(d deed) (any, error) {
	v, ok := w.OpenView(d.Person)
	if !ok || v.ID != d.View {
		return nil, ErrNoView
	}
	out, err := w.Submit(d.Person, v, d.Values)
	return map[string]any{"errors": out.Errors}, err
}

// pageOptions asks the bot for the options of a field that somebody types in.
func (w *Workspace) pageOptions(d deed) (any, error) {
	found, err := w.Options(d.Person, View{ID: d.View}, d.Action, d.Text)
	if found == nil {
		found = []Option{}
	}
	return map[string]any{"options": found}, err
}

func (w *Workspace) pageClose(d deed) (any, error) {
	_, err := w.CloseView(d.Person)
	return nil, err
}

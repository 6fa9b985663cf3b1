package webhook

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/slack-go/slack"

	"senhasegura-bot/bot"
)

// MaxBody bounds a request's body, in bytes. Slack's largest (a click on a
// message of fifty blocks) stays far below.
const MaxBody = 1 << 20

// Within is how long an answer may take from the arrival of what it answers,
// whatever the store is asked first: Slack waits three seconds (docs.slack.dev,
// "Responding to commands").
const Within = 2500 * time.Millisecond

// remember is how long a signature stays known: five minutes into the past and
// a little into the future are accepted.
const remember = 11 * time.Minute

// Config is what a Handler needs; every field is required.
type Config struct {
	Bot *bot.Bot
	// SigningSecret returns the app's signing secret.
	SigningSecret func() string
	// First reports whether key was not seen within ttl, over all replicas.
	First  func(ctx context.Context, key string, ttl time.Duration) (bool, error)
	Logger *slog.Logger
}

// Handler serves /slack/commands, /slack/interactivity and /slack/events.
type Handler struct {
	Config
	mux   *http.ServeMux
	after sync.WaitGroup
}

// New makes a Handler.
func New(c Config) *Handler {
	h := &Handler{Config: c, mux: http.NewServeMux()}
	h.mux.HandleFunc("POST /slack/commands", h.verified(formType, h.command))
	h.mux.HandleFunc("POST /slack/interactivity", h.verified(formType, h.interactivity))
	h.mux.HandleFunc("POST /slack/events", h.verified(jsonType, h.event))
	return h
}

func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) { h.mux.ServeHTTP(w, r) }

// Wait returns when everything that was begun after an answer has ended.
func (h *Handler) Wait() { h.after.Wait() }

const (
	formType = "application/x-www-form-urlencoded"
	jsonType = "application/json"
)

// delivery is a request that Slack signed.
type delivery struct {
	body    []byte
	arrived time.Time
	// unsure says that the store could not tell whether it came before.
	unsure bool
}

// verified lets a request through to next if it has the content type, a size
// within bounds, Slack's signature of now, and was not here before.
func (h *Handler) verified(contentType string, next func(http.ResponseWriter, *http.Request, delivery)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		arrived := time.Now()
		if media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || media != contentType {
			h.reject(w, r, http.StatusUnsupportedMediaType, "content type")
			return
		}
		verifier, err := slack.NewSecretsVerifier(r.Header, h.SigningSecret())
		if err != nil || early(r.Header) { // no signature, or not of these five minutes: the body is not read
			h.reject(w, r, http.StatusUnauthorized, "signature")
			return
		}
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxBody))
		if err != nil {
			status := http.StatusBadRequest
			if tooLarge := new(http.MaxBytesError); errors.As(err, &tooLarge) {
				status = http.StatusRequestEntityTooLarge
			}
			h.reject(w, r, status, "body")
			return
		}
		if err := signed(verifier, body); err != nil {
			h.reject(w, r, http.StatusUnauthorized, "signature")
			return
		}
		first, err := h.first(r.Context(), r.Header.Get("X-Slack-Signature"))
		if err == nil && !first {
			h.reject(w, r, http.StatusConflict, "repeated")
			return
		}
		next(w, r, delivery{body: body, arrived: arrived, unsure: err != nil})
	}
}

// skew is how far Slack's clock may be ahead of ours.
const skew = 30 * time.Second

// early reports whether a request says that it comes from the future.
func early(header http.Header) bool {
	at, err := strconv.ParseInt(header.Get("X-Slack-Request-Timestamp"), 10, 64)
	return err != nil || time.Until(time.Unix(at, 0)) > skew
}

// signed checks Slack's signature in constant time.
func signed(verifier slack.SecretsVerifier, body []byte) error {
	verifier.Write(body)
	return verifier.Ensure()
}

// first remembers a signature by its hash. It does so for whoever has given up
// waiting, too: they are told what became of it.
func (h *Handler) first(ctx context.Context, signature string) (bool, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	sum := sha256.Sum256([]byte(strings.ToLower(signature))) // hex of either case verifies
	return h.First(ctx, "signature:"+hex.EncodeToString(sum[:]), remember)
}

func (h *Handler) reject(w http.ResponseWriter, r *http.Request, status int, why string) {
	h.Logger.Warn("request refused", "path", r.URL.Path, "status", status, "why", why)
	http.Error(w, http.StatusText(status), status)
}

func (h *Handler) command(w http.ResponseWriter, r *http.Request, d delivery) {
	form, err := url.ParseQuery(string(d.body))
	if err != nil {
		h.reject(w, r, http.StatusBadRequest, "form")
		return
	}
	if form.Get("ssl_check") == "1" {
		return
	}
	cmd, err := slack.SlashCommandParse(&http.Request{Method: http.MethodPost, PostForm: form, Form: form})
	if err != nil || cmd.UserID == "" || cmd.ChannelID == "" || cmd.Command == "" {
		h.reject(w, r, http.StatusBadRequest, "form")
		return
	}
	h.answer(w, r, d, func(ctx context.Context) bot.Reply {
		if d.unsure {
			return h.Bot.Unavailable(ctx, cmd)
		}
		return h.Bot.Command(ctx, r.Header.Get("X-Slack-Signature"), cmd)
	})
}

func (h *Handler) interactivity(w http.ResponseWriter, r *http.Request, d delivery) {
	form, err := url.ParseQuery(string(d.body))
	var callback bot.Interaction
	if err == nil {
		err = json.Unmarshal([]byte(form.Get("payload")), &callback)
	}
	if err != nil || callback.Type == "" || callback.User.ID == "" {
		h.reject(w, r, http.StatusBadRequest, "payload")
		return
	}
	h.answer(w, r, d, func(ctx context.Context) bot.Reply { return h.Bot.Interact(ctx, callback) })
}

func (h *Handler) event(w http.ResponseWriter, r *http.Request, d delivery) {
	var e bot.Event
	if err := json.Unmarshal(d.body, &e); err != nil || e.Type == "" {
		h.reject(w, r, http.StatusBadRequest, "event")
		return
	}
	if e.Type == "url_verification" {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		io.WriteString(w, e.Challenge)
		return
	}
	if e.ID != "" && !d.unsure {
		ctx, cancel := context.WithTimeout(r.Context(), time.Second)
		defer cancel()
		if first, err := h.First(ctx, "event:"+e.ID, time.Hour); err == nil && !first {
			return
		}
	}
	h.answer(w, r, d, func(context.Context) bot.Reply { return h.Bot.Event(e) })
}

// answer asks the Bot, writes its answer, and then lets it go on.
func (h *Handler) answer(w http.ResponseWriter, r *http.Request, d delivery, ask func(context.Context) bot.Reply) {
	ctx, cancel := context.WithDeadline(context.WithoutCancel(r.Context()), d.arrived.Add(Within))
	defer cancel()
	reply := ask(ctx)
	if reply.Body != nil {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		if err := json.NewEncoder(w).Encode(reply.Body); err != nil {
			h.Logger.Warn("writing an answer failed", "path", r.URL.Path, "error", err)
		}
	}
	if reply.Then != nil {
		h.after.Go(func() {
			defer h.Bot.Recover("after an answer")
			reply.Then(context.WithoutCancel(ctx))
		})
	}
}
